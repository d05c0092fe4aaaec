/** How the sheets of a carrier are read, as it is kept for the next one. Pure. */
import type { Sheet } from '../../../api/operations';
import { MEANINGS, type Meaning } from './columns';
import type { Choices } from './reading';
import type { Separator } from './rows';

/** What is kept, without who kept it. */
export type Reading = Pick<Sheet, 'columns' | 'separator' | 'increments' | 'hyphen' | 'mark' | 'order'>;

const SEPARATORS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } as const satisfies Record<
  Separator,
  Sheet['separator']
>;

/** Longer names are not told apart. */
const LONGEST_NAME = 100;
const shortened = (name: string): string => name.slice(0, LONGEST_NAME);

/** Names as far as they tell columns apart: without capitals and blanks; each with how many of its name come before it. */
function keysOf(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map(name => {
    const plain = shortened(name).toLowerCase().replace(/\s+/g, ' ').trim();
    const before = seen.get(plain) ?? 0;
    seen.set(plain, before + 1);
    return `${plain} ${before}`;
  });
}

/**
 * The meanings of a sheet's columns as they are kept, by their names, in whatever order they are now; what has a new name has the meaning
 * that was guessed, unless another column has it. `missing`: names that are kept and not in this sheet. null if it has none of them: then it
 * is another sheet. `names`: of all its columns, '' where it has none.
 */
export function meaningsByKept(
  kept: Reading,
  names: readonly string[],
  guessed: readonly (Meaning | null)[],
): { meanings: (Meaning | null)[]; missing: string[] } | null {
  const wanted = keysOf(kept.columns.map(({ name }) => name));
  const present = keysOf(names);
  const isNameless = names.every(name => name === '');
  // Without names the columns are known by their places alone.
  if (isNameless && names.length !== kept.columns.length) return null;
  const found = present.map(key => kept.columns[wanted.indexOf(key)]);
  if (found.every(column => column === undefined)) return null;
  const known = found.flatMap(column => (column ? [column.meaning] : []));
  const meanings = found.map((column, at) => {
    const guess = guessed[at] ?? null;
    if (column === undefined) return guess !== null && known.includes(guess) ? null : guess;
    return MEANINGS.find(meaning => meaning === column.meaning) ?? null;
  });
  const missing = kept.columns.filter((_, at) => !present.includes(wanted[at] as string)).map(({ name }) => name);
  return { meanings, missing };
}

/** What was chosen for the sheets of the carrier. */
export const choicesOf = ({ increments, hyphen, mark, order }: Reading): Choices => ({
  ...(increments !== null && { increments }),
  ...(hyphen !== null && { hyphen }),
  ...(mark !== null && { mark: mark === 'point' ? '.' : ',' }),
  ...(order !== null && { order }),
});

/** How a sheet is read now, to be kept. `increments`: as they were understood, `60/1`; null for none. */
export function readingOf(
  names: readonly string[],
  meanings: readonly (Meaning | null)[],
  separator: Separator,
  { hyphen, mark, order }: Choices,
  increments: string | null,
): Reading {
  return {
    columns: meanings.map((meaning, at) => ({ name: shortened(names[at] ?? ''), meaning: meaning ?? 'out' })),
    separator: SEPARATORS[separator],
    increments,
    hyphen: hyphen ?? null,
    mark: mark === undefined ? null : mark === '.' ? 'point' : 'comma',
    order: order ?? null,
  };
}

/** Whether both read a sheet alike. */
export const isSame = (one: Reading, other: Reading): boolean => textOf(one) === textOf(other);

const textOf = ({ columns, separator, increments, hyphen, mark, order }: Reading): string =>
  JSON.stringify([columns.map(({ name, meaning }) => [name, meaning]), separator, increments, hyphen, mark, order]);
