/**
 * The fields of an operation, as JSON Schema. What is checked is what is published: the schema of a field holds its help, unit and example,
 * and the function that reads a text also refuses it.
 */
import { type TObject, type TSchema, Type } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import {
  amountField,
  amountNotBelowZero,
  invalid,
  invalidSecret,
  problemOfInstant,
  tooLong,
  unknownWord,
} from './fields';
import { Refused, type WrongField } from './operator-refusal';

/** What a person is told about a field. */
export interface Told {
  /** What it means, in a half sentence. */
  description: string;
  /** The name of its value in a usage line: `seconds`, `amount`, `deck`. */
  unit: string;
  /** A value that can be pasted. */
  example?: string | number | boolean | readonly (string | number)[];
}

const annotations = ({ description, unit, example }: Told) => ({
  description,
  'x-unit': unit,
  ...(example !== undefined && { examples: [example] }),
});

/** Behind it a problem has what `read` told of it for programs: what a schema says of a value is a text. No detail holds it. */
const FOR_PROGRAMS = '\0';

/** Why `read` refuses a value, in its own words without the field's name; null if it accepts the value. */
function problemBy(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof Refused) return `${error.detail}${FOR_PROGRAMS}${JSON.stringify(error.fields)}`;
    throw error;
  }
}

/** What a problem of `problemBy` says of this field. */
function refusedBy(name: string, problem: string): Refused {
  const [message = '', told = '[]'] = problem.split(FOR_PROGRAMS);
  // Some readers know their field by one fixed name, and begin the message with it.
  const detail = message.startsWith(' ') ? name + message : message.replace(/^\w+/, name);
  const fields = (JSON.parse(told) as WrongField[]).map(wrong => ({ ...wrong, field: name, detail }));
  return new Refused('field_invalid', detail).withFields(fields);
}

/**
 * A text that `read` accepts. `read` gets '' as the field's name. If `longest` is null, `read` limits the length itself and decides what a
 * message shows of the text.
 */
export const textBy = (read: (field: string, text: string) => unknown, told: Told, longest: number | null = 1_000) =>
  Type.Refine(
    Type.String({ ...(longest !== null && { maxLength: longest }), ...annotations(told) }),
    (text: string) => problemBy(() => read('', text)) === null,
    (text: string) => problemBy(() => read('', text)) ?? '',
  );

/**
 * A text that only its holder knows. No message, log or audit row shows it, and a command line reads it from a file. `read` never puts it
 * into a refusal.
 */
export const secretBy = (read: (text: string) => unknown, told: Told) =>
  Type.Refine(
    Type.String({ 'x-secret': true, writeOnly: true, ...annotations(told) }),
    (text: string) => problemBy(() => read(text)) === null,
    (text: string) => problemBy(() => read(text)) ?? '',
  );

export const isSecret = (field: TSchema): boolean => (field as { 'x-secret'?: boolean })['x-secret'] === true;

/** A list of texts or numbers that `read` accepts as a whole. */
export const listField = <Item extends string | number>(item: TSchema, read: (values: Item[]) => unknown, told: Told) =>
  Type.Refine(
    Type.Unsafe<Item[]>(Type.Array(item, { maxItems: 1_000, ...annotations(told) })),
    (values: Item[]) => problemBy(() => read(values)) === null,
    (values: Item[]) => problemBy(() => read(values)) ?? '',
  );

/** An exact amount of any sign, as a decimal text. */
export const amount = (told: Told) => textBy(amountField, told);

/** An exact amount of 0 or more. */
export const amountFromZero = (told: Told) => textBy(amountNotBelowZero, told);

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number, told: Told) =>
  Type.Integer({ minimum: least, maximum: most, ...annotations(told) });

/** One of a few words. */
export const oneOf = <Word extends string>(words: readonly Word[], told: Told) =>
  Type.Unsafe<Word>(Type.String({ enum: [...words], ...annotations(told) }));

/** Yes or no; an option without a value on the command line. */
export const flag = (description: string) => Type.Boolean({ description });

