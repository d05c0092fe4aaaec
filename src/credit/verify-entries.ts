import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import type { EntryKind } from './books';
import { ChainFollower } from './chain-follower';
import type { Difference } from './difference';
import type { AccountEnd, ChainEnd } from './entry-chain';

/** How many rows are read at a time. */
const PAGE_ROWS = 5_000;

/** What is told while chains are followed. */
export interface ChainWatch {
  /** Gets the number of rows of each page. */
  onRows: (rows: number) => void;
  /** Gets the ends of some accounts at a time, in the order of the codes' bytes. Accounts without entries are left out. */
  onEnds: (ends: AccountEnd[]) => void;
}

/** What was read of the ledger, and what is wrong with it. */
export interface ChainProof {
  /** Entries read. */
  entries: number;
  differences: Difference[];
}

/**
 * The first entry of each account that does not follow the one before it, by number, hash or balance: it was changed, or something before
 * it was changed, added or deleted. And the accounts that do not end with their last entry.
 *
 * Follows `accountsAtOnce` accounts at a time and so keeps the ends of that many. For each such range of accounts the database reads the
 * whole ledger once, in the order of writing: by the key of the accounts it would read each row from another place. Assumes a snapshot that
 * the caller opened.
 */
export async function followChains(
  connection: Connection,
  { onRows, onEnds }: ChainWatch,
  accountsAtOnce: number,
): Promise<ChainProof> {
  const proof: ChainProof = { entries: 0, differences: [] };
  for (let from: string | null = ''; from !== null; ) {
    const range: AccountRange = { from, to: await accountAfter(connection, from, accountsAtOnce) };
    const follower = new ChainFollower(null);
    await eachEntry(connection, range, rows => {
      for (const row of rows) follower.follow(row);
      onRows(rows.length);
    });
    await eachAccount(connection, range, accounts => {
      for (const account of accounts) follower.endsAt(account);
      onEnds(endsOf(follower, accounts));
    });
    add(proof, follower);
    from = range.to;
  }
  return proof;
}

/**
 * The same from where a proof ended. Reads only the entries since then, and of each account the last proven entry, which must exist
 * unchanged. An account without new entries must have the balance after its last one.
 *
 * `proven` is in the order of the codes' bytes, and is read along with the accounts, so memory stays the same however many there are. Sees
 * nothing of what happened to entries before the proof. Assumes a snapshot that the caller opened. `onRows` gets numbers of accounts.
 */
export async function followChainsSince(
  connection: Connection,
  proven: Iterable<AccountEnd> | AsyncIterable<AccountEnd>,
  { onRows, onEnds }: ChainWatch,
): Promise<ChainProof> {
  const proof: ChainProof = { entries: 0, differences: [] };
  const earlier = new ProvenEnds(proven);
  await eachAccount(connection, EVERY_ACCOUNT, async (accounts, isLast) => {
    const ends = await earlier.upTo(isLast ? null : (accounts.at(-1) as Row).accountcode);
    const follower = new ChainFollower(ends);
    const places = accounts.map(({ accountcode }): Place => [accountcode, ends.get(accountcode)?.entryCount ?? 1]);
    await followFrom(connection, places, follower);
    for (const account of accounts) follower.endsAt(account);
    const missing = new Set(ends.keys());
    for (const { accountcode } of accounts) missing.delete(accountcode);
    for (const accountcode of missing) follower.say('account_has_its_last_entry', accountcode, 'the account is gone');
    onEnds(endsOf(follower, accounts));
    onRows(accounts.length);
    add(proof, follower);
  });
  return proof;
}

async function followFrom(connection: Connection, places: Place[], follower: ChainFollower): Promise<void> {
  for (let left = places; left.length > 0; ) {
    const some = left.slice(0, ACCOUNTS_AT_ONCE);
    const rows = await selectFrom(connection, some);
    for (const row of rows) follower.follow(row);
    const last = rows.at(-1);
    const rest = left.slice(ACCOUNTS_AT_ONCE);
    // A full page may have ended within an account.
    left = last && rows.length === PAGE_ROWS ? [...placesAfter(some, last), ...rest] : rest;
  }
}

function add(proof: ChainProof, { entries, differences }: ChainFollower): void {
  proof.entries += entries;
  for (const difference of differences) proof.differences.push(difference);
}

