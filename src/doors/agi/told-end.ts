/** What Asterisk itself tells, in variables of the channel, of a call that its dialplan dialled. No clock, no SQL, no socket. */
import { CAUSE, dispositionOf } from '../../calls/causes';
import { dialogIn } from '../../calls/dialogs';
import type { CallEnd, HangupSource } from '../../credit/rules/charge';
import { endAfterTalk } from '../door-call';

/** What the channel told when nothing was being dialled on it any more. */
export interface Told {
  /** When it was asked, by the switch's clock; ms since 1970. */
  at: number;
  /** DIALSTATUS; '' where nothing was dialled. */
  dialStatus: string;
  /** HANGUPCAUSE, Q.850; 0 unknown. */
  hangupCause: number;
  /**
   * How long the caller's channel was answered; ms, null unknown. It is how long both talked only where nobody but the called one
   * answered it: `ownAnswer` says whether that is not so, or not known.
   */
  answeredMs: number | null;
  ownAnswer: boolean;
}

/** What the variables of a channel are asked for in one command, in this order, divided by bars. */
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

/** Said in RINGFENCE_OWN_ANSWER of a channel that nobody had answered when its call was let through. */
export const NOT_ANSWERED = 'no';
export const ANSWERED = 'yes';

/** What a channel says of itself. */
export interface ChannelWords extends Told {
  /** Whether it is answered, or nobody can say. */
  isUp: boolean;
  /** The channel that it was made for; '' unknown. */
  linkedid: string;
  /** The INVITE that it came by, where the dialplan has named it; null unknown. */
  dialog: string | null;
}

/**
 * What the answer to TOLD_TEXT says. What is missing, since a function is not loaded or somebody wrote a bar into a variable, is unknown:
 * the time is then `now`, ours.
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
    // Rsrvd, OffHook and so on: of a caller only Ring, and Ringing while he hears it ring.
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

/** `1795732306.120`, near enough to be a clock's. */
function instantIn(text: string | undefined): number | null {
  if (text === undefined || !/^\d{10}\.\d{3}$/.test(text)) return null;
  return Number(text.replace('.', ''));
}

const ANSWER = 'ANSWER';

/** Whether Asterisk says that whom it dialled last has answered. */
export const saysAnswered = ({ dialStatus }: Told): boolean => dialStatus === ANSWER;

/**
 * How a call ended that nobody answered, as its channel tells. Assumes that nothing is dialled on the channel any more and that the
 * journal knows of no answer.
 */
export function unansweredEnd(told: Told): CallEnd {
  const cause = told.hangupCause || CAUSE_OF_STATUS[told.dialStatus] || CAUSE.normalClearing;
  // A caller's CANCEL is 127 (interworking) to Asterisk.
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
 * The talk of a call as its channel tells it; null where that is not known for certain: the channel was answered by somebody else
 * than the called one, so that its time is longer than the talk, or nobody could say.
 */
export function answeredEnd(told: Told): CallEnd | null {
  if (!saysAnswered(told) || told.answeredMs === null || told.ownAnswer) return null;
  return endAfterTalk(told.answeredMs, told.at);
}
