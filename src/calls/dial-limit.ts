/** The limit of a call for Dial() of a dialplan: its L(). Pure. */
import type { Terms } from '../credit/rules/account';
import { SAY } from './announcements';
import { limitAt, warningsOf } from './call-deadlines';

/** A call of a millisecond, for a dialplan that dials although it was refused: Dial() does not take L(0) as a limit. */
export const NO_TALK = 'L(1)';

/** How long after the callee's answer the switch must end the call; ms. */
export const limitMs = (grantedSeconds: number): number => limitAt(0, grantedSeconds);

/**
 * The value of `TIMEOUT(absolute)` for the caller's channel: how long it may ring and talk; seconds, as a text. This is the outer bound:
 * the caller may go on in the dialplan after the callee was cut, and the dialplan may not use the options.
 */
export const outerLimit = (grantedSeconds: number, ringSeconds: number): string =>
  ((ringSeconds * 1000 + limitMs(grantedSeconds)) / 1000).toFixed(3);

/** The warnings of the caller during Dial(). */
export interface DialWarning {
  /** How long before the cut the first one comes, and at which interval the next, 0 for once. Ms. */
  firstMs: number;
  everyMs: number;
  /** A sound of Asterisk's, without `sound:`. */
  sound: string;
}

/** Asterisk's own prompt, which speaks the time that is left. */
const TIME_LEFT = 'timeleft';

/**
 * The warnings of an account as L() can express them: one at a time before the cut, and then one at every interval. null if none comes
 * within the call.
 *
 * Asterisk goes on at that interval until the cut. So if warnings are not evenly apart, or end before the cut, only the first is given.
 * `fallbackSound`: the service's own, for an account that has none.
 */
export function dialWarning(terms: Terms, grantedSeconds: number, fallbackSound: string): DialWarning | null {
  const times = warningsOf(terms).filter(seconds => seconds < grantedSeconds);
  const [first, second] = times;
  if (first === undefined) return null;
  const gap = second === undefined ? first : first - second;
  const isEven = times.every((seconds, index) => seconds === first - index * gap);
  const goesOn = first - times.length * gap > 0;
  const chosen = terms.warnSound === '' ? fallbackSound : terms.warnSound;
  return {
    firstMs: first * 1000,
    everyMs: times.length > 1 && isEven && !goesOn ? gap * 1000 : 0,
    sound: chosen === SAY ? TIME_LEFT : chosen.replace(/^sound:/, ''),
  };
}

/** The option of Dial() that ends the call, and warns before the end: `L(60050)`, `L(60050:20000)`, `L(60050:20000:10000)`. */
export function limitOption(grantedSeconds: number, warning: DialWarning | null): string {
  const warned = warning ? `:${warning.firstMs}${warning.everyMs > 0 ? `:${warning.everyMs}` : ''}` : '';
  return `L(${limitMs(grantedSeconds)}${warned})`;
}

/** The channel variables that L() reads: which party hears the warning, and which sound. */
export const warningVariables = (warning: DialWarning | null): Record<string, string> =>
  warning === null
    ? {}
    : { LIMIT_PLAYAUDIO_CALLER: 'yes', LIMIT_PLAYAUDIO_CALLEE: 'no', LIMIT_WARNING_FILE: warning.sound };
