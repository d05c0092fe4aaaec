import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { amountOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { EntryKind } from './books';
import type { Difference, Rule } from './difference';
import { type ChainEnd, endAt, hashOf, NO_ENTRIES } from './entry-chain';

/** How many rows are read at a time. */
const PAGE_ROWS = 5_000;

/** The last entry of each account that has one, by accountcode. */
export type ChainEnds = Map<string, ChainEnd>;

/** What was read of the ledger, and what is wrong with it. */
export interface ChainProof {
  /** Entries read. */
  entries: number;
  ends: ChainEnds;
  differences: Difference[];
}

type OnRows = (rows: number) => void;

/**
 * The first entry of each account that does not follow the one before it, by number, hash or balance: it was changed, or something before
 * it was changed, added or deleted. And the accounts that do not end with their last entry.
 *
 * Reads the ledger once, in the order of writing, and keeps the end of each account's chain. Assumes a snapshot that the caller opened.
 * `onRows` gets the number of entries of each page.
 */
export async function followChains(connection: Connection, onRows: OnRows = () => undefined): Promise<ChainProof> {
  const follower = new Follower(null);
  for (let after = '0'; ; ) {
    const rows = await select(connection, `${ENTRIES} WHERE entry_id > ? ORDER BY entry_id LIMIT ${PAGE_ROWS}`, [
      after,
    ]);
    for (const row of rows) follower.follow(row);
    onRows(rows.length);
    if (rows.length < PAGE_ROWS) break;
    after = (rows.at(-1) as Row).entry_id;
  }
  await eachAccount(connection, accounts => {
    for (const account of accounts) follower.endsAt(account);
  });
  return follower.proof();
}

/**
 * The same from where a proof ended. Reads only the entries since then, and of each account the last proven entry, which must exist
 * unchanged. An account without new entries must have the balance after its last one.
 *
 * Sees nothing of what happened to entries before the proof. Assumes a snapshot that the caller opened.
 */
export async function followChainsSince(
  connection: Connection,
  proven: ReadonlyMap<string, ChainEnd>,
  onRows: OnRows = () => undefined,
): Promise<ChainProof> {
  const follower = new Follower(proven);
  const missing = new Set(proven.keys());
  await eachAccount(connection, async accounts => {
    for (const { accountcode } of accounts) missing.delete(accountcode);
    const places = accounts.map(({ accountcode }): Place => [accountcode, proven.get(accountcode)?.entryCount ?? 1]);
    for (let left = places; left.length > 0; ) {
      const some = left.slice(0, ACCOUNTS_AT_ONCE);
      const rows = await selectFrom(connection, some);
      for (const row of rows) follower.follow(row);
      onRows(rows.length);
      const last = rows.at(-1);
      const rest = left.slice(ACCOUNTS_AT_ONCE);
      // A full page may have ended within an account.
      left = last && rows.length === PAGE_ROWS ? [...placesAfter(some, last), ...rest] : rest;
    }
    for (const account of accounts) follower.endsAt(account);
  });
  for (const accountcode of missing) follower.say('account_has_its_last_entry', accountcode, 'the account is gone');
  return follower.proof();
}

/** What was read of the entries from a number on. */
export interface LateProof extends ChainProof {
  /** Accounts whose entries were read. */
  accounts: number;
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
  onRows: OnRows = () => undefined,
): Promise<LateProof> {
  const follower = new Follower(new Map());
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
  return { ...follower.proof(), accounts: accounts.length, calls: [...calls] };
}

/** The kinds of entries whose reference is a call; a refund's may be one. */
const OF_CALLS: ReadonlySet<EntryKind> = new Set(['call_charge', 'correction', 'refund']);

/** Begins the chain of each account that a page is the first to name, with the entry before its first one there. */
async function readBefore(connection: Connection, follower: Follower, rows: Row[]): Promise<void> {
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
async function lookAtEnds(connection: Connection, follower: Follower, accountcodes: string[]): Promise<void> {
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

/** Hands over the end that each account claims to have, some accounts at a time. */
async function eachAccount(connection: Connection, look: (accounts: Row[]) => unknown): Promise<void> {
  for (let after = ''; ; ) {
    const rows: Row[] = await select(
      connection,
      `SELECT accountcode, balance, entry_count, entry_hash FROM astaccount
       WHERE accountcode > ? ORDER BY accountcode LIMIT ${PAGE_ROWS}`,
      [after],
    );
    await look(rows);
    if (rows.length < PAGE_ROWS) return;
    after = (rows.at(-1) as Row).accountcode;
  }
}

/** The last entry that was seen of an account, with the balance after it. */
interface Seen extends ChainEnd {
  balance: Micros;
}

const NOTHING_SEEN: Seen = { ...NO_ENTRIES, balance: ZERO };

/** Follows the entries of every account, each account's in the order of writing. */
class Follower {
  private readonly seen = new Map<string, Seen>();
  private readonly told = new Set<string>();
  private readonly differences: Difference[] = [];
  private entries = 0;

  /** `proven`: where each account is known to have been; its last proven entry comes first. null if all is read from the first entry on. */
  constructor(private readonly proven: ReadonlyMap<string, ChainEnd> | null) {}

  get accounts(): Iterable<string> {
    return this.seen.keys();
  }

  hasSeen(accountcode: string): boolean {
    return this.seen.has(accountcode);
  }

  /** Takes an entry as it is: those behind it are followed from there. */
  beginWith({ accountcode, entry_number, entry_hash, balance_after }: Row): void {
    const end = endAt({ number: entry_number, hash: entry_hash });
    this.seen.set(accountcode, { ...end, balance: amountOf(balance_after) });
  }

  follow(row: Row): void {
    const { accountcode } = row;
    const at = this.seen.has(accountcode) ? undefined : this.proven?.get(accountcode);
    if (at) this.compareWithProof(row, at);
    else {
      this.compareWithBefore(row, this.seen.get(accountcode) ?? NOTHING_SEEN);
      this.entries++;
    }
    this.beginWith(row);
  }

  /** Whether the account says that its last entry is the one that was seen. */
  endsAt({ accountcode, balance, entry_count, entry_hash }: Row): void {
    const last = this.seen.get(accountcode) ?? NOTHING_SEEN;
    const proven = this.proven?.get(accountcode);
    if (proven && last === NOTHING_SEEN) {
      const text = `the entry that was proven as number ${proven.entryCount} is gone, and all behind it`;
      this.say('entry_follows_the_one_before', accountcode, text);
      return;
    }
    if (entry_count !== last.entryCount) {
      const found = last.entryCount === 0 ? 'there is none' : `the last one there is number ${last.entryCount}`;
      const text = `the account's last entry is number ${entry_count}, and ${found}`;
      this.say('account_has_its_last_entry', accountcode, text);
    } else if (entry_hash !== last.entryHash) {
      const text = `the account's entry_hash is not that of its last entry, number ${entry_count}`;
      this.say('account_has_its_last_entry', accountcode, text);
    } else if (this.proven && amountOf(balance) !== last.balance) {
      // If all is read, the sums are compared, and report it.
      const text = `balance ${formatAmount(amountOf(balance))}, after its last entry it was ${formatAmount(last.balance)}`;
      this.say('balance_is_sum_of_entries', accountcode, text);
    }
  }

  /** Only the first of each kind of an account is reported: what follows from it is no news. */
  say(rule: Rule, accountcode: string, text: string): void {
    const key = `${rule} ${accountcode}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.differences.push({ rule, accountcode, uniqueid: null, text });
  }

  proof(): ChainProof {
    const ends: ChainEnds = new Map();
    for (const [accountcode, { entryCount, entryHash }] of this.seen) ends.set(accountcode, { entryCount, entryHash });
    return { entries: this.entries, ends, differences: this.differences };
  }

  private compareWithProof(row: Row, { entryCount, entryHash }: ChainEnd): void {
    const { accountcode, entry_number, entry_hash } = row;
    if (entry_number === entryCount && entry_hash === entryHash) return;
    const what =
      entry_number === entryCount
        ? `${nameOf(row)} is not the entry that was proven as number ${entryCount}`
        : `the entry that was proven as number ${entryCount} is gone`;
    this.say('entry_follows_the_one_before', accountcode, what);
  }

  private compareWithBefore(row: Row, before: Seen): void {
    const { accountcode, entry_number, reference, reason } = row;
    const [amount, balanceAfter] = [amountOf(row.amount), amountOf(row.balance_after)];
    const kind = row.kind as EntryKind;
    const entry = { accountcode, number: entry_number as number, kind, reference, amount, balanceAfter, reason };
    if (entry.number !== before.entryCount + 1) {
      const wrong = entry.number > before.entryCount + 1 ? 'an entry before it was deleted' : 'an entry was added';
      const after = before.entryCount === 0 ? 'none comes before it' : `number ${before.entryCount} comes before it`;
      const text = `${nameOf(row)} is number ${entry.number} of its account, and ${after}: ${wrong}`;
      this.say('entry_follows_the_one_before', accountcode, text);
    } else if (row.entry_hash !== hashOf(before.entryHash, entry)) {
      const text = `${nameOf(row)} does not have the hash of what it says and of the entry before it: it was changed, or added by hand`;
      this.say('entry_follows_the_one_before', accountcode, text);
    }
    const sum = micros(before.balance + amount);
    if (balanceAfter === sum) return;
    const [was, moved, after] = [before.balance, amount, balanceAfter].map(formatAmount);
    const text = `${nameOf(row)} has balance_after ${after}, and ${was} before it with its amount ${moved} make ${formatAmount(sum)}`;
    this.say('balance_after_is_running_sum', accountcode, text);
  }
}

const nameOf = ({ entry_id, kind, reference }: Row): string =>
  `entry ${entry_id} (${kind} ${JSON.stringify(reference)})`;
