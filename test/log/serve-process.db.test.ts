/**
 * A real `ringfence serve` whose log cannot be written, and that gets signals. It serves, reports the problem elsewhere, and ends on
 * request.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ringfenceProgram } from '../../lab/ringfence';
import { findFreePort } from '../../lab/servers/ports';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { usersOf } from '../database/service-user';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

let db: TestDatabase;
let port: number;
let metricsPort: number;
let environment: Record<string, string>;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '100000');
  [port, metricsPort] = [await findFreePort(), await findFreePort()];
  environment = {
    PATH: process.env.PATH as string,
    RINGFENCE_DATABASE_URL: (await usersOf(db)).service,
    RINGFENCE_REST_LISTEN: String(port),
    RINGFENCE_METRICS_LISTEN: String(metricsPort),
    RINGFENCE_LOG_LEVEL: 'debug',
    RINGFENCE_DRAIN_SECONDS: '5',
  };
});
// The processes of a failed test would keep jest waiting.
afterEach(() => running?.kill('SIGKILL'));
afterAll(() => db?.drop());

let running: ChildProcess | undefined;

/** Serves, with a standard output of this kind. */
function serve(output: number | 'pipe'): ChildProcess {
  running = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: environment,
    stdio: ['ignore', output, 'pipe'],
  });
  return running;
}

let calls = 0;
async function callStarts(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      call_id: `call-${process.pid}-${++calls}`,
      account: 'alice',
      number: '49301',
    }),
    signal: AbortSignal.timeout(5_000),
  });
  await response.text();
  return response.status;
}

const serving = () =>
  eventually(async () => (await fetch(`http://127.0.0.1:${port}/v1`).catch(() => null)) && true, 'the door', 20_000);

/** The exit code, null if it did not end within 15 s of SIGTERM. */
async function endOf(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  const late = new Promise<[null]>(resolve => setTimeout(resolve, 15_000, [null]).unref());
  const [code] = (await Promise.race([ended, late])) as [number | null];
  if (code === null) child.kill('SIGKILL');
  return code;
}

const lost = async () => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^ringfence_log_lines_lost_total (\d+)/m.exec(text)?.[1]);
};

async function expectServed(): Promise<void> {
  for (let count = 0; count < 20; count++) expect(await callStarts()).toBe(201);
}

const status = async () => (await ringfence(db.url, ['status'])).out;

test('a full disk', async () => {
  const full = openSync('/dev/full', 'w');
  const child = serve(full);
  closeSync(full);
  await serving();
  await expectServed();
  expect(await lost()).toBeGreaterThan(10);
  await eventually(
    async () => (/ALARM log_not_written, standard output: .*ENOSPC/.test(await status()) ? true : null),
    'the alarm',
    15_000,
  );
  expect(await endOf(child)).toBe(0);
}, 60_000);

test('a pipe whose reader stands still', async () => {
  const child = serve('pipe');
  await serving();
  // Nothing reads: a pipe holds 64 kB, and what waits behind it is bounded.
  await expectServed();
  expect(await endOf(child)).toBe(0);
}, 60_000);

test('a pipe whose reader has gone', async () => {
  const child = serve('pipe');
  await serving();
  child.stdout?.destroy();
  // The pipe takes lines until the kernel has closed our end of it.
  while ((await lost()) <= 10) await expectServed();
  expect(await endOf(child)).toBe(0);
}, 60_000);

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s: what was taken is settled, and the process ends with 0',
  async signal => {
    const child = serve('pipe');
    let told = '';
    child.stdout?.on('data', text => {
      told += text;
    });
    await serving();
    expect(await callStarts()).toBe(201);
    expect(await endOf(child, signal)).toBe(0);
    expect(told).toContain('"event":"stopped"');
  },
  60_000,
);

test('SIGUSR1 opens no debugger', async () => {
  const child = serve('pipe');
  let told = '';
  child.stderr?.on('data', text => {
    told += text;
  });
  child.stdout?.resume();
  await serving();
  child.kill('SIGUSR1');
  await sleep(1_000);
  expect(await callStarts()).toBe(201);
  expect(told).not.toContain('Debugger');
  expect(await endOf(child)).toBe(0);
}, 60_000);
