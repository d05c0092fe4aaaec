/**
 * What size costs: `npm run bench:growth`.
 *
 * Two books on one real MariaDB: small ones with 1,000 accounts, 1,000 rates and no call, and grown ones of the size that is asked for. Each
 * part is measured on both, in turn: a start, an extension and an end of a call; reports; every list of an operator; `ringfence verify`. The
 * grown ones alone: a restart that takes over live calls, with the memory that they cost, and the import of a deck. Everything that a
 * process does is the shipped program's or goes through the declared operations.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { administer, booksNamed, dropBooks } from './books';
import { endAllCalls, fillBooks, HISTORY_DAYS, type Size } from './grown-books';
import { measureCalls } from './growth/calls';
import { measureLists, refuseUnlessListed } from './growth/lists';
import { type Bench, type Books, PARTS, type Part, type Row } from './growth/measure';
import { measureImport, measureVerify } from './growth/programs';
import { measureRecovery } from './growth/recovery';
import { measureReports } from './growth/report-times';

const FULL: Size & { live: number } = { accounts: 1_000_000, rates: 1_000_000, cdrs: 10_000_000, live: 10_000 };
const SMALL: Size = { accounts: 1_000, rates: 1_000, cdrs: 0 };

const USAGE = `usage: npm run bench:growth -- [options]

  --accounts <n>     (100000)
  --rates <n>        of the deck, and of the imported file (100000)
  --cdrs <n>         ended calls over ${HISTORY_DAYS} days, with their entries (1000000)
  --live <n>         calls in progress, on one account and again on as many accounts (3000)
  --full             1000000 accounts and rates, 10000000 calls, 10000 live ones: about an hour
  --pool <n>         buffer pool of the database, MB (1024)
  --parts <name,…>   of ${PARTS.join(', ')} (all)
  --folder <path>    keeps the filled database there, and uses it again
  --json <file>      writes the rows there too

example: npm run bench:growth -- --accounts 10000 --cdrs 100000 --parts calls,reports`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    accounts: { type: 'string', default: '100000' },
    rates: { type: 'string', default: '100000' },
    cdrs: { type: 'string', default: '1000000' },
    live: { type: 'string', default: '3000' },
    full: { type: 'boolean', default: false },
    pool: { type: 'string', default: '1024' },
    parts: { type: 'string', default: PARTS.join(',') },
    folder: { type: 'string' },
    json: { type: 'string' },
  });
  const asked = Object.fromEntries(
    (['accounts', 'rates', 'cdrs', 'live'] as const).map(name => [name, wholeOption(name, values[name])]),
  ) as unknown as typeof FULL;
  const { live, ...size } = values.full ? FULL : asked;
  const pool = wholeOption('pool', values.pool);
  const parts = values.parts
    .split(',')
    .map(word => PARTS.find(part => part === word) ?? misuse(`--parts ${word}: no part`));
  if (live > size.accounts) misuse('--live: more than there are accounts');
  refuseUnlessListed();

  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const extraArgs = [`--innodb-buffer-pool-size=${pool}M`, '--innodb-log-file-size=1G'];
  const server = await startMariadb({ dir: folder, extraArgs });
  const rows: Row[] = [];
  const began = { at: new Date().toISOString(), load: loadavg()[0] as number };
  try {
    console.log(
      `\n${server.engine} ${server.version}, Node ${process.version}, buffer pool ${pool} MB, load ${began.load}`,
    );
    console.log(
      `${size.accounts} accounts, ${size.rates} rates, ${size.cdrs} ended calls; small: ${SMALL.accounts}, ${SMALL.rates}, none`,
    );
    const small = await booksOf(server.url, 'small', SMALL, folder);
    const grown = await booksOf(server.url, 'grown', size, folder);
    console.log(`\n  ${cellsOf('part', 'what', 'small', 'grown', 'ratio')}`);
    const tell = (told: Omit<Row, 'ratio'>) => {
      const row: Row = { ...told, ratio: told.small === null ? null : told.grown / told.small };
      rows.push(row);
      const of = (figure: number | null) => (figure === null ? '' : `${shown(figure)} ${row.unit}`);
      console.log(`  ${cellsOf(row.part, row.what, of(row.small), of(row.grown), row.ratio?.toFixed(2) ?? '')}`);
    };
    const bench = { server, folder, small, grown, live, tell };
    for (const part of parts) await MEASURES[part](bench);
    await small.database.destroy();
    await grown.database.destroy();
    console.log(`\nload ${loadavg()[0]} at the end`);
    const setting = { ...began, loadAtEnd: loadavg()[0], version: server.version, pool, live, ...size };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ setting, rows }, null, 2)}\n`);
  } finally {
    await server.stop();
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

const shown = (figure: number): string => (figure < 10 ? figure.toFixed(2) : figure.toFixed(0));

const cellsOf = (part: string, what: string, small: string, grown: string, ratio: string): string =>
  [part.padEnd(9), what.padEnd(58), small.padStart(12), grown.padStart(14), ratio.padStart(8)].join(' ');

/** The books of that name: filled, unless the folder has them from before. */
async function booksOf(serverUrl: string, name: 'small' | 'grown', size: Size, folder: string): Promise<Books> {
  const marker = join(folder, `${name}.json`);
  const wanted = JSON.stringify(size);
  if (existsSync(marker)) {
    if (readFileSync(marker, 'utf8') !== wanted) misuse(`--folder ${folder}: its books have another size`);
  } else {
    await dropBooks(serverUrl, name);
    const { url, database } = await booksNamed(serverUrl, name);
    await database.destroy();
    const since = performance.now();
    await administer(serverUrl, 'SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    await fillBooks(url, size, line => console.log(`  filling: ${line}, ${seconds(since)} s`));
    await administer(serverUrl, 'SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    if (name === 'grown') console.log(`  filled in ${seconds(since)} s`);
    writeFileSync(marker, wanted);
  }
  const { url, database } = await booksNamed(serverUrl, name);
  await endAllCalls(database);
  return { url, size, database };
}

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(0);

const MEASURES: Record<Part, (bench: Bench) => Promise<void>> = {
  calls: measureCalls,
  lists: measureLists,
  reports: measureReports,
  verify: measureVerify,
  recovery: measureRecovery,
  import: measureImport,
};

main().catch(error => {
  console.error(`bench:growth: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  process.exit(1);
});
