/** What an actor may see, in SQL. */
import type { Knex } from 'knex';
import type { Visible } from './visible';

/** A condition on a row, by the column that names its account; `text` is part of a statement. */
export function visibleWhere(visible: Visible, column: string): { text: string; values: string[] } {
  switch (visible.kind) {
    case 'everything':
      return { text: 'TRUE', values: [] };
    case 'account':
      return { text: `${column} = ?`, values: [visible.accountcode] };
  }
}

/** Leaves the rows that are visible. Returns the query. */
export function onlyVisible<Query extends Knex.QueryBuilder>(
  query: Query,
  visible: Visible,
  column = 'accountcode',
): Query {
  const { text, values } = visibleWhere(visible, column);
  query.whereRaw(text, values);
  return query;
}
