import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { projectRoot } from '../../src/config/project-root';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { ask, debitBalance, maxSessionTime } from './rating-engine/rating-fixture';
import { askInt, getCredit, subtractCredit } from './sems/sems-fixture';

const log = pino({ level: 'silent' });

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'joe', '10');
});
afterAll(() => db.drop());

const settings = (environment: Record<string, string>) =>
  readSettings({ RINGFENCE_DATABASE_URL: db.url, ...environment });

test('a service without a switch serves SEMS alone, by its settings, and stops', async () => {
  const port = await freePort();
  const metricsPort = await freePort();
  const service = await startService(
    settings({
      RINGFENCE_SEMS_LISTEN: `${port}`,
      RINGFENCE_SEMS_NAME: 'west',
      RINGFENCE_METRICS_LISTEN: `${metricsPort}`,
    }),
    log,
  );
  expect(await askInt(port, getCredit('joe|49301|c1'))).toBe(600);
  expect(await askInt(port, subtractCredit('joe|49301|c1', 60))).toBe(540);
  expect(await db.database('astcdr').first('node', 'cost')).toEqual({ node: 'sems:west', cost: '1.000000' });
  expect(await askInt(port, getCredit('nobody|49301|c9'))).toBe(-1);
  const figures = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(figures).toContain('ringfence_door_answers_total{door="sems:west"} 3\n');
  expect(figures).toContain('ringfence_door_refusals_total{door="sems:west",reason="account_not_found"} 1\n');
  expect(figures).toContain('ringfence_door_waiting{door="sems:west"} 0\n');
  await service.stop();
  await expect(askInt(port, getCredit('joe|49301|c2'))).rejects.toThrow('no int: ');
});

test('a service without a switch serves REST alone, by its settings, and stops', async () => {
  const port = await freePort();
  const key = 'a'.repeat(64);
  const service = await startService(
    settings({
      RINGFENCE_REST_LISTEN: `${port}`,
      RINGFENCE_REST_NAME: 'east',
      RINGFENCE_REST_KEYS: `fs1=${createHash('sha256').update(key).digest('hex')}`,
      RINGFENCE_REST_CAP_SECONDS: '120',
    }),
    log,
  );
  const ask = async (path: string, body: object, token = key) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return [response.status, ((await response.json()) as { cost?: string }).cost];
  };
  const call = { call_id: 'r1', account: 'joe', number: '49301' };
  expect(await ask('/v1/calls', call, 'b'.repeat(64))).toEqual([401, undefined]);
  expect(await ask('/v1/calls', call)).toEqual([201, undefined]);
  expect(await db.database('astcreditres').first('node', 'granted_seconds')).toEqual({
    node: 'rest:east',
    granted_seconds: 120,
  });
  expect(await ask('/v1/calls/r1/settle', { talk_seconds: 59 })).toEqual([200, '1.00']);
  await service.stop();
  await expect(ask('/v1/calls', call)).rejects.toThrow('fetch failed');
});

test('a REST door that would let in anybody from afar is not opened', async () => {
  const started = startService(settings({ RINGFENCE_REST_LISTEN: '0.0.0.0:8010' }), log);
  await expect(started).rejects.toThrow('RINGFENCE_REST_LISTEN: 0.0.0.0 is not loopback, and RINGFENCE_REST_KEYS');
});

test('a service serves Call Control by its settings', async () => {
  const port = await freePort();
  const service = await startService(
    settings({
      RINGFENCE_RATING_LISTEN: `${port}`,
      RINGFENCE_RATING_NAME: 'west',
      RINGFENCE_RATING_ACCOUNT: '{user}',
      RINGFENCE_RATING_CAP_SECONDS: '240',
    }),
    log,
  );
  expect(await ask(port, maxSessionTime('c1', 'joe@example.com'))).toBe('240\ntype=prepaid');
  expect(await ask(port, debitBalance('c1', 'joe@example.com', 60))).toMatch(/^Ok\nMaxSessionTime=0\n1\.00\n/);
  expect(await ask(port, 'AddBalance From=joe Value=1')).toBe('0');
  expect(await db.database('astcdr').where({ node: 'rating:west' }).first('accountcode', 'cost')).toEqual({
    accountcode: 'joe',
    cost: '1.000000',
  });
  await service.stop();
  expect(await ask(port, 'Version')).toBe('');
});

test('what docs/doors.md says of Call Control works as it stands', async () => {
  const doc = readFileSync(join(projectRoot, 'docs/doors.md'), 'utf8').split('\n## Call Control\n')[1] as string;
  const [ours = '', theirs = ''] = [...doc.matchAll(/```\n([^`]*)```/g)].map(([, block = '']) => block);
  const environment = Object.fromEntries(
    [...ours.matchAll(/^export (\w+)=(\S+)/gm)].map(([, name, value]) => [name, value]),
  );
  const port = Number(/^address = 127\.0\.0\.1:(\d+)$/m.exec(theirs)?.[1]);
  const service = await startService(settings(environment), log);
  expect(await ask(port, maxSessionTime('d1', 'nobody@example.com'))).toBe('0\ntype=prepaid');
  await service.stop();
});

test('without a switch and a door there is nothing to serve', async () => {
  await expect(startService(settings({}), log)).rejects.toThrow('or open a door for other systems (docs/doors.md)');
});

test('a port that is taken is told by the name of its setting', async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const started = startService(settings({ RINGFENCE_SEMS_LISTEN: `${port}` }), log);
  await expect(started).rejects.toThrow(
    `RINGFENCE_SEMS_LISTEN: cannot listen on 127.0.0.1:${port} (EADDRINUSE): free it, or choose another`,
  );
  await new Promise(resolve => server.close(resolve));
});
