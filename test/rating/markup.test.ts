/** Markups and chains of decks, against exact fractions of the test's own. */
import fc from 'fast-check';
import { LARGEST, micros, parseAmount } from '../../src/money/micros';
import { type Markup, markedUp, markupsOf, markupsText } from '../../src/rating/markup';
import { FREE_TARIFF, type Tariff } from '../../src/rating/price';
import { anyAmount, withSteps } from './tariffs';

const markup = (percent: string, perMinute: string): Markup => ({
  percent: parseAmount(percent),
  perMinute: parseAmount(perMinute),
});
const price = (amount: string): Tariff => ({ ...FREE_TARIFF, pricePerMinute: parseAmount(amount) });

test.each([
  ['per cent of a price', '0.10', [markup('12.5', '0')], '0.1125'],
  ['per cent and an amount', '0.10', [markup('12.5', '0.002')], '0.1145'],
  ['a millionth of which a part would be left is rounded up', '0.000001', [markup('0.000001', '0')], '0.000002'],
  ['less, rounded up', '0.000003', [markup('-50', '0')], '0.000002'],
  ['each markup is rounded, one after the other', '0.000001', [markup('1', '0'), markup('1', '0')], '0.000003'],
  ['the order counts', '1.00', [markup('10', '0'), markup('0', '0.10')], '1.20'],
  ['the other way about', '1.00', [markup('0', '0.10'), markup('10', '0')], '1.21'],
  ['never below nothing', '0.01', [markup('0', '-0.02')], '0'],
  ['all of it off', '5.00', [markup('-100', '0')], '0'],
  ['a price of nothing gets the amount too', '0', [markup('50', '0.002')], '0.002'],
  ['never more than the largest amount', '99999999999999.999999', [markup('1', '0')], '99999999999999.999999'],
])('%s', (_, before, markups, after) => {
  expect(markedUp(price(before), markups).pricePerMinute).toBe(parseAmount(after));
});

const anyMarkup: fc.Arbitrary<Markup> = fc.record({
  percent: fc.oneof(
    fc.constant(0n),
    fc.bigInt(-100_000_000n, 1_000_000_000n),
    fc.integer({ min: -100, max: 1_000 }).map(whole => BigInt(whole) * 1_000_000n),
  ),
  perMinute: fc.oneof(fc.constant(0n), fc.bigInt(-1_000_000n, 1_000_000n)).map(micros),
});

const anyTariff = withSteps(
  fc.record({
    pricePerMinute: anyAmount,
    connectFee: anyAmount,
    minimumCharge: anyAmount,
    initialIncrementSeconds: fc.integer({ min: 1, max: 90 }),
    incrementSeconds: fc.integer({ min: 1, max: 90 }),
    graceSeconds: fc.integer({ min: 0, max: 30 }),
  }),
);

/** The least whole number of millionths that is no less than the exact price; found by its neighbours, not by a division that rounds. */
function isCorrect(before: bigint, { percent, perMinute }: Markup, added: boolean, after: bigint): boolean {
  const hundredMillions = 100_000_000n;
  const exact = before * (hundredMillions + percent) + (added ? perMinute : 0n) * hundredMillions;
  if (exact <= 0n) return after === 0n;
  const up = after * hundredMillions >= exact && (after - 1n) * hundredMillions < exact;
  return after === LARGEST ? exact >= (LARGEST - 1n) * hundredMillions : up;
}

test('every amount of a line is the exact one rounded up, and nothing else of it changes', () => {
  fc.assert(
    fc.property(anyTariff, anyMarkup, (line, each) => {
      const made = markedUp(line, [each]);
      expect(isCorrect(line.pricePerMinute, each, true, made.pricePerMinute)).toBe(true);
      expect(isCorrect(line.connectFee, each, false, made.connectFee)).toBe(true);
      expect(isCorrect(line.minimumCharge, each, false, made.minimumCharge)).toBe(true);
      for (const [at, step] of line.steps.entries()) {
        const of = made.steps[at];
        expect(isCorrect(step.pricePerMinute, each, true, of?.pricePerMinute ?? -1n)).toBe(true);
        expect(of).toEqual({ ...step, pricePerMinute: of?.pricePerMinute });
      }
      const { pricePerMinute, connectFee, minimumCharge, steps } = line;
      expect({ ...made, pricePerMinute, connectFee, minimumCharge, steps }).toEqual(line);
    }),
    { numRuns: 2_000 },
  );
});

test('a text of markups says all that they add', () => {
  expect(markupsText([markup('12.5', '0.002'), markup('-5', '-0.01'), markup('0', '0')])).toBe(
    '12.50%+0.002 -5.00%-0.01',
  );
  fc.assert(
    fc.property(anyTariff, fc.array(anyMarkup, { maxLength: 3 }), (line, markups) => {
      expect(markedUp(line, markupsOf(markupsText(markups)))).toEqual(markedUp(line, markups));
      expect(markupsText(markups).length).toBeLessThan(120);
    }),
  );
});
