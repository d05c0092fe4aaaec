/** What keeps a list cheap however long its table is. */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';
import type { Page } from './page';

/** The most rows that a list counts, and the most of a table that only grows that a list looks at. */
export const MOST_ROWS = 100_000;

/** How many rows a query has, counted up to `most`. */
export async function counted(
  database: Knex,
  query: Knex.QueryBuilder,
  most = MOST_ROWS,
): Promise<Omit<Page<never>, 'items'>> {
  const some = query
    .clone()
    .select(database.raw('1'))
    .limit(most + 1);
  const [row] = await database.from(some.as('some')).count({ total: '*' });
  const total = Number(row?.total);
  return total > most ? { total: most, isMore: true } : { total };
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
