/**
 * What size costs: `npm run bench:growth`.
 *
 * Two books on one real MariaDB: small ones with 1,000 accounts, 1,000 rates and no call, and grown ones of the size that is asked for. Each
 * part is measured on both, in turn: a start, an extension and an end of a call; reports; every list of an operator; `ringfence verify`. The
 * grown ones alone: a restart that takes over live calls, with the memory that they cost, and the import of a deck. Everything that a
 * process does is the shipped program's or goes through the declared operations.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import type { DatabaseServer } from '../lab/servers/database';
import { startMariadb } from '../lab/servers/mariadb';
import { OPERATIONS } from '../src/admin/operations';
import { reports, runReport } from '../src/admin/reports';
import type { Ledger } from '../src/credit/ledger';
import type { CallEnd } from '../src/credit/rules/charge';
import type { StartRequest } from '../src/credit/rules/start';
import { openDatabase } from '../src/database/connection';
import { actingAs, type OperatorRequest, type Service } from '../src/operator/acting';
import { perform } from '../src/operator/operation';
import type { Page } from '../src/operator/page';
import { MOST_ROWS } from '../src/operator/page';
import { administer, booksNamed, dropBooks } from './books';
import { accountNumbered, endAllCalls, fillBooks, firstPrefix, HISTORY_DAYS, type Size } from './grown-books';
import { BENCH_NODE, benchLedger } from './lane-shape';
import { residentKb, watchPeak } from './memory';
import { processorMs } from './processor-time';
import { quantile } from './quantile';
import { costOf, placeTalking, TalkingSwitch, talkingCalls } from './talking-switch';
import { WatchedServe } from './watched-serve';

const PARTS = ['calls', 'lists', 'reports', 'verify', 'recovery', 'import'] as const;
type Part = (typeof PARTS)[number];

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

/** One figure of both books. */
interface Row {
  part: Part;
  what: string;
  unit: 'ms' | 'kB' | 'bytes';
  /** null where only the grown books have it. */
  small: number | null;
  grown: number;
  ratio: number | null;
}

interface Books {
  url: string;
  size: Size;
  database: Knex;
}

interface Bench {
  server: DatabaseServer;
  folder: string;
  small: Books;
  grown: Books;
  live: number;
  tell(row: Omit<Row, 'ratio'>): void;
}

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

// ---- calls

const ROUNDS = 5;
const CALLS_A_ROUND = 200;
const STEPS = ['start', 'extension', 'end'] as const;
type Step = (typeof STEPS)[number];

/** Calls of shared accounts one after the other, so that no batch hides what one of them costs. The books take turns. */
async function measureCalls({ server, small, grown, live, tell }: Bench): Promise<void> {
  const hot = accountNumbered(1);
  await placeLive(grown.database, 'elsewhere', live, [hot]);
  const all = new Map<Books, Record<Step, number[]> & { serverMs: Record<Step, number>; hot: number[] }>();
  const ledgers = new Map<Books, Ledger>();
  for (const books of [small, grown]) {
    ledgers.set(books, await benchLedger(books.url, 2, 10_000));
    all.set(books, { start: [], extension: [], end: [], serverMs: { start: 0, extension: 0, end: 0 }, hot: [] });
  }
  const pid = server.process.pid;
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [books, ledger] of ledgers) {
      const found = all.get(books)!;
      const calls = Array.from({ length: CALLS_A_ROUND }, (_, index) => newCall(books.size, round, index));
      for (const step of STEPS) {
        const before = processorMs(pid);
        const times = await eachTimed(calls, call => DO[step](ledger, call));
        if (round === 0) continue;
        found[step].push(...times);
        found.serverMs[step] += processorMs(pid) - before;
      }
      const onHot = Array.from({ length: 20 }, (_, index) => ({
        ...newCall(books.size, round, 1_000 + index),
        accountcode: hot,
      }));
      const times = await eachTimed(onHot, call => DO.start(ledger, call));
      for (const call of onHot) await DO.end(ledger, call);
      if (round > 0) found.hot.push(...times);
    }
  }
  const [ofSmall, ofGrown] = [all.get(small)!, all.get(grown)!];
  for (const step of STEPS) {
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      tell({
        part: 'calls',
        what: `${step}, ${name}`,
        unit: 'ms',
        small: quantile(ofSmall[step], share),
        grown: quantile(ofGrown[step], share),
      });
    }
    const each = (ms: number) => ms / (ROUNDS * CALLS_A_ROUND);
    const what = `${step}, processor time of the database`;
    tell({ part: 'calls', what, unit: 'ms', small: each(ofSmall.serverMs[step]), grown: each(ofGrown.serverMs[step]) });
  }
  const what = `start on an account with ${live} calls (small: none), p50`;
  tell({ part: 'calls', what, unit: 'ms', small: quantile(ofSmall.hot, 0.5), grown: quantile(ofGrown.hot, 0.5) });
  for (const ledger of ledgers.values()) await ledger.close();
  await endAllCalls(grown.database);
}

