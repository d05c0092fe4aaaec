/** What is proven about a call if its switch's records do not have its end. No clock, no file, no SQL. */
import { cutOf } from '../calls/heard';
import { callerChannelOf } from '../calls/leg-names';
import type { CallRecord } from '../credit/rules/call';
import type { Evidence } from '../credit/rules/charge';
import type { JournalEvent } from './written-call';

/** For a call whose end is not in the records: why it is charged as it is, and why a correction is proposed or not. */
export type Reason =
  | 'end_was_told'
  | 'end_was_read'
  | 'last_sighting'
  | 'end_not_told'
  | 'records_have_gaps'
  | 'no_records';

/** For an operator. */
export const REASONS: Record<Reason, string> = {
  end_was_told: 'its switch told the end as it happened, which proves the charge: nothing to correct',
  end_was_read: "its end was read in its switch's records, which are gone: nothing to correct",
  last_sighting: 'charged until its switch was last seen with it, which proves the charge: nothing to correct',
  end_not_told: 'charged to its limit, because its end was never told: the correction leaves what is proven',
  records_have_gaps:
    'charged to its limit, because its end was never told; its switch did not write all the time until after that limit, so the end may be lost: a person decides',
  no_records:
    "charged to its limit, because its end was never told; no records of its switch are here: look at the switch's own",
};

/** Why no correction is proposed for a call whose charge this evidence proves; null if nothing proves it. */
export const REASON_OF = {
  event: 'end_was_told',
  cel: 'end_was_read',
  cdr: 'end_was_read',
  proxy: 'end_was_read',
  sighting: 'last_sighting',
  none: null,
} satisfies Record<Evidence, Reason | null>;

/**
 * How long a call that was charged to its limit provably lasted: until the last row that its switch wrote of the answered leg, or until the
 * answer if there is none. Never later than what was charged. Assumes that the call was answered and has ended.
 */
export function provenUntil(call: CallRecord, answeredLeg: string | null, journal: readonly JournalEvent[]): number {
  const { uniqueid, answerAt, endAt } = call;
  const until = Math.min(endAt as number, cutOf(call));
  const ofLeg = journal.filter(
    row => row.linkedid === callerChannelOf(uniqueid) && row.uniqueid === answeredLeg && row.at <= until,
  );
  return ofLeg.reduce((latest, { at }) => Math.max(latest, Math.floor(at)), answerAt as number);
}
