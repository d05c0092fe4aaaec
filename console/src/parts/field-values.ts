/** Fields of the API as people type them. Pure but for the reader's zone. */
import { asTyped, typedAmount } from './amounts';

/** A field as `api/fields.ts` has it. */
export interface Field {
  readonly kind: 'text' | 'word' | 'amount' | 'whole' | 'wholes' | 'texts' | 'instant' | 'flag';
  /** What it means, in a half sentence of the API. */
  readonly help?: string;
  readonly unit?: string;
  readonly example?: string;
  /** The words that it may be. */
  readonly words?: readonly string[];
  readonly isRequired?: boolean;
  readonly canBeNone?: boolean;
}

export type Value = string | number | boolean | readonly (string | number)[] | null;

/**
 * What was typed, as the API takes it. An empty field is null where a limit can be removed. undefined for an amount that cannot be read
 * without doubt. What is wrong in another way goes to the API as it is: it says what is wrong.
 */
export function sentOf({ kind, canBeNone }: Field, typed: string, language: string): Value | undefined {
  const text = typed.trim();
  if (kind === 'flag') return text === 'true';
  if (text === '' && canBeNone) return null;
  const parts = text.split(/[\s,]+/).filter(part => part !== '');
  switch (kind) {
    case 'amount':
      return typedAmount(text, language) ?? undefined;
    case 'whole':
      return wholeOr(text);
    case 'wholes':
      return parts.map(wholeOr);
    case 'texts':
      return parts;
    case 'instant': {
      const at = new Date(text);
      return Number.isNaN(at.getTime()) ? text : at.toISOString();
    }
    default:
      return text;
  }
}

/** A number as people write it, `+49 (30) 123-456`, without what only parts it. The API refuses what else is in it. */
export const typedNumber = (text: string): string => text.replace(/[\s()./-]/g, '');

const wholeOr = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text);

/** A value of the API as it stands in the field of a form. */
export function typedOf({ kind }: Field, value: Value, language: string): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.join(',');
  if (kind === 'amount') return asTyped(String(value), language);
  return kind === 'instant' ? localTime(String(value)) : String(value);
}

/** `2026-12-31T18:00:00` in the reader's zone, as a field of type datetime-local has it. */
export function localTime(instant: string): string {
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What a refusal says of each of these fields; `rest` if it says something else too. `fields`: those whose words are the reader's. */
export function problemsOf(
  problems: readonly string[],
  names: readonly string[],
  fields: readonly { field: string; line: string; says: string }[] = [],
): { at: Partial<Record<string, string>>; rest: string[] } {
  const at: Partial<Record<string, string>> = {};
  const rest: string[] = [];
  for (const problem of problems) {
    const told = fields.find(({ line }) => line === problem);
    const name = names.find(each => (told ? told.field === each : problem.startsWith(`${each} `)));
    if (name !== undefined && at[name] === undefined) at[name] = told?.says ?? problem;
    else rest.push(problem);
  }
  return { at, rest };
}
