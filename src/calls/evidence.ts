import type { CallEnd } from '../credit/rules/charge';
import type { CallState } from './call-state';
import { CAUSE } from './causes';

/** What a switch wrote down of one call in its own records. Instants in ms since 1970, by the switch's clock. */
export interface WrittenCall {
  /** Its journal (CEL), its call records (CDR), which are written only when a call ends, or a SIP proxy's own table. */
  source: 'cel' | 'cdr' | 'proxy';
  /** The called leg that was answered (`rf-…-2`, or a name of the switch's own where it dialled by itself); null when none was, or when its name is not known. */
  answeredLeg: string | null;
  /** null when never answered, and when it is not clear whether it was. */
  answerAt: number | null;
  /** The caller's end and the answer have the same stamp: a person has to decide whether there was talk. */
  isUnclear?: boolean;
  /** The first leg's end; null while it has not been written. */
  endAt: number | null;
  /** Q.850 of the leg that ended first; null unknown. */
  hangupCause: number | null;
  /** As far as the records tell; null unknown, and when neither of them ended the call. */
  hangupSource: 'caller' | 'callee' | null;
}

/** A call that a switch's records are asked about. */
export interface SoughtCall {
  uniqueid: string;
  startAt: number;
  /** By the switch's clock, where its answer was heard. */
  answerAt?: number | null;
  /** The switch dials by itself: its legs have no names of ours, and it may call several times from one channel. */
  isFixed?: boolean;
}

/** A call as its switch's records are asked of it. */
export const soughtOf = ({ uniqueid, startAt, answerAt, dialledBy }: CallState): SoughtCall => ({
  uniqueid,
  startAt,
  answerAt,
  isFixed: dialledBy === 'dialplan',
});

export interface SwitchRecords {
  /**
   * What the switch wrote down of these calls; a call without any record is missing.
   *
   * A record that was lost may make a call look unanswered, or as if it went on: what is known better from elsewhere (an
   * answer that was remembered) counts more. Rejects only when nothing could be asked at all.
   */
  of(node: string, calls: readonly SoughtCall[]): Promise<Map<string, WrittenCall>>;
}

/** How long to wait for the records of an end by default; they are written within seconds. Ms. */
export const RECORDS_WITHIN_MS = 30_000;

/** The same end in an event and in the records is some milliseconds apart. */
export const SAME_MS = 100;

/**
 * How a call ended when something of it may have been missed: as it was told, but for an answer or an earlier end that the switch wrote down.
 * Where a switch that died wrote an answer and no end, all that is known is that there was talk.
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
