import type { Knex } from 'knex';
import { orFault } from './fault';

/**
 * The name of the books in this database: a UUID that `migrate` wrote once. A copy of the database has the same.
 * @throws DatabaseFault; Error if the row was deleted.
 */
export const booksIdOf = (database: Knex): Promise<string> =>
  orFault(async () => {
    const row = await database('astbooks').first('books_id');
    if (!row) throw new Error('astbooks has no row: insert one again, INSERT INTO astbooks (books_id) VALUES (UUID())');
    return row.books_id as string;
  });
