/** The price of a call as a sum that the reader can check: by the rule of the bill, from the facts that the API tells. Pure. */
import { divide, formatAmount, larger, micros, parseAmount } from '../../../../src/money/micros';
import { type PriceFacts, piecesOf } from '../../parts/rate-pieces';

/** What a price is told with. */
export interface TariffFacts extends PriceFacts {
  rate_connect_fee: string;
  rate_minimum_charge: string;
  rate_grace_seconds: number;
}

/** A line of the sum: its subject, and its amount. */
export type Line =
  | { is: 'free'; graceSeconds: number }
  | { is: 'unbilled'; freeSeconds: number }
  | { is: 'talk'; billedSeconds: number; pricePerMinute: string; amount: string }
  | { is: 'fee'; amount: string }
  | { is: 'minimum'; amount: string }
  | { is: 'capped'; amount: string };

/**
 * How an answered call of `seconds` comes to cost `charged`: the talk, the connect fee, and what takes the place of their sum where the rate
 * has a least charge, or where the call would have cost more than was held for it.
 */
export function linesOf(facts: TariffFacts, seconds: number, billedSeconds: number, charged: string): Line[] {
  const { rate_grace_seconds: graceSeconds, rate_free_seconds: freeSeconds } = facts;
  if (seconds < graceSeconds) return [{ is: 'free', graceSeconds }];
  const fee = parseAmount(facts.rate_connect_fee);
  const minimum = parseAmount(facts.rate_minimum_charge);
  const pieces = piecesOf(facts, billedSeconds).map(({ seconds: billed, perMinute }) => ({
    billed,
    perMinute,
    sixtieths: parseAmount(perMinute) * BigInt(billed),
  }));
  const talk = micros(
    divide(
      pieces.reduce((all, { sixtieths }) => all + sixtieths, 0n),
      60n,
      'up',
    ),
  );
  const sum = micros(talk + fee);
  let before = 0n;
  return [
    ...(freeSeconds > 0 ? [{ is: 'unbilled', freeSeconds } as const] : []),
    // Each line is what it adds to a sum that is rounded once.
    ...pieces.map(({ billed, perMinute, sixtieths }) => {
      const amount = divide(before + sixtieths, 60n, 'up') - divide(before, 60n, 'up');
      before += sixtieths;
      return {
        is: 'talk',
        billedSeconds: billed,
        pricePerMinute: perMinute,
        amount: formatAmount(micros(amount)),
      } as const;
    }),
    ...(fee > 0n ? [{ is: 'fee', amount: facts.rate_connect_fee } as const] : []),
    ...(minimum > sum ? [{ is: 'minimum', amount: facts.rate_minimum_charge } as const] : []),
    ...(larger(sum, minimum) > parseAmount(charged) ? [{ is: 'capped', amount: charged } as const] : []),
  ];
}

/** A talk has a line for each of its prices. */
export const keyOfLine = (line: Line): string =>
  line.is === 'talk' ? `talk ${line.pricePerMinute} ${line.billedSeconds}` : line.is;
