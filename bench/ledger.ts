/**
 * How many calls a second the ledger starts and ends, and how long a durable start takes: `npm run bench:ledger`.
 *
 * Two shapes in one run, on one real database on this machine: the ledger's lanes, and the plain transaction of every textbook (SELECT …
 * FOR UPDATE, decide, INSERT, UPDATE, COMMIT). Each runs with one hot account and with 10,000 accounts, in an open loop: calls arrive at
 * random at a given rate whether or not the last one was answered, and end one to three seconds later.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { startMysql } from '../lab/servers/mysql';
import { richBooks } from './books';
import { CARRIED_MS, climb, isCarried, PATIENT_MS, pastTheKnee } from './climb';
import { laneShape } from './lane-shape';
import { PlainShape } from './plain-shape';

const ACCOUNTS = { 'one hot account': 1, '10,000 accounts': 10_000 } as const;
type Spread = keyof typeof ACCOUNTS;

const RATES = {
  lanes: [1_000, 2_000, 4_000, 6_000, 8_000, 10_000],
  plain: [100, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400],
} as const;

const USAGE = `usage: npm run bench:ledger -- [options]

  --engine <name>   mariadb or mysql (mariadb)
  --binlog <which>  on, off or both (both)
  --seconds <n>     of each row (4)
  --lanes <n>       of the ledger (2)
  --json            the result as indented JSON at the end

example: npm run bench:ledger -- --engine mysql --binlog on`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    engine: { type: 'string', default: 'mariadb' },
    binlog: { type: 'string', default: 'both' },
    seconds: { type: 'string', default: '4' },
    lanes: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  });
  const { engine, binlog: which } = values;
  if (engine !== 'mariadb' && engine !== 'mysql') misuse(`--engine ${engine}: mariadb or mysql`);
  if (!['on', 'off', 'both'].includes(which)) misuse(`--binlog ${which}: on, off or both`);
  const [seconds, lanes] = [wholeOption('seconds', values.seconds), wholeOption('lanes', values.lanes)];
  const report: object[] = [];
  for (const binlog of which === 'both' ? [false, true] : [which === 'on']) {
    report.push(await measure(engine, binlog, seconds, lanes));
  }
  // Each wait by itself would be megabytes.
  const withoutWaits = (name: string, value: unknown) => (name === 'waitedMs' ? undefined : value);
  if (values.json) console.log(JSON.stringify(report, withoutWaits, 2));
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
        const rows = await climb(
          `${shape}, ${spread}`,
          RATES[shape],
          { seconds, accounts: ACCOUNTS[spread] },
          async () => {
            const url = await richBooks(server.url, ACCOUNTS[spread]);
            return shape === 'plain' ? PlainShape.open(url, 16) : laneShape(url, lanes, CARRIED_MS);
          },
        );
        const knee = rows.filter(isCarried).at(-1);
        knees[shape] = knee?.offeredPerSecond ?? 0;
        results[`${shape}, ${spread}`] = { rows, knee: knees[shape] };
      }
      const url = () => richBooks(server.url, ACCOUNTS[spread]);
      results[`past the knee, ${spread}`] = await pastTheKnee(
        `lanes, ${spread}`,
        (knees.lanes as number) || RATES.lanes[0],
        { seconds, accounts: ACCOUNTS[spread] },
        'ledger and load',
        async () => laneShape(await url(), lanes, PATIENT_MS),
      );
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

main().catch(error => {
  console.error(`bench:ledger: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
