/** Proofs in files. Neither is ever held in memory as a whole: a proof of a million accounts has 90 MB. */
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { AccountEnd } from '../credit/entry-chain';
import { auditIn, auditLine, booksIn, endIn, isAfter, proofHead, proofLine } from '../credit/proof-text';
import type { AuditEnd } from '../operator/audit-chain';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';

/** The proof that is being made: its digest, and beside its place a file that takes that place once the books are known to balance. */
export class ProofWriter {
  private readonly hash = createHash('sha256');
  private file: number | null;

  /** `path`: null to keep none. @throws Refused file_invalid, if it cannot be written. */
  constructor(
    private readonly path: string | null,
    books: string,
  ) {
    this.file = this.try(() => (path === null ? null : openSync(this.unfinished, 'w', 0o600)));
    try {
      this.write(proofHead(books));
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Where the chain of the audit trail ends; before all accounts. @throws Refused file_invalid, if it cannot be written. */
  addAudit({ number, hash }: AuditEnd): void {
    this.write(auditLine(number, hash));
  }

  /** The next ends, in the order of their codes' bytes. @throws Refused file_invalid, if they cannot be written. */
  add(ends: AccountEnd[]): void {
    this.write(ends.map(proofLine).join(''));
  }

  /** Replaces the file, whole or not at all. Returns the proof's `sha256sum`. @throws Refused file_invalid, if it cannot be written. */
  keep(): string {
    this.try(() => {
      if (this.file === null || this.path === null) return;
      fsyncSync(this.file);
      renameSync(this.unfinished, this.path);
      closeSync(this.file);
      this.file = null;
    });
    return this.hash.digest('hex');
  }

  /** Leaves the file as it was, if the proof was not kept. */
  discard(): void {
    if (this.file === null) return;
    closeSync(this.file);
    unlinkSync(this.unfinished);
  }

  private get unfinished(): string {
    return `${this.path}.${process.pid}`;
  }

  private write(text: string): void {
    this.hash.update(text);
    this.try(() => {
      if (this.file !== null) appendFileSync(this.file, text);
    });
  }

  private try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code;
      throw new Refused(
        'file_invalid',
        `proof ${JSON.stringify(this.path)} cannot be written (${why}): correct the path`,
      );
    }
  }
}

/** An earlier proof: whole, and of these books. The file stays open, so it may be replaced meanwhile. */
export class KeptProof {
  /** Where the chain of the audit trail ended; null in the proof of an older version. */
  audit: AuditEnd | null = null;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
  ) {}

  /** @throws Refused field_invalid, if it cannot be read, is not a proof, or belongs to other books. */
  static async open(path: string, books: string): Promise<KeptProof> {
    const file = await readable(path, () => open(path, 'r'));
    const proof = new KeptProof(file, path);
    try {
      await readable(path, () => proof.check(books));
    } catch (error) {
      await file.close();
      throw error;
    }
    return proof;
  }

  /** Where each account's chain ended, in the order of the codes' bytes. */
  async *ends(): AsyncGenerator<AccountEnd> {
    // The lines before the accounts are no ends.
    for await (const lines of this.lines()) {
      for (const line of lines) {
        const end = endIn(line);
        if (end) yield end;
      }
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async check(books: string): Promise<void> {
    let its: string | null = null;
    let before: AccountEnd | null = null;
    let number = 0;
    for await (const lines of this.lines()) {
      for (const line of lines) {
        number++;
        if (its === null) {
          its = booksIn(line);
          if (its === null) throw notWhole(this.path);
          continue;
        }
        if (number === 2) this.audit = auditIn(line);
        if (number === 2 && this.audit) continue;
        const end = endIn(line);
        if (!end) throw notWhole(this.path);
        if (before && !isAfter(before, end)) throw outOfOrder(this.path);
        before = end;
      }
    }
    if (its === null) throw notWhole(this.path);
    if (its !== books) {
      throw invalid('since', this.path, `is a proof of other books (${its}, these are ${books}): name one of these`);
    }
  }

  /** The file's lines, some at a time; what is behind the last line feed is no line of a proof. */
  private async *lines(): AsyncGenerator<string[]> {
    let rest = '';
    for await (const chunk of this.file.createReadStream({ encoding: 'utf8', start: 0, autoClose: false })) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      yield lines;
    }
    if (rest !== '') throw notWhole(this.path);
  }
}

const outOfOrder = (path: string): Refused =>
  invalid(
    'since',
    path,
    'has its accounts in another order than that of their bytes, as an older Ringfence wrote them: make a new one',
  );

const notWhole = (path: string): Refused =>
  invalid('since', path, 'is not a whole proof: name a file that --proof wrote');

async function readable<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Refused || code === undefined) throw error;
    throw invalid('since', path, `cannot be read (${code}): name a file that --proof wrote`);
  }
}
