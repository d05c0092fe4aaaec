/**
 * What billing costs a switch that carries real calls: `npm run bench:switch`.
 *
 * SIPp calls through a real Asterisk to a SIPp carrier, with a real MariaDB and a real `ringfence serve`, all on this machine. The same load
 * is dialled by a plain `Dial()` that bills nothing (the baseline), with its journal and call records in files and by ODBC as shipped, and in
 * files alone; by the dialplan after Stasis(…,authorize); by Ringfence, which bridges; and by the dialplan after FastAGI. Each round offers
 * ever more calls a second, every way in turn at each step, until a way loses or refuses a call.
 *
 * Told of each row: the calls that were carried whole, the post-dial delay (INVITE to 180) as the caller sees it, and the processor time
 * of each process as the kernel counts it. Requests and events of a call are counted apart, by a proxy between service and Asterisk.
 */
import { writeFileSync } from 'node:fs';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import { findFreePort } from '../lab/servers/ports';
import { becomes, ServerProcess } from '../lab/servers/process';
import { type CallSeen, placeCall } from '../lab/servers/sipp';
import { openSwitchTraffic } from '../lab/servers/switch-traffic';
import { groupProcessorMs } from './processor-time';
import { quantile } from './quantile';
import { CALLERS, SWITCH, type SwitchRig, startSwitchRig, type Way } from './switch-rig';

const USAGE = `usage: npm run bench:switch -- [options]

  --rates <n,n>    calls a second, each step (20,50,70,90,110,130,150,175,200)
  --seconds <n>    of calls in each row (8)
  --warm <n>       seconds of calls before the first row, each way; Node compiles while it is new (20)
  --rounds <n>     over all steps; the summary tells their median (3)
  --ways <name,…>  of plain, plain-files, dialplan, bridge, agi (all)
  --json <file>    writes rows and summary there too

example: npm run bench:switch -- --rates 20,50 --rounds 1 --ways plain,dialplan`;

const NAMES = ['plain', 'plain-files', 'dialplan', 'bridge', 'agi'] as const;
type Name = (typeof NAMES)[number];

const WARM_RATE = 25;
const RING_MS = 500;
const TALK_MS = 2_000;

interface Row {
  way: Name;
  round: number;
  rate: number;
  calls: number;
  carried: number;
  /** INVITE to 180, of the calls that rang; ms. */
  delayP50Ms: number;
  delayP99Ms: number;
  /** Processor time a call that was offered; ms. */
  asteriskMs: number;
  databaseMs: number;
  serviceMs: number;
  /** What the service said of those that it refused. */
  refusals: Record<string, number>;
  /** Final SIP statuses besides 200. */
  statuses: Record<string, number>;
}

