/**
 * Whether a service that works for a long time stays as it was: `npm run bench:soak`.
 *
 * A real `ringfence serve` on a real MariaDB. Calls come through three doors at a constant rate, a tenth of them of accounts whose calls
 * share what there is, some of them short of money. An operator tops accounts up, and a webhook receives every event. At the end of each
 * window all its calls have ended. Then memory after a collection, handles, what waits, and what the ledger holds must be what they were,
 * and so must the time for which callers waited. At last the books must balance.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { readOptions, wholeOption } from '../lab/options';
import { RingfenceCli } from '../lab/ringfence';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { moveLocked } from '../src/credit/entries';
import { inTransaction } from '../src/database/connection';
import { sqlOf } from '../src/database/rows';
import { parseAmount } from '../src/money/micros';
import { emptyBooks, onePrice } from './books';
import { doors, listening, MOST_CONNECTIONS } from './door-clients';
import { type Load, openLoop, type Shape } from './open-loop';
import { openReceivers } from './receivers';
import { type Allowance, trendOf } from './soak-trend';
import { WatchedServe } from './watched-serve';

const ACCOUNTS = 200;
/** Every tenth account shares, and every second one of those is short of money. */
const SHARING_EVERY = 10;
const TOP_UP_EVERY_MS = 1_000;
/** Windows enough for a median of thirds; none so long that a short soak has only a few. */
const WINDOWS = 18;

const USAGE = `usage: npm run bench:soak -- [options]

  --minutes <n>    how long (10)
  --rate <n>       calls a second (200)
  --json           the figures as indented JSON at the end

Exits with 1 if a figure grew, a call was lost, most calls were refused, or the books do not balance.

example: npm run bench:soak -- --minutes 60 --rate 500`;

