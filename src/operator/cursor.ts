/** Where a list is read on: the key of a row, as a text that a client hands back as it is. Pure. */
import { Type } from 'typebox';
import type { Row } from '../database/rows';
import { invalid } from './fields';
import { flag, textBy } from './schema';

/** The order of a list by columns of its query. The last of them, or all together, tell any two rows apart. */
export interface ListOrder {
  /** What the list is of. Its cursors are of no other list. */
  name: string;
  columns: readonly { column: string; kind: 'number' | 'text' | 'instant' }[];
  /** The newest first. */
  isDescending?: true;
}

/** The values of a row in the columns of its list's order, as a query takes them. */
export type Key = readonly (string | Date)[];

/** The name of a column without that of its table: as rows have it. */
export const unqualified = (column: string): string => column.split('.').at(-1) as string;

/** The key of a row. */
export const keyOf = ({ columns }: ListOrder, row: Row): Key =>
  columns.map(({ column, kind }) => {
    const value = row[unqualified(column)];
    return kind === 'instant' ? value : String(value);
  });

export function cursorOf({ name }: ListOrder, key: Key): string {
  const values = key.map(value => (value instanceof Date ? value.getTime() : value));
  return Buffer.from(JSON.stringify([name, ...values])).toString('base64url');
}

/** The key that a cursor stands for; null if it is none of this list. */
export function keyIn({ name, columns }: ListOrder, cursor: string): Key | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== columns.length + 1 || parts[0] !== name) return null;
  const key = columns.map(({ kind }, index) => valueIn(kind, parts[index + 1]));
  return key.every(value => value !== null) ? (key as Key) : null;
}

const FIRST_INSTANT = Date.parse('1000-01-01T00:00:00.000Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

function valueIn(kind: ListOrder['columns'][number]['kind'], part: unknown): string | Date | null {
  if (kind === 'instant') {
    const isInstant = Number.isInteger(part) && (part as number) >= FIRST_INSTANT && (part as number) <= LAST_INSTANT;
    return isInstant ? new Date(part as number) : null;
  }
  if (typeof part !== 'string') return null;
  return (kind === 'number' ? /^[0-9]{1,19}$/.test(part) : part.length <= 200) ? part : null;
}

/** The fields of such a list besides `page`. `orders`: those that it may have, by its filters. */
export const keyedBy = (...orders: readonly ListOrder[]) => ({
  cursor: Type.Optional(
    textBy(
      (field, text) => {
        if (orders.some(order => keyIn(order, text) !== null)) return;
        throw invalid(field, text.slice(0, 40), 'is no cursor of this list: give next_cursor of an answer as it is');
      },
      { description: 'only what comes behind an answer: its next_cursor', unit: 'cursor' },
    ),
  ),
  count: Type.Optional(flag('tell how long the list is')),
});
