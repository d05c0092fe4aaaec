import type { Knex } from 'knex';
import { orFault } from './fault';

/**
 * The name of the books in this database: a UUID that `migrate` wrote once. A copy of the database has the same.
 * @throws DatabaseFault; Error if the row was deleted.
 */
export const booksIdOf = (database: Knex): Promise<string> =>
  orFault(async () => {
    const row = await database('astbooks').first('books_id');
    if (!row) throw noBooks();
    return row.books_id as string;
  });

/**
 * Locks the one row of astbooks until COMMIT: for changes that must come one after the other, though they write different rows. No call and no
 * import waits for it.
 * @throws DatabaseFault; Error if the row was deleted.
 */
export async function lockBooks(transaction: Knex.Transaction): Promise<void> {
  if (!(await transaction('astbooks').forUpdate().first('only_row'))) throw noBooks();
}

const noBooks = (): Error =>
  new Error('astbooks has no row: insert one again, INSERT INTO astbooks (books_id) VALUES (UUID())');
