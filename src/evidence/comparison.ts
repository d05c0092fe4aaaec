/** What a call cost, and what it should have cost by Asterisk's own records. No clock, no file, no SQL. */
import type { WrittenCall } from '../calls/evidence';
import type { CallRecord } from '../credit/rules/call';
import { chargeFor } from '../credit/rules/charge';
import { type Micros, micros, ZERO } from '../money/micros';

/**
 * The possible findings for a call:
 * talk_differs: both know it, but its talk or its money differs;
 * not_in_switch_records: Ringfence has charged talk, and Asterisk wrote nothing of it, though it wrote of other calls then;
 * end_not_told: it was charged to its limit because its end was never reported, and its switch's records do not have it either;
 * not_in_cdrs: Asterisk let it talk, and Ringfence knows nothing of it;
 * unclear: by Asterisk's records the caller left in the very microsecond of the answer, so a person decides whether there was talk.
 */
export type Finding = 'talk_differs' | 'not_in_switch_records' | 'end_not_told' | 'not_in_cdrs' | 'unclear';

export type Comparison =
  | { result: 'same' }
  /** Asterisk has not written how it ended, for example because it was killed. */
  | { result: 'without_end' }
  /** Asterisk wrote nothing of its talk. It is not known yet whether Asterisk wrote anything at all then. */
  | { result: 'not_written' }
  | { result: 'unclear' }
  | { result: 'differs'; switchBillsec: number; switchCost: Micros };

/**
 * Compares an ended call with its records.
 *
 * `corrections` is what its corrections have added to the balance, null if it has none: a call that was corrected to Asterisk's records
 * counts as equal, though its CDR keeps its seconds. Talk that differs by no more than `toleranceSeconds` is equal if what was charged is
 * the price of one of the two: the two stamps of one end lie some milliseconds apart, which makes a second now and then, and neither is
 * truer. `recordedSilent`: the call records too say that the call was not answered. Without them a journal that lacks the answer reported
 * to Ringfence does not count, because rows may be lost.
 */
export function compare(
  call: CallRecord,
  corrections: Micros | null,
  written: WrittenCall | null,
  recordedSilent: boolean,
  toleranceSeconds: number,
): Comparison {
  const isAnswered = call.answerAt !== null;
  if (written === null) return { result: isAnswered ? 'not_written' : 'same' };
  if (written.isUnclear) return { result: 'unclear' };
  if (written.endAt === null) return { result: isAnswered || written.answerAt !== null ? 'without_end' : 'same' };
  if (isAnswered && written.answerAt === null && !recordedSilent) return { result: 'not_written' };

  const theirs = chargeFor(call, { answerAt: written.answerAt, endAt: written.endAt });
  const charged = micros(call.cost - (corrections ?? ZERO));
  const differs = { result: 'differs', switchBillsec: theirs.billsec, switchCost: theirs.cost } as const;
  if (corrections !== null) return charged === theirs.cost ? { result: 'same' } : differs;
  if (isAnswered !== (written.answerAt !== null)) return charged === theirs.cost ? { result: 'same' } : differs;
  if (Math.abs(call.billsec - theirs.billsec) > toleranceSeconds) return differs;
  if (charged === theirs.cost) return { result: 'same' };
  const ours = chargeFor(call, { answerAt: call.answerAt, endAt: call.endAt ?? call.startAt });
  return charged === ours.cost ? { result: 'same' } : differs;
}
