/**
 * What a call costs the service beside what its packets alone cost any process of Node on this machine: `npm run bench:floor`.
 *
 * Real SIP calls through a real Asterisk with a real MariaDB are billed by a real `ringfence serve`. Between the service and both, a proxy
 * notes each packet: when it passed, where and how long it was. Then a process of Node exchanges the same packets with stand-ins, which
 * answer after the time that was noted, while Asterisk carries as many calls by a plain `Dial()`. It reads and writes bytes and does nothing
 * else. So it is what this machine and Node take for these packets: the service cannot cost less without sending or getting fewer.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { ringfenceProgram } from '../lab/ringfence';
import { findFreePort } from '../lab/servers/ports';
import { becomes } from '../lab/servers/process';
import { placeCall } from '../lab/servers/sipp';
import { LOG, type Packet, PacketTrace, packetPlayer } from './packet-trace';
import { processorMs } from './processor-time';
import { quantile } from './quantile';
import { CALLERS, SWITCH, type SwitchRig, startSwitchRig, type Way } from './switch-rig';

const USAGE = `usage: npm run bench:floor -- [options]

  --rates <n,n>    calls a second (20,50,130)
  --seconds <n>    of calls in each row (8)
  --warm <n>       seconds of calls before the first row; Node compiles while it is new (20)
  --ways <name,…>  of dialplan, bridge (both)
  --node <flags>   flags of Node for the service
  --log <level>    of the service (info)

example: npm run bench:floor -- --rates 50 --ways dialplan --node=--max-semi-space-size=32`;

const RING_MS = 500;
const TALK_MS = 2_000;
const WARM_RATE = 25;

/** What one process took for the calls of a row, by call. */
interface Cost {
  processorMs: number;
  /** How often it slept: each time it had to be woken. */
  sleeps: number;
}

interface Row {
  way: Way;
  rate: number;
  service: Cost;
  floor: Cost;
  /** Packets a call. */
  got: number;
  sent: number;
  logged: number;
  /** INVITE to 180, ms. */
  delayMs: number;
}

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    rates: { type: 'string', default: '20,50,130' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '20' },
    ways: { type: 'string', default: 'dialplan,bridge' },
    node: { type: 'string', default: '' },
    log: { type: 'string', default: 'info' },
  });
  const rates = values.rates.split(',').map(text => wholeOption('rates', text));
  const [seconds, warm] = [wholeOption('seconds', values.seconds), wholeOption('warm', values.warm)];
  const names = ['dialplan', 'bridge'] as const;
  const ways = values.ways
    .split(',')
    .map(word => names.find(each => each === word) ?? misuse(`--ways ${word}: no way`));
  const rig = await startSwitchRig({ ringMs: RING_MS, agiPort: await findFreePort() });
  const trace = new PacketTrace();
  const service = await startServe(rig, trace, values.node.split(' ').filter(Boolean), values.log);
  try {
    console.log(`\n${rig.server.engine} ${rig.server.version}, Node ${process.version}, ${seconds} s a row`);
    for (const way of ways) await measure({ rig, trace, service, way, rate: WARM_RATE, seconds: warm });
    const IDLE_SECONDS = 10;
    const idle = await costOf(service, IDLE_SECONDS, () => pause(IDLE_SECONDS * 1_000));
    console.log(`  without calls: ${idle.processorMs.toFixed(0)} ms and ${idle.sleeps.toFixed(0)} sleeps a second`);
    console.log(HEADING);
    for (const rate of rates) {
      for (const way of ways) console.log(lineOf(await measure({ rig, trace, service, way, rate, seconds })));
    }
  } finally {
    await ended(service);
    await trace.close();
    await rig.stop();
  }
}

interface Measured {
  rig: SwitchRig;
  trace: PacketTrace;
  service: ChildProcess;
  way: Way;
  rate: number;
  seconds: number;
}

