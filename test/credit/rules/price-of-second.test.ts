import { priceOfSecond, secondsWorth } from '../../../src/credit/rules/price-of-second';
import { micros, parseAmount, ZERO } from '../../../src/money/micros';
import type { Rate } from '../../../src/rating/rate';
import { rate } from './rules-fixture';

const BY_SECOND = { pricePerMinute: parseAmount('0.6'), initialIncrementSeconds: 1, incrementSeconds: 1 };

test.each<[string | null, Partial<Rate>, string]>([
  ['0.01', {}, 'by the second'],
  ['0.000001', { pricePerMinute: parseAmount('0.00006') }, 'the least price'],
  [null, { pricePerMinute: parseAmount('0.00007') }, 'a part of a millionth a second'],
  [null, { pricePerMinute: ZERO }, 'money buys no seconds where they are free'],
  [null, { currency: 'USD' }, 'another currency'],
  [null, { connectFee: parseAmount('0.01') }, 'the first second costs more'],
  [null, { minimumCharge: parseAmount('0.01') }, 'a short call costs more'],
  [null, { initialIncrementSeconds: 2 }, 'the first second costs two'],
  [null, { incrementSeconds: 2 }, 'the third second costs two'],
  [null, { graceSeconds: 1 }, 'the first second may be free'],
])('a second costs %s at %j: %s', (price, more, _why) => {
  expect(priceOfSecond(rate({ ...BY_SECOND, ...more }), 'EUR')).toBe(price === null ? null : parseAmount(price));
});

test('without a rate a second has no price', () => expect(priceOfSecond(null, 'EUR')).toBeNull());

test.each([
  ['0.029999', 2n],
  ['0.03', 3n],
  ['0', 0n],
  ['-5', 0n],
])('%s is worth %d whole seconds of 0.01', (money, seconds) => {
  expect(secondsWorth(parseAmount(money), micros(10_000n))).toBe(seconds);
});
