import type { Row } from '../database/rows';
import { amountOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { EntryKind } from './books';
import type { Difference, Rule } from './difference';
import { type ChainEnd, endAt, hashOf, NO_ENTRIES } from './entry-chain';

/** The last entry that was seen of an account, with the balance after it. */
interface Seen extends ChainEnd {
  balance: Micros;
}

const NOTHING_SEEN: Seen = { ...NO_ENTRIES, balance: ZERO };

/** Follows the entries of some accounts, each account's in the order of writing. Pure; memory follows the number of accounts. */
export class ChainFollower {
  /** What is wrong so far. */
  readonly differences: Difference[] = [];
  private readonly seen = new Map<string, Seen>();
  private readonly told = new Set<string>();
  private followed = 0;

  /** `proven`: where each account is known to have been; its last proven entry comes first. null if all is read from the first entry on. */
  constructor(private readonly proven: ReadonlyMap<string, ChainEnd> | null) {}

  /** How many entries were followed; those that were only begun with do not count. */
  get entries(): number {
    return this.followed;
  }

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
      this.followed++;
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

  /** The last entry that was seen of an account; null for none. */
  endOf(accountcode: string): ChainEnd | null {
    const seen = this.seen.get(accountcode);
    return seen ? { entryCount: seen.entryCount, entryHash: seen.entryHash } : null;
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
