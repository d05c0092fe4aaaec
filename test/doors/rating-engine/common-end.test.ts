import fc from 'fast-check';
import {
  commonSeconds,
  type LiveCall,
  leftMs,
  paidSecondsFor,
  secondsFor,
  secondsLeft,
} from '../../../src/doors/rating-engine/common-end';
import { type Micros, micros, parseAmount } from '../../../src/money/micros';
import { FREE_TARIFF, type Tariff } from '../../../src/rating/price';
import { costWithoutGrace } from '../../../src/rating/timed';
import { withSteps } from '../../rating/tariffs';

const MINUTES: Tariff = {
  ...FREE_TARIFF,
  pricePerMinute: parseAmount('1'),
  initialIncrementSeconds: 60,
  incrementSeconds: 60,
};
const SECONDS: Tariff = { ...FREE_TARIFF, pricePerMinute: parseAmount('0.60') };

const call = (tariff: Tariff, grantedSeconds: number, talkedMs: number, capSeconds = 3600): LiveCall => ({
  tariff,
  grantedSeconds,
  maxCost: grantedSeconds === 0 ? micros(0n) : costWithoutGrace(tariff, grantedSeconds),
  capSeconds,
  answerAt: -talkedMs,
});

test('the number that is told counts to the first end, rounded down, and is never below 0', () => {
  expect(secondsLeft([call(SECONDS, 100, 40_001), call(SECONDS, 300, 0)], 0)).toBe(59);
  expect(secondsLeft([call(SECONDS, 100, 99_001), call(SECONDS, 300, 0)], 0)).toBe(0);
  expect(secondsLeft([call(SECONDS, 100, 200_000)], 0)).toBe(0);
});

test.each([
  ['nothing is lacking', [call(SECONDS, 300, 0)], '0', 300],
  ['one by the second', [call(SECONDS, 100, 0)], '1', 200],
  ['two by the second share what there is', [call(SECONDS, 100, 40_000), call(SECONDS, 0, 0)], '1', 80],
  ['whole minutes, of which the first is paid', [call(MINUTES, 60, 30_000)], '0', 30],
  ['whole minutes, and one more', [call(MINUTES, 60, 30_000)], '1', 90],
  ['nothing for a start', [call(MINUTES, 0, 0)], '0.99', 0],
  ['a free call lasts as long as is asked', [call(FREE_TARIFF, 0, 0)], '0', 300],
  ['one at its cap lacks nothing', [call(SECONDS, 100, 50_000, 100), call(SECONDS, 0, 0)], '3', 300],
  ['an account below zero buys nothing', [call(SECONDS, 100, 0)], '-5', 100],
])('the common end: %s', (_, calls, available, seconds) => {
  expect(commonSeconds(calls, parseAmount(available), 300, 0)).toBe(seconds);
});

test('what is asked for is affordable, never less than before, and a second more would not be', () => {
  const tariffs = withSteps(
    fc.record({
      pricePerMinute: fc.bigInt(0n, 5_000_000n).map(micros),
      connectFee: fc.bigInt(0n, 500_000n).map(micros),
      minimumCharge: fc.bigInt(0n, 500_000n).map(micros),
      initialIncrementSeconds: fc.integer({ min: 1, max: 90 }),
      incrementSeconds: fc.integer({ min: 1, max: 90 }),
      graceSeconds: fc.constant(0),
    }),
  );
  const calls = fc
    .tuple(tariffs, fc.nat(600), fc.nat(600_000), fc.integer({ min: 600, max: 2_000 }))
    .map(([tariff, granted, talkedMs, cap]) => call(tariff, granted, talkedMs, cap));
  fc.assert(
    fc.property(fc.array(calls, { minLength: 1, maxLength: 4 }), fc.bigInt(0n, 30_000_000n), (live, money) => {
      const seconds = commonSeconds(live, micros(money), 900, 0);
      const lacking = (of: (one: LiveCall) => number): Micros =>
        micros(
          live.reduce((sum, one) => {
            const more = costWithoutGrace(one.tariff, of(one)) - one.maxCost;
            return sum + (more > 0n ? more : 0n);
          }, 0n),
        );
      const last = (one: LiveCall) => paidSecondsFor(one, seconds, 0);
      if (seconds > 0) expect(lacking(last)).toBeLessThanOrEqual(money);
      if (seconds < 900) expect(lacking(one => secondsFor(one, seconds + 1, 0))).toBeGreaterThan(money);
      for (const one of live) {
        expect(last(one)).toBeGreaterThanOrEqual(one.grantedSeconds);
        expect(last(one)).toBeLessThanOrEqual(Math.max(one.grantedSeconds, one.capSeconds));
        const isAtCap = last(one) >= one.capSeconds;
        expect(isAtCap || leftMs({ ...one, grantedSeconds: last(one) }, 0) >= seconds * 1000).toBe(true);
      }
    }),
    { numRuns: 3_000 },
  );
});
