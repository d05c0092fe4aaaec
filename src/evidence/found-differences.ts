/** What a comparison with the switches' records found. Pure. */
import { type Micros, micros, ZERO } from '../money/micros';
import type { Facts } from '../operator/facts';
import type { CallDifference } from './call-difference';
import type { Correction } from './correction';
import type { Reason } from './proof';
import type { Looked } from './reconcile';

/** What was found: sums over all of it, and the lines of one page. */
export class Found {
  readonly items: Facts[] = [];
  total = 0;
  corrected = 0;
  /** Differences that remain. */
  left = 0;
  /** Reasons of calls whose end Asterisk's records do not show. */
  readonly reasons = new Set<Reason>();
  /** By currency: what corrections would add to balances, or have added. */
  readonly sums = new Map<string, Micros>();

  take(
    difference: CallDifference,
    correction: Correction | null,
    { offset, limit }: { offset: number; limit: number },
  ): void {
    const index = this.total++;
    if (correction === 'corrected') this.corrected++;
    else this.left++;
    const { amount, currency, reason } = difference;
    if (reason !== null) this.reasons.add(reason);
    if (amount !== ZERO) this.sums.set(currency, micros((this.sums.get(currency) ?? ZERO) + amount));
    if (index >= offset && index < offset + limit) this.items.push(factsOf(difference, correction));
  }
}

const factsOf = (difference: CallDifference, correction: Correction | null): Facts => ({
  start_at: new Date(difference.startAt),
  accountcode: difference.accountcode,
  finding: difference.finding,
  billsec: difference.billsec,
  switch_billsec: difference.switchBillsec,
  charged: difference.charged,
  switch_cost: difference.switchCost,
  amount: difference.amount,
  currency: difference.currency,
  ...(correction === null ? { corrected_before: difference.wasCorrected } : { correction }),
  reason: difference.reason,
  uniqueid: difference.uniqueid,
});

/** By currency what corrections would add to balances, or have added, and how many calls were compared. */
export const sumsOf = ({ sums }: Found, looked: Looked): Facts => ({
  amounts: Object.fromEntries([...sums].sort()),
  calls_compared: looked.compared,
  calls_open: looked.open,
  calls_without_end: looked.withoutEnd,
  calls_without_records: looked.withoutRecords,
});
