/** What keeps a list cheap however long its table is. */
import type { Knex } from 'knex';
import { firstSince, type GrowingTable } from '../database/growing-table';
import type { Row } from '../database/rows';
import { cursorOf, type Key, keyOf, type ListOrder, unqualified } from './cursor';
import { MOST_ROWS, type Page, type PageRequest } from './page';

/**
 * How many rows a query has, counted up to `most`, or to the end of the page if that is further. So the pages of a longer list end where its
 * rows end.
 */
export async function counted(
  database: Knex,
  query: Knex.QueryBuilder,
  { limit, offset }: PageRequest,
  most = MOST_ROWS,
): Promise<{ total: number; isMore?: true }> {
  const bound = Math.max(most, offset + limit);
  const some = query
    .clone()
    .select(database.raw('1'))
    .limit(bound + 1);
  const [row] = await database.from(some.as('some')).count({ total: '*' });
  const total = Number(row?.total);
  return total > bound ? { total: bound, isMore: true } : { total };
}

/**
 * The oldest of the newest `most` rows that a query has, with a column that an index orders and one that is shown; undefined if there is no
 * older one.
 *
 * A filter without an index then looks at those alone. Otherwise one that matches few rows reads a table of ten million to its end. The ordered
 * column is selected alone: with another one, MySQL reads each of the rows before for it.
 */
export async function oldestLookedAt(
  query: Knex.QueryBuilder,
  column: string,
  shown = column,
  most = MOST_ROWS,
): Promise<Row | undefined> {
  const newestFirst = query.clone().orderBy(column, 'desc');
  const [oldest, older] = await newestFirst
    .offset(most - 1)
    .limit(2)
    .select(column);
  if (!older || shown === column) return older && oldest;
  return query.clone().where(column, oldest[unqualified(column)]).first(column, shown);
}

/** How far the order of the numbers may be from that of the times: transactions overlap, and servers of a cluster have clocks of their own. */
const DISORDER_MS = 60_000;

/** Leaves the rows that were created from `from` on, and before `to`. */
export async function createdBetween(
  database: Knex,
  query: Knex.QueryBuilder,
  growing: GrowingTable,
  { from, to }: { from?: Date; to?: Date },
): Promise<void> {
  const firstFrom = (time: number) =>
    firstSince(async (text, values) => (await database.raw(text, values as string[]))[0], growing, new Date(time));
  if (from !== undefined) {
    query.where('created_at', '>=', from);
    query.where(growing.id, '>=', await firstFrom(from.getTime() - DISORDER_MS));
  }
  if (to !== undefined) {
    query.where('created_at', '<', to);
    query.where(growing.id, '<', await firstFrom(to.getTime() + DISORDER_MS));
  }
}

/** A list that may be read by key. */
export interface Listed {
  /** The rows that indexes find. */
  rows: Knex.QueryBuilder;
  order: ListOrder;
  /** Leaves of them what other filters want; null if there are none. */
  narrow: ((query: Knex.QueryBuilder) => void) | null;
  /** For a table that only grows: leaves what is not older than such a row. `shown`: its column for people. */
  newest?: { shown: string; leave(query: Knex.QueryBuilder, oldest: Row): Promise<void> | void };
  /** How many rows `narrow` looks at in one statement; 100,000 if not given. Fewer where each row is a read of its own. */
  looksAt?: number;
  /** Joins and selects what the rows are shown with, once all is filtered. */
  show?(query: Knex.QueryBuilder): void;
}

/** A part of a list as rows. The caller makes items from them. */
export type Part = Omit<Page<never>, 'items'> & { rows: Row[] };

/**
 * A part of a list.
 *
 * By pages: counts the list, and looks at the newest 100,000 rows of a table that only grows. By key: reads from the key on as many rows as
 * are wanted. If there are filters without an index both look at `looksAt` rows at most, and the cursor leads behind those: so every statement
 * ends soon, and the whole list can be read. `since` says how far back such a part looked, if the key has the column that is shown.
 */
