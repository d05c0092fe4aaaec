/** Prices by the time of day against the oracle of day-times.ts: calls of a year, over changes of the clocks, holidays and midnights. */
import fc from 'fast-check';
import { larger, micros } from '../../src/money/micros';
import { billedSeconds, cost, costWithoutGrace as costOf, type Tariff } from '../../src/rating/price';
import { type CallRate, callRateAt, schedulesAt } from '../../src/rating/rate';
import {
  type CallTariff,
  costs,
  costWithoutGrace,
  longestSeconds,
  MOST_TIMES_TEXT,
  tariffAt,
  timesOf,
  timesText,
  wholeIncrements,
} from '../../src/rating/timed';
import { anyCall, type DrawnCall, hugeTariff, walkedAt } from './day-times';

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });
const rateOf = ({ beginning, candidates, schedules }: DrawnCall): CallRate =>
  callRateAt(beginning, candidates, schedules) as CallRate;

/** Each second in which the call may be answered. */
const answersOf = ({ beginning: { startAt, ringSeconds } }: DrawnCall): number[] => {
  const from = Math.floor(startAt / 1_000);
  return Array.from({ length: ringSeconds + 11 }, (_, at) => from + at);
};

const dearest = (call: DrawnCall, talk: number): bigint =>
  answersOf(call)
    .map(answer => walkedAt(call.lineAt, answer, talk).cost as bigint)
    .reduce(larger);

