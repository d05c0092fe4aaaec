import fc from 'fast-check';
import { PLAIN_TERMS, type Terms } from '../../../src/credit/rules/account';
import {
  extendAtSeconds,
  type SharedAccount,
  type Sharer,
  type Sharing,
  shareOut,
} from '../../../src/credit/rules/sharing';
import { larger, micros, parseAmount, ZERO } from '../../../src/money/micros';
import { FREE_TARIFF, type Tariff } from '../../../src/rating/price';
import { costWithoutGrace, longestSeconds, wholeIncrements } from '../../../src/rating/timed';

import { plainlyShared } from './plain-sharing';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const CLOCKS = { of: { ast1: NOON }, elsewhere: NOON };

/** docs/shared-credit.md: what a talker keeps beyond its talk, and what a ringing call keeps. */
const KEPT_SECONDS = 3;
const RINGING_SECONDS = 10;

const SHARED: Terms = { ...PLAIN_TERMS, mode: 'shared', sliceSeconds: 60, warnSeconds: [] };

/** "60/6 at 1.00, fee 0.25" */
const tariff = (pricePerMinute: string, increments: string, connectFee = '0', minimumCharge = '0'): Tariff => {
  const [initialIncrementSeconds, incrementSeconds] = increments.split('/').map(Number) as [number, number];
  return {
    pricePerMinute: parseAmount(pricePerMinute),
    connectFee: parseAmount(connectFee),
    minimumCharge: parseAmount(minimumCharge),
    initialIncrementSeconds,
    incrementSeconds,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  };
};

interface CallSoFar {
  tariff: Tariff;
  /** Seconds of talk, null while it rings or waits. */
  talked: number | null;
  /** 0 for one that waits. */
  granted: number;
  cap?: number;
  node?: string;
  /** An operator wants it ended. */
  ending?: boolean;
}

/** Calls in the order of their starts: the first is c0. */
const sharers = (calls: readonly CallSoFar[]): Sharer[] =>
  calls.map(({ tariff: price, talked, granted, cap = 3600, node = 'ast1', ending = false }, index) => ({
    uniqueid: `c${String(index).padStart(4, '0')}`,
    node,
    startAt: NOON - 4_000_000 + index * 10,
    tariff: price,
    grantedSeconds: granted,
    maxCost: granted === 0 ? ZERO : costWithoutGrace(price, granted),
    capSeconds: cap,
    answerAt: talked === null ? null : NOON - talked * 1000,
    hangupWanted: ending,
  }));

const pool = (money: string, more: Partial<SharedAccount> & { seconds?: number } = {}): SharedAccount => ({
  left: { money: parseAmount(money), seconds: more.seconds ?? Infinity },
  maxTimeSeconds: more.seconds === undefined ? null : 1,
  terms: more.terms ?? SHARED,
});

/** What each call holds when the shares are applied; 0 for a call that still waits or was refused. */
const applied = (calls: readonly Sharer[], { shares }: Sharing): Sharer[] => {
  const seconds = new Map(shares.map(share => [share.uniqueid, share.seconds]));
  return calls.map(call => {
    const grantedSeconds = seconds.get(call.uniqueid) ?? call.grantedSeconds;
    const maxCost = grantedSeconds === 0 ? ZERO : costWithoutGrace(call.tariff, grantedSeconds);
    return { ...call, grantedSeconds, maxCost };
  });
};

const sumOf = (calls: readonly Sharer[]) => ({
  money: calls.reduce((sum, { maxCost }) => sum + maxCost, 0n),
  seconds: calls.reduce((sum, { grantedSeconds }) => sum + grantedSeconds, 0),
});

/** What is free when the shares are applied. */
const freeAfter = (left: SharedAccount['left'], before: readonly Sharer[], after: readonly Sharer[]) => ({
  money: left.money + sumOf(before).money - sumOf(after).money,
  seconds: left.seconds + sumOf(before).seconds - sumOf(after).seconds,
});

