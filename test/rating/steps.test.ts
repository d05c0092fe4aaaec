/**
 * Steps and free seconds, for any tariff: against an oracle that walks the talk second by second and adds exact sixtieths. It shares no code with
 * what it tests.
 */
import fc from 'fast-check';
import { chargeFor } from '../../src/credit/rules/charge';
import { grantUpTo, offerOf } from '../../src/credit/rules/grant';
import { type Micros, micros, parseAmount } from '../../src/money/micros';
import {
  billedPieces,
  billedSeconds,
  cost,
  costs,
  costWithoutGrace,
  longestSeconds,
  type Tariff,
  wholeIncrements,
} from '../../src/rating/price';
import { parseSteps, stepsOf, stepsText } from '../../src/rating/steps';
import { account } from '../credit/rules/rules-fixture';
import { anyAmount, withSteps } from './tariffs';

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });

const anyTariff = withSteps(
  fc.record({
    pricePerMinute: anyAmount,
    connectFee: anyAmount,
    minimumCharge: anyAmount,
    initialIncrementSeconds: seconds(1, 120),
    incrementSeconds: seconds(1, 90),
    graceSeconds: fc.oneof(fc.constant(0), seconds(0, 60)),
  }),
);

/** The end of the increment in which a talk ends, and its sixtieths of a millionth: one second after the other. */
function walked(tariff: Tariff, talk: number): { end: number; sixtieths: bigint; billed: number } {
  let [end, sixtieths, billed, blockEnds] = [0, tariff.connectFee * 60n, 0, 0];
  for (let second = 0; second < talk || second < blockEnds || (second === 0 && tariff.freeSeconds === 0); second++) {
    end = second + 1;
    if (second < tariff.freeSeconds) continue;
    let [price, increment, isStep] = [tariff.pricePerMinute, tariff.incrementSeconds, false];
    for (const step of tariff.steps) {
      if (step.fromSecond > second) continue;
      [price, increment, isStep] = [step.pricePerMinute, step.incrementSeconds, step.fromSecond === second];
    }
    if (second === tariff.freeSeconds) blockEnds = second + tariff.initialIncrementSeconds;
    else if (isStep || second >= blockEnds) blockEnds = second + increment;
    for (const step of tariff.steps) {
      if (step.fromSecond > second && step.fromSecond < blockEnds) blockEnds = step.fromSecond;
    }
    sixtieths += price;
    billed++;
  }
  return { end: Math.max(end, tariff.freeSeconds), sixtieths, billed };
}

/** The price of a talk, as if there were no grace. */
function oracle(tariff: Tariff, talk: number): Micros {
  const { sixtieths } = walked(tariff, talk);
  let whole = sixtieths / 60n;
  if (whole * 60n < sixtieths) whole++;
  return micros(whole > tariff.minimumCharge ? whole : tariff.minimumCharge);
}

const RUNS = { numRuns: 2_000 };
const talk = seconds(0, 900);

test('every talk costs what its seconds cost one by one, and is billed as many', () => {
  fc.assert(
    fc.property(anyTariff, talk, (tariff, billsec) => {
      const isWithinGrace = billsec < tariff.graceSeconds;
      const { end, billed } = walked(tariff, billsec);
      expect(costWithoutGrace(tariff, billsec)).toBe(oracle(tariff, billsec));
      expect(cost(tariff, billsec)).toBe(isWithinGrace ? 0n : oracle(tariff, billsec));
      expect(wholeIncrements(tariff, billsec)).toBe(end);
      expect(billedSeconds(tariff, billsec)).toBe(isWithinGrace ? 0 : billed);
      expect(BigInt(costs(tariff)(billsec))).toBe(oracle(tariff, billsec));
      const pieces = billedPieces(tariff, billsec);
      expect(pieces.reduce((sum, piece) => sum + piece.seconds, 0)).toBe(isWithinGrace ? 0 : billed);
    }),
    RUNS,
  );
});

test('the longest talk for some money costs no more, and the next second that has a price costs more', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyTariff, talk, fc.bigInt(-2n, 2n), (tariff, about, near) => {
      // Near to the price of some talk: there it matters.
      const available = micros(oracle(tariff, about) + near);
      const longest = longestSeconds(tariff, available);
      // What takes the oracle hours is compared with the price that it was compared with above.
      const priceOf = (of: number) => (of > 5_000 ? costWithoutGrace(tariff, of) : oracle(tariff, of));
      const last = tariff.steps.at(-1) ?? { ...tariff, fromSecond: tariff.freeSeconds };
      const isFree = [tariff, ...tariff.steps].every(({ pricePerMinute }) => pricePerMinute === 0n);
      if (longest === null) {
        seen.add('unlimited');
        expect(last.pricePerMinute).toBe(0n);
        if (!isFree || tariff.connectFee > 0n || tariff.minimumCharge > 0n) {
          expect(priceOf(last.fromSecond + 1) <= available).toBe(true);
        }
        return;
      }
      if (longest > 0) {
        seen.add(longest === tariff.freeSeconds ? 'free seconds alone' : 'paid');
        expect(priceOf(longest) <= available).toBe(true);
        expect(wholeIncrements(tariff, longest)).toBe(longest);
      } else seen.add('none');
      expect(priceOf(longest + (longest === 0 ? 0 : 1)) > available).toBe(true);
    }),
    RUNS,
  );
  expect([...seen].sort()).toEqual(['free seconds alone', 'none', 'paid', 'unlimited']);
});