interface Summary {
  way: Name;
  /** The highest rate at which no call was lost or refused, the median of the rounds; calls a second. */
  carriedPerSecond: number;
  ofPlain: number;
  requests: number | null;
  events: number | null;
}

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    rates: { type: 'string', default: '20,50,70,90,110,130,150,175,200' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    ways: { type: 'string', default: NAMES.join(',') },
    json: { type: 'string' },
  });
  const rates = values.rates.split(',').map(text => wholeOption('rates', text));
  const [seconds, rounds] = [wholeOption('seconds', values.seconds), wholeOption('rounds', values.rounds)];
  const warm = wholeOption('warm', values.warm);
  const ways = values.ways
    .split(',')
    .map(word => NAMES.find(name => name === word) ?? misuse(`--ways ${word}: no way`));
  const [agiPort, metricsPort] = [await findFreePort(), await findFreePort()];
  const rig = await startSwitchRig({ ringMs: RING_MS, agiPort, withoutOdbc: ways.includes('plain-files') });
  const bench = {
    rig,
    metricsPort,
    service: await startServe(rig, { agiPort, metricsPort, ariUrl: rig.asterisk.ariUrl }),
  };
  try {
    const version = /^Asterisk (\S+)/m.exec(await rig.asterisk.cli('core show version'))?.[1];
    console.log(
      `\nAsterisk ${version}, ${rig.server.engine} ${rig.server.version}, Node ${process.version}, ${seconds} s a row`,
    );
    for (const way of ways) await measure(bench, { way, round: 0, rate: WARM_RATE, seconds: warm });
    console.log(
      `without calls: ${(await idleMs(bench)).map(ms => ms.toFixed(0)).join(', ')} ms a second (Asterisk, database, service)`,
    );
    const rows = await climb(bench, { ways, rates, seconds, rounds });
    await bench.service.stop();
    const traffic = await countTraffic(rig, { agiPort, metricsPort, ways });
    const summary = ways.map(way => summaryOf(way, rows, traffic[way] ?? null));
    printSummary(summary, rows, rates);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows, summary }, null, 2)}\n`);
  } finally {
    await bench.service.stop();
    await rig.stop();
  }
}

interface Bench {
  rig: SwitchRig;
  metricsPort: number;
  service: ServerProcess;
}

async function climb(
  bench: Bench,
  { ways, rates, seconds, rounds }: { ways: Name[]; rates: number[]; seconds: number; rounds: number },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`\nround ${round} of ${rounds}`);
    console.log(table([HEADING]));
    const climbing = new Set(ways);
    for (const rate of rates) {
      for (const way of ways.filter(each => climbing.has(each))) {
        const row = await measure(bench, { way, round, rate, seconds });
        rows.push(row);
        console.log(table([cellsOf(row)]));
        if (row.carried < row.calls) climbing.delete(way);
      }
    }
  }
  return rows;
}

async function measure(
  { rig, metricsPort, service }: Bench,
  { way, round, rate, seconds }: { way: Name; round: number; rate: number; seconds: number },
): Promise<Row> {
  const asterisk = way === 'plain-files' ? rig.withoutOdbc! : rig.asterisk;
  const calls = rate * seconds;
  const groups = [asterisk.process, rig.server.process, service].map(({ pid }) => pid);
  const before = { spentMs: groups.map(groupProcessorMs), refusals: await refusalsOf(metricsPort) };
  const { calls: seen } = await placeCall({ ...callOf(way, asterisk.sip), calls, rate });
  // What follows the last BYE is of these calls.
  await pause(1_500);
  const spentMs = groups.map((pid, index) => (groupProcessorMs(pid) - before.spentMs[index]!) / calls);
  const delays = seen.flatMap(({ rangAt, invitedAt }) => (rangAt === null ? [] : [rangAt - invitedAt]));
  return {
    way,
    round,
    rate,
    calls,
    carried: seen.filter(isWhole).length,
    delayP50Ms: quantile(delays, 0.5),
    delayP99Ms: quantile(delays, 0.99),
    asteriskMs: spentMs[0]!,
    databaseMs: spentMs[1]!,
    serviceMs: spentMs[2]!,
    refusals: growth(before.refusals, await refusalsOf(metricsPort)),
    statuses: countOf(seen.filter(call => !isWhole(call)).map(({ sipStatus }) => String(sipStatus ?? 'none'))),
  };
}

/** Processor time of Asterisk, database and service in a second without calls; ms. */
async function idleMs({ rig, service }: Bench): Promise<number[]> {
  const SECONDS = 10;
  const spentMs = () => [rig.asterisk.process, rig.server.process, service].map(({ pid }) => groupProcessorMs(pid));
  const before = spentMs();
  await pause(SECONDS * 1_000);
  return spentMs().map((ms, index) => (ms - before[index]!) / SECONDS);
}

const callOf = (way: Name, sip: string) => ({
  sip,
  from: CALLERS[(way === 'plain-files' ? 'plain' : way) satisfies Way],
  fromUser: 'alice',
  to: '4930123450',
  talkMs: TALK_MS,
});

/** It was answered, talked as long as its caller wanted, and its caller ended it. */
const isWhole = ({ sipStatus, endedBy }: CallSeen): boolean => sipStatus === 200 && endedBy === 'caller';

/** What a call asks of the switch, and is told by it, by who dials: ten calls each, one after the other. */
async function countTraffic(
  rig: SwitchRig,
  { agiPort, metricsPort, ways }: { agiPort: number; metricsPort: number; ways: Name[] },
): Promise<Partial<Record<Name, { requests: number; events: number }>>> {
  const CALLS = 10;
  const IDLE_MS = 5_000;
  const traffic = await openSwitchTraffic(rig.asterisk.ariUrl);
  const service = await startServe(rig, { agiPort, metricsPort, ariUrl: traffic.url });
  const found: Partial<Record<Name, { requests: number; events: number }>> = {};
  try {
    await pause(IDLE_MS);
    const idle = traffic.requests.length;
    await pause(IDLE_MS);
    const perMs = (traffic.requests.length - idle) / IDLE_MS;
    for (const way of ways.filter(each => each !== 'plain' && each !== 'plain-files')) {
      const before = { requests: traffic.requests.length, events: traffic.events.length };
      const startedAt = performance.now();
      await placeCall({ ...callOf(way, rig.asterisk.sip), calls: CALLS, rate: 5 });
      await pause(1_500);
      const { requests, events } = traffic;
      const ofTime = perMs * (performance.now() - startedAt);
      found[way] = {
        requests: (requests.length - before.requests - ofTime) / CALLS,
        events: (events.length - before.events) / CALLS,
      };
    }
    return found;
  } finally {
    await service.stop();
    await traffic.close();
  }
}

async function startServe(
  rig: SwitchRig,
  { agiPort, metricsPort, ariUrl }: { agiPort: number; metricsPort: number; ariUrl: string },
): Promise<ServerProcess> {
  const service = ServerProcess.start({
    name: 'ringfence',
    dir: rig.asterisk.dir,
    command: [process.execPath, ringfenceProgram, 'serve'],
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: rig.url,
      RINGFENCE_ARI_URL: ariUrl,
      RINGFENCE_EVIDENCE_FILES: `${SWITCH}=${rig.asterisk.dir}/log`,
      RINGFENCE_AGI_LISTEN: String(agiPort),
      RINGFENCE_METRICS_LISTEN: String(metricsPort),
    },
  });
  const isServing = async () => (await rig.asterisk.cli('ari show apps')).includes('ringfence') && service.running;
  if (!(await becomes(isServing, 20_000)))
    throw new Error(`the service does not serve: see ${rig.asterisk.dir}/ringfence.log`);
  // It compares with the switch first.
  await pause(2_000);
  return service;
}

/** How often calls were refused since the service was started, by reason: by a switch, and at the doors. */
async function refusalsOf(metricsPort: number): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const found: Record<string, number> = {};
  const line = /^ringfence_(?:calls_refused|door_refusals)_total\{[^}]*reason="([^"]*)"\} (\d+)$/gm;
  for (const [, reason, count] of text.matchAll(line)) found[reason!] = (found[reason!] ?? 0) + Number(count);
  return found;
}

const growth = (before: Record<string, number>, after: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

function countOf(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

const median = (values: number[]): number => quantile(values, 0.5);

function summaryOf(way: Name, rows: Row[], traffic: { requests: number; events: number } | null): Summary {
  const carriedPerSecond = carriedBy(way, rows);
  return {
    way,
    carriedPerSecond,
    ofPlain: carriedPerSecond / carriedBy('plain', rows),
    requests: traffic?.requests ?? null,
    events: traffic?.events ?? null,
  };
}

function carriedBy(way: Name, rows: Row[]): number {
  const rounds = new Map<number, number>();
  for (const row of rows.filter(each => each.way === way)) {
    const best = rounds.get(row.round) ?? 0;
    rounds.set(row.round, row.carried === row.calls ? Math.max(best, row.rate) : best);
  }
  return median([...rounds.values()]);
}

const HEADING = ['way', 'calls/s', 'carried', 'delay p50', 'p99 ms', 'asterisk', 'database', 'service ms', 'refused'];
const WIDTHS = [-12, 8, 12, 10, 9, 9, 9, 11, 0];

const cellsOf = (row: Row): string[] => [
  row.way,
  String(row.rate),
  `${row.carried}/${row.calls}`,
  ...[row.delayP50Ms, row.delayP99Ms, row.asteriskMs, row.databaseMs, row.serviceMs].map(ms => ms.toFixed(1)),
  [...Object.entries(row.refusals), ...Object.entries(row.statuses)]
    .map(([name, count]) => `${name} ${count}`)
    .join(', '),
];

const table = (lines: string[][]): string =>
  lines
    .map(cells => {
      const padded = cells.map((cell, index) => {
        const width = WIDTHS[index] ?? 0;
        return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
      });
      return `  ${padded.join(' ').trimEnd()}`;
    })
    .join('\n');

/** The medians of the rounds, beside plain `Dial()` with the shipped journal. */
function printSummary(summary: Summary[], rows: Row[], rates: number[]): void {
  console.log(
    "\nmedians of the rounds; delays are what is added to those of plain Dial(), processor time is a call's, in ms",
  );
  for (const { way, carriedPerSecond, ofPlain, requests, events } of summary) {
    const asked = requests === null ? '' : `; ${requests.toFixed(1)} requests, ${events!.toFixed(1)} events a call`;
    console.log(`  ${way.padEnd(12)} carries ${carriedPerSecond}/s, ${ofPlain.toFixed(2)} of plain${asked}`);
    for (const rate of rates.filter(each => each === 20 || each === 50)) {
      const of = (name: keyof Row, whose: Name = way) =>
        median(rows.filter(row => row.way === whose && row.rate === rate).map(row => row[name] as number));
      const added = (name: keyof Row) => {
        const ms = of(name) - of(name, 'plain');
        return `${ms < 0 ? '' : '+'}${ms.toFixed(1)}`;
      };
      const spent = [of('asteriskMs'), of('databaseMs'), of('serviceMs')].map(ms => ms.toFixed(1));
      const delay =
        way === 'plain'
          ? `${of('delayP50Ms').toFixed(1)} / ${of('delayP99Ms').toFixed(1)} ms`
          : `${added('delayP50Ms')} / ${added('delayP99Ms')} ms`;
      console.log(
        `    at ${rate}/s: delay p50 / p99 ${delay}; Asterisk ${spent[0]}, database ${spent[1]}, service ${spent[2]}`,
      );
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(error);
  process.exit(1);
});
