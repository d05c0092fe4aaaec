/** A `ringfence serve` that is asked what only its own process knows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ringfenceProgram } from '../lab/ringfence';
import type { Inside, Question } from './inside';
import { processorMs } from './processor-time';

export class WatchedServe {
  private readonly process: ChildProcess;
  private readonly answers: ((answer: Inside) => void)[] = [];

  constructor(databaseUrl: string, ariUrl: string) {
    const settings = {
      RINGFENCE_DATABASE_URL: databaseUrl,
      RINGFENCE_ARI_URL: ariUrl,
      // The stand-in is one process, and all calls are taken over at once.
      RINGFENCE_SWITCH_DEADLINE_MS: '30000',
      RINGFENCE_LOG_LEVEL: process.env.RINGFENCE_LOG_LEVEL ?? 'error',
    };
    this.process = spawn(
      process.execPath,
      ['--expose-gc', '--require', join(__dirname, 'inside.js'), ringfenceProgram, 'serve'],
      { env: { PATH: process.env.PATH, ...settings }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    this.process.on('message', answer => this.answers.shift()?.(answer as Inside));
  }

  /** Processor time so far; ms. */
  get spentMs(): number {
    return processorMs(this.process.pid as number);
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
