import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAsterisk } from '../parts';
import { findFreePort } from '../servers/ports';
import { quietArguments, scenarioPath } from '../servers/sipp';
import type { PlannedCall } from './plan';

/** The caller that names the paying account itself (lab/servers/asterisk.ts, labCustomers). */
export const PROXY = '127.0.0.5';

export interface Load {
  /** Where the callers write what they see. */
  readonly logPath: string;
  /** Resolves when every caller has finished; with false if they were killed after `withinMs`. */
  finished: Promise<boolean>;
}

/** One SIPp with all callers of a run. `lostMs`: how long a caller repeats its request to a switch that does not answer. */
export async function startLoad(options: {
  sip: string;
  calls: PlannedCall[];
  perSecond: number;
  dir: string;
  lostMs: number;
  withinMs: number;
}): Promise<Load> {
  const { sip, calls, perSecond, dir, lostMs, withinMs } = options;
  const { sipp } = await ensureAsterisk();
  mkdirSync(dir, { recursive: true });
  const lines = calls.map(call => [call.accountcode, call.number, call.talkMs, call.patienceMs].join(';'));
  const callsPath = join(dir, 'calls.csv');
  writeFileSync(callsPath, `${['SEQUENTIAL', ...lines].join('\n')}\n`);
  const logPath = join(dir, 'callers.log');
  const [program, ...args] = [
    ...sipp,
    ...['-sf', scenarioPath('drill-caller'), '-inf', callsPath],
    ...['-i', PROXY, '-p', String(await findFreePort(PROXY))],
    ...['-key', 'unheard_ms', String(Math.max(lostMs, 8_000)), '-key', 'bye_ms', String(lostMs)],
    ...['-m', String(calls.length), '-l', String(calls.length), '-r', String(perSecond)],
    ...['-trace_logs', '-log_file', logPath, '-trace_err', '-error_file', join(dir, 'callers-errors.log')],
    ...['-timeout', `${Math.ceil(withinMs / 1000) + 5}s`],
    ...quietArguments,
    // After the quiet ones, so that it wins: a BYE is repeated for as long as its caller waits.
    ...['-max_non_invite_retrans', '12', '-max_invite_retrans', '8'],
    sip,
  ];
  const child = spawn(program!, args, { cwd: dir, stdio: 'ignore' });
  return { logPath, finished: ended(child, withinMs) };
}

function ended(child: ChildProcess, withinMs: number): Promise<boolean> {
  return new Promise((done, failed) => {
    let killed = false;
    const limit = setTimeout(() => {
      killed = true;
      child.kill('SIGKILL');
    }, withinMs);
    child.on('error', failed);
    child.on('exit', () => {
      clearTimeout(limit);
      done(!killed);
    });
  });
}