const DO: Record<Step, (ledger: Ledger, call: StartRequest) => Promise<void>> = {
  async start(ledger, call) {
    const outcome = await ledger.start(call);
    if (!('granted' in outcome)) throw new Error(`a start was not granted: ${JSON.stringify(outcome)}`);
  },
  async extension(ledger, { uniqueid, accountcode, node }) {
    const { grant } = await ledger.extend({ uniqueid, accountcode, node, seconds: 120 });
    if (grant === null) throw new Error('a call was not extended');
  },
  async end(ledger, { uniqueid, accountcode, startAt }) {
    const end: CallEnd = {
      answerAt: startAt,
      endAt: startAt + 30_000,
      disposition: 'ANSWERED',
      hangupCause: 16,
      hangupSource: 'caller',
      evidence: 'event',
    };
    await ledger.end({ uniqueid, accountcode, trunk: 'carrier', end });
  },
};

let calls = 0;

/** A call of an account of mode shared, spread over all of them. */
function newCall({ accounts, rates }: Size, round: number, index: number): StartRequest {
  const spread = (round * 7_919 + index * 104_729) % Math.floor(accounts / 2);
  const startAt = Date.now();
  return {
    uniqueid: `${BENCH_NODE}-${startAt}.${++calls}`,
    accountcode: accountNumbered(spread * 2 + 1),
    node: BENCH_NODE,
    src: '4930123456',
    dst: `${firstPrefix(rates) + ((calls * 7_919) % rates)}1234567`,
    startAt,
    emergency: false,
    routable: true,
    ringSeconds: 60,
  };
}

/** Does it for one after the other. Returns how long each took; ms. */
async function eachTimed<Item>(items: Item[], work: (item: Item) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const item of items) times.push((await timed(() => work(item))).ms);
  return times;
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const since = performance.now();
  const result = await work();
  return { ms: performance.now() - since, result };
}

// ---- what an operator asks

type Input = Record<string, unknown>;

/** What is asked of each operation that reads: all that it lists, and by its filters. `last`: the last page of the rows that a list counts. */
function questionsFor({ accounts, rates, cdrs }: Size): Record<string, Input[]> {
  const account = accountNumbered(Math.floor(accounts / 3));
  const [from, to] = [2, 1].map(days => new Date(Date.now() - days * 86_400_000).toISOString());
  const last = (count: number) => ({ page: Math.max(1, Math.ceil(Math.min(count, MOST_ROWS) / 20)) });
  return {
    'account list': [
      {},
      last(accounts),
      { text: '4711' },
      { status: 'active' },
      { status: 'blocked' },
      { status: 'expired' },
      { deck: 'retail' },
    ],
    'account show': [{ accountcode: account }],
    'pool list': [{}, { all: true }],
    'card list': [{}, last(accounts / 10), { batch: 'batch-0' }, { status: 'active' }, { status: 'blocked' }],
    'voucher list': [{}, last(accounts / 10), { batch: 'batch-0' }, { status: 'active' }, { status: 'redeemed' }],
    'caller list': [{}, last(accounts / 10), { account }],
    'deck list': [{}],
    'deck show': [{ deck: 'retail' }],
    'deck rates': [
      { deck: 'retail' },
      { deck: 'retail', ...last(rates) },
      { deck: 'retail', prefix: String(firstPrefix(rates)) },
    ],
    'trunk list': [{}],
    'route list': [{}],
    'call list': [
      {},
      last(cdrs),
      { account },
      { open: true },
      { from, to },
      { destination: `${firstPrefix(rates)}` },
      { destination: '99' },
      { trunk: 'carrier' },
      { trunk: 'unused' },
      { disposition: 'BUSY' },
      { disposition: 'CONGESTION' },
      { refusal: 'insufficient_balance' },
      { refusal: 'no_rate' },
      { text: '1234' },
      { text: 'nowhere' },
    ],
    'reservation list': [{}, { account }],
    'webhook list': [{}],
    'webhook dead': [{}],
    'event list': [{}, last(accounts), { account }, { kind: 'blocked' }],
    'audit list': [
      {},
      last(accounts),
      { actor: 'cli:bench' },
      { actor: 'cli:night-report' },
      { object: `account ${account}` },
      { operation: 'account set' },
    ],
    status: [{}],
  };
}

