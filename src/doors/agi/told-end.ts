/** What Asterisk itself reports, in variables of the channel, of a call that its dialplan dialled. No clock, no SQL, no socket. */
import { CAUSE, dispositionOf } from '../../calls/causes';
import { dialogIn } from '../../calls/dialogs';
import type { CallEnd, HangupSource } from '../../credit/rules/charge';
import { endAfterTalk } from '../door-call';

/** The report of a channel on which nothing is being dialled any more. */
export interface Told {
  /** When the channel was asked, by the switch's clock; ms since 1970. */
  at: number;
  /** DIALSTATUS; '' if nothing was dialled. */
  dialStatus: string;
  /** HANGUPCAUSE, Q.850; 0 unknown. */
  hangupCause: number;
  /**
   * How long the caller's channel was answered; ms, null unknown. That is the talk only if nothing but the called party's answer answered
   * the channel: `ownAnswer` says whether something else did, or whether that is not known.
   */
  answeredMs: number | null;
  ownAnswer: boolean;
}

/** The variables of a channel that one command reads, in this order, separated by bars. */
export const TOLD_TEXT = [
  `\${STRFTIME(,UTC,%s.%3q)}`,
  `\${DIALSTATUS}`,
  `\${HANGUPCAUSE}`,
  `\${ANSWEREDTIME_MS}`,
  `\${ANSWEREDTIME}`,
  `\${CHANNEL(state)}`,
  `\${CHANNEL(linkedid)}`,
  `\${RINGFENCE_OWN_ANSWER}`,
  `\${RINGFENCE_DIALOG}`,
].join('|');

/** The value of RINGFENCE_OWN_ANSWER for a channel that was not answered when its call was let through. */
export const NOT_ANSWERED = 'no';
export const ANSWERED = 'yes';

/** What a channel reports of itself. */
export interface ChannelWords extends Told {
  /** Whether it is answered, or that is not known. */
  isUp: boolean;
  /** The channel for which it was made; '' unknown. */
  linkedid: string;
  /** The INVITE by which it came, if the dialplan has named it; null unknown. */
  dialog: string | null;
}

/**
 * The meaning of the answer to TOLD_TEXT. A value that is missing, because a function is not loaded or a variable contains a bar, is
 * unknown; the time is then `now`, by our clock.
 */
export function channelWords(text: string, now: number): ChannelWords {
  const words = text.split('|');
  const isWhole = words.length === TOLD_TEXT.split('|').length;
  const [time, dialStatus, cause, milliseconds, seconds, state, linkedid, ownAnswer, invite] = isWhole ? words : [];
  return {
    at: instantIn(time) ?? now,
    dialStatus: dialStatus ?? '',
    hangupCause: wholeIn(cause, 127) ?? 0,
    answeredMs: wholeIn(milliseconds, MOST_MS) ?? secondsIn(seconds),
    ownAnswer: ownAnswer !== NOT_ANSWERED,
    // Rsrvd, OffHook and so on: a caller's channel has only Ring, and Ringing while the caller hears it ring.
    isUp: state !== 'Ring' && state !== 'Ringing' && state !== 'Down',
    linkedid: linkedid ?? '',
    dialog: dialogIn(invite ?? ''),
  };
}

const MOST_MS = 7 * 86_400_000;

function secondsIn(text: string | undefined): number | null {
  const seconds = wholeIn(text, MOST_MS / 1000);
  return seconds === null ? null : seconds * 1000;
}

function wholeIn(text: string | undefined, most: number): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  return number <= most ? number : null;
}

/** `1795732306.120`, if it is close enough to a clock's time. */
function instantIn(text: string | undefined): number | null {
  if (text === undefined || !/^\d{10}\.\d{3}$/.test(text)) return null;
  return Number(text.replace('.', ''));
}

const ANSWER = 'ANSWER';

/** Whether Asterisk reports that the party dialled last has answered. */
export const saysAnswered = ({ dialStatus }: Told): boolean => dialStatus === ANSWER;

/**
 * The end of a call that was not answered, by its channel's report. Assumes that nothing is dialled on the channel any more, and that the
 * journal shows no answer.
 */
export function unansweredEnd(told: Told): CallEnd {
  const cause = told.hangupCause || CAUSE_OF_STATUS[told.dialStatus] || CAUSE.normalClearing;
  // Asterisk reports a caller's CANCEL as 127 (interworking).
  const hangupCause = told.dialStatus === 'CANCEL' || told.dialStatus === '' ? CAUSE.normalClearing : cause;
  return {
    answerAt: null,
    endAt: told.at,
    disposition: dispositionOf(hangupCause),
    hangupCause,
    hangupSource: SOURCE_OF_STATUS[told.dialStatus] ?? 'caller',
    evidence: 'event',
  };
}

const CAUSE_OF_STATUS: Record<string, number> = {
  BUSY: CAUSE.userBusy,
  NOANSWER: CAUSE.noAnswer,
  CONGESTION: CAUSE.noCircuit,
  CHANUNAVAIL: CAUSE.noCircuit,
};

const SOURCE_OF_STATUS: Record<string, HangupSource> = {
  BUSY: 'callee',
  CONGESTION: 'callee',
  CHANUNAVAIL: 'service',
  NOANSWER: 'service',
};

/**
 * The talk of a call by its channel's report; null if that is not certain. It is not certain if something other than the called party's
 * answer answered the channel, so that its time is longer than the talk, or if that is not known.
 */
export function answeredEnd(told: Told): CallEnd | null {
  if (!saysAnswered(told) || told.answeredMs === null || told.ownAnswer) return null;
  return endAfterTalk(told.answeredMs, told.at);
}
