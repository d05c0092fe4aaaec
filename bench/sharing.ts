/**
 * Whether an account that runs out of money holds up the others while thousands of its calls share what is left: `npm run bench:sharing`.
 *
 * A real `ringfence serve` on a real MariaDB, and a stand-in for Asterisk's wire that carries the calls (a real one cannot carry so many
 * on this machine). Calls of other accounts arrive at a constant rate in an open loop, whether or not the last one was answered; a start
 * lasts from its StasisStart to the request that tells the dialplan its limit. The same load is measured without the sharing account, with
 * its calls while it has money, while it runs out (calls of it start and end meanwhile, so each of the others gives back or gets a second
 * again and again), and while all its calls are cut at one instant.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Knex } from 'knex';
import { readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { emptyBooks, onePrice } from './books';
import { quantile } from './quantile';
import { placeCalls, TalkingSwitch } from './talking-switch';
import { besideSwitch, WatchedServe } from './watched-serve';

const NODE = 'fake1';
const SHARED = 'account0';
/** By the second; what placeCalls assumes. */
const PRICE_PER_MINUTE = '0.60';
const OTHERS = 100;
/** How long the calls of the others last: 1 to 3 s. Ms. */
const TALK_MS = { least: 1_000, more: 2_000 };
const ANSWERED_AFTER_MS = 100;
/** How much talk is left for each call beyond the row in which the account runs out, and when all are cut. Seconds. */
const LEFT_SECONDS = { running: 15, cut: 10 };
const CUT_WITHIN_MS = 60_000;

const USAGE = `usage: npm run bench:sharing -- [options]

  --calls <n>      of the account that runs out (3000)
  --rate <n>       calls a second of the other accounts (20)
  --churn <n>      calls a second that start, and as many that end, of the account that runs out (2)
  --seconds <n>    of each row (30)
  --profile <dir>  writes a processor profile of each row there
  --json           the result as indented JSON at the end

example: npm run bench:sharing -- --calls 500 --seconds 10`;

