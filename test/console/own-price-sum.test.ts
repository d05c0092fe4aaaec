/** The price of a call as a sum, compared with the rule of the bill. */
import fc from 'fast-check';
import { type Line, linesOf, type TariffFacts } from '../../console/src/pages/own/price-sum';
import { formatAmount, larger, micros, parseAmount } from '../../src/money/micros';
import { billedSeconds, cost, FREE_TARIFF } from '../../src/rating/price';
import { stepsText } from '../../src/rating/steps';
import { withSteps } from '../rating/tariffs';

const FACTS: TariffFacts = {
  rate_price_per_minute: '1.00',
  rate_connect_fee: '0.10',
  rate_minimum_charge: '0.00',
  rate_initial_increment_seconds: 60,
  rate_increment_seconds: 60,
  rate_grace_seconds: 0,
  rate_free_seconds: 0,
  rate_steps: '',
};

test.each<[string, Partial<TariffFacts>, number, number, string, Line[]]>([
  [
    '61 s at 60/60 are billed 120 s, with the fee',
    {},
    61,
    120,
    '2.10',
    [
      { is: 'talk', billedSeconds: 120, pricePerMinute: '1.00', amount: '2.00' },
      { is: 'fee', amount: '0.10' },
    ],
  ],
  [
    'a least charge that is more takes the place of the sum',
    { rate_minimum_charge: '5.00', rate_connect_fee: '0.00' },
    1,
    60,
    '5.00',
    [
      { is: 'talk', billedSeconds: 60, pricePerMinute: '1.00', amount: '1.00' },
      { is: 'minimum', amount: '5.00' },
    ],
  ],
  ['4 s with a grace of 5 s are free', { rate_grace_seconds: 5 }, 4, 0, '0.00', [{ is: 'free', graceSeconds: 5 }]],
  [
    'no more than was held',
    { rate_connect_fee: '0.00' },
    600,
    600,
    '4.00',
    [
      { is: 'talk', billedSeconds: 600, pricePerMinute: '1.00', amount: '10.00' },
      { is: 'capped', amount: '4.00' },
    ],
  ],
])('%s', (_why, more, seconds, billed, charged, lines) => {
  expect(linesOf({ ...FACTS, ...more }, seconds, billed, charged)).toEqual(lines);
});

test('the lines of any call add up to what it costs', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 10n });
  fc.assert(
    fc.property(
      fc.tuple(amount, amount, amount),
      fc.integer({ min: 0, max: 10_000 }),
      fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 10 })),
      withSteps(fc.constant(FREE_TARIFF)),
      ([price, fee, minimum], seconds, [initial, increment, grace], { freeSeconds, steps }) => {
        const tariff = {
          freeSeconds,
          steps,
          pricePerMinute: micros(price),
          connectFee: micros(fee),
          minimumCharge: micros(minimum),
          initialIncrementSeconds: initial,
          incrementSeconds: increment,
          graceSeconds: grace,
        };
        const facts = {
          rate_price_per_minute: formatAmount(micros(price)),
          rate_connect_fee: formatAmount(micros(fee)),
          rate_minimum_charge: formatAmount(micros(minimum)),
          rate_initial_increment_seconds: initial,
          rate_increment_seconds: increment,
          rate_grace_seconds: grace,
          rate_free_seconds: tariff.freeSeconds,
          rate_steps: stepsText(tariff.steps),
        };
        const charged = cost(tariff, seconds);
        const lines = linesOf(facts, seconds, billedSeconds(tariff, seconds), formatAmount(charged));
        const of = (is: Line['is']) => {
          const amounts = lines
            .filter(each => each.is === is)
            .map(line => ('amount' in line ? parseAmount(line.amount) : 0n));
          return micros(amounts.reduce((sum: bigint, amount) => sum + amount, 0n));
        };
        expect(larger(micros(of('talk') + of('fee')), of('minimum'))).toBe(charged);
      },
    ),
  );
});
