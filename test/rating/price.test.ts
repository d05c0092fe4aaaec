import fc from 'fast-check';
import { formatAmount, type Micros, micros, parseAmount } from '../../src/money/micros';
import { billedSeconds, cost, costs, costWithoutGrace, longestSeconds, type Tariff } from '../../src/rating/price';
import { withSteps } from './tariffs';

/** "60/6" at a price, the rest as named. */
const tariff = (
  price: string,
  increments = '1/1',
  more: Partial<Record<'fee' | 'minimum', string>> & { grace?: number } = {},
): Tariff => {
  const [initial, increment] = increments.split('/').map(Number) as [number, number];
  return {
    pricePerMinute: parseAmount(price),
    connectFee: parseAmount(more.fee ?? '0'),
    minimumCharge: parseAmount(more.minimum ?? '0'),
    initialIncrementSeconds: initial,
    incrementSeconds: increment,
    graceSeconds: more.grace ?? 0,
    freeSeconds: 0,
    steps: [],
  };
};

describe('billed seconds', () => {
  test.each([
    ['60/60', 61, 120, 'the second minute has begun'],
    ['60/60', 60, 60, 'exactly one minute'],
    ['60/1', 61, 61, 'seconds after the first minute'],
    ['60/1', 3, 60, 'the first minute is billed whole'],
    ['30/6', 31, 36, 'one block of six after thirty'],
    ['30/6', 36, 36, 'the block is full'],
    ['1/1', 1, 1, 'by the second'],
    ['1/1', 0, 1, 'an answered call is billed its first increment'],
    ['60/60', 0, 60, 'an answered call is billed its first increment'],
  ])('a call at %s of %d s is billed %d s: %s', (increments, billsec, billed) => {
    expect(billedSeconds(tariff('1', increments), billsec)).toBe(billed);
  });

  test.each([
    [4, 0],
    [5, 60],
  ])('with a grace of 5 s a call of %d s is billed %d s', (billsec, billed) => {
    expect(billedSeconds(tariff('1', '60/60', { grace: 5 }), billsec)).toBe(billed);
  });
});

describe('cost', () => {
  test.each([
    ['a 61-second call at 1.00 a minute, 60/60', tariff('1', '60/60'), 61, '2.00'],
    ['a minute at 1234.50', tariff('1234.5', '60/60'), 60, '1234.50'],
    ['a second at 0.00252, which comes out even', tariff('0.00252'), 1, '0.000042'],
    ['a second at 0.0025, which is rounded up once', tariff('0.0025'), 1, '0.000042'],
    ['20 seconds at 0.0025, rounded up once and not twenty times', tariff('0.0025'), 20, '0.000834'],
    ['the fee of a call of 90 s at 0.10, 60/1', tariff('0.10', '60/1', { fee: '0.05' }), 90, '0.20'],
    ['a minimum charge above the price', tariff('0.10', '1/1', { minimum: '0.02' }), 1, '0.02'],
    ['a minimum charge below the price', tariff('0.10', '1/1', { minimum: '0.02' }), 60, '0.10'],
    ['a free rate', tariff('0'), 3600, '0.00'],
    [
      'a call within its grace, fee and minimum and all',
      tariff('1', '60/60', { fee: '1', minimum: '3', grace: 6 }),
      5,
      '0.00',
    ],
    ['a price of a hundred billion a minute', tariff('99999999999.999999'), 1, '1666666666.666667'],
  ])('%s', (_, rate, billsec, expected) => {
    expect(formatAmount(cost(rate, billsec))).toBe(expected);
  });
});

describe('longest affordable time', () => {
  test.each([
    ['1.00 at 1.00 a minute, 60/60, pays for one minute', tariff('1', '60/60'), '1', 60],
    ['1.99 pays for no second minute', tariff('1', '60/60'), '1.99', 60],
    ['0.99 pays for no first minute', tariff('1', '60/60'), '0.99', 0],
    ['0.50 at 60/1 pays for nothing, as the first minute does not fit', tariff('1', '60/1'), '0.5', 0],
    ['1.50 at 60/1 pays for 90 s', tariff('1', '60/1'), '1.5', 90],
    ['1.19 at 30/6 pays for 66 s, the last full block', tariff('1', '30/6'), '1.19', 66],
    ['the fee is paid first', tariff('1', '1/1', { fee: '0.25' }), '1', 45],
    ['a fee that does not fit', tariff('1', '1/1', { fee: '1' }), '1', 0],
    ['a minimum charge that does not fit', tariff('1', '1/1', { minimum: '2' }), '1.5', 0],
    ['a minimum charge that fits costs nothing besides', tariff('1', '1/1', { minimum: '0.5' }), '1', 60],
    ['grace is ignored', tariff('1', '60/60', { grace: 30 }), '0.5', 0],
    ['a rounded-up second: 0.000041 does not pay for it', tariff('0.0025'), '0.000041', 0],
    ['a rounded-up second: 0.000042 does', tariff('0.0025'), '0.000042', 1],
    ['nothing', tariff('1'), '0', 0],
    ['less than nothing', tariff('1'), '-5', 0],
  ])('%s', (_, rate, available, seconds) => {
    expect(longestSeconds(rate, parseAmount(available))).toBe(seconds);
  });

  test('money does not limit a free call, even below zero', () => {
    expect(longestSeconds(tariff('0'), parseAmount('0'))).toBeNull();
    expect(longestSeconds(tariff('0'), parseAmount('-1'))).toBeNull();
  });

  test('a flat call is limited by its fee alone', () => {
    expect(longestSeconds(tariff('0', '1/1', { fee: '0.5' }), parseAmount('0.5'))).toBeNull();
    expect(longestSeconds(tariff('0', '1/1', { fee: '0.5' }), parseAmount('0.499999'))).toBe(0);
  });
});