/** What must not grow, and by how much it may. All calls of a window have ended: nothing waits then, and nothing is held. */
const FIGURES = {
  'memory MB': { share: 0.03, more: 2 },
  handles: { share: 0, more: 3 },
  files: { share: 0, more: 3 },
  waiting: { most: 0 },
  held: { most: 0 },
  // Of all calls, as many as those of the accounts that are short of money.
  'refused %': { share: 0, more: 100 / (2 * SHARING_EVERY) },
  'p50 ms': { share: 0.5, more: 2 },
  'p99 ms': { share: 1, more: 20 },
} satisfies Record<string, Allowance>;
type Figure = keyof typeof FIGURES;
type Sample = Record<Figure, number>;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  });
  const rate = wholeOption('rate', values.rate);
  const windowSeconds = (wholeOption('minutes', values.minutes) * 60) / WINDOWS;
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir, extraArgs: ['--innodb-buffer-pool-size=1G'] });
  try {
    console.log(
      `\n${server.engine} ${server.version}, ${rate} calls/s for ${values.minutes} min, 3 doors, ${ACCOUNTS} accounts`,
    );
    const { url, database } = await soakBooks(server.url);
    const samples = await soak(url, database, rate, windowSeconds);
    await database.destroy();
    const grown = judge(samples);
    const proof = await new RingfenceCli({ ...process.env, RINGFENCE_DATABASE_URL: url }).try(['verify']);
    console.log(
      proof.exitCode === 0 ? '  the books balance' : `  THE BOOKS DO NOT BALANCE\n${proof.stdout}${proof.stderr}`,
    );
    if (values.json) console.log(JSON.stringify(samples, null, 2));
    if (grown || proof.exitCode !== 0) process.exitCode = 1;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Accounts with money that came by entries, so that the books can be proven. */
async function soakBooks(serverUrl: string): Promise<{ url: string; database: Knex }> {
  const { url, database } = await emptyBooks(serverUrl);
  await onePrice(database, '0.60');
  for (let index = 0; index < ACCOUNTS; index++) {
    const shares = index % SHARING_EVERY === 0;
    const terms = shares ? { mode: 'shared', slice_seconds: 10 } : { max_call_seconds: 300 };
    await database('astaccount').insert({ accountcode: `account-${index}`, currency: 'EUR', deck: 'retail', ...terms });
    await topUp(database, index, index % (2 * SHARING_EVERY) === 0 ? '1' : '1000000', 'opening');
  }
  return { url, database };
}

const topUp = (database: Knex, account: number, amount: string, reference: string) =>
  inTransaction(database, transaction =>
    moveLocked(sqlOf(transaction), {
      ...{ accountcode: `account-${account}`, kind: 'top_up', amount: parseAmount(amount), reference },
      ...{ reason: '', actor: 'bench' },
    }),
  );

async function soak(url: string, database: Knex, rate: number, seconds: number): Promise<Sample[]> {
  const receivers = await openReceivers(url, 0);
  const ports = await Promise.all(doors.map(() => findFreePort()));
  const settings = doors.map((door, index) => door.settings(ports[index] as number));
  const serve = new WatchedServe(url, Object.assign({}, receivers.settings, ...settings));
  await Promise.all(ports.map(listening)).catch(error => {
    serve.kill();
    throw error;
  });
  const shape = throughAll(ports, serve);
  let isOver = false;
  const toppingUp = (async () => {
    for (let topUps = 1; !isOver; topUps++) {
      await topUp(database, (topUps * SHARING_EVERY) % ACCOUNTS, '1', `soak-${topUps}`);
      await new Promise(done => setTimeout(done, TOP_UP_EVERY_MS));
    }
  })();
  // Awaited at the end.
  toppingUp.catch(() => undefined);
  const samples: Sample[] = [];
  try {
    const names = Object.keys(FIGURES) as Figure[];
    console.log(`  minute   granted${names.map(name => name.padStart(11)).join('')}`);
    for (let window = 1; window <= WINDOWS; window++) {
      const load = await openLoop(shape, { rate, seconds, accounts: ACCOUNTS, seed: window });
      if (load.granted < load.offered / 2)
        throw new Error(`only ${load.granted} of ${load.offered} calls were granted`);
      const sample = await sampled(serve, database, load);
      samples.push(sample);
      const cells = names.map(name => format(sample[name]).padStart(11)).join('');
      console.log(`  ${format((window * seconds) / 60).padStart(6)}${String(load.granted).padStart(10)}${cells}`);
    }
  } finally {
    isOver = true;
    await shape.close();
    serve.kill();
    await receivers.close();
  }
  await toppingUp;
  return samples;
}

/** Every call through one door, start and end, by its id. */
function throughAll(ports: readonly number[], serve: WatchedServe): Shape {
  const clients = doors.map((door, index) => door.client(ports[index] as number, MOST_CONNECTIONS));
  const clientOf = (uniqueid: string) =>
    clients[Number(uniqueid.slice(uniqueid.lastIndexOf('.') + 1)) % clients.length] as (typeof clients)[number];
  return {
    start: request => clientOf(request.uniqueid).start(request),
    end: (request, end) => clientOf(request.uniqueid).end(request, end),
    async close() {
      for (const client of clients) await client.close();
    },
    processorMs: () => serve.spentMs,
  };
}

/** The figures at rest: all calls of the window have ended. */
async function sampled(serve: WatchedServe, database: Knex, load: Load): Promise<Sample> {
  const count = async (table: string, where: object = {}) =>
    Number((await database(table).where(where).count({ n: '*' }))[0]?.n);
  // The events of the last calls are posted after their ends.
  const MOST_LOOKS = 60;
  let [waiting, held] = [Number.POSITIVE_INFINITY, 0];
  for (let looks = 0; waiting + held > 0 && looks < MOST_LOOKS; looks++) {
    waiting = (await count('astoutbox', { dispatched: false })) + (await count('astdelivery', { state: 'waiting' }));
    held = await count('astcreditres');
    if (waiting + held > 0) await new Promise(done => setTimeout(done, 500));
  }
  const { heapBytes = 0, handles = 0 } = await serve.ask({ ask: 'heap' });
  return {
    'memory MB': heapBytes / 1024 / 1024,
    handles,
    files: readdirSync(`/proc/${serve.pid}/fd`).length,
    waiting,
    held,
    'refused %': (load.refused / load.offered) * 100,
    'p50 ms': load.p50Ms,
    'p99 ms': load.p99Ms,
  };
}

/** Prints what each figure was at the beginning and at the end; true if one grew. */
function judge(samples: readonly Sample[]): boolean {
  console.log('\n  figure          first third   last third      at most');
  let grown = false;
  for (const [name, allowance] of Object.entries(FIGURES) as [Figure, Allowance][]) {
    const { first, last, allowed, grew } = trendOf(
      samples.map(sample => sample[name]),
      allowance,
    );
    grown ||= grew;
    const cells = [first === null ? 'all windows:' : format(first), format(last), format(allowed)]
      .map(cell => cell.padStart(13))
      .join('');
    console.log(`  ${name.padEnd(14)}${cells}${grew ? '   GREW' : ''}`);
  }
  return grown;
}

const format = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

function fail(error: unknown): void {
  console.error(`bench:soak: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

main().catch(fail);
