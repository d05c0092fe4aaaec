/**
 * How many calls a second the ledger starts and ends, and how long a durable start takes: `npm run bench:ledger`.
 *
 * Two shapes in one run, on one real database on this machine: the ledger's lanes, and the plain transaction that every
 * textbook has (SELECT … FOR UPDATE, decide, INSERT, UPDATE, COMMIT). Each is asked for one hot account and for 10,000
 * accounts, in an open loop: calls arrive at random at a given rate whether or not the last one was answered, and end one to
 * three seconds later.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { startMariadb } from '../lab/servers/mariadb';
import { startMysql } from '../lab/servers/mysql';
import type { HeldLease } from '../src/credit/books';
import { Ledger } from '../src/credit/ledger';
import { LeaseTable } from '../src/ownership/leases';
import { emptyBooks } from './empty-books';
import { type Load, openLoop, type Shape } from './open-loop';
import { PlainShape } from './plain-shape';

const ACCOUNTS = { 'one hot account': 1, '10,000 accounts': 10_000 } as const;
type Spread = keyof typeof ACCOUNTS;

const RATES = {
  lanes: [1_000, 2_000, 4_000, 6_000, 8_000, 10_000],
  plain: [100, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400],
} as const;

const WARM_UP_RATE = 250;

/** A rate is carried when nearly all its starts are granted in less than what a caller's start may take. */
const isCarried = (load: Load): boolean => load.granted >= 0.99 * load.offered && load.p99Ms < 250;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'mariadb' },
      binlog: { type: 'string', default: 'both' },
      seconds: { type: 'string', default: '4' },
      lanes: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
    },
  });
  const report: object[] = [];
  for (const binlog of values.binlog === 'both' ? [false, true] : [values.binlog === 'on']) {
    report.push(await measure(values.engine, binlog, Number(values.seconds), Number(values.lanes)));
  }
  console.log(JSON.stringify(report, null, values.json ? 2 : 0));
}

async function measure(engine: string, binlog: boolean, seconds: number, lanes: number): Promise<object> {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const extraArgs = [
    '--innodb-buffer-pool-size=1G',
    '--innodb-flush-method=O_DIRECT',
    ...(binlog ? ['--log-bin=binlog', '--sync-binlog=1', '--server-id=1', '--binlog-format=ROW'] : []),
    ...(!binlog && engine === 'mysql' ? ['--skip-log-bin'] : []),
  ];
  const server = await (engine === 'mysql' ? startMysql : startMariadb)({ dir, extraArgs });
  try {
    const setting = `${server.engine} ${server.version}, binlog ${binlog ? 'on, sync_binlog=1' : 'off'}, flush_log_at_trx_commit=1`;
    console.log(`\n${setting}, 2 lanes and 16 plain connections at most, ${seconds} s a row`);
    const results: Record<string, unknown> = { setting };
    for (const spread of Object.keys(ACCOUNTS) as Spread[]) {
      const knees: Record<string, number> = {};
      for (const shape of ['plain', 'lanes'] as const) {
        const rows = await climb(server.url, shape, spread, seconds, lanes);
        const knee = rows.filter(isCarried).at(-1);
        knees[shape] = knee?.offeredPerSecond ?? 0;
        results[`${shape}, ${spread}`] = { rows, knee: knees[shape] };
      }
      const ratio = (knees.lanes as number) / Math.max(1, knees.plain as number);
      results[`ratio, ${spread}`] = ratio;
      console.log(
        `  ${spread}: the plain shape carries ${knees.plain} calls/s, the lanes ${knees.lanes}: ${ratio.toFixed(1)} times as many`,
      );
    }
    return results;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Offers ever more calls until the shape falls behind. */
async function climb(
  serverUrl: string,
  name: 'plain' | 'lanes',
  spread: Spread,
  seconds: number,
  lanes: number,
): Promise<Load[]> {
  const rows: Load[] = [];
  console.log(`\n  ${name}, ${spread}\n  calls/s offered   granted/s   refused   p50 ms   p99 ms   max ms`);
  for (const rate of [WARM_UP_RATE, ...RATES[name]]) {
    const url = await freshBooks(serverUrl, ACCOUNTS[spread]);
    const shape: Shape = name === 'plain' ? await PlainShape.open(url, 16) : laneShape(url, lanes);
    const load = await openLoop(shape, { rate, seconds, accounts: ACCOUNTS[spread] });
    await shape.close();
    // Not shown: V8 compiles the code, the database fills its caches.
    if (rate === WARM_UP_RATE) continue;
    rows.push(load);
    const cells = [rate, load.grantedPerSecond, load.refused, load.p50Ms, load.p99Ms, load.maxMs];
    const widths = [17, 12, 10, 9, 9, 9];
    console.log(
      `  ${cells
        .map((cell, index) => format(cell).padStart(widths[index] as number))
        .join('')
        .slice(2)}`,
    );
    if (!isCarried(load)) break;
  }
  return rows;
}

const format = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

function laneShape(databaseUrl: string, lanes: number): Shape {
  const ledger = new Ledger({
    databaseUrl,
    lanes,
    limits: { maxCallSeconds: 3600, barredPrefixes: [] },
    startDeadlineMs: 250,
    batchDeadlineMs: 10_000,
    // As a service has one: every batch that starts calls writes its fence.
    leaseOf: () => lease,
    log: pino({ level: 'error' }),
  });
  return {
    start: async request => 'granted' in (await ledger.start(request)),
    end: async (request, end) => {
      await ledger.end({ uniqueid: request.uniqueid, accountcode: request.accountcode, trunk: 'carrier', end });
    },
    close: () => ledger.close(),
  };
}

/** Of the switch that all calls of the load are on. */
let lease: HeldLease | null = null;

/** A schema of its own with one deck of 1,000 prefixes, a trunk, and accounts that hold more than the load can spend. */
async function freshBooks(serverUrl: string, accounts: number): Promise<string> {
  const { url, database } = await emptyBooks(serverUrl);
  const [version] = await database('astratedeckversion').insert({
    deck: 'retail',
    source: 'bench',
    rates: 1_000,
    longest_prefix: 3,
  });
  await database('astratedeck').insert({ deck: 'retail', currency: 'EUR', version });
  await database.batchInsert(
    'astrate',
    Array.from({ length: 1_000 }, (_, index) => ({
      version,
      prefix: String(index).padStart(3, '0'),
      line: index + 2,
      destination: `Destination ${index}`,
      price_per_minute: '0.0125',
      connect_fee: '0',
      minimum_charge: '0',
      initial_increment_seconds: 1,
      increment_seconds: 1,
      grace_seconds: 0,
    })),
    500,
  );
  await database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier', cost_deck: 'retail' });
  await database.batchInsert(
    'astaccount',
    Array.from({ length: accounts }, (_, index) => ({
      accountcode: `account-${index}`,
      currency: 'EUR',
      deck: 'retail',
      balance: '1000000',
    })),
    1_000,
  );
  const leases = new LeaseTable(url, 'bench');
  lease = (await leases.acquire('bench')) as HeldLease;
  leases.close();
  await database.destroy();
  return url;
}

main().catch(error => {
  console.error(`bench:ledger: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
