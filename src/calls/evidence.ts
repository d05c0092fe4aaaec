import type { CallEnd } from '../credit/rules/charge';
import type { CallState } from './call-state';
import { CAUSE } from './causes';

/** What a switch wrote about one call in its own records. Instants in ms since 1970, by the switch's clock. */
export interface WrittenCall {
  /** The switch's journal (CEL), its call records (CDR), which it writes only when a call ends, or a SIP proxy's own table. */
  source: 'cel' | 'cdr' | 'proxy';
  /**
   * The called leg that was answered: `rf-…-2`, or a name of the switch's own if it dialled by itself. null if none was answered, or if its
   * name is not known.
   */
  answeredLeg: string | null;
  /** null if it was never answered, or if that is not clear. */
  answerAt: number | null;
  /** The caller's end and the answer have the same stamp: a person must decide whether there was talk. */
  isUnclear?: boolean;
  /** The first leg's end; null while it has not been written. */
  endAt: number | null;
  /** Q.850 of the leg that ended first; null unknown. */
  hangupCause: number | null;
  /** As far as the records say; null unknown, or if neither of them ended the call. */
  hangupSource: 'caller' | 'callee' | null;
}

/** A call for which a switch's records are searched. */
export interface SoughtCall {
  uniqueid: string;
  startAt: number;
  /** When its answer was reported, by the switch's clock. */
  answerAt?: number | null;
  /** The switch dials by itself: its legs have no names of ours, and it may make several calls from one channel. */
  isFixed?: boolean;
}

/** A call as its switch's records are searched for it. */
export const soughtOf = ({ uniqueid, startAt, answerAt, dialledBy }: CallState): SoughtCall => ({
  uniqueid,
  startAt,
  answerAt,
  isFixed: dialledBy === 'dialplan',
});

export interface SwitchRecords {
  /**
   * The switch's records of these calls; a call without any record is missing.
   *
   * After a lost record a call may look unanswered, or as if it went on. Better knowledge from elsewhere (an answer that was remembered)
   * counts more. Rejects only if nothing could be read at all.
   */
  of(node: string, calls: readonly SoughtCall[]): Promise<Map<string, WrittenCall>>;
}

/** How long to wait for the records of an end by default; they are written within seconds. Ms. */
export const RECORDS_WITHIN_MS = 30_000;

/** The same end in an event and in the records is some milliseconds apart. */
export const SAME_MS = 100;

/**
 * How a call ended if something of it may have been missed: as it was reported, but for an answer or an earlier end in the switch's
 * records. If a switch that died wrote an answer and no end, only the talk is certain, not its length.
 */
export function correctedEnd(told: CallEnd, record: WrittenCall): CallEnd {
  const answerAt = told.answerAt ?? record.answerAt;
  if (answerAt !== null && told.answerAt === null && record.endAt === null) {
    return {
      ...told,
      answerAt,
      endAt: answerAt,
      disposition: 'ANSWERED',
      hangupSource: 'service',
      evidence: 'sighting',
    };
  }
  if (answerAt === null || record.endAt === null) return told;
  if (told.answerAt !== null && told.endAt <= record.endAt + SAME_MS) return told;
  return {
    answerAt,
    endAt: Math.max(record.endAt, answerAt),
    disposition: 'ANSWERED',
    hangupCause: record.hangupCause || CAUSE.normalClearing,
    hangupSource: record.hangupSource ?? 'service',
    evidence: record.source,
  };
}
