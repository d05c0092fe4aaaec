import type { Knex } from 'knex';
import type { FieldPacket, TypeCastField } from 'mysql2';
import { connectBeside } from './connection';
import { asFault, orFault } from './fault';

/** The rows of a query, in its order. */
export interface RowStream<Cell> {
  columns: readonly string[];
  /** Each with its cells in the order of the columns. Can be read once. @throws DatabaseFault */
  rows: AsyncIterable<readonly Cell[]>;
}

/** How many rows are in memory, besides what the sockets hold. */
const ROWS_AHEAD = 200;

/** The longest that the rows may take, however slowly they are read: the server keeps old versions of rows meanwhile. s */
const MOST_SECONDS = 900;

/**
 * Reads the rows of a query as fast as they are wanted, on a connection of its own, so that a slow reader holds up no other question. Resolves
 * when the columns are known; the query may still be running.
 *
 * `limit`: the most rows; all if not given. `cellOf`: makes a cell of what the server has sent. When `signal` is aborted, the query is ended in
 * the server too, and reading fails with the reason: abort it when nothing more is read.
 * @throws DatabaseFault; the reason of `signal`
 */
export async function streamRows<Cell>(
  database: Knex,
  sql: string,
  { limit, cellOf, signal }: { limit?: number; cellOf(field: TypeCastField): Cell; signal: AbortSignal },
): Promise<RowStream<Cell>> {
  const connection = await connectBeside(database, MOST_SECONDS);
  if (limit !== undefined) connection.query(`SET SESSION sql_select_limit = ${limit}`);
  const rows = connection.query({ sql, rowsAsArray: true, typeCast: cellOf }).stream({ highWaterMark: ROWS_AHEAD });
  // The driver tells the connection alone that it was lost, and the rows would never end.
  connection.on('error', error => rows.destroy(error));
  rows.on('error', () => undefined);
  const close = () => {
    signal.removeEventListener('abort', stop);
    connection.destroy();
  };
  const stop = () => {
    rows.destroy(signal.reason);
    close();
    // A server notices a closed connection when it sends a row, which may be in an hour.
    endQuery(database, connection.threadId, sql).catch(() => undefined);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const columns = await new Promise<string[]>((resolve, reject) => {
      rows.once('fields', (fields: FieldPacket[] = []) => resolve(fields.map(({ name }) => name)));
      rows.once('close', () => reject(rows.errored ?? new Error('the query has no columns')));
    });
    return { columns, rows: read() };
  } catch (error) {
    close();
    throw asFault(error);
  }

  async function* read(): AsyncGenerator<readonly Cell[]> {
    let left = limit ?? Number.POSITIVE_INFINITY;
    try {
      for await (const row of rows) {
        // The server does not count where the query has a LIMIT of its own.
        if (left-- === 0) return;
        yield row as Cell[];
      }
    } catch (error) {
      throw asFault(error);
    } finally {
      close();
    }
  }
}

/**
 * Ends the connection of that number, if it runs this query. After a fail-over, or on a server that began anew, it may be another one, with calls.
 * @throws DatabaseFault
 */
export async function endQuery(database: Knex, connectionId: number, sql: string): Promise<void> {
  await orFault(async () => {
    const [running] = await database.raw(
      'SELECT id FROM information_schema.processlist WHERE id = ? AND LEFT(info, 50) = LEFT(?, 50)',
      [connectionId, sql],
    );
    if (running.length > 0) await database.raw(`KILL ${connectionId}`);
  });
}
