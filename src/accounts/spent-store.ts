/** What an account spent in its hour, day and month, counted anew from its entries: when an operator sets a limit, or another time zone. */
import type { Knex } from 'knex';
import { lockAccounts, spentValues } from '../credit/call-store';
import type { Account } from '../credit/rules/account';
import { type Spent, windowAt } from '../credit/rules/spend';
import { SPENDING_KINDS } from '../credit/spent-sums';
import { sqlOf } from '../database/rows';
import { amountOf } from '../database/values';
import { micros } from '../money/micros';
import { createdBetween } from '../operator/page-store';

/**
 * Counts anew what the account spent in each window that has a limit, and writes it; an event may tell the limits again. Assumes that the account is
 * locked by this transaction, and has its new settings.
 * Calls of the account wait while the entries of its longest window are added up.
 */
export async function countSpent(transaction: Knex.Transaction, accountcode: string): Promise<void> {
  const account = (await lockAccounts(sqlOf(transaction), [accountcode])).get(accountcode);
  if (!account) return;
  const spent: Spent[] = [];
  for (const each of account.spent) spent.push(await counted(transaction, account, each));
  await transaction('astaccount')
    .where({ accountcode })
    .update(spentValues({ spent, spentAt: account.spentAt }));
}

async function counted(transaction: Knex.Transaction, account: Account, each: Spent): Promise<Spent> {
  const { accountcode, timeZone, spentAt, entryCount } = account;
  const { startsAt } = windowAt(each.window, timeZone, spentAt as number);
  const entries = transaction('astledger').where({ accountcode });
  const growing = { table: 'astledger', id: 'entry_number', accountcode } as const;
  await createdBetween(transaction, entries, growing, { from: new Date(startsAt) });
  const first = await entries.clone().min('entry_number as number').first();
  const afterEntry = first?.number == null ? entryCount : Number(first.number) - 1;
  const sum = await transaction('astledger')
    .where({ accountcode })
    .where('entry_number', '>', afterEntry)
    .whereIn('kind', SPENDING_KINDS)
    .sum('amount as amount')
    .first();
  const amount = sum?.amount == null ? 0n : -amountOf(String(sum.amount));
  return { ...each, amount: micros(amount), afterEntry, told: false };
}