/** An instant: ISO 8601 with its offset. A command line may leave the offset out: then it is in the user's zone. */
export const instant = (told: Told) =>
  Type.Refine(
    Type.String({ format: 'date-time', ...annotations(told) }),
    (text: string) => problemOfInstant(text) === null,
    (text: string) => problemOfInstant(text) ?? '',
  );

/** A field that may be unset again: null, on the command line `none`. */
export const orNone = <Field extends TSchema>(field: Field) => {
  const { description, 'x-unit': unit, examples } = field as TSchema & Record<string, unknown>;
  return Type.Union([field, Type.Null()], { description, 'x-unit': unit, examples } as Record<string, unknown>);
};

/** The schema of a field without its null. */
export function withoutNone(field: TSchema): { inner: TSchema; canBeNone: boolean } {
  const members = (field as { anyOf?: TSchema[] }).anyOf;
  const inner = members?.find(member => (member as { type?: string }).type !== 'null');
  return inner ? { inner, canBeNone: true } : { inner: field, canBeNone: false };
}

/** @throws Refused field_invalid, with every problem at once, if `input` does not match `fields`. */
export function check(fields: TObject, input: Readonly<Record<string, unknown>>): void {
  const required: readonly string[] = fields.required ?? [];
  throwAll([
    ...Object.keys(input)
      .filter(name => !Object.hasOwn(fields.properties, name))
      .map(name => unfit(name, 'is not a field of this operation: leave it out', 'unknown_field')),
    ...Object.entries(fields.properties).flatMap(([name, field]) => {
      const value = input[name];
      if (value === undefined) return required.includes(name) ? [unfit(name, 'is missing: give it', 'missing')] : [];
      return problemOf(name, field as TSchema, value) ?? [];
    }),
  ]);
}

/** A field that is refused for itself, and not for its value. */
const unfit = (field: string, todo: string, rule: 'missing' | 'unknown_field'): Refused =>
  invalidSecret(field, todo, rule);

/** @throws Refused all of them as one, if there are any */
function throwAll(refused: readonly Refused[]): void {
  const [first, ...more] = refused;
  if (!first) return;
  const details = more.map(({ detail }) => detail);
  throw new Refused('field_invalid', first.detail, details).withFields(refused.flatMap(({ fields }) => fields));
}

interface Shape {
  type?: string;
  maxLength?: number;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  items?: TSchema;
  format?: string;
}

/** What is wrong with the value of a field; null if it is right. */
function problemOf(name: string, field: TSchema, value: unknown): Refused | null {
  if (Check(field, value)) return null;
  const { inner, canBeNone } = withoutNone(field);
  const shape = inner as Shape;
  if (isSecret(inner) && typeof value !== 'string')
    return invalidSecret(name, 'is not a text: write one', 'wrong_kind');
  if (shape.type === 'integer') {
    const { minimum: least = 0, maximum: most = 0 } = shape;
    const range = `is not a whole number from ${least} to ${most}${canBeNone ? ', or none' : ''}`;
    return invalid(name, value, range, canBeNone ? 'not_whole_or_none' : 'not_whole', { least, most });
  }
  const length = typeof value === 'string' ? (value as string).length : 0;
  if (shape.maxLength !== undefined && length > shape.maxLength) {
    return tooLong(name, String(value), length, shape.maxLength);
  }
  if (shape.enum) return unknownWord(name, value, shape.enum);
  if (shape.format === 'date-time') {
    const problem = problemOfInstant(typeof value === 'string' ? value : '');
    return invalid(name, value, problem ?? '', 'not_time');
  }
  if (shape.type === 'array' && Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const problem = shape.items && problemOf(name, shape.items, item);
      if (problem) return problem;
    }
  }
  const refined = Errors(inner, value)[1].find(({ keyword }) => keyword === '~refine');
  if (refined) return refusedBy(name, refined.message);
  const kind = shape.type === 'boolean' ? 'true or false' : `a ${shape.type ?? 'value'}`;
  return invalid(name, value, `is not ${kind}`, 'wrong_kind');
}

/** The number that a text of a command line stands for, if the field accepts it. Otherwise the text, so that the refusal shows what was written. */
export function numberIn(field: TSchema, text: string): number | string {
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Check(field, number) ? number : text;
}
