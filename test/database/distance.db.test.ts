import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { openDistance } from '../../lab/servers/distance';
import { decideBatch } from '../../src/credit/call-batch';
import type { LedgerOperation } from '../../src/credit/ledger-operation';
import type { StartRequest } from '../../src/credit/rules/start';
import { openDatabase } from '../../src/database/connection';
import { distanceOf } from '../../src/database/distance';
import { sendOneByOne } from '../../src/database/packet';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, booksInHand, callOf, endOf, LIMITS, talked } from '../credit/ledger-fixture';
import { keptLog } from '../doors/door-fixture';
import { createTestDatabase, engines, type TestDatabase } from './test-database';

/** What sends the statements of a connection, those of a packet too. */
const senderOf = (connection: Connection) => (connection as unknown as { connection: Connection }).connection;

describe.each(engines)('a database at a distance, %s', engine => {
  let db: TestDatabase;
  let far: Awaited<ReturnType<typeof openDistance>>;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    far = await openDistance(db.url, 30);
  });
  afterAll(async () => {
    await far.close();
    await db.drop();
  });

  test('is measured by its round trip, of which a start takes three', async () => {
    const database = openDatabase(far.url);
    const { roundTripMs, startMs } = await distanceOf(database);
    await database.destroy();
    expect(roundTripMs).toBeGreaterThan(29);
    expect(startMs).toBeCloseTo(3 * roundTripMs);
  });

  test('a start asks it three times, and twice once the prices are known; its end twice', async () => {
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'near', '100');
    const { books, connection } = await booksInHand(db.url);
    const asked = jest.spyOn(senderOf(connection), 'query');
    const timesAsked = async (operation: LedgerOperation): Promise<number> => {
      asked.mockClear();
      const { changes } = await decideBatch(books, [operation], { limits: LIMITS });
      await books.commit(changes);
      return asked.mock.calls.length;
    };
    const startOf = (request: StartRequest): LedgerOperation => {
      const { uniqueid, accountcode } = request;
      return { kind: 'start', uniqueid, accountcode, request, lease: null };
    };
    const request = callOf('near');
    expect(await timesAsked(startOf(request))).toBe(3);
    expect(await timesAsked(startOf(callOf('near')))).toBe(2);
    expect(await timesAsked({ kind: 'end', ...endOf(request, talked(60)) })).toBe(2);
    books.destroy();
  });

  test('on a Galera node, which is sent each statement by itself, a start asks it ten times', async () => {
    const { books, connection } = await booksInHand(db.url);
    sendOneByOne(connection);
    await addAccount(db, 'clustered', '100');
    const asked = jest.spyOn(senderOf(connection), 'query');
    const lease = { node: 'nowhere', epoch: 1 };
    const request = callOf('clustered');
    const { uniqueid, accountcode } = request;
    const start = { kind: 'start', uniqueid, accountcode, request, lease: null } as const;
    // A lease of its own, so that the fence is read too: no process holds this one.
    const fenced = { ...start, uniqueid: `${uniqueid}9`, request: callOf('clustered'), lease };
    const { changes } = await decideBatch(books, [start, fenced], { limits: LIMITS });
    await books.commit(changes);
    expect(asked).toHaveBeenCalledTimes(10);
    books.destroy();
  });

  test.each([
    ['150', 'warn', 40],
    ['5000', 'info', 30],
  ])('with %s ms for a start it is told at the level %s', async (deadline, _, level) => {
    const { log, lines } = keptLog();
    const service = await startService(
      readSettings({
        RINGFENCE_DATABASE_URL: far.url,
        RINGFENCE_START_DEADLINE_MS: deadline,
        RINGFENCE_ARI_URL: 'http://user:password@127.0.0.1:9',
      }),
      log,
    );
    await service.stop();
    const told = lines.filter(({ event }) => event === 'database_far' || event === 'database_distance');
    expect(told).toMatchObject([{ level, round_trip_ms: expect.any(Number), deadline_ms: Number(deadline) }]);
    expect(told[0].start_ms).toBeGreaterThan(85);
  });

  test.each([
    ['200', '5000', 'RINGFENCE_PROXY_ANSWER_WITHIN_MS (docs/doors/call-control.md)'],
    ['5000', '150', 'RINGFENCE_START_DEADLINE_MS'],
    ['200', '150', 'RINGFENCE_START_DEADLINE_MS and RINGFENCE_PROXY_ANSWER_WITHIN_MS (docs/doors/call-control.md)'],
    ['5000', '5000', null],
  ])(
    'a proxy that waits for %s ms, and %s for a start: what is to be raised is named',
    async (answer, start, raised) => {
      const { log, lines } = keptLog();
      const service = await startService(
        readSettings({
          RINGFENCE_DATABASE_URL: far.url,
          RINGFENCE_START_DEADLINE_MS: start,
          RINGFENCE_PROXY_ANSWER_WITHIN_MS: answer,
          RINGFENCE_PROXY_RPC: 'kamailio+udp://127.0.0.1:9',
          RINGFENCE_CALL_CONTROL_SOCKET: join(process.env.RINGFENCE_TEST_FOLDER as string, `far-${process.pid}`),
        }),
        log,
      );
      await service.stop();
      const told = lines.filter(({ event }) => event === 'database_far');
      const todo = `move the service nearer to its database, or raise ${raised}`;
      const deadline_ms = Math.min(Number(start), Number(answer) - 50);
      expect(told).toMatchObject(raised === null ? [] : [{ todo, deadline_ms }]);
    },
  );
});