const talkedOf = ({ answerAt }: Sharer, now = NOON) => Math.ceil((now - (answerAt as number)) / 1000);
const isTalker = ({ answerAt }: Sharer) => answerAt !== null;
/** It is being cut. */
const isOverItsTime = (call: Sharer) => call.grantedSeconds < talkedOf(call);
const isWaiter = ({ answerAt, grantedSeconds }: Sharer) => answerAt === null && grantedSeconds === 0;
const firstIncrement = ({ tariff: { initialIncrementSeconds }, capSeconds }: Sharer) =>
  Math.min(capSeconds, initialIncrementSeconds);

/** What of its holdings is never taken from the call, by docs/shared-credit.md. */
function keeps(call: Sharer): number {
  const { grantedSeconds } = call;
  if (isWaiter(call)) return firstIncrement(call);
  if (!isTalker(call)) return Math.min(grantedSeconds, Math.max(firstIncrement(call), RINGING_SECONDS));
  const paid = wholeIncrements(call.tariff, talkedOf(call) + KEPT_SECONDS);
  return Math.min(grantedSeconds, Math.max(firstIncrement(call), paid));
}

/** A new call for which others make room gets as much as it needs to ring. */
const newcomersSlice = ({ tariff: price }: Sharer, { sliceSeconds }: Terms): number =>
  Math.min(wholeIncrements(price, sliceSeconds), wholeIncrements(price, RINGING_SECONDS));

/** The next talk that the call could buy beyond what it holds: with one second more, up to its own whole increments. */
function nextIncrement(call: Sharer, limit: number): { seconds: number; money: bigint } | null {
  const { grantedSeconds, maxCost } = call;
  if (grantedSeconds >= limit) return null;
  const seconds = Math.min(limit, wholeIncrements(call.tariff, grantedSeconds + 1));
  return { seconds: seconds - grantedSeconds, money: costWithoutGrace(call.tariff, seconds) - maxCost };
}

const TARIFFS = [
  tariff('1.00', '60/60'),
  tariff('1.00', '30/6', '0.10'),
  tariff('0.60', '1/1'),
  tariff('6.00', '1/1'),
  tariff('0.0025', '1/1'),
  tariff('2.00', '60/1', '0.50', '1.00'),
  tariff('0.60', '6/6', '0', '0.30'),
  tariff('0', '1/1', '0.40'),
  FREE_TARIFF,
];

const anyCall = (tariffs: readonly Tariff[]): fc.Arbitrary<CallSoFar> =>
  fc
    .record({
      tariff: fc.constantFrom(...tariffs),
      state: fc.constantFrom('talks', 'talks', 'talks', 'rings', 'waits'),
      talked: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 3700 })),
      more: fc.oneof(fc.integer({ min: -2, max: 8 }), fc.integer({ min: 0, max: 200 })),
      whole: fc.boolean(),
      cap: fc.constantFrom(3600, 3600, 3600, 7, 61, 95),
    })
    .map(({ tariff: price, state, talked, more, whole, cap }) => {
      if (state === 'waits') return { tariff: price, talked: null, granted: 0, cap };
      const begun = state === 'talks' ? Math.min(talked, cap) : 0;
      const most = Math.max(1, begun + more);
      const granted = Math.min(cap, Math.max(firstOf(price), whole ? wholeIncrements(price, most) : most));
      return { tariff: price, talked: state === 'talks' ? begun : null, granted, cap };
    });
const firstOf = ({ initialIncrementSeconds }: Tariff) => initialIncrementSeconds;

/** Mostly short of money: that is when sharing is hard. */
const anyMoney = fc
  .oneof(fc.bigInt(0n, 100_000n), fc.bigInt(0n, 3_000_000n), fc.bigInt(0n, 30_000_000n))
  .map(amount => micros(amount));

const anyPool = fc.record({
  left: fc.record({
    money: anyMoney,
    seconds: fc.oneof(fc.constant(Infinity), fc.constant(Infinity), fc.integer({ min: 0, max: 400 })),
  }),
  warnSeconds: fc.constantFrom<number[]>([], [60, 20]),
  sliceSeconds: fc.constantFrom(1, 20, 60),
});