const LISTS = OPERATIONS.filter(({ answer }) => answer.kind === 'list').map(({ name }) => name);

/** A list that is added later must be measured too. */
function refuseUnlessListed(): void {
  const known = questionsFor(SMALL);
  const missing = LISTS.filter(name => !known[name]?.length);
  if (missing.length > 0) throw new Error(`no question for ${missing.join(', ')}: add it to questionsFor`);
}

async function measureLists({ small, grown, tell }: Bench): Promise<void> {
  const [ofSmall, ofGrown] = [questionsFor(small.size), questionsFor(grown.size)];
  for (const [name, inputs] of Object.entries(ofGrown)) {
    for (const [index, input] of inputs.entries()) {
      const smallMs = await msOf(small, name, ofSmall[name]![index] as Input);
      const grownMs = await msOf(grown, name, input);
      const told = Object.entries(input).map(([field, value]) => `${field} ${value}`);
      const what = [name, ...told].join(', ').replace(/(from|to) \d\S+/g, '$1 …');
      tell({ part: 'lists', what, unit: 'ms', small: smallMs, grown: grownMs });
    }
  }
}

/** The middle of three: the first one reads from the disk. @throws Error if a page that was counted out has no row */
async function msOf({ database, size }: Books, name: string, input: Input): Promise<number> {
  const declared = OPERATIONS.find(each => each.name === name);
  if (!declared) throw new Error(`no operation ${name}`);
  const request = { ...actingAs('bench', database), service: NO_SERVICE } as OperatorRequest;
  const ask = () => perform(declared, request, input);
  const isFilled = name !== 'call list' || size.cdrs > 0;
  if ('page' in input && isFilled && ((await ask()) as Page<unknown>).items.length === 0) {
    throw new Error(`${name}: page ${input.page} is empty, so its time says nothing`);
  }
  return quantile(await eachTimed([1, 2, 3], ask), 0.5);
}

const NO_SERVICE: Service = {
  maxCallSeconds: 3_600,
  barredPrefixes: [],
  emergencyNumbers: [],
  pinKeys: [],
  webhookAllow: [],
  hangUpOn: () => async () => false,
};

// ---- reports

async function measureReports({ small, grown, tell }: Bench): Promise<void> {
  for (const report of reports()) {
    const ofDay = report.sql.includes('INTERVAL 30 DAY')
      ? [
          {
            ...report,
            name: `${report.name}, of a day`,
            sql: report.sql.replaceAll('INTERVAL 30 DAY', 'INTERVAL 1 DAY'),
          },
        ]
      : [];
    for (const each of [report, ...ofDay]) {
      const [smallMs, grownMs] = [[], []] as [number[], number[]];
      for (const [books, times] of [
        [small, smallMs],
        [grown, grownMs],
      ] as const) {
        times.push(...(await eachTimed([1, 2, 3], () => runReport(books.database, each))));
      }
      tell({
        part: 'reports',
        what: each.name,
        unit: 'ms',
        small: quantile(smallMs, 0.5),
        grown: quantile(grownMs, 0.5),
      });
    }
  }
}

// ---- verify