/** Prices from a millionth to thousands, so that both the rounding and the large numbers are met. */
const amount = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 10_000_000n), fc.bigInt(0n, 10n ** 13n)).map(micros);
const plainTariff = fc.record({
  pricePerMinute: amount,
  connectFee: fc.oneof(fc.constant(0n as Micros), amount),
  minimumCharge: fc.oneof(fc.constant(0n as Micros), amount),
  initialIncrementSeconds: fc.integer({ min: 1, max: 120 }),
  incrementSeconds: fc.integer({ min: 1, max: 120 }),
  graceSeconds: fc.integer({ min: 0, max: 30 }),
});
const anyTariff = withSteps(plainTariff);
const linear = plainTariff.map((plain): Tariff => ({ ...plain, freeSeconds: 0, steps: [] }));
const RUNS = { numRuns: 5_000 };

describe('the cost for many calls', () => {
  // Up to a thousand sixtieths on either side of where a number is no longer taken, and each way of rounding on the way there.
  const anyPrice = fc
    .oneof(fc.bigInt(0n, 10n ** 9n), fc.bigInt(0n, 10n ** 16n), fc.bigInt(0n, 10n ** 20n - 1n))
    .map(micros);
  const anyTariff = withSteps(
    fc.record({
      pricePerMinute: anyPrice,
      connectFee: anyPrice,
      minimumCharge: fc.oneof(fc.constant(micros(0n)), anyPrice),
      initialIncrementSeconds: fc.integer({ min: 1, max: 90 }),
      incrementSeconds: fc.integer({ min: 1, max: 90 }),
      graceSeconds: fc.constant(0),
    }),
  );

  test('is that of one call, whatever the amounts', () => {
    fc.assert(
      fc.property(anyTariff, fc.integer({ min: 0, max: 100_000 }), (each, seconds) => {
        expect(BigInt(costs(each)(seconds))).toBe(costWithoutGrace(each, seconds));
      }),
      { numRuns: 20_000 },
    );
  });

  test('is a plain number up to the largest that is exact, and no further', () => {
    const plain = { connectFee: micros(0n), minimumCharge: micros(0n), graceSeconds: 0, freeSeconds: 0, steps: [] };
    const increments = { initialIncrementSeconds: 1, incrementSeconds: 1 };
    for (const beyond of [-61n, -60n, -59n, -2n, -1n, 0n, 1n, 2n, 59n, 60n, 61n]) {
      const each = { ...plain, ...increments, pricePerMinute: micros(2n ** 50n + beyond) };
      expect(costs(each)(1)).toBe(beyond > 0n ? costWithoutGrace(each, 1) : Number(costWithoutGrace(each, 1)));
    }
  });
});

describe('for any rate', () => {
  test('the longest time costs at most what is available, and one increment more costs more', () => {
    fc.assert(
      fc.property(anyTariff, amount, (rate, available) => {
        const longest = longestSeconds(rate, available);
        if (longest === null) return;
        if (longest === 0) {
          expect(costWithoutGrace(rate, 1) > available).toBe(true);
          return;
        }
        expect(cost(rate, longest) <= available).toBe(true);
        expect(costWithoutGrace(rate, longest) <= available).toBe(true);
        // The next second begins the next increment: the next dearer step.
        expect(costWithoutGrace(rate, longest + 1) > available).toBe(true);
      }),
      RUNS,
    );
  });

  test('cost never falls when a call gets longer', () => {
    fc.assert(
      fc.property(
        anyTariff,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        (rate, billsec, more) => {
          expect(cost(rate, billsec + more) >= cost(rate, billsec)).toBe(true);
          expect(costWithoutGrace(rate, billsec) >= cost(rate, billsec)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  test('a call is billed its talk at least, and less than one block more', () => {
    fc.assert(
      fc.property(linear, fc.integer({ min: 0, max: 100_000 }), (rate, billsec) => {
        const billed = billedSeconds(rate, billsec);
        if (billsec < rate.graceSeconds) return expect(billed).toBe(0);
        expect(billed).toBeGreaterThanOrEqual(Math.max(billsec, rate.initialIncrementSeconds));
        expect(billed).toBeLessThan(Math.max(billsec, rate.initialIncrementSeconds) + rate.incrementSeconds);
      }),
      RUNS,
    );
  });
});
