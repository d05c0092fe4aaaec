/** How generated codes reach the operator, this one time. */
import { closeSync, fsyncSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { type IssuedBatch, issuedFacts } from '../admin/batch-fields';
import { Refused } from '../operator/operator-refusal';
import type { Presented } from './derive';
import { Progress } from './progress';
import { printable } from './terminal';

/** `serial,pin` and so on, as CSV. Codes are digits, which need no quotes. */
export const codesText = (issued: IssuedBatch['issued'], what: string): string =>
  `serial,${what}\n${issued.map(({ serial, code }) => `${serial},${code}\n`).join('')}`;

/**
 * Codes go to standard output, or with --out into a file. The file has them before they are committed, so that none can be lost. It is
 * removed if they are not committed.
 */
const issuing = (what: string, things: string): Presented => ({
  addOptions: command =>
    command.option(
      '--out <file>',
      `a new file for serials and ${what === 'pin' ? 'PINs' : 'codes'} that only you may read, instead of standard output`,
    ),
  lend: async ({ terminal }, { options: { out } }, run) => {
    const file = out === undefined ? null : CodeFile.create(out as string);
    const progress = new Progress(terminal);
    try {
      return await run({
        onProgress: (done, count) =>
          progress.show(elapsedMs => ({
            share: count && done / count,
            text: `${done} of ${count} hashed, ${Math.round((done * 1000) / elapsedMs)} a second`,
          })),
        onIssue: codes => file?.write(codes, what),
      });
    } catch (error) {
      // If the answer to the COMMIT was lost, these codes may be valid.
      if ((error as { code?: string }).code !== 'COMMIT_UNKNOWN') file?.remove();
      throw error;
    } finally {
      progress.end();
      // Last, and not within the try: a file that cannot be closed holds codes that count.
      file?.close();
    }
  },
  prepare:
    ({ out }) =>
    async ({ print, terminal }, _input, batch: IssuedBatch) => {
      const facts = issuedFacts(batch);
      const { count, from, to } = facts;
      if (out !== undefined) {
        const path = printable(out as string);
        const sentence = `${printable(batch.batch)}: ${count} ${things}, serials ${from} to ${to}, are in ${path}`;
        print.done(`${sentence}: no command shows them again`, { ...facts, out });
      } else if (print.json) {
        print.record({ ...facts, [things]: batch.issued.map(({ serial, code }) => ({ serial, [what]: code })) });
      } else terminal.out(codesText(batch.issued, what));
    },
});

export const ISSUING: Record<string, Presented> = {
  'card generate': issuing('pin', 'cards'),
  'voucher generate': issuing('code', 'vouchers'),
};

/** A new file that only its owner may read. */
export class CodeFile {
  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** @throws Refused file_invalid, if it exists already or cannot be created. */
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

  /** Writes the codes, on disk when it returns. The next call replaces them. */
  write(issued: IssuedBatch['issued'], what: string): void {
    ftruncateSync(this.descriptor);
    writeSync(this.descriptor, codesText(issued, what), 0);
    fsyncSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Removes the file: its codes were never committed. It is still to be closed. */
  remove(): void {
    unlinkSync(this.path);
  }
}
