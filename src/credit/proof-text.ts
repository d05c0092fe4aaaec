/** A proof as it is kept outside of the database: where the chain of each account's entries ended. Pure. */
import { createHash } from 'node:crypto';
import type { ChainEnd } from './entry-chain';

/** The content of a proof, of one database. */
export interface KeptProof {
  /** astbooks.books_id. */
  books: string;
  ends: ReadonlyMap<string, ChainEnd>;
}

const FORM = 'ringfence-proof 1';

/**
 * One line for each account that has entries, in the order of their codes: entry_number and entry_hash of its last entry, and the
 * accountcode as JSON. The same books have the same text.
 */
export function proofText({ books, ends }: KeptProof): string {
  const lines = [...ends]
    .filter(([, { entryCount }]) => entryCount > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([accountcode, { entryCount, entryHash }]) => `${entryCount} ${entryHash} ${JSON.stringify(accountcode)}`);
  return `${[`${FORM} ${books}`, ...lines].join('\n')}\n`;
}

/** The result of `sha256sum` for the text: 64 hexadecimal digits. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The content of a text; null if it is no whole proof. */
export function parseProof(text: string): KeptProof | null {
  const [head = '', ...lines] = text.split('\n');
  const books = head.startsWith(`${FORM} `) ? head.slice(FORM.length + 1) : '';
  if (books === '' || lines.pop() !== '') return null;
  const ends = new Map<string, ChainEnd>();
  for (const line of lines) {
    const [, entryCount, entryHash, accountcode] = /^([1-9]\d{0,9}) ([0-9a-f]{64}) (".*")$/.exec(line) ?? [];
    const code = textIn(accountcode);
    if (!entryHash || code === null || ends.has(code)) return null;
    ends.set(code, { entryCount: Number(entryCount), entryHash });
  }
  return { books, ends };
}

function textIn(json: string | undefined): string | null {
  try {
    return json === undefined ? null : (JSON.parse(json) as string);
  } catch {
    return null;
  }
}
