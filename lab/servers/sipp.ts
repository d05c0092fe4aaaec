import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ensureAsterisk, projectFolder } from '../parts';
import { findFreePort, isUdpPortBound, isUdpPortFree } from './ports';
import { becomes, ServerProcess } from './process';

export interface CallOptions {
  /** Asterisk's `host:port`. */
  sip: string;
  /** The caller's address, by which Asterisk knows the customer. */
  from?: string;
  to: string;
  /** The user of the From header: the account, where the caller may name it. */
  fromUser?: string;
  /** How long the caller talks before it hangs up; without it, until the other side does. */
  talkMs?: number;
  /** How long the caller lets it ring before it gives up (CANCEL). */
  patienceMs?: number;
  /** So many calls like this. */
  calls?: number;
  /** Calls a second; practically all at once if not given. */
  rate?: number;
  /** A scenario file of the test's own. Without the caller's log line in it, only `exitCode` shows the result. */
  scenario?: string;
  /** More `-key` values for it. */
  keys?: Record<string, string | number>;
  /** SIPp itself is killed after so long. */
  timeoutMs?: number;
}

/** One call as its caller saw it. Instants are milliseconds since 1970 by this machine's clock, with microseconds. */
export interface CallSeen {
  /** The final status; null if none came. */
  sipStatus: number | null;
  ringing: boolean;
  /** A 183 came. */
  earlyMedia: boolean;
  endedBy: 'caller' | 'called' | 'nobody';
  invitedAt: number;
  /** When the first 180 came. */
  rangAt: number | null;
  answeredAt: number | null;
  endedAt: number;
  /** From the 200 to the BYE; 0 if it was not answered. */
  talkMs: number;
}

/** The result of the first call, and of all. */
export interface CallsSeen extends CallSeen {
  calls: CallSeen[];
  /** 0: every call went to the scenario's end, answered or refused. Null: killed. */
  exitCode: number | null;
  /** SIPp's complaints. */
  errors: string;
}

export interface RunningCalls {
  finished: Promise<CallsSeen>;
  /** The caller's machine dies: no BYE, no CANCEL. */
  kill(): void;
  freeze(): void;
  thaw(): void;
}

/** Real SIP calls from start to end. */
export async function placeCall(options: CallOptions): Promise<CallsSeen> {
  return (await startCalls(options)).finished;
}