interface Setup {
  calls: number;
  rate: number;
  churn: number;
  seconds: number;
  profile: string | undefined;
}

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    calls: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '20' },
    churn: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '30' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const setup: Setup = {
    calls: wholeOption('calls', values.calls),
    rate: wholeOption('rate', values.rate),
    churn: wholeOption('churn', values.churn),
    seconds: wholeOption('seconds', values.seconds),
    profile: values.profile,
  };
  if (setup.profile) mkdirSync(setup.profile, { recursive: true });
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir });
  const { calls, rate, seconds } = setup;
  console.log(
    `\n${calls} calls of one account, ${rate} starts/s of ${OTHERS} others, ${seconds} s each row, ${server.engine} ${server.version}`,
  );
  console.log(
    '  the account        starts   p50 ms   p99 ms   max ms   stall ms   (load)   % of a core   shares/s   refused',
  );
  try {
    const rows = [...(await measure(server.url, { ...setup, calls: 0 })), ...(await measure(server.url, setup))];
    console.log(JSON.stringify(rows, null, values.json ? 2 : 0));
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(serverUrl: string, setup: Setup): Promise<object[]> {
  const { calls, seconds } = setup;
  const { url, database } = await emptyBooks(serverUrl);
  await onePrice(database, PRICE_PER_MINUTE);
  await database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  await database('astroute').insert({ prefix: '', priority: 1, trunk: 'carrier' });
  const others = Array.from({ length: OTHERS }, (_, index) => `other-${index}`);
  const rich = { currency: 'EUR', deck: 'retail', balance: 1_000_000, max_call_seconds: 600 };
  await database.batchInsert(
    'astaccount',
    others.map(accountcode => ({ accountcode, ...rich })),
    100,
  );
  const there = new TalkingSwitch(await placeCalls(database, NODE, { calls, accounts: 1, mode: 'shared' }), NODE);
  const serve = new WatchedServe(url, besideSwitch(await there.listen()));
  const load = new Load(there, setup);
  const row = (name: string, until: () => Promise<void>) => measureRow(name, { serve, load, database, setup }, until);
  try {
    await there.isLimited();
    // V8 has seen the code.
    await load.run(10_000);
    await pause(5_000);
    if (calls === 0) return [await row('has no calls', () => load.run(seconds * 1000))];
    const rows = [await row('has money', () => load.run(seconds * 1000))];
    load.churns = true;
    await leave(database, seconds + LEFT_SECONDS.running);
    rows.push(await row('runs out', () => load.run(seconds * 1000)));
    load.churns = false;
    await leave(database, LEFT_SECONDS.cut);
    const until = performance.now() + CUT_WITHIN_MS;
    rows.push(
      await row('is cut', async () => {
        do await load.run(1_000);
        while ((await inProgress(database)) > 0 && performance.now() < until);
      }),
    );
    const left = await inProgress(database);
    if (left > 0) throw new Error(`${left} calls were not cut`);
    return rows;
  } finally {
    serve.kill();
    await there.close();
    await database.destroy();
  }
}

async function measureRow(
  name: string,
  { serve, load, database, setup }: { serve: WatchedServe; load: Load; database: Knex; setup: Setup },
  until: () => Promise<void>,
): Promise<object> {
  const ours = monitorEventLoopDelay({ resolution: 5 });
  load.reset();
  const regrants = async () =>
    Number((await database('astoutbox').whereIn('kind', ['extended', 'shrunk']).count({ n: '*' }))[0]?.n);
  if (setup.profile) await serve.ask({ ask: 'profile' });
  const before = { spentMs: serve.spentMs, regrants: await regrants(), at: performance.now() };
  await serve.ask({ ask: 'stall' });
  ours.enable();
  await until();
  ours.disable();
  const { stallMs } = await serve.ask({ ask: 'stall' });
  const elapsedMs = performance.now() - before.at;
  const percent = ((serve.spentMs - before.spentMs) / elapsedMs) * 100;
  if (setup.profile) await serve.ask({ ask: 'stopProfile', dir: setup.profile });
  const shares = ((await regrants()) - before.regrants) / (elapsedMs / 1000);
  await pause(TALK_MS.least + TALK_MS.more);
  const seen = {
    account: name,
    offered: load.offered,
    answered: load.times.length,
    p50Ms: quantile(load.times, 0.5),
    p99Ms: quantile(load.times, 0.99),
    maxMs: quantile(load.times, 1),
    stallMs,
    loadStallMs: ours.max / 1e6 - 5,
    percentOfACore: percent,
    regrantsPerSecond: shares,
    refused: Object.fromEntries(load.refused),
  };
  const told = Object.entries(seen.refused).map(([refusal, times]) => `${times} ${refusal}`);
  const cells = [
    seen.offered,
    ...[seen.p50Ms, seen.p99Ms, seen.maxMs, stallMs as number].map(ms => ms.toFixed(1)),
    `(${seen.loadStallMs.toFixed(0)})`,
    percent.toFixed(1),
    shares.toFixed(0),
  ];
  const widths = [6, 9, 9, 9, 11, 9, 14, 11];
  console.log(
    `  ${name.padEnd(17)} ${cells.map((cell, index) => String(cell).padStart(widths[index] as number)).join('')}   ${told.join(', ') || 'none'}`,
  );
  return seen;
}

/** The calls that come and go while a row is measured. */
class Load {
  churns = false;
  times: number[] = [];
  refused = new Map<string, number>();
  offered = 0;
  private number = 0;
  private readonly asked = new Map<string, number>();

  constructor(
    private readonly there: TalkingSwitch,
    private readonly setup: Setup,
  ) {
    there.onAuthorised = (channel, refusal) => this.authorised(channel, refusal);
  }

  reset(): void {
    this.times = [];
    this.refused = new Map();
    this.offered = 0;
  }

  /** Offers calls for that long, each at the instant at which it is due. */
  async run(ms: number): Promise<void> {
    const began = performance.now();
    const due = { start: began, churn: began };
    for (let now = began; now < began + ms; now = performance.now()) {
      for (; due.start <= now; due.start += 1000 / this.setup.rate) this.start(due.start);
      for (; due.churn <= now; due.churn += 1000 / this.setup.churn) if (this.churns) this.change();
      await pause(1);
    }
  }

  private start(dueAt: number): void {
    const channel = `other-${++this.number}.1`;
    this.offered++;
    this.asked.set(channel, dueAt);
    this.there.call(channel, `other-${this.number % OTHERS}`, 'dialplan');
  }

  private authorised(channel: string, refusal: string): void {
    const dueAt = this.asked.get(channel);
    if (dueAt === undefined) return;
    this.asked.delete(channel);
    this.times.push(performance.now() - dueAt);
    if (refusal !== '') {
      this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
      setTimeout(() => this.there.end(channel), ANSWERED_AFTER_MS);
      return;
    }
    setTimeout(() => this.there.answer(channel), ANSWERED_AFTER_MS);
    const talkMs = TALK_MS.least + ((this.number * 137) % TALK_MS.more);
    setTimeout(() => this.there.end(channel), ANSWERED_AFTER_MS + talkMs);
  }

  /** A call of the sharing account starts, and the one that came before the others hangs up. */
  private change(): void {
    this.number++;
    this.there.call(`shared-${this.number}.1`, SHARED, 'ringfence');
    this.there.endOneOf(SHARED);
  }
}

/** Leaves the account just the money with which all its calls that talk can talk on for so long. */
async function leave(database: Knex, seconds: number): Promise<void> {
  const talk = database('astcdr')
    .select(database.raw('SUM(TIMESTAMPDIFF(SECOND, answer_at, UTC_TIMESTAMP(3)) + ?)', [seconds]))
    .where({ accountcode: SHARED })
    .whereNull('end_at');
  await database('astaccount')
    .where({ accountcode: SHARED })
    .update({
      balance: database.raw('(?) * ?', [talk, Number(PRICE_PER_MINUTE) / 60]),
      touched_at: database.raw('UTC_TIMESTAMP(3)'),
    });
}

async function inProgress(database: Knex): Promise<number> {
  const open = await database('astcdr').where({ accountcode: SHARED }).whereNull('end_at').count({ n: '*' });
  return Number(open[0]?.n);
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
