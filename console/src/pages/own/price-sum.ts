/** The price of a call as a sum that the reader can check: by the rule of the bill, from the facts that the API tells. Pure. */
import { divide, formatAmount, larger, micros, parseAmount } from '../../../../src/money/micros';

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

/**
 * How an answered call of `seconds` comes to cost `charged`: the talk, the connect fee, and what takes the place of their sum where the rate
 * has a least charge, or where the call would have cost more than was held for it.
 */
export function linesOf(facts: TariffFacts, seconds: number, billedSeconds: number, charged: string): Line[] {
  const { rate_grace_seconds: graceSeconds, rate_price_per_minute: pricePerMinute } = facts;
  if (seconds < graceSeconds) return [{ is: 'free', graceSeconds }];
  const fee = parseAmount(facts.rate_connect_fee);
  const minimum = parseAmount(facts.rate_minimum_charge);
  const talk = micros(divide(parseAmount(pricePerMinute) * BigInt(billedSeconds), 60n, 'up'));
  const sum = micros(talk + fee);
  return [
    { is: 'talk', billedSeconds, pricePerMinute, amount: formatAmount(talk) },
    ...(fee > 0n ? [{ is: 'fee', amount: facts.rate_connect_fee } as const] : []),
    ...(minimum > sum ? [{ is: 'minimum', amount: facts.rate_minimum_charge } as const] : []),
    ...(larger(sum, minimum) > parseAmount(charged) ? [{ is: 'capped', amount: charged } as const] : []),
  ];
}
