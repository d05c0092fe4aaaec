/** What files of comma separated values have in common: their header, and cells that are names and days. Pure. */
import { isDay } from '../operator/fields';
import type { LineProblem, LineRule, RefusalFacts } from '../operator/operator-refusal';

/** One thing that is wrong, in words and by name. */
export const wrong = (rule: LineRule, problem: string, facts: RefusalFacts = {}): LineProblem => ({
  problem,
  rule,
  facts,
});

/** The position of each column in the header, -1 for a missing optional one; or every unknown, repeated and missing column. */
export function layoutIn<Column extends string>(
  header: string[],
  required: readonly Column[],
  optional: readonly Column[],
): { layout: Record<Column, number> } | { problems: LineProblem[] } {
  const known = [...required, ...optional];
  const problems: LineProblem[] = [];
  if (header.length === 1 && /[;\t|]/.test(header[0] ?? '')) {
    const problem = `${shown(header[0])} is one column: separate the columns with commas`;
    return { problems: [wrong('one_column', problem, { value: cut(header[0]) })] };
  }
  header.forEach((name, index) => {
    if (!(known as readonly string[]).includes(name)) {
      const words = known.join(', ');
      const problem = `column ${shown(name)} is unknown: the columns are ${words}`;
      problems.push(wrong('column_unknown', problem, { value: cut(name), words }));
    } else if (header.indexOf(name) !== index) {
      problems.push(wrong('column_twice', `column ${name} is there twice: leave one out`, { value: name }));
    }
  });
  for (const name of required) {
    if (!header.includes(name))
      problems.push(wrong('column_missing', `column ${name} is missing: add it`, { value: name }));
  }
  if (problems.length > 0) return { problems };
  return { layout: Object.fromEntries(known.map(name => [name, header.indexOf(name)])) as Record<Column, number> };
}

/** A line with more or fewer cells than its header has. */
export function wrongCount({ length }: readonly string[], wanted: number): LineProblem {
  const problem = `${length} cells, the header has ${wanted}: make them equal, quote commas`;
  return wrong('cell_count', problem, { length, wanted });
}

/** A name of 1 to 100 characters. */
export function nameOf(column: string, text: string, problems: LineProblem[]): string {
  const value = cut(text);
  if (text === '') problems.push(wrong('missing', `${column} "" is empty: name it`, { column, value }));
  else if (text.length > 100 && [...text].length > 100) {
    const { length } = [...text];
    const problem = `${column} ${shown(text)} has ${length} characters: use at most 100`;
    problems.push(wrong('too_long', problem, { column, value, length, most: 100 }));
  } else if (/[\p{Cc}\p{Cs}]/u.test(text)) {
    const problem = `${column} ${shown(text)} holds a control character: leave it out`;
    problems.push(wrong('control_character', problem, { column, value }));
  } else if (text.includes('\uFFFD')) {
    const problem = `${column} ${shown(text)} is not UTF-8: save the file as UTF-8`;
    problems.push(wrong('not_utf_8', problem, { column, value }));
  }
  return text;
}

/** A day that a DATE can hold; null for an empty cell. */
export function dayOf(column: string, text: string, problems: LineProblem[]): string | null {
  if (text === '') return null;
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  // DATE begins with the year 1000.
  if (match && text >= '1000' && isDay(text)) return text;
  const problem = `${column} ${shown(text)} is not a day: write it as 2026-12-31`;
  problems.push(wrong('not_day', problem, { column, value: cut(text) }));
  return null;
}

/** A cell as it is told: its first 40 characters. */
export const cut = (text = ''): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
export const shown = (text = ''): string => JSON.stringify(cut(text));
