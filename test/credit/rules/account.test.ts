import { available, holdable, timeAvailable, withTimeAdded } from '../../../src/credit/rules/account';
import { LARGEST, micros, parseAmount } from '../../../src/money/micros';
import { account } from './rules-fixture';

test.each([
  [{ maxTimeSeconds: null, timeUsedSeconds: 500, activeCalls: 1 }, Infinity, 'no limit'],
  [
    { maxTimeSeconds: 60, timeUsedSeconds: 20, timeReservedSeconds: 30, activeCalls: 1 },
    10,
    'what was talked, and what calls hold, is gone',
  ],
  [{ maxTimeSeconds: 60, timeUsedSeconds: 20, activeCalls: 0 }, 60, 'the next call counts anew'],
])('of %j there are %d s: %s', (time, seconds, _why) => {
  expect(timeAvailable(account(time))).toBe(seconds);
});

test.each([
  [20, 30, -10, 'added talk counts as not used'],
  [-2_146_999_970, 30, -2_147_000_000, 'as much as the column holds'],
  [-2_146_999_970, 31, null, 'a second more than the column holds'],
])('after %d s were used, %d s more leave %s: %s', (timeUsedSeconds, seconds, left, _why) => {
  expect(withTimeAdded(account({ timeUsedSeconds }), seconds)?.timeUsedSeconds ?? null).toBe(left);
});

test('calls hold what is available, as far as the column of what is reserved goes', () => {
  const rich = account({ balance: LARGEST, creditLimit: LARGEST, reserved: parseAmount('1') });
  expect(available(rich)).toBe(micros(2n * LARGEST - 1_000_000n));
  expect(holdable(rich)).toBe(micros(LARGEST - 1_000_000n));
});
