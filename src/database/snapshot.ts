import type { Connection } from 'mysql2/promise';
import { asFault } from './fault';

/** The contents of one snapshot of the database; `look` gets the time when it began, by performance.now(). */
export async function inSnapshot<Result>(
  connection: Connection,
  look: (startedAt: number) => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await look(startedAt);
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw asFault(error);
  }
}
