/**
 * What an operator may write into each field, in one place for the command line and every other way in. Every function returns the value as
 * the database takes it. @throws Refused `field_invalid`, which names the field, its value and what to do.
 */

import { lengthProblem, UNPRINTABLE } from '../database/accountcode';
import { AmountError, type Micros, parseAmount, ZERO } from '../money/micros';
import { digitsOf } from '../rating/dialled-number';
import { isTimeZone } from '../rating/rate';
import { HoursError, parseHours } from '../rating/schedule';
import { type FieldRule, type RefusalFacts, Refused } from './operator-refusal';

/** A whole number as JSON or a command line gives it. */
export type Whole = number | string;

/** The refusal of a wrong field: `time_zone "Mars" is not …: write …`. `rule`: its name, if it has one, with what `todo` counts. */
export function invalid(
  field: string,
  value: unknown,
  todo: string,
  rule?: FieldRule,
  facts: RefusalFacts = {},
): Refused {
  const detail = `${field} ${JSON.stringify(value)} ${todo}`;
  const refused = new Refused('field_invalid', detail);
  if (rule === undefined) return refused;
  return refused.withFields([
    { field, rule, value: typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), facts, detail },
  ]);
}

/** The same of a secret, which is not shown. */
export function invalidSecret(field: string, todo: string, rule: FieldRule, facts: RefusalFacts = {}): Refused {
  const detail = `${field} ${todo}`;
  return new Refused('field_invalid', detail).withFields([{ field, rule, value: '', facts, detail }]);
}

/** The code of an account, as `isAccountcode` requires it. @throws Refused field_invalid */
export function accountcodeField(text: string): string {
  const problem = lengthProblem(text);
  if (problem) throw invalid('accountcode', text.slice(0, 100), problem, 'accountcode_length');
  if (UNPRINTABLE.test(text)) throw unprintable('accountcode', text);
  return text;
}

/** A name of a deck or a trunk: plain enough for a file name and a dial string. */
export function nameField(field: string, text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) {
    throw invalid(field, text, 'is not a name: use 1 to 40 letters, digits, _ . or -', 'not_name');
  }
  return text;
}

/** Free text of at most `most` characters in one line. */
export function textField(field: string, text: string, most: number, least = 0): string {
  const length = [...text].length;
  if (length < least) throw invalid(field, text, `is missing: write at least ${least} character`, 'missing');
  if (length > most) throw tooLong(field, text, length, most);
  if (UNPRINTABLE.test(text)) throw unprintable(field, text);
  return text;
}

const unprintable = (field: string, text: string): Refused =>
  invalid(field, text, 'holds a control character or no UTF-8: leave it out', 'control_character');

/** `length`, `most`: characters. */
export const tooLong = (field: string, text: string, length: number, most: number): Refused =>
  invalid(field, text.slice(0, 40), `has ${length} characters: use at most ${most}`, 'too_long', { length, most });

/** An exact amount of any sign. */
export function amountField(field: string, text: string): Micros {
  try {
    return parseAmount(text);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    const detail = `${field} ${error.message}`;
    const wrong = { field, rule: error.rule, value: text.slice(0, 40), facts: {}, detail };
    throw new Refused('field_invalid', detail).withFields([wrong]);
  }
}

/** An exact amount of 0 or more. */
export function amountNotBelowZero(field: string, text: string): Micros {
  const amount = amountField(field, text);
  if (amount < ZERO) throw invalid(field, text, 'is below zero: write 0 or more', 'below_zero');
  return amount;
}

export function wholeField(field: string, value: Whole, least: number, most: number): number {
  const number = wholeOf(value, least, most);
  if (number === null)
    throw invalid(field, value, `is not a whole number from ${least} to ${most}`, 'not_whole', { least, most });
  return number;
}

/**
 * A limit that may be removed: null for none. 0 is refused, because it has two meanings: that nothing may pass, for which an operator
 * blocks the account, or that there is no limit.
 */
export function limitField(field: string, value: Whole | null, most: number, least = 1): number | null {
  if (value === null) return null;
  const number = wholeOf(value, least, most);
  if (number === null) {
    throw invalid(field, value, `is not a whole number from ${least} to ${most}, or none`, 'not_whole_or_none', {
      least,
      most,
    });
  }
  return number;
}

function wholeOf(value: Whole, least: number, most: number): number | null {
  const number = typeof value === 'number' ? value : /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= least && number <= most ? number : null;
}

/** An ISO 4217 code: three capital letters. Whether the currency exists is left to the operator. */
export function currencyField(text: string): string {
  if (!/^[A-Z]{3}$/.test(text))
    throw invalid('currency', text, 'is not a currency: write three letters such as EUR', 'not_currency');
  return text;
}

/** An IANA zone. Offsets such as `+02:00` are refused: they have no summer time. */
export function timeZoneField(text: string): string {
  const named = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text) && !/^(local$|system$|default$|utc[+-])/i.test(text);
  if (!named || !isTimeZone(text)) {
    throw invalid('time_zone', text, 'is not a time zone: write an IANA name such as Europe/Berlin', 'not_time_zone');
  }
  return text;
}

/**
 * The first digits of a route's numbers, in the form in which numbers are looked up: at most 32 digits, without + or 00; empty for any
 * number. Only an emergency number keeps a leading 00: `000`.
 */
