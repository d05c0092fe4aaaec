import { divide, type Micros } from '../money/micros';

/**
 * What a caller hears of money and time: lists of media URIs of ARI, to be played one after the other by `SwitchPort.play`.
 *
 * Only sounds that asterisk-core-sounds-en has; numbers are put together by Asterisk itself (`number:`). Every list begins with a `sound:`, as Asterisk refuses to stop one that
 * begins with a number (docs/asterisk.md).
 */

/** What a configured sound looks like; also what RINGFENCE_WARN_SOUND and RINGFENCE_PROMPTS take. */
export const SOUND = /^sound:[A-Za-z0-9/_-]{1,100}$/;

/** Instead of a sound: the time that is left, spoken. */
export const SAY = 'say';

const YOU_HAVE = 'sound:vm-youhave';
const MILLIONTHS_PER_HUNDREDTH = 10_000n;
/** Somewhere above it Asterisk says nothing at all, then something else (docs/asterisk.md). */
const LARGEST_NUMBER = 999_999_999n;
const SECONDS_PER_HOUR = 3_600;

/** Currencies that are spoken as dollars. Of all currencies the package has a word for dollars alone. */
const DOLLARS = new Set(['USD', 'AUD', 'BBD', 'BSD', 'BZD', 'CAD', 'HKD', 'JMD', 'NZD', 'SGD', 'TTD', 'TWD', 'XCD']);

/**
 * What a caller hears before the cut: the account's sound, else the service's own (`fallback`); `say`, from either, is the time
 * that is left. A text that is neither a sound nor `say` counts as none: Asterisk would not even say that it cannot play it.
 */
export function warningMedia(warnSound: string, fallback: string, secondsLeft: number): string[] {
  const chosen = isWarnSound(warnSound) ? warnSound : fallback;
  return chosen === SAY ? timeMedia(secondsLeft) : [chosen];
}

/** Whether an account or the service may be set to warn by it: `say` or a sound. */
export const isWarnSound = (text: string): boolean => text === SAY || SOUND.test(text);

/**
 * "You have twelve dot five zero dollars": whole units, then hundredths digit by digit.
 *
 * Rounds down, towards minus infinity, so that no caller hears of money that is not there: 0.009 is "zero dot zero zero", −0.001
 * is "minus zero dot zero one". The hundredths are spoken also when they are zero: they are what tells an amount from a count,
 * where the currency has no word.
 */
export function balanceMedia(balance: Micros, currency: string): string[] {
  const hundredths = divide(balance, MILLIONTHS_PER_HUNDREDTH, 'down');
  const size = hundredths < 0n ? -hundredths : hundredths;
  const whole = divide(size, 100n, 'down');
  return [
    YOU_HAVE,
    ...(hundredths < 0n ? ['sound:digits/minus'] : []),
    // Too large a number is spelt.
    whole > LARGEST_NUMBER ? `digits:${whole}` : `number:${whole}`,
    'sound:letters/dot',
    `digits:${String(size % 100n).padStart(2, '0')}`,
    ...(DOLLARS.has(currency) ? ['sound:digits/dollars'] : []),
  ];
}

/**
 * The same for a channel of that language. Numbers are said by its rule only where it is English: other rules ask for sounds that the
 * package does not have, and Asterisk leaves out what it has not ("21" for 121 in Russian). Elsewhere a number is spelt, for which every
 * language has the ten digits.
 */
export const inLanguage = (media: readonly string[], language: string): string[] =>
  media.map(uri => (/^en($|[_-])/.test(language) ? uri : uri.replace(/^number:/, 'digits:')));

/**
 * "You have two minutes and five seconds", of seconds rounded down; from an hour on minutes only, rounded down as well. Nothing
 * that is zero is spoken, except "zero seconds". Below zero counts as zero.
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
