/**
 * Whether the console keeps up: `npm run bench:console`.
 *
 * A real `ringfence serve` on a real MariaDB with calls in progress, and its live board in a real Chromium. So many of them change each
 * second, some end and as many begin. Chromium's own trace says how long each task of the page's thread took: what takes longer than 50 ms,
 * a person can see. First the page stands still, then it is scrolled.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readOptions, wholeOption } from '../lab/options';
import { chromiumPath, ensureChromium } from '../lab/parts';
import { startMariadb } from '../lab/servers/mariadb';
import { findFreePort } from '../lab/servers/ports';
import { inviteOperator } from '../src/access/operator-store';
import { actingAs } from '../src/operator/acting';
import { emptyBooks } from './books';
import { quantile } from './quantile';
import { WatchedServe } from './watched-serve';

const USAGE = `usage: npm run bench:console -- [options]

  --calls <n>      in progress (1000)
  --changes <n>    a second (50)
  --ends <n>       a second, and as many calls begin (5)
  --seconds <n>    of each row (10)

example: npm run bench:console -- --calls 300 --seconds 5`;

const PASSWORD = 'a password for the bench';
const LONG_MS = 50;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    calls: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '50' },
    ends: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
  });
  const [calls, changes] = [wholeOption('calls', values.calls), wholeOption('changes', values.changes)];
  const [ends, seconds] = [wholeOption('ends', values.ends), wholeOption('seconds', values.seconds)];
  await ensureChromium();
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  const { url, database } = await emptyBooks(server.url);
  const port = await findFreePort();
  const serve = new WatchedServe(url, { RINGFENCE_HTTP_LISTEN: String(port) });
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  const books = new Books(database);
  try {
    await books.begin(calls);
    const page = await openBoard(browser, port, await invited(database));
    console.log(
      `\n${calls} calls, ${changes} changes and ${ends} ends a second, ${seconds} s each row, Chromium ${browser.version()}`,
    );
    console.log(
      '  the page                       longest task, ms   of processor   p99   over 50 ms   page thread busy   changes seen',
    );
    for (const [what, act] of [
      ['stands still', () => pause(seconds * 1000)],
      ['is scrolled', () => scroll(page, seconds)],
    ] as const) {
      const alter = setInterval(() => void books.alter(changes, ends), 1_000);
      await pause(3_000);
      const seenBefore = await seen(page);
      await browser.startTracing(page, { categories: ['-*', 'toplevel', 'devtools.timeline', '__metadata'] });
      await act();
      const trace = await browser.stopTracing();
      clearInterval(alter);
      const { longest, longestProcessor, p99, long, busy } = tasksIn(trace);
      const cells = [
        longest.toFixed(1).padStart(17),
        longestProcessor.toFixed(1).padStart(13),
        p99.toFixed(1).padStart(5),
        String(long).padStart(12),
        `${((100 * busy) / (seconds * 1000)).toFixed(0)} %`.padStart(18),
        String((await seen(page)) - seenBefore).padStart(14),
      ];
      console.log(`  ${what.padEnd(28)} ${cells.join(' ')}`);
    }
  } finally {
    await browser.close();
    serve.kill();
    await database.destroy();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A one-time token of a person who may read. */
const invited = async (database: Knex): Promise<string> =>
  (await inviteOperator(actingAs('bench', database), 'bench', ['read'])).token;

