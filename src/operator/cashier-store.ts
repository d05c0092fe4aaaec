/** What cashiers and doors may move in a day: astcashier, and what they did: astcashierday. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, DatabaseFault, isFault, orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, larger, type Micros, micros, ZERO } from '../money/micros';
import type { Acting } from './acting';
import { changedFields, writeAudit } from './audit-store';
import { overAtOnceLimit, overDailyLimit } from './limits';
import { type RefusalFacts, Refused } from './operator-refusal';
import type { Page, PageRequest } from './page';

/**
 * Counts what a cashier or a door moves, up or down, in the transaction that does it; nothing for other actors. `largest`: the largest of what
 * is moved together.
 *
 * The actor's row is locked until that transaction ends, so its movements are decided one after the other. Lock accounts, cards and vouchers
 * before: a transaction that holds such a row waits for no other row. The day is UTC, by the database's clock.
 * @throws Refused daily_limit_exceeded, more_than_at_once; DatabaseFault
 */
export async function countMoved(
  transaction: Knex.Transaction,
  { actor, limits }: Acting,
  currency: string,
  moved: Micros,
  largest: Micros = sizeOf(moved),
): Promise<void> {
  if (!limits?.isCashier) return;
  const amount = sizeOf(moved);
  const cashier: Row | undefined = await transaction('astcashier')
    .where({ actor })
    .forUpdate()
    .first('daily_limit', 'at_once_limit', { day: transaction.raw('CAST(UTC_DATE() AS CHAR)') });
  const limit = cashier ? amountOf(cashier.daily_limit) : null;
  const atOnce = amountOrNull(cashier?.at_once_limit);
  const tooLarge = overAtOnceLimit({ actor, currency, limit: atOnce }, largest);
  if (tooLarge !== null && atOnce !== null) {
    const facts = { actor, currency, amount: formatAmount(largest), limit: formatAmount(atOnce) };
    throw new Refused('more_than_at_once', tooLarge).about(facts);
  }
  const today = { actor, day: cashier?.day ?? '', currency };
  const counted: Row | undefined = cashier && (await transaction('astcashierday').where(today).first('amount'));
  const used = counted ? amountOf(counted.amount) : ZERO;
  const why = overDailyLimit({ actor, currency, limit, used }, amount);
  if (why !== null) {
    const left = limit !== null && limit > used ? micros(limit - used) : ZERO;
    const ofLimit: RefusalFacts = limit === null ? {} : { left: formatAmount(left), limit: formatAmount(limit) };
    const facts = { actor, currency, amount: formatAmount(amount), ...ofLimit };
    throw new Refused('daily_limit_exceeded', why).about(facts);
  }
  const total = decimalOf(micros(used + amount));
  if (counted) await transaction('astcashierday').where(today).update({ amount: total });
  else await transaction('astcashierday').insert({ ...today, amount: total });
}

/** The same for cards or vouchers that it activates, by their value. */
export async function countValues(
  transaction: Knex.Transaction,
  acting: Acting,
  activated: readonly Row[],
): Promise<void> {
  const sums = new Map<string, { sum: Micros; largest: Micros }>();
  for (const row of activated) {
    const [before, value] = [sums.get(row.currency) ?? { sum: ZERO, largest: ZERO }, amountOf(row.value)];
    sums.set(row.currency, { sum: micros(before.sum + value), largest: larger(before.largest, value) });
  }
  for (const [currency, { sum, largest }] of sums) await countMoved(transaction, acting, currency, sum, largest);
}

const sizeOf = (amount: Micros): Micros => (amount < ZERO ? micros(-amount) : amount);

const amountOrNull = (column: string | null | undefined): Micros | null => (column == null ? null : amountOf(column));

/** What a cashier or a door may move. */
export interface CashierLimits {
  /** In a UTC day, of each currency. */
  dailyLimit: Micros;
  /** At once; null for the limit of the day alone. */
  atOnceLimit: Micros | null;
}

/**
 * Sets how much a cashier or a door may move in a day, and at once; `atOnceLimit` not given leaves that as it is. Returns both limits as they are
 * now.
 * @throws DatabaseFault
 */
export async function setLimits(
  acting: Acting,
  actor: string,
  { dailyLimit, atOnceLimit }: { dailyLimit: Micros; atOnceLimit?: Micros | null | undefined },
): Promise<CashierLimits> {
  const change = async (transaction: Knex.Transaction): Promise<CashierLimits> => {
    const row: Row | undefined = await transaction('astcashier')
      .where({ actor })
      .forUpdate()
      .first('daily_limit', 'at_once_limit');
    const before = row
      ? { daily_limit: amountOf(row.daily_limit), at_once_limit: amountOrNull(row.at_once_limit) }
      : null;
    const atOnce = atOnceLimit === undefined ? (before?.at_once_limit ?? null) : atOnceLimit;
    const after = { daily_limit: dailyLimit, at_once_limit: atOnce };
    const now = { dailyLimit, atOnceLimit: atOnce };
    const changed = before ? changedFields(before, after) : { before: null, after };
    if (!changed) return now;
    const columns = { daily_limit: decimalOf(dailyLimit), at_once_limit: atOnce === null ? null : decimalOf(atOnce) };
    try {
      if (before) await transaction('astcashier').where({ actor }).update(columns);
      else await transaction('astcashier').insert({ actor, ...columns });
    } catch (error) {
      const fault = asFault(error);
      if (!isFault(fault, 'duplicate')) throw fault;
      throw new DatabaseFault('again', 'SAME_CASHIER', 'two first limits of one cashier at once', { cause: error });
    }
    await writeAudit(transaction, acting, {
      operation: 'cashier limit',
      object: `cashier ${actor}`,
      ...changed,
    });
    return now;
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

/** The limits of a cashier or a door, and what it moved today in one currency. */
export interface CashierView extends CashierLimits {
  actor: string;
  /** null if it moved nothing today. */
  currency: string | null;
  toppedUp: Micros;
  left: Micros;
}

/** Cashiers and doors by their names, with a row for each currency of today. */
export async function listCashiers(database: Knex, { limit, offset }: PageRequest): Promise<Page<CashierView>> {
  const cashiers = database('astcashier as c').leftJoin('astcashierday as d', join =>
    join.on('d.actor', 'c.actor').andOn('d.day', database.raw('UTC_DATE()')),
  );
  const [row] = await orFault(() => cashiers.clone().count({ total: '*' }));
  const rows = await orFault(() =>
    cashiers
      .clone()
      .select('c.actor', 'c.daily_limit', 'c.at_once_limit', 'd.currency', 'd.amount')
      .orderBy(['c.actor', 'd.currency'])
      .limit(limit)
      .offset(offset),
  );
  return { items: rows.map(viewOf), total: Number(row?.total) };
}

function viewOf({ actor, daily_limit, at_once_limit, currency, amount }: Row): CashierView {
  const [dailyLimit, toppedUp] = [amountOf(daily_limit), amount === null ? ZERO : amountOf(amount)];
  const left = micros(dailyLimit > toppedUp ? dailyLimit - toppedUp : 0n);
  return { actor, dailyLimit, atOnceLimit: amountOrNull(at_once_limit), currency, toppedUp, left };
}
