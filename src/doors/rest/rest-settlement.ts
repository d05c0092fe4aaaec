/** How a call ended, by its switch's report. Pure. */
import { CAUSE, dispositionOf } from '../../calls/causes';
import type { CallRecord } from '../../credit/rules/call';
import type { CallEnd } from '../../credit/rules/charge';
import { MessageError } from './rest-fields';
import type { Settle } from './rest-messages';

/** @throws MessageError if the message says one thing in two ways, or has an end before the answer. */
export function checkSettle({ talk_seconds, answered_at, ended_at }: Settle): void {
  const wrong = (message: string) => new MessageError('field_invalid', 'answered_at', message);
  if (answered_at === undefined) return;
  if (talk_seconds !== undefined) {
    throw wrong('answered_at and talk_seconds say the same twice: send talk_seconds, or answered_at with ended_at');
  }
  if (ended_at !== undefined && ended_at < answered_at) {
    throw wrong('answered_at is after ended_at: send both by one clock, or talk_seconds');
  }
}

/**
 * The end of a call in progress. `now` counts if the switch names no instant.
 *
 * The talk is `talk_seconds`; without it, the time from the answer, reported here or before, to the end. A call without a reported answer
 * and without talk was never answered.
 */
export function endOf(settle: Settle, call: Pick<CallRecord, 'answerAt'>, now: number): CallEnd {
  const { answerAt, endAt } = talkOf(settle, call.answerAt, now);
  const hangupCause = settle.cause ?? CAUSE.normalClearing;
  return {
    answerAt,
    endAt,
    disposition: answerAt === null ? dispositionOf(hangupCause) : 'ANSWERED',
    hangupCause,
    hangupSource: settle.hung_up_by ?? 'service',
    evidence: 'event',
  };
}

function talkOf(settle: Settle, toldAt: number | null, now: number): Pick<CallEnd, 'answerAt' | 'endAt'> {
  const { talk_seconds: talkMs, answered_at, ended_at } = settle;
  const endAt = ended_at ?? now;
  if (talkMs === undefined) {
    const answerAt = answered_at ?? toldAt;
    return { answerAt, endAt: Math.max(endAt, answerAt ?? endAt) };
  }
  if (talkMs === null || (talkMs === 0 && toldAt === null)) return { answerAt: null, endAt };
  const answerAt = ended_at === undefined && toldAt !== null ? toldAt : endAt - talkMs;
  return { answerAt, endAt: answerAt + talkMs };
}

/** Whether a call ended as `settle` says, so that it repeats the settlement. Fields that it leaves out may have any value. */
export function isEndedSo(settle: Settle, call: CallRecord): boolean {
  if (call.endAt === null) return false;
  const { answerAt, endAt } = talkOf(settle, call.answerAt, call.endAt);
  return (
    answerAt === call.answerAt &&
    endAt === call.endAt &&
    (settle.cause === undefined || settle.cause === call.hangupCause) &&
    (settle.hung_up_by === undefined || settle.hung_up_by === call.hangupSource)
  );
}
