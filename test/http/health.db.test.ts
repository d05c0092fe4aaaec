/** What a load balancer and a supervisor ask. */
import { connect } from 'node:net';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { ApiServer } from '../../src/http/api-server';
import { parsePeers } from '../../src/listeners/peers';
import { Readiness } from '../../src/metrics/readiness';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
});
afterAll(() => db.drop());

const log = pino({ level: 'silent' });

async function opened(databaseUrl: string, readiness: Readiness) {
  const api = new ApiServer({
    listen: { host: '127.0.0.1', port: 0 },
    peers: parsePeers(['127.0.0.1']),
    proxies: parsePeers([]),
    databaseUrl,
    service: requestBy('test', db.database).service,
    readiness,
    log,
  });
  await api.open();
  return api;
}

async function ask(port: number, path: string, method = 'GET') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

const READY = { status: 200, type: 'application/json; charset=utf-8', text: '{"ready":true,"reasons":[]}' };
const notReady = (...reasons: string[]) => ({
  status: 503,
  type: READY.type,
  text: JSON.stringify({ ready: false, reasons }),
});

test('a service is alive and ready, says so at both of its ports without a key, and is no longer ready while it stops', async () => {
  const [port, metricsPort] = [await findFreePort(), await findFreePort()];
  const service = await startService(
    readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_HTTP_LISTEN: `${port}`,
      RINGFENCE_METRICS_LISTEN: `${metricsPort}`,
    }),
    log,
  );
  for (const at of [port, metricsPort]) {
    expect(await ask(at, '/healthz')).toEqual({ ...READY, text: '{"alive":true}' });
    expect(await ask(at, '/readyz')).toEqual(READY);
  }
  expect(await ask(port, '/readyz', 'HEAD')).toEqual({ ...READY, text: '' });
  expect(await ask(metricsPort, '/nowhere')).toMatchObject({ status: 404 });
  // A call that is being answered keeps the service from being gone, so that it can be asked.
  const slow = connect(port, '127.0.0.1');
  slow.write('POST /api/v1/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n');
  await new Promise(resolve => setTimeout(resolve, 200));
  const stopped = service.stop();
  expect(await ask(metricsPort, '/readyz')).toEqual(notReady('stopping'));
  expect((await ask(metricsPort, '/healthz')).status).toBe(200);
  slow.destroy();
  await stopped;
});

test('a service without its database, or with an older schema, is alive and not ready; with a newer one it is ready', async () => {
  const empty = await createEmptyDatabase('MariaDB');
  const readiness = new Readiness(empty.database);
  const api = await opened(empty.url, readiness);
  expect(await ask(api.port, '/readyz')).toEqual(notReady('schema_not_migrated'));
  readiness.stop();
  expect(await ask(api.port, '/readyz')).toEqual(notReady('stopping', 'schema_not_migrated'));
  expect((await ask(api.port, '/healthz')).status).toBe(200);
  await api.close(1_000);

  const migrated = new Readiness(db.database);
  expect(await migrated.problems()).toEqual([]);
  await db.database('astmigration').insert({ number: 9_999, name: '9999-of-the-next-version', checksum: 'x' });
  expect(await new Readiness(db.database).problems()).toEqual([]);
  await db.database('astmigration').where({ number: 9_999 }).delete();
  const [last] = await db.database('astmigration').orderBy('number', 'desc').limit(1);
  await db.database('astmigration').where({ number: last.number }).delete();
  expect(await new Readiness(db.database).problems()).toEqual(['schema_not_migrated']);
  await db.database('astmigration').insert(last);

  await empty.database.destroy();
  const away = new Readiness(empty.database);
  expect(await away.problems()).toEqual(['database_unavailable']);
  await empty.drop();
});

test('a thousand questions at once, by strangers, are one question to the database', async () => {
  let asked = 0;
  const count = ({ sql }: { sql: string }) => {
    if (sql.includes('astmigration')) asked++;
  };
  db.database.on('query', count);
  const api = await opened(db.url, new Readiness(db.database));
  for (let round = 0; round < 10; round++) {
    const told = await Promise.all(Array.from({ length: 100 }, () => ask(api.port, '/readyz')));
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([200]));
  }
  db.database.off('query', count);
  expect(asked).toBeGreaterThanOrEqual(1);
  // One in two seconds, on a machine that may be slow.
  expect(asked).toBeLessThanOrEqual(20);
  await api.close(1_000);
});

test('a connection that is kept while the API closes gets a problem, not a page of another kind', async () => {
  const api = await opened(db.url, new Readiness(db.database));
  const socket = connect(api.port, '127.0.0.1');
  let told = '';
  socket.on('data', data => {
    told += data;
  });
  const part = 'POST /api/v1/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{';
  socket.write(part);
  await new Promise(resolve => setTimeout(resolve, 200));
  const closed = api.close(5_000);
  socket.write('}GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise(resolve => socket.on('close', resolve));
  await closed;
  const statuses = [...told.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  expect(statuses[0]).toBe('404');
  // Node may close the connection with the first answer.
  if (statuses.length > 1) expect(told).toContain('urn:ringfence:problem:stopping');
});