export function prefixField(field: string, text: string): string {
  if (text !== '' && digitsOf(text) !== text && !/^000[0-9]{0,29}$/.test(text))
    throw invalid(field, text, NO_PREFIX, 'not_prefix');
  return text;
}

const NO_PREFIX = 'is not a prefix: write at most 32 digits, without + or 00';

/** Prefixes in the form of the column: digits separated by commas, without repeats. */
export function barredPrefixesField(prefixes: string[]): string {
  for (const prefix of prefixes) {
    if (prefix === '')
      throw invalid('barred_prefixes', prefixes.join(','), 'holds an empty prefix: leave it out', 'not_prefix');
    // A prefix with + or 00 would bar no number: numbers are compared without them.
    if (digitsOf(prefix) !== prefix) throw invalid('barred_prefixes', prefix, NO_PREFIX, 'not_prefix');
  }
  const joined = [...new Set(prefixes)].join(',');
  if (joined.length > 1000)
    throw invalid('barred_prefixes', `${joined.slice(0, 40)}…`, 'is longer than 1000 characters', 'too_long', {
      length: joined.length,
      most: 1000,
    });
  return joined;
}

/** One of a few words. */
export function wordField<Word extends string>(field: string, text: string, words: readonly Word[]): Word {
  const word = words.find(known => known === text);
  if (word === undefined) throw unknownWord(field, text, words);
  return word;
}

/** `words`: what may be written. */
export const unknownWord = (field: string, text: unknown, words: readonly string[]): Refused =>
  invalid(field, text, `is not known: write ${words.join(' or ')}`, 'not_word', { words: words.join(', ') });

/** How long before the cut a caller is warned, in the form of the column: seconds, longest first; empty for never. */
export function warnSecondsField(values: readonly Whole[]): string {
  const seconds = values.map(value => wholeField('warn_seconds', value, 5, 3600));
  const all = values.join(',');
  if (seconds.length > 10)
    throw invalid('warn_seconds', all.slice(0, 100), `has ${seconds.length} values: use at most 10`, 'list_too_long', {
      length: seconds.length,
      most: 10,
    });
  if (new Set(seconds).size < seconds.length)
    throw invalid('warn_seconds', all, 'holds a value twice: write each once', 'twice');
  return seconds.toSorted((one, other) => other - one).join(',');
}

/**
 * A sound that Asterisk plays, as it stands in a request to Asterisk; empty for the service's own. A sound that the service would not play
 * (`isWarnSound` of src/calls/announcements.ts, which a test compares) is refused: the caller would hear another sound than the operator
 * chose.
 */
export function warnSoundField(text: string): string {
  if (text === '' || text === 'default') return '';
  if (text !== 'say' && !/^sound:[A-Za-z0-9/_-]{1,100}$/.test(text)) {
    const wanted = 'write say, sound:beep (a name of letters, digits, / _ and -), or default';
    throw invalid('warn_sound', text.slice(0, 60), `is not a sound: ${wanted}`, 'not_sound');
  }
  return text;
}

const ANNOUNCEMENTS = ['balance', 'time'] as const;

/** What a caller hears before the call, in the form of the column; empty for nothing. */
export function announceField(texts: readonly string[]): string {
  const unknown = texts.find(text => !(ANNOUNCEMENTS as readonly string[]).includes(text));
  if (unknown !== undefined) {
    const words = 'balance, time, balance,time';
    throw invalid('announce', unknown, 'is not known: write balance, time, balance,time or none', 'not_word', {
      words,
    });
  }
  const words = texts;
  if (new Set(words).size < words.length)
    throw invalid('announce', texts.join(','), 'says a thing twice: write it once', 'twice');
  return words.join(',');
}

const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');
const FIRST_INSTANT = Date.parse('1000-01-01T00:00:00.000Z');

/** Whether a text such as 2026-12-31 is a day of the calendar. `Date` alone takes the 30th of February for the 2nd of March. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A day such as 2026-12-31 that a DATE can hold. */
export function dayField(field: string, text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '1000' || !isDay(text)) {
    throw invalid(field, text, 'is not a day: write it as 2026-12-31');
  }
  return text;
}

/** The hours of a schedule. */
export function hoursField(field: string, text: string): string {
  try {
    parseHours(text);
    return text;
  } catch (error) {
    if (!(error instanceof HoursError)) throw error;
    throw invalid(field, text.slice(0, 40), error.message);
  }
}

const ISO_INSTANT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[zZ]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** What is wrong with a text that shall be an instant in ISO 8601 with its offset, of a time that DATETIME can hold; null if nothing is. */
export function problemOfInstant(text: string): string | null {
  const match = ISO_INSTANT.exec(text);
  if (!match) return 'is not a time: write 2026-12-31T18:00 or 2026-12-31T18:00:00Z';
  if (!isDay(match[1] as string)) return 'is on a day that does not exist: write one such as 2026-12-31T18:00:00Z';
  const at = Date.parse(text);
  if (at >= FIRST_INSTANT && at <= LAST_INSTANT) return null;
  return 'is not a time between the years 1000 and 9999: write one such as 2026-12-31T18:00:00Z';
}

/** An instant in ms since 1970 that DATETIME can hold. */
export function instantField(field: string, instant: number): Date {
  if (!(instant >= FIRST_INSTANT && instant <= LAST_INSTANT)) {
    throw invalid(field, instant, 'is not a time between the years 1000 and 9999', 'not_time');
  }
  return new Date(instant);
}
