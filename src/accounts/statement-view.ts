/** A month of an account: what it had, what came, what calls cost, and what is left. However many calls it has, few rows are told. This file changes nothing. */
import type { Knex } from 'knex';
import { DateTime } from 'luxon';
import type { EntryKind } from '../credit/books';
import { orFault } from '../database/fault';
import { firstSince } from '../database/growing-table';
import { amountOf } from '../database/values';
import { type Micros, micros, ZERO } from '../money/micros';
import type { Visible } from '../operator/visible';
import { knownZone } from '../rating/rate';
import { type EntryView, entryOf } from './account-store';
import { accountNamed } from './manage-account';

/** The most payments, and the most other movements, that a statement tells one by one; their sums are of all. */
export const MOST_MOVEMENTS = 1_000;

/** What calls to one destination cost in the month. */
export interface DestinationSum {
  /** As the price list names it; empty if the call is not known. */
  destination: string;
  calls: number;
  billedSeconds: number;
  cost: Micros;
}

/** Movements of money besides those of calls. */
export interface Movements {
  /** The oldest first, 1,000 at most. */
  entries: (EntryView & { entryNumber: number })[];
  /** All of them. */
  count: number;
  sum: Micros;
}

export interface Statement {
  accountcode: string;
  currency: string;
  zone: string;
  from: Date;
  to: Date;
  opening: Micros;
  closing: Micros;
  topUps: Movements;
  /** Refunds, corrections, adjustments: what neither a payment nor a call was. */
  others: Movements;
  /** The dearest destination first. */
  calls: DestinationSum[];
  /** Whether opening + payments + others − calls is the closing balance, and no entry is missing between. "ringfence verify" proves each. */
  addsUp: boolean;
}

const DAY_MS = 86_400_000;
const OTHER_KINDS: readonly EntryKind[] = ['refund', 'adjustment', 'correction', 'pool_closed'];

/**
 * The statement of a month (`2026-12`) of a zone; of the account's own zone if none is given. A call counts where its charge is, so that the sums are
 * those of the ledger: one that began before midnight and ended after it is a call of the new month. A call that cost nothing has no charge, and
 * counts where it ended. Of a month that is not over it is what there is now.
 *
 * Assumes a month and a zone that their fields accepted.
 * @throws Refused account_not_found, also for one that is not visible; DatabaseFault
 */
export async function statementOf(
  database: Knex,
  visible: Visible,
  accountcode: string,
  { month, zone: asked }: { month: string; zone: string | undefined },
): Promise<Statement> {
  const { currency, timeZone } = await accountNamed(database, visible, accountcode);
  const zone = asked ?? knownZone(timeZone);
  const [from, to] = [beginningOf(month, zone), beginningOf(monthAfter(month), zone)] as const;
  return orFault(async () => {
    const numberAt = (at: Date) =>
      firstSince(
        async (text, values) => (await database.raw(text, values as string[]))[0],
        { table: 'astledger', id: 'entry_number', accountcode },
        at,
      );
    // By the numbers: entries never change, so all that follows is of the same ones, whatever is charged meanwhile.
    const [first, end] = [Number(await numberAt(from)), Number(await numberAt(to))];
    const balanceBefore = async (number: number): Promise<Micros> => {
      const before = database('astledger').where({ accountcode }).where('entry_number', '<', number);
      const row = await before.orderBy('entry_number', 'desc').first('balance_after');
      return row ? amountOf(row.balance_after) : ZERO;
    };
    const movements = (kinds: readonly EntryKind[]) => movementsOf(database, accountcode, kinds, { first, end });
    const [opening, closing] = [await balanceBefore(first), await balanceBefore(end)];
    const [topUps, others] = [await movements(['top_up']), await movements(OTHER_KINDS)];
    const charged = await chargedCalls(database, accountcode, { first, end });
    const free = await freeCalls(database, accountcode, { from, to });
    const charges = charged.reduce((sum, { calls }) => sum + calls, 0);
    const sum = charged.reduce((all, { cost }) => all - cost, opening + topUps.sum + others.sum);
    const isWhole = charges + topUps.count + others.count === end - first;
    const calls = byDestination([...charged, ...free]);
    const addsUp = isWhole && sum === closing;
    return { accountcode, currency, zone, from, to, opening, closing, topUps, others, calls, addsUp };
  });
}

