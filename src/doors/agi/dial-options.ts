/** What a dialplan is told of a call that it may dial, or may not: in variables of its channel. No clock, no socket. */
import { SAY } from '../../calls/announcements';
import { limitAt } from '../../calls/call-deadlines';
import type { Purse } from '../../credit/operation';
import { CAUSE_OF_REFUSAL, type Refusal } from '../../credit/refusal';
import type { Grant, Terms } from '../../credit/rules';
import { formatAmount } from '../../money/micros';

/** How long after the answer the switch is to end the call; ms. */
export const limitMs = ({ grantedSeconds }: Pick<Grant, 'grantedSeconds'>): number => limitAt(0, grantedSeconds);

/** How the caller is warned while Dial() lasts; null for not at all. */
export interface Warning {
  /** How long before the cut first, and then every so often, 0 for once. Ms. */
  firstMs: number;
  everyMs: number;
  /** A sound of Asterisk's, without `sound:`. */
  sound: string;
}

/** Asterisk's own prompt, which says the time that is left. */
const TIME_LEFT = 'timeleft';

/**
 * The warning of an account as Dial() can give it: one before the cut, and then at even intervals. Of several warnings at uneven
 * intervals only the first is given.
 */
export function warningOf(terms: Terms, fallbackSound: string): Warning | null {
  const { warnSeconds, warnRepeatSeconds, warnSound } = terms;
  const [first, second] = warnSeconds;
  if (first === undefined) return null;
  const gap = second === undefined ? 0 : first - second;
  const isEven = warnSeconds.every((seconds, index) => seconds === first - index * gap);
  // Asterisk goes on at that interval until the cut.
  const next = first - warnSeconds.length * gap;
  const everySeconds = warnRepeatSeconds > 0 ? warnRepeatSeconds : isEven && next <= 0 ? gap : 0;
  const chosen = warnSound === '' ? fallbackSound : warnSound;
  const sound = chosen === SAY ? TIME_LEFT : chosen.replace(/^sound:/, '');
  return { firstMs: first * 1000, everyMs: everySeconds * 1000, sound };
}

/**
 * The options of Dial() that end the call: `L(60050)`, with a warning `L(60050:30000:10000)`. A warning that would come before the
 * call has begun is left out: Asterisk would give it at some other time.
 */
export function limitOption(grant: Pick<Grant, 'grantedSeconds'>, warning: Warning | null): string {
  const limit = limitMs(grant);
  if (!warning || warning.firstMs >= limit) return `L(${limit})`;
  return `L(${limit}:${warning.firstMs}${warning.everyMs > 0 ? `:${warning.everyMs}` : ''})`;
}

/** A call of a millisecond: for a dialplan that dials without a look at the refusal. L(0) would be no limit that Dial() takes. */
const NO_TALK = 'L(1)';

/** Variables of the channel, in the order in which they are set. */
export type Variables = [name: string, value: string][];

/** Before anything is decided: whatever breaks off from here on leaves a channel that may not dial. The word comes first. */
export const undecidedVariables = (refusal: Refusal = 'ledger_unavailable'): Variables => [
  ['RINGFENCE_REFUSAL', refusal],
  ['RINGFENCE_LIMIT_MS', '0'],
  ['RINGFENCE_DIAL_OPTIONS', NO_TALK],
];

/** Of a call that may not be dialled. */
export const refusedVariables = (refusal: Refusal): Variables => [
  ...undecidedVariables(refusal),
  ['RINGFENCE_CAUSE', String(CAUSE_OF_REFUSAL[refusal])],
  ['RINGFENCE_SECONDS', '0'],
  ['RINGFENCE_BALANCE', ''],
  ['RINGFENCE_CURRENCY', ''],
  ['RINGFENCE_UNIQUEID', ''],
];

/** Of a call that may be dialled, all that does not let it. `ringSeconds`: how long it may ring. */
export const grantedVariables = (
  call: { uniqueid: string; grant: Grant; purse: Purse | undefined; ringSeconds: number },
  warning: Warning | null,
): Variables => {
  const { uniqueid, grant, purse, ringSeconds } = call;
  return [
    // The outer bound, on the caller's own channel: he may go on in the dialplan when the called one was cut.
    ['TIMEOUT(absolute)', ((limitMs(grant) + ringSeconds * 1000) / 1000).toFixed(3)],
    ['RINGFENCE_CAUSE', ''],
    ['RINGFENCE_SECONDS', String(grant.grantedSeconds)],
    ['RINGFENCE_BALANCE', purse ? formatAmount(purse.balance) : ''],
    ['RINGFENCE_CURRENCY', purse?.currency ?? ''],
    ['RINGFENCE_UNIQUEID', uniqueid],
    ...(warning ? ([['LIMIT_WARNING_FILE', warning.sound]] satisfies Variables) : []),
  ];
};

/** What lets a call be dialled. The word of the refusal, empty, comes last. */
export const permittingVariables = (grant: Pick<Grant, 'grantedSeconds'>, warning: Warning | null): Variables => [
  ['RINGFENCE_LIMIT_MS', String(limitMs(grant))],
  ['RINGFENCE_DIAL_OPTIONS', limitOption(grant, warning)],
  ['RINGFENCE_REFUSAL', ''],
];
