/** What cashiers may top up in a day: astcashier, and what they did: astcashierday. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, DatabaseFault, isFault, orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { Acting } from './acting';
import { writeAudit } from './audit-store';
import { overDailyLimit } from './limits';
import { type RefusalFacts, Refused } from './operator-refusal';
import type { Page, PageRequest } from './page';

/**
 * Counts what a cashier tops up, in the transaction that does it; nothing for other actors.
 *
 * The cashier's row is locked until that transaction ends, so its top-ups are decided one after the other. Lock accounts, cards and vouchers
 * before: a transaction that holds a cashier's row waits for no other row. The day is UTC, by the database's clock.
 * @throws Refused daily_limit_exceeded; DatabaseFault
 */
export async function countTopUp(
  transaction: Knex.Transaction,
  { actor, limits }: Acting,
  currency: string,
  amount: Micros,
): Promise<void> {
  if (!limits?.isCashier) return;
  const cashier: Row | undefined = await transaction('astcashier')
    .where({ actor })
    .forUpdate()
    .first('daily_limit', { day: transaction.raw('CAST(UTC_DATE() AS CHAR)') });
  const limit = cashier ? amountOf(cashier.daily_limit) : null;
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
  const sums = new Map<string, Micros>();
  for (const { currency, value } of activated) {
    sums.set(currency, micros((sums.get(currency) ?? ZERO) + amountOf(value)));
  }
  for (const [currency, sum] of sums) await countTopUp(transaction, acting, currency, sum);
}

/** Sets how much an actor may top up in a day as a cashier. @throws DatabaseFault */
export async function setDailyLimit(acting: Acting, actor: string, limit: Micros): Promise<void> {
  const change = async (transaction: Knex.Transaction) => {
    const before: Row | undefined = await transaction('astcashier').where({ actor }).forUpdate().first('daily_limit');
    const daily_limit = decimalOf(limit);
    if (before?.daily_limit === daily_limit) return;
    try {
      if (before) await transaction('astcashier').where({ actor }).update({ daily_limit });
      else await transaction('astcashier').insert({ actor, daily_limit });
    } catch (error) {
      const fault = asFault(error);
      if (!isFault(fault, 'duplicate')) throw fault;
      throw new DatabaseFault('again', 'SAME_CASHIER', 'two first limits of one cashier at once', { cause: error });
    }
    await writeAudit(transaction, acting, {
      operation: 'cashier limit',
      object: `cashier ${actor}`,
      before: before ? { daily_limit: amountOf(before.daily_limit) } : null,
      after: { daily_limit: limit },
    });
  };
  await inTransaction(acting.database, change, { idempotent: true });
}

/** A cashier's limit, and what it topped up today in one currency. */
export interface CashierView {
  actor: string;
  dailyLimit: Micros;
  /** null if it topped up nothing today. */
  currency: string | null;
  toppedUp: Micros;
  left: Micros;
}

/** Cashiers by their names, with a row for each currency of today. */
export async function listCashiers(database: Knex, { limit, offset }: PageRequest): Promise<Page<CashierView>> {
  const cashiers = database('astcashier as c').leftJoin('astcashierday as d', join =>
    join.on('d.actor', 'c.actor').andOn('d.day', database.raw('UTC_DATE()')),
  );
  const [row] = await orFault(() => cashiers.clone().count({ total: '*' }));
  const rows = await orFault(() =>
    cashiers
      .clone()
      .select('c.actor', 'c.daily_limit', 'd.currency', 'd.amount')
      .orderBy(['c.actor', 'd.currency'])
      .limit(limit)
      .offset(offset),
  );
  return { items: rows.map(viewOf), total: Number(row?.total) };
}

function viewOf({ actor, daily_limit, currency, amount }: Row): CashierView {
  const [dailyLimit, toppedUp] = [amountOf(daily_limit), amount === null ? ZERO : amountOf(amount)];
  const left = micros(dailyLimit > toppedUp ? dailyLimit - toppedUp : 0n);
  return { actor, dailyLimit, currency, toppedUp, left };
}