test('cost never falls when a call gets longer, steps that cost less included', () => {
  fc.assert(
    fc.property(anyTariff, talk, seconds(0, 300), (tariff, billsec, more) => {
      expect(cost(tariff, billsec + more) >= cost(tariff, billsec)).toBe(true);
      expect(costWithoutGrace(tariff, billsec) >= cost(tariff, billsec)).toBe(true);
    }),
    RUNS,
  );
});

test('one reservation and any number of slices charge alike, and never more than is held', () => {
  fc.assert(
    fc.property(
      anyTariff,
      fc.array(seconds(1, 200), { minLength: 1, maxLength: 8 }),
      talk,
      (tariff, slices, billsec) => {
        const rich = { money: micros(10n ** 18n), seconds: Number.POSITIVE_INFINITY };
        const offer = offerOf({ tariff, capSeconds: 86_400 }, account().terms);
        let wanted = 0;
        let grant = grantUpTo(offer, wholeIncrements(tariff, slices[0] as number), rich);
        for (const slice of slices) {
          wanted = grant.grantedSeconds + slice;
          grant = grantUpTo(offer, wholeIncrements(tariff, wanted), rich);
        }
        const whole = grantUpTo(offer, grant.grantedSeconds, rich);
        expect(grant.maxCost).toBe(whole.maxCost);
        const talked = Math.min(billsec, grant.grantedSeconds);
        const end = { answerAt: 0, endAt: talked * 1000 };
        const charge = chargeFor({ startAt: 0, ...grant }, end);
        expect(charge.cost).toBe(talked < tariff.graceSeconds ? 0n : oracle(tariff, talked));
        expect(charge.cost <= grant.maxCost).toBe(true);
      },
    ),
    RUNS,
  );
});

test('a tariff of one step costs what it costs as a tariff of many equal ones, where their increments are one second', () => {
  fc.assert(
    fc.property(
      anyAmount,
      anyAmount,
      fc.uniqueArray(seconds(1, 600), { maxLength: 5 }),
      talk,
      (pricePerMinute, connectFee, cuts, billsec) => {
        const plain: Tariff = {
          pricePerMinute,
          connectFee,
          minimumCharge: micros(0n),
          initialIncrementSeconds: 1,
          incrementSeconds: 1,
          graceSeconds: 0,
          freeSeconds: 0,
          steps: [],
        };
        const steps = cuts
          .sort((one, other) => one - other)
          .map(fromSecond => ({ fromSecond, pricePerMinute, incrementSeconds: 1 }));
        expect(cost({ ...plain, steps }, billsec)).toBe(cost(plain, billsec));
      },
    ),
    RUNS,
  );
});

describe('steps as a text', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(anyTariff, ({ steps, freeSeconds }) => {
        const text = stepsText(steps);
        expect(parseSteps(text, freeSeconds)).toEqual(steps);
        expect(stepsOf(text)).toEqual(steps);
        expect(text.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('fit into their column, the longest too', () => {
    const longest = {
      fromSecond: 86_400,
      pricePerMinute: parseAmount('99999999999999.999999'),
      incrementSeconds: 86_400,
    };
    expect(stepsText(Array.from({ length: 5 }, () => longest)).length).toBeLessThanOrEqual(200);
  });

  test.each([
    ['180:0.05/6', '180:0.05/6'],
    ['180:.5/6', null],
    ['180:0.5/6  600:0.020/1', '180:0.50/6 600:0.02/1'],
    ['0180:1/1', '180:1.00/1'],
  ])('%j is %j', (text, read) => {
    if (read === null) expect(() => parseSteps(text, 0)).toThrow('is not an amount');
    else expect(stepsText(parseSteps(text, 0))).toBe(read);
  });

  test.each([
    ['180', 0, 'has a step "180": write 180:0.05/6 for 0.05 a minute by 6 s from second 180 on'],
    ['180:0.05', 0, 'has a step "180:0.05"'],
    ['180:0.05/0', 0, 'has a step "180:0.05/0"'],
    ['0:0.05/1', 0, 'has a step "0:0.05/1"'],
    ['180:0,05/1', 0, 'has a step at a price that "0,05" is not an amount'],
    ['180:-1/1', 0, 'has a step at -1, which is negative'],
    ['180:0.0000001/1', 0, 'more than six decimals'],
    ['180:1/1 180:2/1', 0, 'has a step from second 180 on, not behind second 180'],
    ['180:1/1 60:2/1', 0, 'has a step from second 60 on, not behind second 180'],
    ['30:1/1', 30, 'has a step from second 30 on, not behind the 30 free seconds'],
    ['1:1/1 2:1/1 3:1/1 4:1/1 5:1/1 6:1/1', 0, 'has 6 steps: use at most 5'],
  ])('%j behind %d free seconds %s', (text, free, problem) => {
    expect(() => parseSteps(text, free)).toThrow(problem);
  });
});
