/** What keeps a list cheap however long its table is. */
import type { Knex } from 'knex';
import { firstSince, type GrowingTable } from '../database/growing-table';
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
