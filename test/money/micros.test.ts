import fc from 'fast-check';
import { divide, formatAmount, type Micros, micros, parseAmount } from '../../src/money/micros';

test.each([
  ['1.00', 1_000_000n, '1.00'],
  ['1234.5', 1_234_500_000n, '1234.50'],
  ['0.000042', 42n, '0.000042'],
  ['-3.125', -3_125_000n, '-3.125'],
  ['7', 7_000_000n, '7.00'],
  ['0.1000000000', 100_000n, '0.10'],
  ['-0', 0n, '0.00'],
  ['99999999999999.999999', 99_999_999_999_999_999_999n, '99999999999999.999999'],
])('%s is %s millionths and is written %s', (text, millionths, written) => {
  expect(parseAmount(text)).toBe(millionths);
  expect(formatAmount(millionths as Micros)).toBe(written);
});

test.each([
  ['0.0000001', 'more than six decimals'],
  ['1e3', 'not an amount'],
  ['1,000.00', 'not an amount'],
  [' 1', 'not an amount'],
  ['+1', 'not an amount'],
  ['', 'not an amount'],
  ['.5', 'not an amount'],
  ['1.', 'not an amount'],
  ['Infinity', 'not an amount'],
  ['١', 'not an amount'],
  ['100000000000000', 'too large'],
  ['1\u001b[31m', 'not an amount'],
])('%j is refused: %s', (text, why) => {
  expect(() => parseAmount(text)).toThrow(why);
});

test('a refused text cannot bring control characters into the error', () => {
  expect(() => parseAmount('\u001b[2J\n')).toThrow(/^"\?\[2J\?" is not/);
});

test('every amount survives being written and read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }), millionths => {
      expect(parseAmount(formatAmount(micros(millionths)))).toBe(millionths);
    }),
  );
});

test.each([
  [7n, 2n, 'up', 4n],
  [7n, 2n, 'down', 3n],
  [-7n, 2n, 'up', -3n],
  [-7n, 2n, 'down', -4n],
  [8n, 2n, 'up', 4n],
  [0n, 60n, 'up', 0n],
] as const)('%s / %s rounded %s is %s', (numerator, denominator, rounding, result) => {
  expect(divide(numerator, denominator, rounding)).toBe(result);
});
