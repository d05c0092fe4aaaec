import { divide, type Micros } from '../money/micros';

/**
 * What a caller hears about money and time: lists of media URIs of ARI, which `SwitchPort.play` plays one after the other.
 *
 * Only sounds that asterisk-core-sounds-en has; Asterisk itself puts numbers together (`number:`). Every list begins with a `sound:`,
 * because Asterisk refuses to stop a list that begins with a number (docs/asterisk.md).
 */

/** The form of a configured sound, also in RINGFENCE_WARN_SOUND and RINGFENCE_PROMPTS. */
export const SOUND = /^sound:[A-Za-z0-9/_-]{1,100}$/;

/** Instead of a sound: the time that is left, spoken. */
export const SAY = 'say';

const YOU_HAVE = 'sound:vm-youhave';
const MILLIONTHS_PER_HUNDREDTH = 10_000n;
/** Above some larger number Asterisk says nothing at all, then something else (docs/asterisk.md). */
const LARGEST_NUMBER = 999_999_999n;
const SECONDS_PER_HOUR = 3_600;

/** Currencies that are spoken as dollars: for currencies the package has only the word dollars. */
const DOLLARS = new Set(['USD', 'AUD', 'BBD', 'BSD', 'BZD', 'CAD', 'HKD', 'JMD', 'NZD', 'SGD', 'TTD', 'TWD', 'XCD']);

/**
 * What a caller hears before the cut: the account's sound, or the service's own (`fallback`) if it has none. If either is `say`, the caller
 * hears the time that is left. A text that is neither a sound nor `say` counts as none, because Asterisk would not even report that it
 * cannot play it.
 */
export function warningMedia(warnSound: string, fallback: string, secondsLeft: number): string[] {
  const chosen = isWarnSound(warnSound) ? warnSound : fallback;
  return chosen === SAY ? timeMedia(secondsLeft) : [chosen];
}

/** Whether an account or the service may have this as its warning: `say` or a sound. */
export const isWarnSound = (text: string): boolean => text === SAY || SOUND.test(text);

/**
 * "You have twelve dot five zero dollars": whole units, then hundredths digit by digit.
 *
 * Rounds down, towards minus infinity, so that no caller hears of money that does not exist: 0.009 is "zero dot zero zero", −0.001 is
 * "minus zero dot zero one". Zero hundredths are spoken too, because they distinguish an amount from a count if the currency has no word.
 */
export function balanceMedia(balance: Micros, currency: string): string[] {
  const hundredths = divide(balance, MILLIONTHS_PER_HUNDREDTH, 'down');
  const size = hundredths < 0n ? -hundredths : hundredths;
  const whole = divide(size, 100n, 'down');
  return [
    YOU_HAVE,
    ...(hundredths < 0n ? ['sound:digits/minus'] : []),
    // Digits one by one if the number is too large.
    whole > LARGEST_NUMBER ? `digits:${whole}` : `number:${whole}`,
    'sound:letters/dot',
    `digits:${String(size % 100n).padStart(2, '0')}`,
    ...(DOLLARS.has(currency) ? ['sound:digits/dollars'] : []),
  ];
}

/**
 * The same for a channel of that language. Asterisk speaks numbers by rule only if the language is English: other rules need sounds that
 * the package does not have, and Asterisk leaves those out ("21" for 121 in Russian). In other languages a number is spoken digit by digit,
 * because every language has the ten digits.
 */
export const inLanguage = (media: readonly string[], language: string): string[] =>
  media.map(uri => (/^en($|[_-])/.test(language) ? uri : uri.replace(/^number:/, 'digits:')));

/**
 * "You have two minutes and five seconds", of seconds rounded down; from an hour on only minutes, rounded down as well. A zero is not
 * spoken, except in "zero seconds". Below zero counts as zero.
 */
export function timeMedia(seconds: number): string[] {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = whole < SECONDS_PER_HOUR ? whole % 60 : 0;
  const counted = (count: number, one: string, many: string): string[] => [
    `number:${count}`,
    `sound:${count === 1 ? one : many}`,
  ];
  return [
    YOU_HAVE,
    ...(minutes > 0 ? counted(minutes, 'minute', 'minutes') : []),
    ...(minutes > 0 && rest > 0 ? ['sound:vm-and'] : []),
    ...(rest > 0 || minutes === 0 ? counted(rest, 'second', 'seconds') : []),
  ];
}