type Case = { pool: SharedAccount; calls: Sharer[] };
const anyCase = (tariffs: readonly Tariff[] = TARIFFS, maxLength = 9): fc.Arbitrary<Case> =>
  fc.record({ pool: anyPool, calls: fc.array(anyCall(tariffs), { maxLength }) }).map(({ pool: each, calls }) => ({
    pool: {
      left: each.left,
      maxTimeSeconds: each.left.seconds === Infinity ? null : 10_000,
      terms: { ...SHARED, warnSeconds: each.warnSeconds, sliceSeconds: each.sliceSeconds },
    },
    calls: sharers(calls),
  }));

/** Each property gets the pool as mode shared, the shares, and the calls with them. */
const holds = (check: (given: Case & { sharing: Sharing; after: Sharer[] }) => void, cases = anyCase()) =>
  fc.assert(
    fc.property(cases, ({ pool: given, calls }) => {
      const sharing = shareOut(given, calls, CLOCKS);
      check({ pool: given, calls, sharing, after: applied(calls, sharing) });
    }),
    { numRuns: 2_000 },
  );

describe('mode shared', () => {
  test('it is shared as by the rules written plainly, also when the sums are beyond what a number holds exactly', () => {
    const dear = [
      tariff('900000000.00', '1/1'),
      tariff('12345678.901234', '7/3', '99999999.999999'),
      tariff('0.01', '1/1', '0', '1000000000.00'),
      tariff('100000000000.00', '60/60', '0', '0.30'),
    ];
    const anyAmount = fc.oneof(fc.bigInt(0n, 10n ** 16n), fc.bigInt(-(10n ** 14n), 10n ** 19n));
    const isAsPlain = ({ pool: given, calls }: Case) =>
      expect(shareOut(given, calls, CLOCKS)).toEqual(plainlyShared(given, calls, CLOCKS));
    fc.assert(fc.property(anyCase(TARIFFS, 30), isAsPlain), { numRuns: 5_000 });
    const richCase = fc.tuple(anyCase([...TARIFFS, ...dear], 30), anyAmount).map(([{ pool: given, calls }, money]) => ({
      pool: { ...given, left: { ...given.left, money: micros(money) } },
      calls,
    }));
    fc.assert(fc.property(richCase, isAsPlain), { numRuns: 5_000 });
  });

  test('nothing is overspent, neither money nor time', () => {
    holds(({ pool: { left }, calls, after }) => {
      const free = freeAfter(left, calls, after);
      expect(free.money).toBeGreaterThanOrEqual(0n);
      expect(free.seconds).toBeGreaterThanOrEqual(0);
    });
  });

  test('no call holds more than its cap, a ringing one no more than before, and a newcomer what it rings with', () => {
    holds(({ calls, after, pool: { terms } }) => {
      for (const [index, call] of calls.entries()) {
        const { grantedSeconds, capSeconds } = after[index] as Sharer;
        expect(grantedSeconds).toBeLessThanOrEqual(capSeconds);
        if (isTalker(call)) continue;
        // A slice is a part of what can run out.
        const isFree = longestSeconds(call.tariff, ZERO) === null;
        const most = isFree ? RINGING_SECONDS : newcomersSlice(call, terms);
        expect(grantedSeconds).toBeLessThanOrEqual(Math.max(call.grantedSeconds, most));
      }
    });
  });

  test('nobody loses what was talked, the increment that it is in, the next 3 s, or its ringing', () => {
    holds(({ calls, after }) => {
      for (const [index, call] of calls.entries()) {
        if (!isWaiter(call)) expect(after[index]?.grantedSeconds).toBeGreaterThanOrEqual(keeps(call));
      }
    });
  });

  test('an account that was overdrawn gives back what it can, and nobody gets more', () => {
    fc.assert(
      fc.property(anyCase(), fc.bigInt(1n, 20_000_000n), ({ pool: given, calls }, missing) => {
        const left = { money: micros(-missing), seconds: Infinity };
        const sharing = shareOut({ ...given, left, maxTimeSeconds: null }, calls, CLOCKS);
        const after = applied(calls, sharing);
        const least = calls.filter(call => !isWaiter(call)).map(call => ({ call, seconds: keeps(call) }));
        const kept = least.reduce((sum, { call, seconds }) => sum + costWithoutGrace(call.tariff, seconds), 0n);
        const mayHold = sumOf(calls).money - missing;
        expect(sumOf(after).money).toBeLessThanOrEqual(larger(kept, mayHold));
      }),
      { numRuns: 2_000 },
    );
  });

  test('calls of one tariff end within one increment of one another when there is not enough', () => {
    // At 0.0025 a second costs 41 or 42 millionths: what is left may be a second for one and none for another.
    for (const price of TARIFFS.filter(({ pricePerMinute }) => pricePerMinute >= parseAmount('0.60'))) {
      // As many increments as the minimum charge pays for are one.
      const first = Math.max(price.initialIncrementSeconds, longestSeconds(price, price.minimumCharge) ?? 0);
      const longestIncrement = Math.max(price.incrementSeconds, first);
      holds(
        ({ calls, after, sharing }) => {
          if (!sharing.isShort) return;
          const ends = after
            .filter(
              (call, index) =>
                isTalker(call) && !isOverItsTime(call) && call.grantedSeconds < call.capSeconds && mayMove(call, index),
            )
            .map(call => call.grantedSeconds - talkedOf(call));
          if (ends.length > 1) expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(longestIncrement);

          // What it must keep may be later than the others' end: an increment that it is in is not given back.
          function mayMove(call: Sharer, index: number): boolean {
            return call.grantedSeconds > keeps(calls[index] as Sharer);
          }
        },
        anyCase([price]),
      );
    }
  });

  test('whatever the tariffs, no talker ends an increment before all of them could', () => {
    holds(({ pool: { left, terms }, calls, sharing, after }) => {
      const talkers = after.filter(
        call => isTalker(call) && !isOverItsTime(call) && call.grantedSeconds < call.capSeconds,
      );
      if (!sharing.isShort || talkers.length === 0) return;
      // One that is past its limit takes part in the time too, though in the end it may be given none: another may end a second early.
      if (left.seconds !== Infinity && calls.some(call => isTalker(call) && isOverItsTime(call))) return;
      const wanted = extendAtSeconds(terms) + terms.sliceSeconds;
      const shortest = Math.min(...talkers.map(call => call.grantedSeconds - talkedOf(call)));
      if (shortest >= wanted) return;
      // What all calls that hold something would need in order to last one second more than the call that ends first.
      const longer = after
        .filter(({ grantedSeconds }) => grantedSeconds > 0)
        .map(call => ({ call, seconds: lasts(call, shortest + 1) }));
      const cost = longer.reduce((sum, { call, seconds }) => sum + costWithoutGrace(call.tariff, seconds), 0n);
      const time = longer.reduce((sum, { seconds }) => sum + seconds, 0);
      const all = sumOf(calls);
      expect(cost > left.money + all.money || time > left.seconds + all.seconds).toBe(true);

      function holdsAtMost(call: Sharer): number {
        return isWaiter(call) ? Math.min(call.capSeconds, newcomersSlice(call, terms)) : call.grantedSeconds;
      }

      function lasts(call: Sharer, fromNow: number): number {
        const before = calls.find(({ uniqueid }) => uniqueid === call.uniqueid) as Sharer;
        if (isTalker(call) && isOverItsTime(call)) return call.grantedSeconds;
        if (!isTalker(call)) return Math.max(keeps(before), Math.min(holdsAtMost(before), fromNow));
        return Math.min(call.capSeconds, Math.max(keeps(before), talkedOf(call) + fromNow));
      }
    });
  });

  test('when there is not enough, nothing is left that any call that talks could use', () => {
    holds(({ pool: { left }, calls, sharing, after }) => {
      if (!sharing.isShort) return;
      const free = freeAfter(left, calls, after);
      for (const call of after.filter(each => isTalker(each) && !isOverItsTime(each))) {
        const next = nextIncrement(call, call.capSeconds);
        if (next) expect(next.money > free.money || next.seconds > free.seconds).toBe(true);
      }
    });
  });

  test('when there is enough, no slice runs out: each lasts until it is asked again at least', () => {
    holds(({ pool: { terms }, sharing, after }) => {
      if (sharing.isShort) return;
      for (const call of after.filter(isTalker)) {
        const until = Math.min(call.capSeconds, talkedOf(call) + extendAtSeconds(terms));
        expect(call.grantedSeconds).toBeGreaterThanOrEqual(until);
      }
    });
  });

  test('a newcomer is let in if and only if its first increment and fee fit beside what the others must keep', () => {
    holds(({ pool: { left }, calls, sharing, after }) => {
      const all = sumOf(calls);
      let money = left.money + all.money;
      let seconds = left.seconds + all.seconds;
      const take = (call: Sharer, needed: number) => {
        money -= costWithoutGrace(call.tariff, needed);
        seconds -= needed;
      };
      for (const call of calls.filter(each => !isWaiter(each))) {
        const nextSeconds = isTalker(call) ? Math.min(call.capSeconds, talkedOf(call) + KEPT_SECONDS) : 0;
        take(call, Math.max(keeps(call), nextSeconds));
      }
      for (const [index, call] of calls.entries()) {
        if (!isWaiter(call)) continue;
        const first = firstIncrement(call);
        const fits = money >= costWithoutGrace(call.tariff, first) && seconds >= first;
        const { grantedSeconds } = after[index] as Sharer;
        expect(sharing.refuse.includes(call.uniqueid)).toBe(!fits);
        if (fits) expect(grantedSeconds).toBeGreaterThanOrEqual(first);
        else expect(grantedSeconds).toBe(0);
        if (fits) take(call, first);
      }
    });
  });

  test('ringing calls are cancelled from the last on, only for talkers who would not have 3 s, and no more than needed', () => {
    holds(({ pool: { left }, calls, sharing }) => {
      const ringing = calls.filter(call => !isTalker(call) && !isWaiter(call));
      const { cancel } = sharing;
      expect(cancel).toEqual(
        ringing
          .map(({ uniqueid }) => uniqueid)
          .reverse()
          .slice(0, cancel.length),
      );
      const talkers = calls.filter(isTalker);
      const admitted = calls.filter(call => isWaiter(call) && !sharing.refuse.includes(call.uniqueid));
      const all = sumOf(calls);
      const last3Seconds = (without: readonly string[]) => {
        const stay = [...talkers, ...ringing, ...admitted].filter(({ uniqueid }) => !without.includes(uniqueid));
        const seconds = stay.map(call =>
          isTalker(call)
            ? Math.max(keeps(call), Math.min(call.capSeconds, talkedOf(call) + KEPT_SECONDS))
            : keeps(call),
        );
        const cost = stay.reduce(
          (sum, call, index) => sum + costWithoutGrace(call.tariff, seconds[index] as number),
          0n,
        );
        const time = seconds.reduce((sum, each) => sum + each, 0);
        return cost <= left.money + all.money && time <= left.seconds + all.seconds;
      };
      if (talkers.length === 0) expect(cancel).toEqual([]);
      else {
        expect(last3Seconds(cancel) || cancel.length === ringing.length).toBe(true);
        if (cancel.length > 0) expect(last3Seconds(cancel.slice(0, -1))).toBe(false);
      }
    });
  });

  test('asked again at the same instant, with the shares applied, nothing changes, the third time at the latest', () => {
    holds(({ pool: given, calls, sharing, after }) => {
      let [before, there, said] = [calls, after, sharing];
      let left = given.left;
      for (let round = 1; ; round++) {
        const free = freeAfter(left, before, there);
        left = { money: micros(free.money), seconds: free.seconds };
        before = there.filter(({ uniqueid }) => !said.refuse.includes(uniqueid));
        said = shareOut({ ...given, left }, before, CLOCKS);
        there = applied(before, said);
        expect(said).toMatchObject({ refuse: [], cancel: sharing.cancel });
        if (said.shares.length === 0) return;
        expect(round).toBeLessThan(2);
      }
    });
  });

  test('asked again ten times a second until the end, 30 talkers short of money change what they hold once', () => {
    const price = tariff('6.00', '1/1');
    let calls: Sharer[] = Array.from({ length: 30 }, (_, index) => {
      const [call] = sharers([{ tariff: price, talked: 10, granted: 15 }]) as [Sharer];
      // No two of them were answered at the same part of a second.
      return { ...call, uniqueid: `c${index}`, answerAt: NOON - 10_000 + index * 137 };
    });
    const left = { money: parseAmount('60'), seconds: Infinity };
    let changes = 0;
    for (let now = NOON; now < NOON + 20_000; now += 107) {
      const sharing = shareOut({ left, maxTimeSeconds: null, terms: SHARED }, calls, {
        of: { ast1: now },
        elsewhere: now,
      });
      changes += sharing.shares.length;
      const after = applied(calls, sharing);
      left.money = micros(freeAfter(left, calls, after).money);
      calls = after;
    }
    expect(changes).toBe(30);
  });

  test('with everything cancelled that has to be, the talkers are given what it held', () => {
    holds(({ pool: given, calls, sharing }) => {
      if (sharing.cancel.length === 0) return;
      const gone = calls.filter(({ uniqueid }) => sharing.cancel.includes(uniqueid));
      const left = {
        money: micros(given.left.money + sumOf(gone).money),
        seconds: given.left.seconds + sumOf(gone).seconds,
      };
      const there = calls.filter(call => !gone.includes(call) && !sharing.refuse.includes(call.uniqueid));
      const again = shareOut({ ...given, left }, there, CLOCKS);
      expect(again.cancel).toEqual([]);
      expect(freeAfter(left, there, applied(there, again)).money).toBeGreaterThanOrEqual(0n);
    });
  });

  test('each call is counted by the clock of its own switch', () => {
    const clocks = { of: { ast1: NOON, ast2: NOON + 10_000 }, elsewhere: NOON };
    const price = tariff('6.00', '1/1');
    const calls = sharers([
      { tariff: price, talked: 10, granted: 30 },
      { tariff: price, talked: 0, granted: 10, node: 'ast2' },
      { tariff: price, talked: 10, granted: 30, node: 'nowhere' },
    ]);
    const after = applied(calls, shareOut(pool('0'), calls, clocks));
    // 70 s are paid for and 3 x 10 s talked, each by its own clock: 13 s more for each, and the first of them 1 s more.
    expect(after.map(({ grantedSeconds }) => grantedSeconds)).toEqual([24, 23, 23]);
  });

  test('3,000 calls that are short of money take less than a second of one core, and 3,000 with plenty a tenth', () => {
    const calls = sharers(
      Array.from({ length: 3_000 }, (_, index) => ({
        tariff: TARIFFS[index % 7] as Tariff,
        talked: index % 300,
        granted: wholeIncrements(TARIFFS[index % 7] as Tariff, (index % 300) + 10),
      })),
    );
    const coreMs = (money: string, isShort: boolean) => {
      const begin = process.cpuUsage();
      expect(shareOut(pool(money), calls, CLOCKS).isShort).toBe(isShort);
      return process.cpuUsage(begin).user / 1000;
    };
    expect(coreMs('0', true)).toBeLessThan(1_000);
    expect(coreMs('1000000', false)).toBeLessThan(100);
  });
});

