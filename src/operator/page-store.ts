/** What keeps a list cheap however long its table is. */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';
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
): Promise<Omit<Page<never>, 'items'>> {
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
 * A filter without an index then looks at those alone. Otherwise one that matches few rows reads a table of ten million to its end.
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
    .select(column, shown);
  return older && oldest;
}

/** A table that only grows: the name of its number, by which it grows. Its `created_at` has no index. */
interface Growing {
  table: string;
  id: string;
}

/** How far the order of the numbers may be from that of the times: transactions overlap, and servers of a cluster have clocks of their own. */
const DISORDER_MS = 60_000;

/** Leaves the rows that were created from `from` on, and before `to`. */
export async function createdBetween(
  database: Knex,
  query: Knex.QueryBuilder,
  growing: Growing,
  { from, to }: { from?: Date; to?: Date },
): Promise<void> {
  if (from !== undefined) {
    query.where('created_at', '>=', from);
    query.where(growing.id, '>=', await firstSince(database, growing, from.getTime() - DISORDER_MS));
  }
  if (to !== undefined) {
    query.where('created_at', '<', to);
    query.where(growing.id, '<', await firstSince(database, growing, to.getTime() + DISORDER_MS));
  }
}

/** The least number whose row, and those after it, were created at `time` or later. By halving: 24 rows are read of ten million. */
async function firstSince(database: Knex, { table, id }: Growing, time: number): Promise<number> {
  const [ends] = await database(table).min({ first: id }).max({ last: id });
  let least = Number(ends?.first);
  let most = Number(ends?.last) + 1;
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    // Numbers have gaps. The last number is at or after the middle.
    const row = await database(table).where(id, '>=', middle).orderBy(id).first({ id, at: 'created_at' });
    if (row && row.at.getTime() < time) least = Number(row.id) + 1;
    else most = middle;
  }
  return least;
}
