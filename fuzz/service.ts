/** A real `ringfence serve` that has the operator's API and nothing else, and what it logs of its faults. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ringfenceProgram } from '../lab/ringfence';
import { findFreePort } from '../lab/servers/ports';
import { PIN_KEY, SECOND_PERSON_ABOVE } from './fixture';

const MOST_LINES = 1_000;
const STARTS_WITHIN_MS = 60_000;

export class FuzzedService {
  private readonly faults: string[] = [];

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', line => this.note(line));
    }
  }

  /** Resolves when it answers. @throws Error if it ends before, or does not begin in time */
  static async start(databaseUrl: string): Promise<FuzzedService> {
    const [port, door] = [await findFreePort(), await findFreePort()];
    const env = {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: databaseUrl,
      RINGFENCE_HTTP_LISTEN: String(port),
      // With a door for calls: without one it would give way, and beside busy processes it might stand still.
      RINGFENCE_REST_LISTEN: String(door),
      RINGFENCE_HTTP_RATE: '0',
      RINGFENCE_PIN_KEY: PIN_KEY,
      RINGFENCE_SECOND_PERSON_ABOVE: SECOND_PERSON_ABOVE,
      RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1',
      RINGFENCE_LOG_LEVEL: 'warn',
    };
    const child = spawn(process.execPath, [ringfenceProgram, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const service = new FuzzedService(port, child);
    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (!(await service.isUp())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`the service does not serve: ${service.faults.join('\n')}`);
      }
      await sleep(100);
    }
    return service;
  }

  /** The line of the log about that request; empty if there is none. */
  lineOf(requestId: string): string {
    return this.faults.findLast(line => line.includes(requestId)) ?? '';
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves with its exit code, null if it had to be killed. */
  async stop(): Promise<number | null> {
    if (!this.isRunning) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
    const [code] = await ended;
    clearTimeout(timer);
    return code;
  }

  private async isUp(): Promise<boolean> {
    try {
      const { status } = await fetch(`http://127.0.0.1:${this.port}/healthz`);
      return status === 200;
    } catch {
      return false;
    }
  }

  private note(line: string): void {
    this.faults.push(line);
    if (this.faults.length > MOST_LINES) this.faults.shift();
  }
}