describe('mode strict', () => {
  const STRICT = { ...SHARED, mode: 'strict' } as const;

  test('nobody gives anything back; what is free goes to the earliest first, each its longest talk', () => {
    fc.assert(
      fc.property(anyCase(), ({ pool: given, calls }) => {
        const sharing = shareOut({ ...given, terms: STRICT }, calls, CLOCKS);
        const after = applied(calls, sharing);
        let { money, seconds } = given.left;
        for (const [index, call] of calls.entries()) {
          if (isWaiter(call)) continue;
          const held = after[index] as Sharer;
          const affordable = longestSeconds(call.tariff, micros(call.maxCost + money)) ?? Infinity;
          const most = Math.min(call.capSeconds, affordable, call.grantedSeconds + seconds);
          expect(held.grantedSeconds).toBe(Math.max(call.grantedSeconds, most));
          money = micros(money - held.maxCost + call.maxCost);
          seconds -= held.grantedSeconds - call.grantedSeconds;
        }
        expect(money).toBeGreaterThanOrEqual(0n);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(sharing).toMatchObject({ cancel: [], isShort: false });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what calls hold that an operator has ended', () => {
  const bySecond = tariff('6.00', '1/1');
  const withFee = tariff('1.00', '60/60', '0.50');
  const newcomer: CallSoFar = { tariff: bySecond, talked: null, granted: 0 };
  const expensive: CallSoFar = { tariff: withFee, talked: null, granted: 0 };
  const ended = (talked: number | null, granted: number): CallSoFar => ({
    ...{ tariff: bySecond, talked, granted },
    ending: true,
  });

  test.each<{ why: string; free?: string; seconds?: number; calls: CallSoFar[]; refuse: string[] }>([
    { why: '21 of 36 s are not talked, 2.10: enough for 1.50', calls: [ended(12, 36), expensive], refuse: [] },
    { why: '11 of 36 s are not talked, 1.10: not enough', calls: [ended(22, 36), expensive], refuse: ['c0001'] },
    {
      why: '0.40 more are free: enough',
      free: '0.40',
      calls: [ended(22, 36), expensive],
      refuse: [],
    },
    { why: 'one that rings gives all back', calls: [ended(null, 15), expensive], refuse: [] },
    {
      why: 'one second comes back, and the first newcomer gets it',
      calls: [ended(12, 16), newcomer, newcomer],
      refuse: ['c0002'],
    },
    { why: 'it talks beyond its grant: nothing comes back', calls: [ended(40, 36), newcomer], refuse: ['c0001'] },
    {
      why: 'another talks beyond its grant, which takes nothing from what this one gives back',
      calls: [ended(40, 36), ended(12, 16), newcomer],
      refuse: [],
    },
    { why: 'time comes back too', free: '100', seconds: 0, calls: [ended(12, 36), newcomer], refuse: [] },
    { why: 'no time comes back', free: '100', seconds: 0, calls: [ended(33, 36), newcomer], refuse: ['c0001'] },
    { why: 'a newcomer that is ended itself holds nothing', calls: [ended(null, 0), newcomer], refuse: ['c0001'] },
  ])('is waited for by a newcomer if it is enough: $why', ({ free = '0', seconds, calls, refuse }) => {
    const sharing = shareOut(pool(free, { seconds }), sharers(calls), CLOCKS);
    expect(sharing).toMatchObject({ shares: [], cancel: [], refuse });
  });

  test('is not shared before they have ended, and they get no more', () => {
    const talker: CallSoFar = { tariff: bySecond, talked: 5, granted: 10 };
    const { shares } = shareOut(pool('0.30'), sharers([ended(12, 36), talker]), CLOCKS);
    expect(shares).toMatchObject([{ uniqueid: 'c0001', seconds: 13 }]);
  });
});

describe('worked examples, by hand', () => {
  const byTheMinute = tariff('1.00', '60/60');
  const bySixSeconds = tariff('1.00', '30/6');
  const bySecond = tariff('6.00', '1/1');
  const withFee = tariff('1.00', '60/60', '0.50');

  test.each<{ why: string; free: string; seconds?: number; calls: CallSoFar[]; holds: number[]; sharing?: object }>([
    {
      why: 'page: 3.60 at 0.10 a second, the second waits: of the 24 unspent seconds 10 are given back, enough to ring',
      free: '0',
      calls: [
        { tariff: bySecond, talked: 12, granted: 36 },
        { tariff: bySecond, talked: null, granted: 0 },
      ],
      holds: [26, 10],
      sharing: { isShort: true, refuse: [], cancel: [] },
    },
    {
      why: 'page: 2 s later the second is answered: the 22 s that are left are halved',
      free: '0',
      calls: [
        { tariff: bySecond, talked: 14, granted: 26 },
        { tariff: bySecond, talked: 0, granted: 10 },
      ],
      holds: [25, 11],
      sharing: { isShort: true },
    },
    {
      why: 'page: the second hung up after 4 s for 0.40: 0.70 are free, 7 s more for the first',
      free: '0.70',
      calls: [{ tariff: bySecond, talked: 18, granted: 25 }],
      holds: [32],
      sharing: { isShort: true },
    },
    {
      why: 'two at 60/60, 10 s and 46 s into their first minute; 2.50: a minute more for each, 0.50 buys nobody anything',
      free: '2.50',
      calls: [
        { tariff: byTheMinute, talked: 10, granted: 60 },
        { tariff: byTheMinute, talked: 46, granted: 60 },
      ],
      holds: [120, 120],
    },
    {
      why: 'the first second of a second minute is taken back, though it is one second only: it is a minute for the other',
      free: '0',
      calls: [
        { tariff: byTheMinute, talked: 10, granted: 61 },
        { tariff: byTheMinute, talked: 40, granted: 60 },
      ],
      holds: [60, 120],
      sharing: { makesRoom: true },
    },
    {
      why: '1.00, 10 s and 40 s into their first minute: the minute is for whose time ends first',
      free: '1.00',
      calls: [
        { tariff: byTheMinute, talked: 10, granted: 60 },
        { tariff: byTheMinute, talked: 40, granted: 60 },
      ],
      holds: [60, 120],
    },
    {
      why: '60/60 holds 120 s and is in its first minute, 30/6 has 0 left and nothing is free: a minute is given back, 60 s for the other',
      free: '0',
      calls: [
        { tariff: byTheMinute, talked: 10, granted: 120 },
        { tariff: bySixSeconds, talked: 27, granted: 30 },
      ],
      holds: [60, 90],
    },
    {
      why: '60/60 has one minute for 50 s; 1/1 at 0.10 gets the 0.59 that are left: 5 s, and 0.09 stay',
      free: '0.59',
      calls: [
        { tariff: byTheMinute, talked: 10, granted: 60 },
        { tariff: bySecond, talked: 5, granted: 8 },
      ],
      holds: [60, 13],
    },
    {
      why: 'a newcomer with a fee of 0.50 needs 1.50: the talker gives back 1.40 of its 2.00 less 0.50 + 0.30, and 0.10 is free',
      free: '0.70',
      calls: [
        { tariff: bySecond, talked: 5, granted: 20 },
        { tariff: withFee, talked: null, granted: 0 },
      ],
      // 2.70 in all less 1.50: 1.20 are 12 s for the talker.
      holds: [12, 60],
    },
    {
      why: 'the same with 0.29 less: the talker must keep 8 s, and 1.50 do not fit any more',
      free: '0.29',
      calls: [
        { tariff: bySecond, talked: 5, granted: 20 },
        { tariff: withFee, talked: null, granted: 0 },
      ],
      holds: [22, 0],
      sharing: { refuse: ['c0001'] },
    },
    {
      why: 'a talker in its last second; two ring with 10 s each: the later is cancelled, its 1.00 is enough for 3 s',
      free: '0',
      calls: [
        { tariff: bySecond, talked: 29, granted: 30 },
        { tariff: bySecond, talked: null, granted: 10 },
        { tariff: bySecond, talked: null, granted: 10 },
      ],
      holds: [30, 10, 10],
      sharing: { cancel: ['c0002'], isShort: true },
    },
    {
      why: 'two ring and nobody talks: nobody is cancelled',
      free: '0',
      calls: [
        { tariff: bySecond, talked: null, granted: 10 },
        { tariff: bySecond, talked: null, granted: 10 },
      ],
      holds: [10, 10],
      sharing: { cancel: [] },
    },
    {
      why: 'max time: 9 s are left for two who have 5 s each: 4 s more for each, and the odd one for whom the paid increment ends first',
      free: '1000',
      seconds: 9,
      calls: [
        { tariff: bySecond, talked: 10, granted: 15 },
        { tariff: byTheMinute, talked: 10, granted: 15 },
      ],
      holds: [20, 19],
      sharing: { isShort: true },
    },
    {
      why: 'plenty: a slice with 15 s left is extended by a slice, one with 16 s stays',
      free: '1000',
      calls: [
        { tariff: bySecond, talked: 46, granted: 60 },
        { tariff: bySecond, talked: 44, granted: 60 },
      ],
      holds: [121, 60],
      sharing: { isShort: false },
    },
  ])('$why', ({ free, seconds, calls: given, holds: held, sharing = {} }) => {
    const calls = sharers(given);
    const shared = shareOut(pool(free, seconds === undefined ? {} : { seconds }), calls, CLOCKS);
    expect(shared).toMatchObject(sharing);
    expect(applied(calls, shared).map(({ grantedSeconds }) => grantedSeconds)).toEqual(held);
  });
});
