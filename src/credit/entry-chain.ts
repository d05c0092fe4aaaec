/** The chain of an account's entries: each holds its number and a hash over itself and the entry before it. Pure. */
import { createHash } from 'node:crypto';
import { decimalOf } from '../database/values';
import type { LedgerEntry } from './books';

/** The last entry of an account: how many there are with it, and its hash; 0 and empty before the first one. */
export interface ChainEnd {
  entryCount: number;
  /** 64 hexadecimal digits. */
  entryHash: string;
}

/** Where the chain of one account's entries ends. */
export type AccountEnd = [accountcode: string, end: ChainEnd];

export const NO_ENTRIES: ChainEnd = { entryCount: 0, entryHash: '' };

/** An entry before it has its place in the chain. */
export type NewEntry = Omit<LedgerEntry, 'number' | 'hash'>;

/** The next entry of an account whose chain ends at `end`. */
export function chained(end: ChainEnd, entry: NewEntry): LedgerEntry {
  const number = end.entryCount + 1;
  return { ...entry, number, hash: hashOf(end.entryHash, { ...entry, number }) };
}

/** The end of the chain with this entry as its last one. */
export const endAt = ({ number, hash }: Pick<LedgerEntry, 'number' | 'hash'>): ChainEnd => ({
  entryCount: number,
  entryHash: hash,
});

/**
 * The hash of an entry after one whose hash is `before`: SHA-256, 64 hexadecimal digits.
 *
 * Free text is in hexadecimal, so that no text can look like two fields. SQL computes the same, to check it without us and for entries
 * older than the hashes (migration 0041): SHA2(CONCAT_WS('|', …), 256). The time of an entry comes from the database and is not part of it.
 */
export function hashOf(before: string, entry: Omit<LedgerEntry, 'hash'>): string {
  const { accountcode, number, kind, reference, amount, balanceAfter, reason } = entry;
  const amounts = [decimalOf(amount), decimalOf(balanceAfter)];
  const fields = [before, hex(accountcode), number, kind, hex(reference), ...amounts, hex(reason)];
  return createHash('sha256').update(fields.join('|')).digest('hex');
}

/** HEX() of the databases. */
const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex').toUpperCase();
