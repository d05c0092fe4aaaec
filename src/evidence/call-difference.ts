/** The calls on which Ringfence and Asterisk do not agree, and what a correction of one would move. */
import type { CallRecord } from '../credit/rules/call';
import { type Micros, micros, ZERO } from '../money/micros';
import type { Finding } from './comparison';
import { REASON_OF, type Reason } from './proof';

/** One call on which Ringfence's CDR and Asterisk's own records do not agree. Amounts in the account's currency. */
export interface CallDifference {
  finding: Finding;
  /** For a call whose end is not in Asterisk's records: why it is charged as it is; null for all others. */
  reason: Reason | null;
  uniqueid: string;
  accountcode: string;
  node: string;
  /** ms since 1970; for a call that only Asterisk knows, its answer. */
  startAt: number;
  /** By the CDR; null if there is none. */
  billsec: number | null;
  /** By Asterisk's records; for a call that was charged to its limit, as far as they prove it. null if they do not say. */
  switchBillsec: number | null;
  /** cost − corrections; null without a CDR. */
  charged: Micros | null;
  /** What it should have cost; null if Asterisk's records do not say, or if there is no CDR to price it by. */
  switchCost: Micros | null;
  /** What a correction adds to the balance: charged − switchCost; 0 if one is not known. */
  amount: Micros;
  currency: string;
  /** It has its correction already, and a call can have only one. */
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

/** When the switch of a call wrote its journal. */
export interface Writing {
  /** Whether it wrote of any call around the start of this one. */
  isThere(): Promise<boolean>;
  /** Whether it wrote all the time from what is proven of this call until after its end. */
  isWhole(): Promise<boolean>;
}

/**
 * The finding for an answered call whose end is not in its switch's records; null if there is none. `isStarted`: they contain the call. A
 * correction may be proposed only for `end_not_told`: its switch wrote all the time in which the call can have ended, so what its records
 * lack did not happen.
 */
export async function unwrittenOf(
  call: CallRecord,
  difference: CallDifference,
  sighted: ReadonlySet<string>,
  isStarted: boolean,
  writing: Writing,
): Promise<CallDifference | null> {
  const isThere = isStarted || (await writing.isThere());
  const finding = isThere && !isStarted ? 'not_in_switch_records' : 'end_not_told';
  // Earlier versions called it a sighting if the switch was never seen.
  const isUnseen = call.evidence === 'sighting' && call.hangupSource === 'limit' && !sighted.has(call.node);
  const reason = isUnseen ? null : REASON_OF[call.evidence ?? 'event'];
  if (reason !== null) return finding === 'not_in_switch_records' ? { ...difference, finding, reason } : null;
  if (difference.charged === ZERO) return null;
  if (!isThere) return { ...difference, finding, reason: 'no_records' };
  return { ...difference, finding, reason: (await writing.isWhole()) ? 'end_not_told' : 'records_have_gaps' };
}