export async function partOf(database: Knex, list: Listed, request: PageRequest): Promise<Part> {
  const { order, narrow, newest, show, looksAt = MOST_ROWS } = list;
  const { limit, offset, byKey } = request;
  const pages = list.rows.clone();
  const isPaged = byKey === undefined || byKey.isCounted;
  const most = narrow ? looksAt : MOST_ROWS;
  const oldest = newest && isPaged ? await oldestLookedAt(pages, firstColumn(order), newest.shown, most) : undefined;
  if (oldest) await newest?.leave(pages, oldest);
  if (isPaged) narrow?.(pages);
  const count = isPaged ? await counted(database, pages, request) : {};
  const told = { ...count, ...(oldest && newest && { since: oldest[newest.shown] }) };
  const sorted = (query: Knex.QueryBuilder): Knex.QueryBuilder => {
    show?.(query);
    return inOrder(query, order);
  };
  if (!byKey && newest && offset > 0) {
    const first = await keyAt(pages, order, offset);
    if (!first) return { rows: [], ...told };
    fromKeyOn(pages, order, first);
    return { rows: await sorted(pages).limit(limit), ...told };
  }
  if (!byKey) return { rows: await sorted(pages).limit(limit).offset(offset), ...told };
  const query = list.rows.clone();
  if (byKey.after) behind(query, order, byKey.after);
  // The last row that is looked at; null if there are fewer.
  const last = narrow ? await keyAt(query, order, looksAt - 1) : null;
  if (last) upTo(query, order, last);
  narrow?.(query);
  const rows: Row[] = await sorted(query).limit(limit + 1);
  const next = rows.length > limit ? keyOf(order, rows[limit - 1] as Row) : last;
  const place = order.columns.findIndex(({ column }) => column === newest?.shown);
  const since = next === last && last?.[place];
  return {
    rows: rows.slice(0, limit),
    ...(since instanceof Date && { since }),
    ...told,
    ...(next && { nextCursor: cursorOf(order, next) }),
  };
}

const firstColumn = ({ columns }: ListOrder): string => columns[0]?.column as string;

/** Sorts by the columns of an order. */
export function inOrder(query: Knex.QueryBuilder, { columns, isDescending }: ListOrder): Knex.QueryBuilder {
  for (const { column } of columns) query.orderBy(column, isDescending ? 'desc' : 'asc');
  return query;
}

/**
 * The key of the row behind so many others; null if there are not so many. Of the others only what an index has is read: a page far behind would
 * read every row before it, otherwise.
 */
async function keyAt(query: Knex.QueryBuilder, order: ListOrder, offset: number): Promise<Key | null> {
  const keys = query.clone().select(order.columns.map(({ column }) => column));
  const [row] = await inOrder(keys, order).offset(offset).limit(1);
  return row ? keyOf(order, row) : null;
}

/** Leaves the rows that come behind a key. */
export const behind = (query: Knex.QueryBuilder, order: ListOrder, key: Key): void =>
  beyond(query, order, key, order.isDescending ? '<' : '>');

/** Leaves the row of a key and those behind it. */
const fromKeyOn = (query: Knex.QueryBuilder, order: ListOrder, key: Key): void =>
  beyond(query, order, key, order.isDescending ? '<' : '>', true);

/** Leaves the row of a key and those before it. */
const upTo = (query: Knex.QueryBuilder, order: ListOrder, key: Key): void =>
  beyond(query, order, key, order.isDescending ? '>' : '<', true);

/** Compares column by column. What the first one must be stands alone, too: that is what the optimizer finds in an index. */
function beyond(query: Knex.QueryBuilder, { columns }: ListOrder, key: Key, than: '<' | '>', orEqual = false): void {
  const names = columns.map(({ column }) => column);
  query.where(names[0] as string, `${than}=`, key[0] as string);
  query.where(any => {
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      any.orWhere(each => {
        for (const before of names.slice(0, index)) each.where(before, key[names.indexOf(before)] as string);
        each.where(name, isLast && orEqual ? `${than}=` : than, key[index] as string);
      });
    }
  });
}