async function measure({ rig, trace, service, way, rate, seconds }: Measured): Promise<Row> {
  const calls = rate * seconds;
  const place = async (from: Way) => {
    const placed = { sip: rig.asterisk.sip, from: CALLERS[from], fromUser: 'alice', to: '4930123450', talkMs: TALK_MS };
    const { calls: seen } = await placeCall({ ...placed, calls, rate });
    const whole = seen.filter(({ sipStatus, endedBy }) => sipStatus === 200 && endedBy === 'caller').length;
    if (whole < calls) throw new Error(`${whole} of ${calls} calls were carried: ${from}, ${rate} calls/s`);
    // What follows the last BYE is of these calls.
    await pause(1_500);
    return seen;
  };
  trace.take();
  let delayMs = Number.NaN;
  const service_ = await costOf(service, calls, async () => {
    const seen = await place(way);
    delayMs = quantile(
      seen.map(({ rangAt, invitedAt }) => (rangAt ?? Number.NaN) - invitedAt),
      0.5,
    );
  });
  const packets = trace.take();
  const player = await packetPlayer(packets);
  const bare = fork(join(__dirname, 'floor-process.js'), [], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  bare.stdout?.resume();
  const isReady = new Promise(done => bare.once('message', done));
  bare.send(player.script);
  await isReady;
  await pause(500);
  const floor = await costOf(bare, calls, async () => {
    bare.send('go');
    await Promise.all([player.play(), place('plain')]);
  });
  await ended(bare);
  await player.close();
  const count = (which: (packet: Packet) => boolean) => packets.filter(which).length / calls;
  return {
    ...{ way, rate, service: service_, floor, delayMs },
    got: count(({ toService }) => toService),
    sent: count(({ toService, connection }) => !toService && connection !== LOG),
    logged: count(({ connection }) => connection === LOG),
  };
}

async function costOf({ pid }: ChildProcess, calls: number, work: () => Promise<unknown>): Promise<Cost> {
  const spent = () => [processorMs(pid!), sleepsOf(pid!)] as const;
  const before = spent();
  await work();
  const after = spent();
  return { processorMs: (after[0] - before[0]) / calls, sleeps: (after[1] - before[1]) / calls };
}

/** How often the main thread of a process gave the processor back by itself. */
function sleepsOf(pid: number): number {
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function startServe(rig: SwitchRig, trace: PacketTrace, flags: string[], level: string): Promise<ChildProcess> {
  const [ari, books] = [new URL(rig.asterisk.ariUrl), new URL(rig.url)];
  for (const url of [ari, books]) url.port = String((await trace.proxyTo(url.hostname, Number(url.port))).port);
  const service = spawn(process.execPath, [...flags, ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: books.href,
      RINGFENCE_ARI_URL: ari.href,
      RINGFENCE_EVIDENCE_FILES: `${SWITCH}=${rig.asterisk.dir}/log`,
      RINGFENCE_LOG_LEVEL: level,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [isServing, said] = [false, ''];
  service.stdout.on('data', data => {
    trace.note(LOG, false, data.length);
    if (isServing) return;
    said += data;
    isServing = said.includes('"switch_connected"');
  });
  const isUp = async () => isServing || (await rig.asterisk.cli('ari show apps')).includes('ringfence');
  if (!(await becomes(isUp, 20_000))) throw new Error(`the service does not serve: ${said}`);
  // It compares with the switch first.
  await pause(2_000);
  return service;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}

const HEADING = `
  way       calls/s   service ms   floor ms   ratio   sleeps a call   packets a call: got, sent, log   delay p50 ms`;

function lineOf({ way, rate, service, floor, got, sent, logged, delayMs }: Row): string {
  const numbers = [
    [service.processorMs, 2, 10],
    [floor.processorMs, 2, 8],
    [service.processorMs / floor.processorMs, 1, 5],
  ] as const;
  const cells = numbers.map(([value, digits, width]) => value.toFixed(digits).padStart(width));
  const sleeps = `${service.sleeps.toFixed(1)}, ${floor.sleeps.toFixed(1)}`;
  const packets = [got, sent, logged].map(each => each.toFixed(1)).join(', ');
  return `  ${way.padEnd(8)}  ${String(rate).padStart(7)}   ${cells.join('   ')}   ${sleeps.padStart(13)}   ${packets.padStart(30)}   ${delayMs.toFixed(1).padStart(12)}`;
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

main().catch(error => {
  console.error(error);
  process.exit(1);
});
