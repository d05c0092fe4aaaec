/** What an account may spend in an hour, a day and a month, and what it spent in them: docs/spend-limits.md. */
import { DateTime } from 'luxon';
import { formatAmount, larger, type Micros, micros, ZERO } from '../../money/micros';
import { knownZone } from '../../rating/rate';
import type { EntryKind } from '../books';
import type { ChangeEvent } from '../change-event';

/** By the clock on the wall of the account's time zone, the shortest first. */
export const SPEND_WINDOWS = ['hour', 'day', 'month'] as const;
export type SpendWindow = (typeof SPEND_WINDOWS)[number];

/** The kinds of entries that count. */
export const SPENDING_KINDS: readonly EntryKind[] = ['call_charge', 'correction'];

/** What an account spent in one of its windows, and may spend. */
export interface Spent {
  window: SpendWindow;
  limit: Micros;
  /** What calls were charged, less what corrections gave back: below zero if that was more. */
  amount: Micros;
  /** The number of the account's last entry before the window. */
  afterEntry: number;
  /** An event has told that the limit is reached in this window. */
  told: boolean;
  /** Ms since 1970. */
  endsAt: number;
}

/** An account with limits of what it spends. */
export interface Spending {
  accountcode: string;
  timeZone: string;
  entryCount: number;
  reserved: Micros;
  /** In the order of SPEND_WINDOWS, only those that have a limit; none for most accounts. */
  spent: readonly Spent[];
  /** When it was counted, by the database's clock; ms since 1970, null for never. */
  spentAt: number | null;
}

/** A time from `startsAt` on and before `endsAt`; ms since 1970. */
interface Bounds {
  startsAt: number;
  endsAt: number;
}

/** The last window that was looked up of each zone: luxon takes some µs an instant. */
const known = new Map<string, Bounds>();
const MOST_KNOWN = 2_000;

/**
 * The window in which an instant is (ms since 1970), by the clock on the wall of a zone.
 *
 * An hour that the clocks repeat is two windows, one that they leave out is none, and a day has 23 or 25 hours then. Where the clocks are set
 * back by half an hour, that hour is one window of 90 minutes. A zone that does not exist has the windows of UTC, as it has its days: without an end, what
 * was spent would never count.
 */
export function windowAt(window: SpendWindow, zone: string, at: number): Bounds {
  const key = `${window} ${zone}`;
  const last = known.get(key);
  if (last && last.startsAt <= at && at < last.endsAt) return last;
  const start = DateTime.fromMillis(at, { zone: knownZone(zone) }).startOf(window);
  let end = start.plus({ [window]: 1 }).startOf(window);
  while (end.startOf(window) <= start) end = end.plus({ minutes: 30 });
  const bounds = { startsAt: start.toMillis(), endsAt: end.toMillis() };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, bounds);
  return bounds;
}

/**
 * The account with its windows as they are at `now` (ms since 1970, by the database's clock): what was counted in an earlier window counts no
 * more. A clock that went back leaves them as they were.
 */
export function withWindowsAt<Account extends Spending>(account: Account, now: number): Account {
  const { spent, spentAt, timeZone, entryCount } = account;
  if (spent.length === 0) return account;
  const at = Math.max(now, spentAt ?? now);
  return {
    ...account,
    spentAt: at,
    spent: spent.map(each => {
      const { startsAt, endsAt } = windowAt(each.window, timeZone, at);
      if (spentAt !== null && startsAt <= spentAt) return { ...each, endsAt };
      return { ...each, amount: ZERO, afterEntry: entryCount, told: false, endsAt };
    }),
  };
}

/**
 * What calls may still ring-fence in a window; below zero if the limit was lowered since. What they hold counts in full. What corrections gave
 * back may be spent again, and no more than the limit.
 */
export const spendable = ({ limit, amount }: Pick<Spent, 'limit' | 'amount'>, reserved: Micros): Micros =>
  micros(limit - larger(amount, ZERO) - reserved);

/** The account after calls were charged so much more; less than zero for what a correction gave back. */
export const withSpent = <Account extends Pick<Spending, 'spent'>>(account: Account, charged: Micros): Account =>
  account.spent.length === 0 || charged === ZERO
    ? account
    : { ...account, spent: account.spent.map(each => ({ ...each, amount: micros(each.amount + charged) })) };

/** The account after some of its limits were reached, with an event for each that was not told in its window. */
export function withLimitsTold<Account extends Spending>(
  account: Account,
  isReached: (spent: Spent) => boolean,
): { account: Account; events: ChangeEvent[] } {
  const news = account.spent.filter(each => !each.told && isReached(each));
  if (news.length === 0) return { account, events: [] };
  const spent = account.spent.map(each => (news.includes(each) ? { ...each, told: true } : each));
  const events = news.map(
    ({ window, limit, amount, endsAt }): ChangeEvent => ({
      kind: 'spend_limit_reached',
      accountcode: account.accountcode,
      uniqueid: null,
      facts: {
        window,
        limit: formatAmount(limit),
        spent: formatAmount(amount),
        reserved: formatAmount(account.reserved),
        until: new Date(endsAt).toISOString(),
      },
    }),
  );
  return { account: { ...account, spent }, events };
}
