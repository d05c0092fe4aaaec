/** A proof as it is kept outside of the database: where the chain of the audit trail and of each account's entries ended. Pure. */
import type { AccountEnd } from './entry-chain';

const FORM = 'ringfence-proof 1';

/** The first line of a proof; `books` is astbooks.books_id. */
export const proofHead = (books: string): string => `${FORM} ${books}\n`;

/** The second line: how many changes of the audit trail are chained, and the hash of the last one, as `-` if there is none. */
export const auditLine = (number: number, hash: string): string => `audit ${number} ${hash || '-'}\n`;

/** What a second line says of the audit trail; null if it is none. Older proofs have none. */
export function auditIn(line: string): { number: number; hash: string } | null {
  const [, number, hash] = /^audit (\d{1,15}) (-|[0-9a-f]{64})$/.exec(line) ?? [];
  return number === undefined || hash === undefined ? null : { number: Number(number), hash: hash === '-' ? '' : hash };
}

/**
 * The line of an account that has entries: entry_number and entry_hash of its last entry, and the accountcode as JSON. The lines come in
 * the order of the codes' bytes, so the same books have the same text.
 */
export const proofLine = ([accountcode, { entryCount, entryHash }]: AccountEnd): string =>
  `${entryCount} ${entryHash} ${JSON.stringify(accountcode)}\n`;

/** The books of a first line; null if it is none. */
export function booksIn(line: string): string | null {
  const books = line.startsWith(`${FORM} `) ? line.slice(FORM.length + 1) : '';
  return books === '' ? null : books;
}

/** The end in the line of an account; null if it is none. */
export function endIn(line: string): AccountEnd | null {
  const [, entryCount, entryHash, json] = /^([1-9]\d{0,9}) ([0-9a-f]{64}) (".*")$/s.exec(line) ?? [];
  const accountcode = textIn(json);
  return entryHash && accountcode !== null ? [accountcode, { entryCount: Number(entryCount), entryHash }] : null;
}

/** Whether the lines of two accounts may follow each other. */
export const isAfter = ([before]: AccountEnd, [code]: AccountEnd): boolean =>
  Buffer.compare(Buffer.from(before), Buffer.from(code)) < 0;

function textIn(json: string | undefined): string | null {
  try {
    return json === undefined ? null : (JSON.parse(json) as string);
  } catch {
    return null;
  }
}
