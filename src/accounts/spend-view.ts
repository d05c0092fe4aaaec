/** What calls of an account were charged, day by day. This file changes nothing. */
import type { Knex } from 'knex';
import { orFault } from '../database/fault';
import { amountOf } from '../database/values';
import { type Micros, micros, ZERO } from '../money/micros';
import { createdBetween } from '../operator/page-store';
import type { Visible } from '../operator/visible';
import { daysTo, ZonedTime, zonedDay } from '../operator/zoned-store';
import { knownZone } from '../rating/rate';
import { accountNamed } from './manage-account';

/** A day of a zone. */
export interface SpendDay {
  /** `2026-12-31`. */
  day: string;
  /** Calls that were charged on it. */
  calls: number;
  /** What they were charged, 0 or more; in the account's currency. */
  charged: Micros;
}

export interface Spend {
  accountcode: string;
  currency: string;
  zone: string;
  /** The oldest first; also those on which nothing was charged. */
  days: SpendDay[];
}

/**
 * The last `days` days of a zone up to the one of `now` (ms since 1970); of the account's own zone if none is given. A charge counts on the day on which
 * it was written, so that these are sums of the ledger; refunds and corrections are entries of their own, and are not in it.
 *
 * Assumes a zone that `timeZoneField` accepted.
 * @throws Refused account_not_found, also for one that is not visible; DatabaseFault
 */
export async function spendByDay(
  database: Knex,
  visible: Visible,
  accountcode: string,
  { zone: asked, days, now }: { zone: string | undefined; days: number; now: number },
): Promise<Spend> {
  const { currency, timeZone } = await accountNamed(database, visible, accountcode);
  const zone = asked ?? knownZone(timeZone);
  const from = zonedDay(zone, now, days - 1);
  const day = new ZonedTime(zone, { from: from.getTime(), to: now }).day('created_at');
  // By its index of kinds all charges of the account would be read.
  const charges = database.from(database.raw('?? FORCE INDEX (??)', ['astledger', 'chain'])).where({ accountcode });
  const rows = await orFault(async () => {
    await createdBetween(database, charges, { table: 'astledger', id: 'entry_number', accountcode }, { from });
    return charges
      .where({ kind: 'call_charge' })
      .select(database.raw(`${day} AS day, COUNT(*) AS calls, SUM(amount) AS amount`))
      .groupByRaw(day);
  });
  const byDay = new Map(rows.map(row => [row.day as string, row]));
  return {
    accountcode,
    currency,
    zone,
    days: daysTo(zone, now, days).map(each => {
      const row = byDay.get(each);
      return { day: each, calls: Number(row?.calls ?? 0), charged: row ? micros(-amountOf(row.amount)) : ZERO };
    }),
  };
}