async function measureVerify({ small, grown, folder, tell }: Bench): Promise<void> {
  const proof = (books: Books) => join(folder, `${books === small ? 'small' : 'grown'}.proof`);
  const ways: [string, (books: Books) => string[]][] = [
    ['verify', books => ['verify', '--proof', proof(books)]],
    ['verify --since a proof', books => ['verify', '--since', proof(books)]],
    ['verify --since an hour ago', () => ['verify', '--since', ago(1)]],
    ['verify --since a day ago', () => ['verify', '--since', ago(24)]],
  ];
  for (const [what, words] of ways) {
    const [ofSmall, ofGrown] = [await program(small.url, words(small)), await program(grown.url, words(grown))];
    tell({ part: 'verify', what, unit: 'ms', small: ofSmall.ms, grown: ofGrown.ms });
    tell({ part: 'verify', what: `${what}, peak memory`, unit: 'kB', small: ofSmall.peakKb, grown: ofGrown.peakKb });
  }
}

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** Runs a command of the shipped program. @throws Error if it does not exit with 0 */
async function program(url: string, words: string[]) {
  const child = spawn(process.execPath, [ringfenceProgram, ...words], {
    env: { PATH: process.env.PATH, RINGFENCE_DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', chunk => {
    said += chunk;
  });
  const { code, ...figures } = await watchPeak(child);
  if (code !== 0) throw new Error(`ringfence ${words.join(' ')} ended with ${code}: ${said.trim()}`);
  return figures;
}

// ---- recovery

/** Calls that talk on `node`, with what their accounts hold. */
async function placeLive(database: Knex, node: string, live: number, accountcodes: string[]) {
  // More than a slice, so that no call asks for another meanwhile.
  const GRANTED_SECONDS = 3_600;
  const placed = talkingCalls(node, live, accountcodes);
  await placeTalking(database, node, placed, GRANTED_SECONDS);
  await database.raw(
    `UPDATE astaccount a JOIN (SELECT accountcode, COUNT(*) AS calls FROM astcreditres GROUP BY accountcode) AS r
       ON r.accountcode = a.accountcode
     SET a.active_calls = r.calls, a.reserved = ${costOf(GRANTED_SECONDS)} * r.calls, a.time_reserved = ${GRANTED_SECONDS} * r.calls`,
  );
  return placed;
}

async function measureRecovery({ grown, live, tell }: Bench): Promise<void> {
  const { database, size } = grown;
  const many = Array.from({ length: live }, (_, index) => accountNumbered(Math.floor((index * size.accounts) / live)));
  const idle = await served(grown.url, 'idle', []);
  tell({ part: 'recovery', what: 'restart, idle', unit: 'ms', small: null, grown: idle.ms });
  for (const [whose, codes] of [
    ['of one account', [accountNumbered(1)]],
    [`of ${live} accounts`, many],
  ] as const) {
    const node = codes.length === 1 ? 'hot' : 'wide';
    const carrying = await served(grown.url, node, await placeLive(database, node, live, [...codes]));
    const what = `restart, ${live} live calls ${whose}`;
    tell({ part: 'recovery', what, unit: 'ms', small: null, grown: carrying.ms });
    const each = (name: 'heldBytes' | 'residentBytes') => (carrying[name] - idle[name]) / live;
    tell({
      part: 'recovery',
      what: `memory a call ${whose}, after a collection`,
      unit: 'bytes',
      small: null,
      grown: each('heldBytes'),
    });
    tell({
      part: 'recovery',
      what: `memory a call ${whose}, resident`,
      unit: 'bytes',
      small: null,
      grown: each('residentBytes'),
    });
    await endAllCalls(database);
  }
}

/** Starts a service for a switch with these calls, and measures until all are limited again; then its memory, settled. */
async function served(url: string, node: string, calls: ReturnType<typeof talkingCalls>) {
  const SETTLING_MS = 15_000;
  const talking = new TalkingSwitch(calls, node);
  const ariUrl = await talking.listen();
  const since = performance.now();
  // The books' events are a year old and are kept: another run may measure them.
  const service = new WatchedServe(url, { RINGFENCE_ARI_URL: ariUrl, RINGFENCE_EVENT_DAYS: '3650' });
  try {
    await talking.isLimited();
    const ms = Math.round(performance.now() - since);
    await new Promise(done => setTimeout(done, SETTLING_MS));
    const { heapBytes = Number.NaN } = await service.ask({ ask: 'heap' });
    return { ms, heldBytes: heapBytes, residentBytes: (residentKb(service.pid)?.now ?? Number.NaN) * 1024 };
  } finally {
    service.kill();
    await talking.close();
  }
}

// ---- import

async function measureImport({ grown, folder, tell }: Bench): Promise<void> {
  const { rates } = grown.size;
  const file = join(folder, 'rates.csv');
  await writeRates(file, rates);
  for (const what of ['first import', 'import again, compared with the version before']) {
    const { ms, peakKb } = await program(grown.url, ['deck', 'import', 'wholesale', file, '--currency', 'EUR']);
    tell({ part: 'import', what: `${what}, ${rates} rates`, unit: 'ms', small: null, grown: ms });
    tell({ part: 'import', what: `${what}, peak memory`, unit: 'kB', small: null, grown: peakKb });
  }
  const database = openDatabase(grown.url);
  await database.raw(
    "DELETE FROM astrate WHERE version IN (SELECT version FROM astratedeckversion WHERE deck = 'wholesale')",
  );
  await database('astratedeckversion').where({ deck: 'wholesale' }).delete();
  await database('astratedeck').where({ deck: 'wholesale' }).delete();
  await database.destroy();
  rmSync(file);
}

function writeRates(file: string, rates: number): Promise<void> {
  const out = createWriteStream(file);
  out.write('prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n');
  const first = firstPrefix(rates);
  for (let line = 0; line < rates; line++) {
    out.write(`${first + line},Destination ${line % 500},0.${String(1 + (line % 97)).padStart(4, '0')},0,60,6\n`);
  }
  return new Promise((done, failed) => out.on('error', failed).end(done));
}

main().catch(error => {
  console.error(`bench:growth: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  process.exit(1);
});
