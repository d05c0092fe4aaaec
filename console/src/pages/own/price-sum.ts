/** The price of a call as a sum that the reader can check: by the rule of the bill, from the facts that the API tells. Pure. */
import { divide, formatAmount, type Micros, micros, parseAmount } from '../../../../src/money/micros';
import { cost, type Tariff } from '../../../../src/rating/price';

/** What a price is told with. */
export interface TariffFacts {
  rate_price_per_minute: string;
  rate_connect_fee: string;
  rate_minimum_charge: string;
  rate_initial_increment_seconds: number;
  rate_increment_seconds: number;
  rate_grace_seconds: number;
}

/** A line of the sum: its subject, and its amount. */
export type Line =
  | { is: 'free'; graceSeconds: number }
  | { is: 'talk'; billedSeconds: number; pricePerMinute: string; amount: string }
  | { is: 'fee'; amount: string }
  | { is: 'minimum'; amount: string }
  | { is: 'capped'; amount: string };

const tariffOf = (facts: TariffFacts): Tariff => ({
  pricePerMinute: parseAmount(facts.rate_price_per_minute),
  connectFee: parseAmount(facts.rate_connect_fee),
  minimumCharge: parseAmount(facts.rate_minimum_charge),
  initialIncrementSeconds: facts.rate_initial_increment_seconds,
  incrementSeconds: facts.rate_increment_seconds,
  graceSeconds: facts.rate_grace_seconds,
});

/**
 * How an answered call of `seconds` comes to cost `charged`: the talk, the connect fee, and what takes the place of their sum where the rate
 * has a least charge, or where the call would have cost more than was held for it.
 */
export function linesOf(facts: TariffFacts, seconds: number, billedSeconds: number, charged: string): Line[] {
  const tariff = tariffOf(facts);
  if (seconds < tariff.graceSeconds) return [{ is: 'free', graceSeconds: tariff.graceSeconds }];
  const talk = micros(divide(tariff.pricePerMinute * BigInt(billedSeconds), 60n, 'up'));
  const sum = micros(talk + tariff.connectFee);
  const full: Micros = cost(tariff, seconds);
  return [
    {
      is: 'talk',
      billedSeconds,
      pricePerMinute: facts.rate_price_per_minute,
      amount: formatAmount(talk),
    },
    ...(tariff.connectFee > 0n ? [{ is: 'fee', amount: facts.rate_connect_fee } as const] : []),
    ...(tariff.minimumCharge > sum ? [{ is: 'minimum', amount: facts.rate_minimum_charge } as const] : []),
    ...(full > parseAmount(charged) ? [{ is: 'capped', amount: charged } as const] : []),
  ];
}