interface Range {
  /** The number of the first entry, and the one behind the last. */
  first: number;
  end: number;
}

async function movementsOf(
  database: Knex,
  accountcode: string,
  kinds: readonly EntryKind[],
  { first, end }: Range,
): Promise<Movements> {
  // By this index the entries of calls, which are nearly all, are not read.
  const entries = database
    .from(database.raw('?? FORCE INDEX (??)', ['astledger', 'cause']))
    .where({ accountcode })
    .whereIn('kind', kinds)
    .where('entry_number', '>=', first)
    .where('entry_number', '<', end);
  const [all] = await entries.clone().select(database.raw('COUNT(*) AS count, SUM(amount) AS sum'));
  const rows = await entries.orderBy('entry_number').limit(MOST_MOVEMENTS);
  return {
    entries: rows.map(row => ({ ...entryOf(row), entryNumber: row.entry_number })),
    count: Number(all?.count),
    sum: all?.sum == null ? ZERO : amountOf(all.sum),
  };
}

/** What the charges of calls come to by destination. */
async function chargedCalls(database: Knex, accountcode: string, { first, end }: Range): Promise<DestinationSum[]> {
  const destination = "COALESCE(c.rate_destination, '')";
  const [rows] = await database.raw(
    `SELECT ${destination} AS destination, COUNT(*) AS calls, SUM(c.billed_seconds) AS billed_seconds, SUM(l.amount) AS amount
     FROM astledger AS l FORCE INDEX (chain) LEFT JOIN astcdr AS c ON c.uniqueid = l.reference
     WHERE l.accountcode = ? AND l.entry_number >= ? AND l.entry_number < ? AND l.kind = 'call_charge'
     GROUP BY ${destination}`,
    [accountcode, first, end],
  );
  return rows.map(sumOf);
}

/** Answered calls that cost nothing, and ended in that time. None lasts a day. */
async function freeCalls(
  database: Knex,
  accountcode: string,
  { from, to }: { from: Date; to: Date },
): Promise<DestinationSum[]> {
  const [rows] = await database.raw(
    `SELECT rate_destination AS destination, COUNT(*) AS calls, SUM(billed_seconds) AS billed_seconds, SUM(cost) AS amount
     FROM astcdr FORCE INDEX (account_calls)
     WHERE accountcode = ? AND start_at >= ? AND start_at < ? AND end_at >= ? AND end_at < ? AND answer_at IS NOT NULL AND cost = 0
     GROUP BY rate_destination`,
    [accountcode, new Date(from.getTime() - DAY_MS), to, from, to],
  );
  return rows.map(sumOf);
}

const sumOf = (row: Record<string, string | number>): DestinationSum => ({
  destination: String(row.destination),
  calls: Number(row.calls),
  billedSeconds: Number(row.billed_seconds ?? 0),
  cost: micros(-amountOf(String(row.amount))),
});

function byDestination(sums: readonly DestinationSum[]): DestinationSum[] {
  const known = new Map<string, DestinationSum>();
  for (const each of sums) {
    const { calls, billedSeconds, cost } = known.get(each.destination) ?? { calls: 0, billedSeconds: 0, cost: ZERO };
    known.set(each.destination, {
      destination: each.destination,
      calls: calls + each.calls,
      billedSeconds: billedSeconds + each.billedSeconds,
      cost: micros(cost + each.cost),
    });
  }
  return [...known.values()].sort((one, other) =>
    one.cost === other.cost ? (one.destination < other.destination ? -1 : 1) : one.cost > other.cost ? -1 : 1,
  );
}

/** Assumes `2026-12`. */
const monthAfter = (month: string): string => DateTime.fromISO(`${month}-01`).plus({ months: 1 }).toFormat('yyyy-MM');

/** The first instant of a month. Its midnight may be missing, or come twice, where clocks are changed then. */
function beginningOf(month: string, zone: string): Date {
  const begins = DateTime.fromISO(`${month}-01T00:00:00`, { zone });
  const earlier = [60, 30].map(minutes => begins.minus({ minutes })).find(at => at.toFormat('yyyy-MM') === month);
  return (earlier ?? begins).toJSDate();
}
