/** A proof as it is kept outside of the database: where the chain of each account's entries ended. Pure. */
import type { AccountEnd } from './entry-chain';

const FORM = 'ringfence-proof 1';

/** The first line of a proof; `books` is astbooks.books_id. */
export const proofHead = (books: string): string => `${FORM} ${books}\n`;

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