const endsOf = (follower: ChainFollower, accounts: Row[]): AccountEnd[] =>
  accounts.flatMap(({ accountcode }) => {
    const end = follower.endOf(accountcode);
    return end ? [[accountcode, end] satisfies AccountEnd] : [];
  });

/** The ends of an earlier proof, taken account by account. */
class ProvenEnds {
  private readonly ends: Iterator<AccountEnd> | AsyncIterator<AccountEnd>;
  private next: AccountEnd | null | undefined;

  constructor(ends: Iterable<AccountEnd> | AsyncIterable<AccountEnd>) {
    this.ends = Symbol.asyncIterator in ends ? ends[Symbol.asyncIterator]() : ends[Symbol.iterator]();
  }

  /** Those up to this account that were not taken before; all that are left for null. */
  async upTo(accountcode: string | null): Promise<Map<string, ChainEnd>> {
    const taken = new Map<string, ChainEnd>();
    const last = accountcode === null ? null : Buffer.from(accountcode);
    for (;;) {
      if (this.next === undefined) {
        const { done, value } = await this.ends.next();
        this.next = done ? null : value;
      }
      if (this.next === null || (last && Buffer.compare(Buffer.from(this.next[0]), last) > 0)) return taken;
      taken.set(...this.next);
      this.next = undefined;
    }
  }
}

/** What was read of the entries from a number on. */
export interface LateProof extends ChainProof {
  /** The accounts that were looked at. */
  accounts: string[];
  /** The calls that these entries name as their cause. */
  calls: string[];
}

/**
 * The same of the entries with this entry_id and higher ones, and of the ends of their accounts and of the accounts in `touched`.
 *
 * Of each account the entry before those is taken as it is. An account whose only new entry was deleted is seen if it is in `touched`.
 * Assumes a snapshot that the caller opened. Memory follows the number of these accounts.
 */
export async function followChainsFrom(
  connection: Connection,
  firstEntry: string,
  touched: ReadonlySet<string>,
  onRows: (rows: number) => void,
): Promise<LateProof> {
  const follower = new ChainFollower(new Map());
  const calls = new Set<string>();
  for (let from = firstEntry; ; ) {
    const text = `${ENTRIES} WHERE entry_id >= ? ORDER BY entry_id LIMIT ${PAGE_ROWS}`;
    const rows = await select(connection, text, [from]);
    await readBefore(connection, follower, rows);
    for (const row of rows) {
      follower.follow(row);
      if (OF_CALLS.has(row.kind)) calls.add(row.reference);
    }
    onRows(rows.length);
    if (rows.length < PAGE_ROWS) break;
    from = String(BigInt((rows.at(-1) as Row).entry_id) + 1n);
  }
  const accounts = [...new Set([...touched, ...follower.accounts])];
  for (let first = 0; first < accounts.length; first += ACCOUNTS_AT_ONCE) {
    await lookAtEnds(connection, follower, accounts.slice(first, first + ACCOUNTS_AT_ONCE));
  }
  const { entries, differences } = follower;
  return { entries, differences, accounts, calls: [...calls] };
}

/** The kinds of entries whose reference is a call; a refund's may be one. */
const OF_CALLS: ReadonlySet<EntryKind> = new Set(['call_charge', 'correction', 'refund']);

/** Begins the chain of each account that a page is the first to name, with the entry before its first one there. */
async function readBefore(connection: Connection, follower: ChainFollower, rows: Row[]): Promise<void> {
  const firsts = new Map<string, number>();
  for (const { accountcode, entry_number } of rows) {
    if (!follower.hasSeen(accountcode) && !firsts.has(accountcode)) firsts.set(accountcode, entry_number);
  }
  const places = [...firsts]
    .filter(([, number]) => number > 1)
    .map(([accountcode, number]) => [accountcode, number - 1]);
  for (let first = 0; first < places.length; first += ACCOUNTS_AT_ONCE) {
    const some = places.slice(first, first + ACCOUNTS_AT_ONCE);
    const text = `${ENTRIES} WHERE ${some.map(() => '(accountcode = ? AND entry_number = ?)').join(' OR ')}`;
    for (const row of await select(connection, text, some.flat())) follower.beginWith(row);
  }
}

