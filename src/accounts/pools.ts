/** Pools: groups of calls that the dialplan made, by the customer that it named. */
import type { Knex } from 'knex';
import { poolFacts } from '../credit/call-events';
import { updatePools } from '../credit/call-store';
import { POOL_PREFIX } from '../credit/rules/pool';
import { inTransaction } from '../database/connection';
import { asFault } from '../database/fault';
import { sqlOf } from '../database/rows';
import { formatAmount, micros, ZERO } from '../money/micros';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { amountField, invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { EVERYTHING } from '../operator/visible';
import { type AccountView, findAccount } from './account-store';
import { refuseWithoutCalls, tellServices } from './during-calls';
import { lockedAccount } from './manage-account';

/** The customer of a pool's accountcode. */
export const customerOf = ({ accountcode }: AccountView): string => accountcode.slice(POOL_PREFIX.length);

/** The customer's pool, with or without calls. @throws Refused pool_not_found; DatabaseFault. */
export async function poolOf(database: Knex, customer: string): Promise<AccountView> {
  let pool: AccountView | null;
  try {
    pool = await findAccount(database, EVERYTHING, `${POOL_PREFIX}${customer}`);
  } catch (error) {
    throw asFault(error);
  }
  if (pool?.kind === 'pool') return pool;
  throw new Refused('pool_not_found', `customer ${JSON.stringify(customer)} has no pool: see "pool list --all"`).about({
    customer,
  });
}

/**
 * Raises what the calls of a pool may use together, while they are in progress. The next group of calls has what its own dialplan says. Run
 * twice, it adds twice.
 * @throws Refused pool_not_found, no_call_in_progress, field_invalid; DatabaseFault, its code COMMIT_UNKNOWN if it may or may not have been
 *   done.
 */
export async function raisePool(acting: Acting, customer: string, amount: string): Promise<AccountView> {
  const { database, actor } = acting;
  const more = amountField('amount', amount);
  if (more <= ZERO) throw invalid('amount', amount, 'is not above zero: write the amount to add', 'not_above_zero');
  const { accountcode } = await poolOf(database, customer);
  await inTransaction(database, async transaction => {
    const sql = sqlOf(transaction);
    const pool = await lockedAccount(sql, accountcode);
    refuseWithoutCalls(pool, 'the dialplan says what its next calls may use');
    // Checked as a field once more: the sum must fit as well.
    const creditLimit = amountField('max_credit', formatAmount(micros(pool.creditLimit + more)));
    const raised = { ...pool, creditLimit };
    await updatePools(sql, [raised]);
    const facts = { ...poolFacts(raised), amount: formatAmount(more) };
    await tellServices(sql, actor, 'pool_raised', accountcode, facts);
    await writeAudit(transaction, acting, {
      operation: 'pool raise',
      object: `pool ${customer}`,
      before: { max_credit: pool.creditLimit },
      after: { max_credit: creditLimit },
    });
  });
  return poolOf(database, customer);
}
