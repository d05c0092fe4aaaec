/** Customers: programs and people that are bound to one account for good, and see nothing else. */
import type { Knex } from 'knex';
import { orFault } from '../database/fault';
import { noAccount, Refused } from '../operator/operator-refusal';

/**
 * Refuses an account that no customer can be bound to; null is none, and is not refused.
 * @throws Refused account_not_found, account_is_pool, account_closed; DatabaseFault
 */
export async function refuseUnlessBindable(database: Knex, accountcode: string | null): Promise<void> {
  if (accountcode === null) return;
  const account = await orFault(() => database('astaccount').where({ accountcode }).first('kind', 'closed_at'));
  if (!account) throw noAccount(accountcode);
  const code = JSON.stringify(accountcode);
  if (account.kind === 'pool') {
    throw new Refused(
      'account_is_pool',
      `accountcode ${code} is a pool, which has no customer of its own: name an account`,
    ).about({ accountcode });
  }
  if (account.closed_at !== null) {
    throw new Refused(
      'account_closed',
      `accountcode ${code} is closed: open it again with "account unblock" first`,
    ).about({ accountcode });
  }
}

/**
 * The condition that a row of `table` lets its holder in: it is bound to no account, or to one that is not closed. A customer of a blocked
 * or expired account may still look, and see why its calls are refused.
 */
export const isOfOpenAccount = (table: string): string =>
  `NOT EXISTS (SELECT 1 FROM astaccount AS bound WHERE bound.accountcode = ${table}.accountcode AND bound.closed_at IS NOT NULL)`;
