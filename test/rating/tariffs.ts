/** Tariffs with free seconds and steps, for properties. */
import fc from 'fast-check';
import { type Micros, micros } from '../../src/money/micros';
import type { Tariff } from '../../src/rating/price';

/** Prices from nothing to tens of thousands, so that both the rounding and the large numbers are met. */
export const anyAmount: fc.Arbitrary<Micros> = fc
  .oneof(fc.constant(0n), fc.bigInt(0n, 100n), fc.bigInt(0n, 10_000_000n), fc.bigInt(0n, 10n ** 10n))
  .map(micros);

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });

const gaps = fc.array(
  fc.record({ gap: seconds(1, 150), pricePerMinute: anyAmount, incrementSeconds: seconds(1, 90) }),
  { maxLength: 5 },
);

/** The same tariffs, half of them with free seconds, and most of them with steps. */
export const withSteps = (plain: fc.Arbitrary<Omit<Tariff, 'freeSeconds' | 'steps'>>): fc.Arbitrary<Tariff> =>
  fc.tuple(plain, fc.oneof(fc.constant(0), seconds(0, 60)), gaps).map(([tariff, freeSeconds, each]) => {
    let fromSecond = freeSeconds;
    const steps = each.map(({ gap, ...step }) => {
      fromSecond += gap;
      return { ...step, fromSecond };
    });
    return { ...tariff, freeSeconds, steps };
  });
