/** What an account spent in its hour, day and month, counted anew from its entries: when an operator sets a limit, or another time zone. */
import type { Knex } from 'knex';
import { lockAccounts, SPEND_COLUMNS, spendOf, spentValues } from '../credit/call-store';
import { SPENDING_KINDS, type SpendWindow, type Spent, windowAt } from '../credit/rules/spend';
import { orFault } from '../database/fault';
import { sqlOf } from '../database/rows';
import { amountOf } from '../database/values';
import { type Micros, micros, ZERO } from '../money/micros';
import { createdBetween } from '../operator/page-store';

/** The entries of an account up to one of them, added up from the start of a window on. */
interface Counted {
  /** When the window began; ms since 1970. */
  startsAt: number;
  /** The number of the last entry that was looked at. */
  upTo: number;
  /** The number of the first entry in the window; null if none was written in it. */
  first: number | null;
  amount: Micros;
}

/** What was counted before the account was locked; nothing of a window that will have no limit. */
export type CountedBefore = ReadonlyMap<SpendWindow, Counted>;

/**
 * Adds up the entries of the windows that will have a limit when `columns` are set; locks nothing. Entries never change, so under the lock
 * `countSpent` adds only those that were written since.
 * @throws DatabaseFault
 */
export async function countBefore(
  database: Knex,
  accountcode: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<CountedBefore> {
  return orFault(async () => {
    const row = await database('astaccount')
      .where({ accountcode })
      .first(
        'accountcode',
        'time_zone',
        'entry_count',
        'reserved',
        ...SPEND_COLUMNS,
        database.raw('UTC_TIMESTAMP(3) AS read_at'),
      );
    const counted = new Map<SpendWindow, Counted>();
    if (!row) return counted;
    const { spent, spentAt, timeZone, entryCount } = spendOf({ ...row, ...columns }, row.read_at.getTime());
    for (const { window } of spent) {
      const { startsAt } = windowAt(window, timeZone, spentAt as number);
      counted.set(window, await countedOn(database, accountcode, noneOf(startsAt), entryCount));
    }
    return counted;
  });
}

/**
 * Counts anew what the account spent in each window that has a limit, and writes it; an event may tell the limits again. Assumes that the account is
 * locked by this transaction, and has its new settings.
 *
 * `before`: what was counted before the lock. Calls of the account wait while the entries behind it are added up: of all of a window if it
 * began since then, or if the time zone was changed meanwhile.
 */
export async function countSpent(
  transaction: Knex.Transaction,
  accountcode: string,
  before: CountedBefore,
): Promise<void> {
  const account = (await lockAccounts(sqlOf(transaction), [accountcode])).get(accountcode);
  if (!account) return;
  const { timeZone, spentAt, entryCount } = account;
  const spent: Spent[] = [];
  for (const each of account.spent) {
    const { startsAt } = windowAt(each.window, timeZone, spentAt as number);
    const known = before.get(each.window);
    const from = known?.startsAt === startsAt ? known : noneOf(startsAt);
    const { first, amount } = await countedOn(transaction, accountcode, from, entryCount);
    spent.push({ ...each, amount, afterEntry: first === null ? entryCount : first - 1, told: false });
  }
  await transaction('astaccount').where({ accountcode }).update(spentValues({ spent, spentAt }));
}

const noneOf = (startsAt: number): Counted => ({ startsAt, upTo: 0, first: null, amount: ZERO });

/** The same up to a later entry. */
async function countedOn(database: Knex, accountcode: string, counted: Counted, upTo: number): Promise<Counted> {
  const { startsAt } = counted;
  if (upTo <= counted.upTo) return counted;
  // By its index of causes all charges of the account would be read.
  const entries = () =>
    database
      .from(database.raw('?? FORCE INDEX (??)', ['astledger', 'chain']))
      .where({ accountcode })
      .where('entry_number', '>', counted.upTo)
      .where('entry_number', '<=', upTo);
  let { first } = counted;
  if (first === null) {
    const inWindow = entries();
    const growing = { table: 'astledger', id: 'entry_number', accountcode } as const;
    await createdBetween(database, inWindow, growing, { from: new Date(startsAt) });
    const row = await inWindow.orderBy('entry_number').first('entry_number');
    if (!row) return { ...counted, upTo };
    first = Number(row.entry_number);
  }
  const sum = await entries()
    .where('entry_number', '>=', first)
    .whereIn('kind', SPENDING_KINDS)
    .sum('amount as amount')
    .first();
  const more = sum?.amount == null ? ZERO : micros(-amountOf(String(sum.amount)));
  return { startsAt, upTo, first, amount: micros(counted.amount + more) };
}
