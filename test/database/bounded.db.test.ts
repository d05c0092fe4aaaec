/** A pool for questions of strangers: no statement keeps the database busy for long, and what is asked can be broken off. */
import { openBoundedDatabase, openConnection } from '../../src/database/connection';
import { asFault } from '../../src/database/fault';
import { createTestDatabase, engines } from './test-database';

test.each(engines)('on %s', async engine => {
  const db = await createTestDatabase(engine);
  const locking = await openConnection(db.url);
  const fault = async (work: Promise<unknown>) =>
    asFault(
      await work.then(
        () => null,
        error => error,
      ),
    );
  const short = openBoundedDatabase(db.url, 1);
  expect(await short.database('astaccount').select('accountcode')).toEqual([]);
  await locking.query('LOCK TABLES astaccount WRITE');
  const code = engine === 'MariaDB' ? 'ER_STATEMENT_TIMEOUT' : 'ER_QUERY_TIMEOUT';
  expect(await fault(short.database('astaccount').select('accountcode'))).toMatchObject({ kind: 'refused', code });

  const long = openBoundedDatabase(db.url, 60);
  await long.database.raw('SELECT 1');
  const asked = fault(long.database.raw('SELECT SLEEP(30)'));
  const closed = long.database.destroy();
  await new Promise(resolve => setTimeout(resolve, 300));
  long.cut();
  expect(await asked).toMatchObject({ kind: 'away' });
  await closed;

  await locking.query('UNLOCK TABLES');
  // The connection that was told to stop is still good.
  expect(await short.database('astaccount').select('accountcode')).toEqual([]);
  await short.database.destroy();
  locking.destroy();
  await db.drop();
});