/** Compares what accounts say of their last entries with those; an account without a new entry with the last one that it has. */
async function lookAtEnds(connection: Connection, follower: ChainFollower, accountcodes: string[]): Promise<void> {
  const ends = await select(
    connection,
    'SELECT accountcode, balance, entry_count, entry_hash FROM astaccount WHERE accountcode IN (?) ORDER BY accountcode',
    [accountcodes],
  );
  const places = ends
    .filter(({ accountcode }) => !follower.hasSeen(accountcode))
    .flatMap(({ accountcode, entry_count }) => [accountcode, entry_count]);
  const each = Array.from({ length: places.length / 2 }, () => '(accountcode = ? AND entry_number >= ?)').join(' OR ');
  const order = 'ORDER BY accountcode, entry_number';
  const last = places.length === 0 ? [] : await select(connection, `${ENTRIES} WHERE ${each} ${order}`, places);
  const counts = new Map(ends.map(({ accountcode, entry_count }) => [accountcode, entry_count]));
  for (const row of last) {
    if (row.entry_number === counts.get(row.accountcode)) follower.beginWith(row);
    else follower.follow(row);
  }
  for (const end of ends) follower.endsAt(end);
  for (const accountcode of accountcodes) {
    if (counts.has(accountcode) || !follower.hasSeen(accountcode)) continue;
    follower.say('entry_has_its_account', accountcode, 'it has entries, but there is no such account');
  }
}

/** An account, and the entry_number from which its entries are wanted. */
type Place = [accountcode: string, from: number];

const ACCOUNTS_AT_ONCE = 200;

function placesAfter(places: Place[], { accountcode, entry_number }: Row): Place[] {
  const at = places.findIndex(([code]) => code === accountcode);
  return [[accountcode, entry_number + 1], ...places.slice(at + 1)];
}

/** A page of the entries from some places on, account by account in their order. */
function selectFrom(connection: Connection, places: Place[]): Promise<Row[]> {
  const each = places.map(() => '(accountcode = ? AND entry_number >= ?)').join(' OR ');
  const order = `accountcode, entry_number LIMIT ${PAGE_ROWS}`;
  return select(connection, `${ENTRIES} WHERE ${each} ORDER BY ${order}`, places.flat());
}

const ENTRIES = `
SELECT entry_id, accountcode, entry_number, kind, reference, amount, balance_after, reason, entry_hash FROM astledger`;

/** Accounts from one on and before another, by the bytes of their codes; null for no end. */
interface AccountRange {
  from: string;
  to: string | null;
}

const EVERY_ACCOUNT: AccountRange = { from: '', to: null };

/** The account that comes `places` accounts after the first one from `from` on; null if there are not so many. */
async function accountAfter(connection: Connection, from: string, places: number): Promise<string | null> {
  const text = 'SELECT accountcode FROM astaccount WHERE accountcode >= ? ORDER BY accountcode LIMIT 1 OFFSET ?';
  const [row] = await select(connection, text, [from, places]);
  return row?.accountcode ?? null;
}

const inRange = ({ from, to }: AccountRange): [text: string, values: string[]] =>
  to === null ? ['accountcode >= ?', [from]] : ['accountcode >= ? AND accountcode < ?', [from, to]];

/** Hands over the entries of some accounts in the order of writing, a page at a time. */
async function eachEntry(connection: Connection, range: AccountRange, look: (rows: Row[]) => void): Promise<void> {
  const [isOfThem, codes] = inRange(range);
  for (let after = '0'; ; ) {
    const rows = await select(
      connection,
      `${ENTRIES} FORCE INDEX (PRIMARY) WHERE entry_id > ? AND ${isOfThem} ORDER BY entry_id LIMIT ${PAGE_ROWS}`,
      [after, ...codes],
    );
    look(rows);
    if (rows.length < PAGE_ROWS) return;
    after = (rows.at(-1) as Row).entry_id;
  }
}

/** Hands over the end that each of some accounts claims to have, a page at a time. */
async function eachAccount(
  connection: Connection,
  range: AccountRange,
  look: (accounts: Row[], isLast: boolean) => unknown,
): Promise<void> {
  for (let { from } = range; ; ) {
    const [isOfThem, codes] = inRange({ ...range, from });
    const rows: Row[] = await select(
      connection,
      `SELECT accountcode, balance, entry_count, entry_hash FROM astaccount
       WHERE ${isOfThem} ORDER BY accountcode LIMIT ${PAGE_ROWS}`,
      codes,
    );
    const isLast = rows.length < PAGE_ROWS;
    await look(rows, isLast);
    if (isLast) return;
    from = justAfter((rows.at(-1) as Row).accountcode);
  }
}

/** The first code that comes after this one. */
const justAfter = (accountcode: string): string => `${accountcode}\0`;
