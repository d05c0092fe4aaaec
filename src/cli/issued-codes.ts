/** How codes that were generated reach their operator, this once. */
import { closeSync, fsyncSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { Issued } from '../cards/batch';
import { Refused } from '../operator/operator-refusal';

/** `serial,pin` and so on, as CSV: digits, which need no quotes. */
export const codesText = (issued: readonly Issued[], what: string): string =>
  `serial,${what}\n${issued.map(({ serial, code }) => `${serial},${code}\n`).join('')}`;

/** A new file that only its owner may read. */
export class CodeFile {
  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** @throws Refused file_invalid, where it is there already or cannot be made. */
  static create(path: string): CodeFile {
    try {
      return new CodeFile(path, openSync(path, 'wx', 0o600));
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code;
      const todo =
        why === 'EEXIST' ? 'is there already: name a new file' : `cannot be written (${why}): correct the path`;
      throw new Refused('file_invalid', `out ${JSON.stringify(path)} ${todo}`);
    }
  }

  /** Writes the codes, on disk when it returns; again instead of what was written before. */
  write(issued: readonly Issued[], what: string): void {
    ftruncateSync(this.descriptor);
    writeSync(this.descriptor, codesText(issued, what), 0);
    fsyncSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Of codes that were never committed. */
  remove(): void {
    this.close();
    unlinkSync(this.path);
  }
}
