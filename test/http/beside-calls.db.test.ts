/** The API of a service that carries calls leaves them the first turn, and a service that has the API alone the processor. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { ringfenceProgram } from '../../lab/ringfence';
import { findFreePort } from '../../lab/servers/ports';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
});
afterAll(() => db.drop());

/** How long the API takes for what needs no database; ms. */
async function asked(port: number): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/openapi.json`);
  await answer.arrayBuffer();
  expect(answer.status).toBe(200);
  return performance.now() - began;
}

/** How many statements wait for a lock in the test's own database. */
async function locksWaitedFor(): Promise<number> {
  const [rows] = await db.database.raw(
    `SELECT p.id FROM information_schema.innodb_trx AS t JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
     WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`,
  );
  return rows.length;
}

test('while a call waits for the ledger a request waits 20 ms for it, and is answered before the call is', async () => {
  const [door, api] = [await findFreePort(), await findFreePort()];
  const service = await startService(
    readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_REST_LISTEN: `${door}`,
      RINGFENCE_HTTP_LISTEN: `${api}`,
      RINGFENCE_START_DEADLINE_MS: '5000',
    }),
    pino({ level: 'silent' }),
  );
  const other = await db.database.transaction();
  try {
    await other('astaccount').where({ accountcode: 'alice' }).forUpdate().first();
    // The first answer takes longer by itself.
    await asked(api);
    let isAnswered = false;
    const started = fetch(`http://127.0.0.1:${door}/v1/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ call_id: 'c1', account: 'alice', number: '4930123' }),
    }).finally(() => {
      isAnswered = true;
    });
    await eventually(async () => ((await locksWaitedFor()) > 0 ? true : null), 'the call in the ledger');
    for (let times = 0; times < 3; times++) expect(await asked(api)).toBeGreaterThanOrEqual(19);
    expect(isAnswered).toBe(false);
    await other.rollback();
    expect((await started).status).toBe(201);
    const afterwards: number[] = [];
    for (let times = 0; times < 20; times++) afterwards.push(await asked(api));
    expect(Math.min(...afterwards)).toBeLessThan(19);
  } finally {
    await other.rollback();
    await service.stop();
  }
});

test.each([
  ['a service that has the API alone gives way to others on its machine', false],
  ['a service with a door for calls does not', true],
])('%s', async (_, hasDoor) => {
  const [api, door] = [await findFreePort(), await findFreePort()];
  const service = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_HTTP_LISTEN: `${api}`,
      ...(hasDoor && { RINGFENCE_REST_LISTEN: `${door}` }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(service, 'exit');
  try {
    let told = '';
    for await (const part of service.stdout.setEncoding('utf8')) {
      told += part;
      if (told.includes('"serving"')) break;
    }
    expect(told).toContain('"serving"');
    // At nice 10 this test could not fail.
    expect(getPriority()).toBeLessThan(10);
    const priorities = () => [
      ...new Set(readdirSync(`/proc/${service.pid}/task`).map(thread => getPriority(Number(thread)))),
    ];
    // It gives way a moment after that line.
    for (let tries = 0; tries < (hasDoor ? 10 : 250) && priorities().includes(getPriority()); tries++) await sleep(20);
    expect(priorities()).toEqual([hasDoor ? getPriority() : 10]);
  } finally {
    service.kill('SIGKILL');
    await exited;
  }
});
