import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * For perl: leads a process group, so that it can be signalled with its children, and becomes the program.
 *
 * Not a session of its own, which is what `detached` of node gives: Linux schedules each session as a group (sched_autogroup), and beside
 * busy processes Linux 6.18 let threads of such a group wait 27 s for a processor, MariaDB's and Asterisk's among them.
 */
const LEAD_A_GROUP = 'setpgrp; exec {$ARGV[0]} @ARGV or die "$ARGV[0]: $!\\n"';

/** On a machine that writes to its disk for others, even a process without a chance to object took more than 10 s. */
const DIES_WITHIN_MS = 60_000;

/**
 * A server as a process of this machine. It is identified by its pid and the tick of its birth, written in a file. So another process (`lab
 * down`, the sweep after a crashed test run) can stop it, and a pid that belongs to another program by now is never signalled.
 */
export class ServerProcess {
  private constructor(
    readonly name: string,
    readonly pid: number,
    private readonly stamp: string,
    private readonly pidPath: string,
  ) {}

  /** It outlives this process unless it is stopped. A program that cannot be started reports so in the server's log. */
  static start(options: {
    name: string;
    /** Its pid file goes here, and its output unless `logPath` says otherwise. */
    dir: string;
    command: string[];
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    logPath?: string;
    user?: ServiceUser;
  }): ServerProcess {
    const [program, ...args] = options.command;
    const logPath = options.logPath ?? join(options.dir, `${options.name}.log`);
    mkdirSync(dirname(logPath), { recursive: true });
    const log = openSync(logPath, 'a');
    const child = spawn('perl', ['-e', LEAD_A_GROUP, program!, ...args], {
      cwd: options.cwd ?? options.dir,
      env: options.env ?? process.env,
      stdio: ['ignore', log, log],
      ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
    });
    closeSync(log);
    // If the program does not exist, the wait for the server's answer reports it; unhandled, the error would end this process.
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined)
      throw new Error(`${options.name}: perl, which starts ${program}, could not be started`);
    const stamp = processStamp(child.pid) ?? `${child.pid} 0`;
    const pidPath = join(options.dir, `${options.name}.pid`);
    writeFileSync(pidPath, stamp);
    return new ServerProcess(options.name, child.pid, stamp, pidPath);
  }

  /** The server that an earlier process started in `dir`; null if it is not running (any more). */
  static find(dir: string, name: string): ServerProcess | null {
    const pidPath = join(dir, `${name}.pid`);
    if (!existsSync(pidPath)) return null;
    const stamp = readFileSync(pidPath, 'utf8').trim();
    return isSameProcess(stamp) ? new ServerProcess(name, Number(stamp.split(' ')[0]), stamp, pidPath) : null;
  }

  get running(): boolean {
    return isSameProcess(this.stamp);
  }

  /** Asks it to end, and kills it if it has not ended after `timeoutMs`. Resolves when it is gone. */
  async stop(timeoutMs = 10_000): Promise<void> {
    this.signal('SIGTERM');
    // A frozen process does not see SIGTERM before it is thawed.
    this.signal('SIGCONT');
    if (!(await this.gone(timeoutMs))) return this.kill();
    this.forget();
  }

  /** As a crash would: no time to say goodbye. Resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.signal(signal);
    if (!(await this.gone(DIES_WITHIN_MS))) {
      throw new Error(`${this.name} (pid ${this.pid}) is still there ${DIES_WITHIN_MS / 1000} s after ${signal}`);
    }
    this.forget();
  }

  /** Not the file of a successor, which was started while we still waited for the end. */
  private forget(): void {
    if (existsSync(this.pidPath) && readFileSync(this.pidPath, 'utf8') === this.stamp) rmSync(this.pidPath);
  }

  /** It keeps its sockets and answers nothing until thaw(). */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running) return;
    try {
      // Its whole group, which it leads: Kamailio's workers outlive a killed parent.
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      // It does not lead its group yet.
      if (this.running) process.kill(this.pid, signal);
    }
  }

  private async gone(timeoutMs: number): Promise<boolean> {
    return becomes(() => !this.running, timeoutMs);
  }
}

/** `<pid> <tick of birth>`, which no two processes of one boot share; null if there is no such process, or only its zombie. */
export function processStamp(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in field 2 may contain spaces and brackets, so the fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The first thread of a killed server may be a zombie while others still close its sockets. So it is gone when the first thread is the
    // last.
    const isCorpse = fields[0] === 'Z' && fields[17] === '1';
    return isCorpse ? null : `${pid} ${fields[19]}`;
  } catch {
    return null;
  }
}

export function isSameProcess(stamp: string): boolean {
  const pid = Number(stamp.trim().split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && processStamp(pid) === stamp.trim();
}

/** Kills every server whose pid file lies in the folder or below it: for what a crashed run left behind. Returns how many there were. */
export async function killServersUnder(folder: string): Promise<number> {
  const servers = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.pid'))
    .map(entry => ServerProcess.find(entry.parentPath, entry.name.slice(0, -'.pid'.length)))
    .filter(server => server !== null);
  await Promise.all(servers.map(server => server.kill()));
  return servers.length;
}

/** True as soon as `condition` holds; false if it does not within `timeoutMs`. */
export async function becomes(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= giveUpAt) return false;
    await new Promise(done => setTimeout(done, 20));
  }
}

/** Like `becomes`, for the start of a server: its own last words are part of the error. */
export async function comesUp(
  server: ServerProcess,
  answers: () => Promise<boolean>,
  options: { timeoutMs: number; logPath: string },
): Promise<void> {
  const up = await becomes(async () => !server.running || (await answers()), options.timeoutMs);
  if (up && server.running) return;
  const why = server.running ? `did not answer within ${options.timeoutMs} ms` : 'ended while it started';
  await server.kill();
  const lastLines = existsSync(options.logPath)
    ? readFileSync(options.logPath, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
    : '(no log)';
  throw new Error(`${server.name} ${why}; the end of ${options.logPath}:\n${lastLines}`);
}

export interface ServiceUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The user for a server that root starts: the `mysql` user if there is one, else `nobody`.
 *
 * Undefined (keep the present user) if we are not root, and also if that user could not even enter the folders: only root can enter a
 * checkout below /root.
 */
export function serviceUser(...folders: string[]): ServiceUser | undefined {
  if (process.getuid?.() !== 0 || !folders.every(isOpenToAll)) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['mysql', 'nobody']) {
    const fields = users.find(line => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return undefined;
}

function isOpenToAll(folder: string): boolean {
  const enterable = (statSync(folder).mode & 0o001) !== 0;
  return enterable && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}
