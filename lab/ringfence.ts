import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './parts';

export const ringfenceProgram = join(projectFolder, 'bin/ringfence');

export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The command line as an operator uses it; the lab has no other way into the product. */
export class RingfenceCli {
  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** @throws Error with the output of the command, unless it exits 0 or with one of `alsoFine`. */
  async run(words: string[], alsoFine: number[] = []): Promise<Finished> {
    const finished = await this.try(words);
    if (finished.exitCode === 0 || alsoFine.includes(finished.exitCode)) return finished;
    throw new Error(
      `ringfence ${words.join(' ')} ended with ${finished.exitCode}: ${(finished.stderr || finished.stdout).trim()}`,
    );
  }

  /** What the command prints with --json. */
  async json<Result>(words: string[]): Promise<Result> {
    return JSON.parse((await this.run([...words, '--json'])).stdout) as Result;
  }

  try(words: string[]): Promise<Finished> {
    return new Promise(done => {
      execFile(
        process.execPath,
        [ringfenceProgram, ...words],
        { env: this.environment, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          done({ exitCode, stdout, stderr });
        },
      );
    });
  }
}
