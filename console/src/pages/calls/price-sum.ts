/** The price of a call as a sum that can be checked with pencil and paper: by the facts of the API, and exact, in bigints. Pure. */
import { divide, formatAmount, larger, type Micros, micros, parseAmount } from '../../../../src/money/micros';
import type { CallShown } from '../../api/operations';
import { piecesOf } from '../../parts/rate-pieces';

/** One line of the sum. Amounts are decimal texts in the call's currency. */
export type SumLine =
  | { line: 'talk'; seconds: number }
  | { line: 'grace'; seconds: number; grace: number }
  | { line: 'unbilled'; seconds: number }
  | { line: 'step'; from: number }
  | { line: 'first'; seconds: number }
  | { line: 'more'; blocks: number; each: number; seconds: number }
  | { line: 'billed'; seconds: number }
  | { line: 'price'; seconds: number; perMinute: string; amount: string }
  | { line: 'fee'; amount: string }
  | { line: 'exact'; amount: string }
  | { line: 'rounded'; amount: string }
  | { line: 'minimum'; amount: string }
  | { line: 'overrun'; seconds: number };

type Priced = Pick<
  CallShown,
  | 'billsec'
  | 'billed_seconds'
  | 'overrun_seconds'
  | 'cost'
  | 'rate_price_per_minute'
  | 'rate_connect_fee'
  | 'rate_minimum_charge'
  | 'rate_initial_increment_seconds'
  | 'rate_increment_seconds'
  | 'rate_grace_seconds'
  | 'rate_free_seconds'
  | 'rate_steps'
>;

/**
 * How an answered call that has ended comes to its cost. `comesOut`: the lines end with the cost that was charged. They always do, unless the
 * service and this page differ: then the page says so.
 */
export function priceSum(call: Priced): { lines: SumLine[]; comesOut: boolean } {
  const { billsec, billed_seconds: billed, rate_grace_seconds: grace } = call;
  const lines: SumLine[] = [{ line: 'talk', seconds: billsec }];
  const cost = parseAmount(call.cost);
  if (billed === 0 && billsec < grace) {
    lines.push({ line: 'grace', seconds: billsec, grace });
    return { lines, comesOut: cost === 0n };
  }
  if (call.overrun_seconds > 0) lines.push({ line: 'overrun', seconds: call.overrun_seconds });
  if (call.rate_free_seconds > 0) lines.push({ line: 'unbilled', seconds: call.rate_free_seconds });
  const pieces = piecesOf(call, billed);
  for (const { from, seconds, first, each } of pieces) {
    if (pieces.length > 1) lines.push({ line: 'step', from });
    // A block that the next price cuts short.
    lines.push({ line: 'first', seconds: Math.min(first, seconds) });
    if (seconds > first)
      lines.push({ line: 'more', blocks: Math.ceil((seconds - first) / each), each, seconds: seconds - first });
  }
  lines.push({ line: 'billed', seconds: billed });
  const [fee, least] = [call.rate_connect_fee, call.rate_minimum_charge];
  let talk = 0n;
  for (const { seconds, perMinute } of pieces) {
    const price = parseAmount(perMinute) * BigInt(seconds);
    talk += price;
    lines.push({ line: 'price', seconds, perMinute, amount: sixtiethsText(price) });
  }
  const exact = talk + parseAmount(fee) * SIXTIETHS;
  if (parseAmount(fee) > 0n) lines.push({ line: 'fee', amount: fee });
  if (parseAmount(fee) > 0n || pieces.length > 1) {
    lines.push({ line: 'exact', amount: sixtiethsText(exact) });
  }
  const rounded = micros(divide(exact, SIXTIETHS, 'up'));
  if (exact % SIXTIETHS !== 0n) lines.push({ line: 'rounded', amount: formatAmount(rounded) });
  if (parseAmount(least) > rounded) lines.push({ line: 'minimum', amount: least });
  return { lines, comesOut: cost === larger(rounded, parseAmount(least)) };
}

const SIXTIETHS = 60n;

/** Sixtieths of a millionth as a decimal: exact, or nine decimals and a sign that there are more. */
function sixtiethsText(sixtieths: bigint): string {
  if (sixtieths % SIXTIETHS === 0n) return formatAmount((sixtieths / SIXTIETHS) as Micros);
  const billionths = ((sixtieths * 1000n) / SIXTIETHS).toString().padStart(10, '0');
  const more = (sixtieths * 1000n) % SIXTIETHS === 0n ? '' : '…';
  return `${billionths.slice(0, -9)}.${billionths.slice(-9)}${more}`;
}
