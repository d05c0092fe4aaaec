/** What a change changed, as the audit trail has it. Pure but for the reader's zone. */
import { readable } from './amounts';
import { clockTime } from './times';

export interface Changed {
  /** The fields that changed; null for something new. */
  before: object | null;
  /** null for something removed. */
  after: object | null;
}

export interface ChangedField {
  name: string;
  /** undefined where there was nothing. */
  was: string | undefined;
  is: string | undefined;
}

/** The fields that changed, in the order in which the service tells them. */
export function changedFields({ before, after }: Changed, language: string): ChangedField[] {
  const [was, is] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))];
  const told = (facts: Map<string, unknown>, name: string) =>
    facts.size === 0 ? undefined : toldAs(facts.get(name), language);
  return [...new Set([...was.keys(), ...is.keys()])].map(name => ({ name, was: told(was, name), is: told(is, name) }));
}

/** Amounts stand in the audit trail as in their columns, with six decimals; times in UTC. */
function toldAs(value: unknown, language: string): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return clockTime(text, language);
  return /^-?\d+\.\d{6}$/.test(text) ? readable(text, language) : text;
}