/** The live board, when it shows calls. It counts the changes that its stream brings. */
async function openBoard(browser: Browser, port: number, token: string): Promise<Page> {
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/api/v1/invitation`, { token, password: PASSWORD });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    const counted = globalThis as unknown as { changesSeen: number; EventSource: typeof EventSource };
    counted.changesSeen = 0;
    const Real = counted.EventSource;
    counted.EventSource = class extends Real {
      constructor(address: string | URL) {
        super(address);
        this.addEventListener('difference', message => {
          counted.changesSeen += JSON.parse((message as unknown as { data: string }).data).changed.length;
        });
      }
    };
  });
  await page.goto(`${url}/live`);
  await page.locator('input[name=name]').fill('bench');
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.locator('tr[data-uniqueid]').first().waitFor();
  return page;
}

/** Resolves when the service has done it; it may be starting. @throws Error after 20 s */
async function answering(url: string, body: object): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (answer?.ok) return;
    if (performance.now() > deadline) throw new Error(`${url} was answered ${answer?.status ?? 'by nothing'}`);
    await pause(200);
  }
}

const seen = (page: Page): Promise<number> => page.evaluate('globalThis.changesSeen') as Promise<number>;

async function scroll(page: Page, seconds: number): Promise<void> {
  await page.mouse.move(700, 600);
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn++) {
    await page.mouse.wheel(0, turn % 80 < 40 ? 300 : -300);
    await pause(50);
  }
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  /** Processor time of it. */
  tdur?: number;
  args: { name?: string };
}

interface Task {
  ms: number;
  processorMs: number;
}

interface Tasks {
  longest: number;
  /** By the processor time of the thread alone, which other work on the machine does not lengthen. */
  longestProcessor: number;
  p99: number;
  long: number;
  busy: number;
}

/** The tasks of the busiest main thread of a page. Ms. @throws Error if the trace has none */
function tasksIn(trace: Buffer): Tasks {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => ({ pid, tid }));
  const byThread = threads.map(({ pid, tid }) =>
    traceEvents
      .filter(event => event.pid === pid && event.tid === tid && event.ph === 'X' && /RunTask$/.test(event.name))
      .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / 1000, processorMs: tdur / 1000 })),
  );
  const busyOf = (tasks: Task[]) => tasks.reduce((total, { ms }) => total + ms, 0);
  const tasks = byThread.sort((one, other) => busyOf(other) - busyOf(one))[0] ?? [];
  if (tasks.length === 0) throw new Error('the trace has no task of a page');
  const times = tasks.map(({ ms }) => ms);
  return {
    longest: Math.max(...times),
    longestProcessor: Math.max(...tasks.map(({ processorMs }) => processorMs)),
    p99: quantile(times, 0.99),
    long: times.filter(ms => ms > LONG_MS).length,
    busy: busyOf(tasks),
  };
}

/** Calls in progress, as rows alone: no switch carries them. */
class Books {
  private count = 0;
  private first = 0;

  constructor(private readonly database: Knex) {}

  async begin(count: number): Promise<void> {
    const now = Date.now();
    const rows = Array.from({ length: count }, (_, index) => {
      const number = this.count + index;
      const at = new Date(now - (index % 600) * 100);
      return {
        ...{ uniqueid: `bench-${number}`, accountcode: `account-${number % 200}`, node: 'ast1', src: `49301${number}` },
        ...{ dst: `4420${1_000_000 + number}`, trunk: `trunk-${number % 5}`, start_at: at, answer_at: at },
        ...{ granted_seconds: 3_600, cap_seconds: 7_200, max_cost: '6.000000', currency: 'EUR' },
        ...{ rate_price_per_minute: '0.1', rate_destination: 'United Kingdom', rate_initial_increment_seconds: 600 },
        ...{ rate_increment_seconds: 600 },
      };
    });
    this.count += count;
    await this.database.batchInsert('astcdr', rows, 500);
  }

  /** So many calls are extended, and so many end while as many begin. */
  async alter(changes: number, ends: number): Promise<void> {
    const open = this.count - this.first;
    const chosen = Array.from({ length: changes }, () => `bench-${this.first + Math.floor(Math.random() * open)}`);
    await this.database('astcdr')
      .whereIn('uniqueid', chosen)
      .update({ granted_seconds: this.database.raw('granted_seconds + 1') });
    const ended = Array.from({ length: ends }, (_, index) => `bench-${this.first + index}`);
    await this.database('astcdr')
      .whereIn('uniqueid', ended)
      .update({ end_at: new Date(), disposition: 'ANSWERED', hangup_cause: 16, hangup_source: 'caller' });
    this.first += ends;
    await this.begin(ends);
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(`bench:console: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