export async function startCalls(options: CallOptions): Promise<RunningCalls> {
  const { sipp } = await ensureAsterisk();
  const from = options.from ?? '127.0.0.2';
  const calls = options.calls ?? 1;
  // SIPp waits a second divided by the rate before its first call.
  const rate = options.rate ?? Math.min(2000, Math.max(100, calls * 10));
  const patienceMs = options.patienceMs ?? 60_000;
  // SIPp needs a limit to wait with; a day is longer than any call.
  const talkMs = options.talkMs ?? 86_400_000;
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-calls-'));
  const logPath = join(folder, 'calls.log');
  const errorPath = join(folder, 'errors.log');
  const limitMs = options.timeoutMs ?? patienceMs + (options.talkMs ?? 600_000) + (calls / rate) * 1000 + 40_000;
  const [program, ...args] = [
    ...sipp,
    // A limit of its own too, for the case that this process is killed before it.
    ...['-timeout', `${Math.ceil(limitMs / 1000) + 5}s`],
    ...['-sf', options.scenario ? scenarioPath(options.scenario) : scenarioPath('caller')],
    ...['-i', from, '-p', String(await findFreePort(from))],
    ...['-s', options.to],
    ...keyArguments({
      from_user: options.fromUser ?? 'caller',
      patience_ms: patienceMs,
      talk_ms: talkMs,
      ...options.keys,
    }),
    ...['-m', String(calls), '-l', String(calls), '-r', String(rate)],
    ...['-trace_logs', '-log_file', logPath, '-trace_err', '-error_file', errorPath],
    ...quietArguments,
    options.sip,
  ];
  const child = spawn(program!, args, { cwd: folder, stdio: 'ignore' });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);

  const finished = new Promise<number | null>((done, failed) => {
    child.on('error', failed);
    child.on('exit', code => done(code));
  }).then(exitCode => {
    const seen = readCalls(logPath);
    const errors = existsSync(errorPath)
      ? readFileSync(errorPath, 'utf8').split('\n').filter(isComplaint).join('\n')
      : '';
    rmSync(folder, { recursive: true, force: true });
    // A call that SIPp had to abort has left no line; it saw nothing.
    while (seen.length < calls) seen.push({ ...nothingSeen });
    return { ...seen[0]!, calls: seen, exitCode, errors };
  });
  return {
    finished: finished.finally(() => clearTimeout(limit)),
    kill: () => child.kill('SIGKILL'),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

export interface CarrierOptions {
  address?: string;
  /** A free one is found if not given. */
  port?: number;
  /**
   * A file of lab/sipp by its name, or any by its absolute path: `carrier` (by the last digit dialled; the default), `answers` (at once,
   * then hangs up after `talk_ms`), `early-media` (183, then answers after `ring_ms`), `redirects` (302 to `contact`), `silent` (never an
   * answer).
   */
  scenario?: string;
  keys?: Record<string, string | number>;
  /** Its log and pid file; a folder of its own if not given. */
  dir?: string;
  /** Where the scenario's own log lines go. */
  callLogPath?: string;
}

export interface Carrier {
  /** `127.0.0.3:5070`, the form of an Asterisk's `carriers` option. */
  readonly address: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** A carrier's switch: one SIPp that takes calls until it is stopped. */
export async function startCarrier(options: CarrierOptions = {}): Promise<Carrier> {
  const { sipp } = await ensureAsterisk();
  const address = options.address ?? '127.0.0.3';
  const port = options.port ?? (await findFreePort(address));
  if (!(await isUdpPortFree(port, address))) throw new Error(`the carrier's port ${address}:${port} (UDP) is in use`);
  const ownFolder = options.dir === undefined;
  const dir = options.dir ?? mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER ?? tmpdir(), 'ringfence-carrier-'));
  mkdirSync(dir, { recursive: true });
  const server = ServerProcess.start({
    name: 'carrier',
    dir,
    command: [
      ...sipp,
      ...['-sf', scenarioPath(options.scenario ?? 'carrier')],
      ...['-i', address, '-p', String(port)],
      ...keyArguments({ talk_ms: 86_400_000, ring_ms: 1000, contact: '', ...options.keys }),
      ...(options.callLogPath ? ['-trace_logs', '-log_file', options.callLogPath] : []),
      ...quietArguments,
    ],
  });
  if (!(await becomes(async () => !server.running || isUdpPortBound(port, address), 10_000)) || !server.running) {
    const output = readFileSync(join(dir, 'carrier.log'), 'utf8').trim();
    throw new Error(`the carrier at ${address}:${port} did not start:\n${output}`);
  }
  return {
    address: `${address}:${port}`,
    process: server,
    async stop() {
      // After SIGTERM, SIPp would wait for its calls.
      await server.kill();
      if (ownFolder) rmSync(dir, { recursive: true, force: true });
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
  };
}

/** A script that runs SIPp with this machine's files, for people and for other programs. */
export async function writeSippCommand(path: string): Promise<void> {
  const { sipp } = await ensureAsterisk();
  writeFileSync(path, `#!/bin/sh\nexec ${sipp.map(word => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(path, 0o755);
}

/**
 * Without its watchdog, which would end SIPp when the machine is busy or when a test freezes it. And SIPp gives up a BYE to a lost switch
 * after 12 s, not 32 s.
 */
export const quietArguments = ['-nostdin', '-watchdog_interval', '0', '-max_non_invite_retrans', '5'];

export function scenarioPath(scenario: string): string {
  return isAbsolute(scenario) ? scenario : join(projectFolder, 'lab/sipp', `${scenario}.xml`);
}

function keyArguments(keys: Record<string, string | number>): string[] {
  return Object.entries(keys).flatMap(([key, value]) => ['-key', key, String(value)]);
}

const nothingSeen: CallSeen = {
  sipStatus: null,
  ringing: false,
  earlyMedia: false,
  endedBy: 'nobody',
  invitedAt: 0,
  rangAt: null,
  answeredAt: null,
  endedAt: 0,
  talkMs: 0,
};

/** The lines that caller.xml writes. SIPp prints numbers as `200.000000`, and a zero as nothing. */
function readCalls(logPath: string): CallSeen[] {
  if (!existsSync(logPath)) return [];
  const format =
    /status=(\S*) ringing=(\S*) early=(\S*) ended_by=(\w+) invited=(\S*) (\S*)(?: rang=(\S*) (\S*))? answered=(\S*) (\S*) ended=(\S*) (\S*)/g;
  const instant = (seconds: string, microseconds: string): number =>
    Number(seconds) * 1000 + Number(microseconds) / 1000;
  return [...readFileSync(logPath, 'utf8').matchAll(format)].map(match => {
    const [, status, ringing, early, endedBy, ...times] = match as unknown as string[];
    const answeredAt = instant(times[4]!, times[5]!) || null;
    const endedAt = instant(times[6]!, times[7]!);
    return {
      sipStatus: Number(status) || null,
      ringing: Number(ringing) === 1,
      earlyMedia: Number(early) === 1,
      endedBy: endedBy as CallSeen['endedBy'],
      invitedAt: instant(times[0]!, times[1]!),
      rangAt: instant(times[2]!, times[3]!) || null,
      answeredAt,
      endedAt,
      talkMs: answeredAt === null ? 0 : endedAt - answeredAt,
    };
  });
}

/** SIPp also logs every timeout that a scenario provides for. */
function isComplaint(line: string): boolean {
  return line !== '' && !/jumping to label|^The following events occurred/.test(line);
}
