/** What a field of a request may hold. One definition reads it strictly and describes it for OpenAPI. Pure. */

import { hasNameTwice } from '../json-names';

/** A piece of JSON Schema 2020-12, as in OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Field<Value> {
  schema: Schema;
  isOptional: boolean;
  /** `now`: ms since 1970. @throws FieldError saying what is wrong with the value, and what to do. */
  read(value: unknown, now: number): Value;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

export type MessageOf<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never };

/** What is wrong with a value. The text follows the field and the value: `seconds "x" ` + `is not …: write …`. */
export class FieldError extends Error {
  override name = 'FieldError';
}

/** A request that cannot be understood. */
export class MessageError extends Error {
  override name = 'MessageError';
  constructor(
    readonly word: 'json_invalid' | 'field_invalid' | 'field_missing' | 'field_unknown',
    readonly field: string | null,
    message: string,
  ) {
    super(message);
  }
}

/** A value as an error shows it: short and in one line. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * The fields of a request's body; a field that was not sent is undefined.
 * @throws MessageError that names the field, also for a field that does not exist.
 */
export function readMessage<F extends Fields>(fields: F, body: Buffer, now: number): MessageOf<F> {
  const json = jsonIn(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MessageError('json_invalid', null, 'the body is no JSON object: write {"field": value, …}');
  }
  const names = Object.keys(fields);
  const unknown = Object.keys(json).find(name => !names.includes(name));
  if (unknown !== undefined) {
    const todo = `is not known: the fields are ${names.join(', ')}`;
    throw new MessageError('field_unknown', unknown.slice(0, 60), `field ${shown(unknown)} ${todo}`);
  }
  const read = names.map(name => [name, readField(name, fields[name] as Field<unknown>, json, now)]);
  return Object.fromEntries(read) as MessageOf<F>;
}

function jsonIn(body: Buffer): unknown {
  let text: string;
  let json: unknown;
  try {
    // Bytes that are not UTF-8 are refused: decoding would change the text.
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    json = JSON.parse(text);
  } catch {
    throw new MessageError('json_invalid', null, 'the body is no JSON in UTF-8: write {"field": value, …}');
  }
  if (hasNameTwice(text)) throw new MessageError('json_invalid', null, 'a field is there twice: send each once');
  return json;
}

function readField(name: string, field: Field<unknown>, json: object, now: number): unknown {
  if (!Object.hasOwn(json, name)) {
    if (field.isOptional) return undefined;
    throw new MessageError('field_missing', name, `${name} is missing: ${field.schema.description}`);
  }
  const value = (json as Record<string, unknown>)[name];
  try {
    return field.read(value, now);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new MessageError('field_invalid', name, `${name} ${shown(value)} ${error.message}`);
  }
}

export const optional = <Value>(field: Field<Value>): Field<Value | undefined> => ({ ...field, isOptional: true });

const field = <Value>(schema: Schema, read: Field<Value>['read']): Field<Value> => ({
  schema,
  isOptional: false,
  read,
});

/** Text of `least` to `most` characters that match `pattern`. Half a surrogate pair is refused. */
export const textField = (description: string, pattern: RegExp, todo: string, example: string): Field<string> =>
  field({ type: 'string', pattern: pattern.source, description, example }, value => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new FieldError(todo);
    return value;
  });

export const wholeField = (description: string, least: number, most: number, example: number): Field<number> =>
  field({ type: 'integer', minimum: least, maximum: most, description, example }, value => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new FieldError(`is not a whole number from ${least} to ${most}`);
  });

export const wordField = <Word extends string>(description: string, words: readonly Word[]): Field<Word> =>
  field({ type: 'string', enum: [...words], description }, value => {
    const word = words.find(known => known === value);
    if (word === undefined) throw new FieldError(`is not known: write ${words.join(', ')}`);
    return word;
  });

/** How far a switch's clock may be ahead of ours, and how old an instant that it reports may be. Ms. */
const MOST_AHEAD_MS = 10 * 60_000;
const MOST_AGE_MS = 30 * 86_400_000;

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** An instant as ms since 1970. Digits beyond the millisecond are dropped. */
export const instantField = (description: string): Field<number> => {
  const schema = { type: 'string', format: 'date-time', description, example: '2026-06-01T12:00:07.250Z' };
  return field(schema, (value, now) => {
    const instant = typeof value === 'string' ? instantIn(value) : null;
    if (instant === null) throw new FieldError('is no instant: write 2026-06-01T12:00:07.250Z');
    if (instant > now + MOST_AHEAD_MS || instant < now - MOST_AGE_MS) {
      const here = new Date(now).toISOString();
      throw new FieldError(
        `is not within the last 30 days (here it is ${here}): set the switch's clock, or leave it out`,
      );
    }
    return instant;
  });
};

function instantIn(text: string): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Date.parse takes 30 February and 24:61 for other instants.
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return date.getTime() - (sign === '-' ? -offsetMs : offsetMs);
}

const SECONDS = /^(\d{1,9})(?:\.(\d{1,3}))?$/;

/** Seconds with up to three decimals, as a number or a text, in whole milliseconds, exactly; null for null. */
export const talkField = (description: string): Field<number | null> => {
  const number = { type: 'number', minimum: 0, maximum: 999_999_999.999 };
  const anyOf = [number, { type: 'string', pattern: SECONDS.source }, { type: 'null' }];
  return field({ anyOf, description, example: '61.250' }, value => {
    if (value === null) return null;
    // A number means its shortest decimal text: 61.2 is 61200 ms, although the nearest double is not 61.2.
    const text = typeof value === 'number' ? String(value) : value;
    const match = typeof text === 'string' ? SECONDS.exec(text) : null;
    if (!match)
      throw new FieldError('is not seconds: write 61, 61.25 or "61.250", or null for a call that was not answered');
    return Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0'));
  });
};
