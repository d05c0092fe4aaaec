/** On which calls Ringfence and Asterisk do not agree, and what a correction of one would move. */
import type { CallRecord } from '../credit/rules/call';
import { type Micros, micros, ZERO } from '../money/micros';
import type { Finding } from './comparison';
import { REASON_OF, type Reason } from './proof';

/** One call on which Ringfence's CDR and Asterisk's own records do not agree. Amounts in the account's currency. */
export interface CallDifference {
  finding: Finding;
  /** Of a call whose end Asterisk's records do not tell: why it is charged as it is; null of all others. */
  reason: Reason | null;
  uniqueid: string;
  accountcode: string;
  node: string;
  /** ms since 1970; of a call that only Asterisk knows, its answer. */
  startAt: number;
  /** By the CDR; null when there is none. */
  billsec: number | null;
  /** By Asterisk's records, of a call charged to its limit as far as they prove it; null when they do not tell. */
  switchBillsec: number | null;
  /** cost − corrections; null without a CDR. */
  charged: Micros | null;
  /** What it should have cost; null where Asterisk's records do not tell, or there is no CDR to price it by. */
  switchCost: Micros | null;
  /** What a correction adds to the balance: charged − switchCost; 0 where one is not known. */
  amount: Micros;
  currency: string;
  /** It has its correction already, and a call can have one only. */
  wasCorrected: boolean;
}

/** The call by its CDR alone, from which every finding begins. */
export const differenceOf = (call: CallRecord, correction: Micros | null): CallDifference => ({
  finding: 'talk_differs',
  reason: null,
  uniqueid: call.uniqueid,
  accountcode: call.accountcode,
  node: call.node,
  startAt: call.startAt,
  billsec: call.billsec,
  switchBillsec: null,
  charged: micros(call.cost - (correction ?? ZERO)),
  switchCost: null,
  amount: ZERO,
  currency: call.currency,
  wasCorrected: correction !== null,
});

/** What a correction gives back: what was refunded is not given back a second time. */
export const unlessRefunded = (owed: Micros, { charged }: CallDifference, refunded: Micros = ZERO): Micros =>
  leastOf(owed, micros((charged as Micros) - refunded));

const leastOf = (one: Micros, other: Micros): Micros => (other < one ? other : one);

/**
 * What is told of an answered call whose end its switch's records do not tell; null where there is nothing to tell. `isStarted`: they tell of
 * the call. Only of `end_not_told` a correction may be proposed: the records are of its whole time, so that what they lack was not there.
 */
export async function unwrittenOf(
  call: CallRecord,
  difference: CallDifference,
  sighted: ReadonlySet<string>,
  isStarted: boolean,
  isCovered: (at: number) => Promise<boolean>,
): Promise<CallDifference | null> {
  const isThere = isStarted || (await isCovered(call.startAt));
  const finding = isThere && !isStarted ? 'not_in_switch_records' : 'end_not_told';
  // Earlier versions called it a sighting where the switch was never seen.
  const isUnseen = call.evidence === 'sighting' && call.hangupSource === 'limit' && !sighted.has(call.node);
  const reason = isUnseen ? null : REASON_OF[call.evidence ?? 'event'];
  if (reason !== null) return finding === 'not_in_switch_records' ? { ...difference, finding, reason } : null;
  if (difference.charged === ZERO) return null;
  if (!isThere) return { ...difference, finding, reason: 'no_records' };
  const isWhole = await isCovered(call.endAt as number);
  return { ...difference, finding, reason: isWhole ? 'end_not_told' : 'records_have_gaps' };
}
