/** A `ringfence serve` that is asked what only its own process knows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ringfenceProgram } from '../lab/ringfence';
import type { Inside, Question } from './inside';
import { processorMs } from './processor-time';

/** Settings for a stand-in of a switch: it is one process, and all calls are taken over at once. */
export const besideSwitch = (ariUrl: string): Record<string, string> => ({
  RINGFENCE_ARI_URL: ariUrl,
  RINGFENCE_SWITCH_DEADLINE_MS: '30000',
});

export class WatchedServe {
  private readonly process: ChildProcess;
  private readonly answers: ((answer: Inside) => void)[] = [];

  /** `more`: settings beside the database's. */
  constructor(databaseUrl: string, more: Record<string, string>) {
    const settings = {
      RINGFENCE_DATABASE_URL: databaseUrl,
      ...more,
      RINGFENCE_LOG_LEVEL: process.env.RINGFENCE_LOG_LEVEL ?? 'error',
    };
    this.process = spawn(
      process.execPath,
      ['--expose-gc', '--require', join(__dirname, 'inside.js'), ringfenceProgram, 'serve'],
      { env: { PATH: process.env.PATH, ...settings }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    this.process.on('message', answer => this.answers.shift()?.(answer as Inside));
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** Processor time so far; ms. */
  get spentMs(): number {
    return processorMs(this.pid);
  }

  ask(question: Question): Promise<Inside> {
    return new Promise(done => {
      this.answers.push(done);
      this.process.send(question);
    });
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}