describe('a call whose answer is known', () => {
  test('costs what its seconds cost one by one, each at the price of its instant, and is billed as many', () => {
    const seen = { pieces: 0, none: 0 };
    fc.assert(
      fc.property(anyCall(), seconds(0, 25_000), seconds(0, 1_500), (call, answerMs, talk) => {
        const answerAt = call.beginning.startAt + Math.min(answerMs, (call.beginning.ringSeconds + 10) * 1_000);
        const tariff = tariffAt(rateOf(call), answerAt);
        const walked = walkedAt(call.lineAt, Math.floor(answerAt / 1_000), talk);
        seen[tariff.steps.length > 0 ? 'pieces' : 'none']++;
        expect(costOf(tariff, talk)).toBe(walked.cost);
        const isWithinGrace = talk < tariff.graceSeconds;
        expect(cost(tariff, talk)).toBe(isWithinGrace ? 0n : walked.cost);
        expect(billedSeconds(tariff, talk)).toBe(isWithinGrace ? 0 : walked.billed);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(seen.pieces, seen.none)).toBeGreaterThan(15);
  });

  test('whose price is one cannot be told from a call without schedules', () => {
    fc.assert(
      fc.property(anyCall(), seconds(0, 1_500), (call, talk) => {
        const always = call.candidates[0] as Tariff;
        const same = call.candidates.map(({ schedule }) => ({ ...call.candidates[0], schedule }) as CallRate);
        const rate = callRateAt(call.beginning, same as never, call.schedules) as CallRate;
        const plain = tariffAt(rate, call.beginning.startAt);
        // Steps count from the answer, and where a line begins anew nothing changes but where one of them begins.
        if (always.steps.length === 0) expect(plain.steps).toEqual([]);
        expect(cost(plain, talk)).toBe(cost(always, talk));
        if (always.steps.length === 0) expect(costWithoutGrace(rate, talk)).toBe(costOf(always, talk));
      }),
    );
  });
});

describe('a call whose answer is not known yet', () => {
  const runs = { numRuns: 100 };

  test('is held by the dearest of all its answers, to the millionth, whatever the amounts', () => {
    const seen = { timed: 0 };
    fc.assert(
      fc.property(fc.oneof(anyCall(), anyCall(hugeTariff)), seconds(0, 600), (call, talk) => {
        const rate = rateOf(call);
        if (rate.times !== undefined) seen.timed++;
        const most = dearest(call, talk);
        expect(costWithoutGrace(rate, talk)).toBe(most);
        expect(BigInt(costs(rate)(talk))).toBe(most);
      }),
      runs,
    );
    expect(seen.timed).toBeGreaterThan(25);
  });

  test('gets the longest talk that its money pays for at every answer, and a second more would cost more at one', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyCall(), seconds(0, 600), fc.bigInt(-2n, 2n), (call, about, near) => {
        const rate = rateOf(call);
        const available = micros(dearest(call, about) + near);
        const longest = longestSeconds(rate, available);
        seen.add(longest === null ? 'unlimited' : longest === 0 ? 'none' : 'paid');
        if (longest === null) {
          // So long a talk as the record knows the prices of.
          expect(costWithoutGrace(rate, 3_600) <= available || isFree(rate)).toBe(true);
          return;
        }
        if (longest > 0) expect(priceOf(call, rate, longest) <= available).toBe(true);
        expect(priceOf(call, rate, longest === 0 ? 0 : longest + 1) > available).toBe(true);
      }),
      runs,
    );
    expect([...seen].sort()).toEqual(['none', 'paid', 'unlimited']);
  });

  /** What takes the oracle minutes is compared with the price that it was compared with above. */
  const priceOf = (call: DrawnCall, rate: CallRate, talk: number) =>
    talk > 1_200 ? costWithoutGrace(rate, talk) : dearest(call, talk);
  const isFree = (rate: CallRate) =>
    [rate, ...(rate.times?.periods.map(({ tariff }) => tariff) ?? [])].some(
      ({ pricePerMinute }) => pricePerMinute === 0n,
    );

  test('costs the same up to the end of its increments, whenever it is answered', () => {
    fc.assert(
      fc.property(anyCall(), seconds(0, 600), (call, talk) => {
        const rate = rateOf(call);
        const whole = wholeIncrements(rate, talk);
        expect(whole >= talk).toBe(true);
        expect(dearest(call, whole)).toBe(dearest(call, talk));
        // The next second is billed at one of them.
        const billed = (of: number) => answersOf(call).map(answer => walkedAt(call.lineAt, answer, of).billed);
        if (whole < 1_200) expect(billed(whole + 1)).not.toEqual(billed(whole));
      }),
      runs,
    );
  });

  test('costs no less when it talks longer, or when a line gets dearer', () => {
    fc.assert(
      fc.property(anyCall(), seconds(0, 3_600), seconds(0, 300), seconds(0, 3), (call, talk, more, which) => {
        const rate = rateOf(call);
        const held = costWithoutGrace(rate, talk);
        expect(costWithoutGrace(rate, talk + more) >= held).toBe(true);
        const dearer = call.candidates.map((line, at) =>
          at === which ? { ...line, pricePerMinute: micros(line.pricePerMinute * 2n + 60n) } : line,
        );
        const other = callRateAt(call.beginning, dearer, call.schedules) as CallRate;
        if (dearer.every(({ steps }) => steps.length === 0) && areApart(call.candidates) && areApart(dearer)) {
          expect(costWithoutGrace(other, talk) >= held).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  /** No two lines have price and increment in common: where both are the same a block goes on. */
  const areApart = (lines: readonly Tariff[]) =>
    new Set(lines.map(({ pricePerMinute, incrementSeconds }) => `${pricePerMinute}/${incrementSeconds}`)).size ===
    lines.length;
});

describe('what a call keeps', () => {
  test('is one text, from which the same prices are read', () => {
    fc.assert(
      fc.property(anyCall(), seconds(0, 3_600), seconds(0, 20_000), (call, talk, answerMs) => {
        const rate = rateOf(call);
        const text = timesText(rate);
        expect(text.length).toBeLessThanOrEqual(MOST_TIMES_TEXT);
        const { times, ...own } = rate;
        const read: CallTariff = { ...own, times: timesOf(text, own) };
        expect(timesText(read)).toBe(text);
        const answerAt = call.beginning.startAt + answerMs;
        expect(cost(tariffAt(read, answerAt), talk)).toBe(cost(tariffAt(rate, answerAt), talk));
        expect(costWithoutGrace(read, Math.min(talk, 300))).toBe(costWithoutGrace(rate, Math.min(talk, 300)));
      }),
    );
  });

  test('is nothing if no price changes as long as it may last, and without schedules', () => {
    const seen = { none: 0 };
    fc.assert(
      fc.property(anyCall(), call => {
        const from = Math.floor(call.beginning.startAt / 1_000);
        const minutes = Array.from({ length: 60 }, (_, at) => from + at * 60);
        const changes = minutes.some(second => call.lineAt(second) !== call.lineAt(from));
        const rate = rateOf(call);
        if (rate.times === undefined) {
          seen.none++;
          expect(changes).toBe(false);
          expect(timesText(rate)).toBe('');
          expect(rate).toBe(call.lineAt(from));
        }
        const plain = call.candidates.filter(({ schedule }) => schedule === undefined);
        expect(schedulesAt(call.beginning, plain)).toEqual([]);
        expect(callRateAt(call.beginning, plain, new Map())).toBe(plain[0]);
      }),
    );
    expect(seen.none).toBeGreaterThan(2);
  });
});
