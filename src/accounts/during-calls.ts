/** What an operator does to an account while its calls are in progress. The services look at touched accounts about twice a second. */
import type { Knex } from 'knex';
import { insertEvents, touchAccounts, updateAccounts } from '../credit/call-store';
import type { ChangeEvent } from '../credit/change-event';
import { type Account, timeAvailable, withTimeAdded } from '../credit/rules/account';
import { wantEnds } from '../credit/wanted-end-store';
import { inTransaction } from '../database/connection';
import { asFault } from '../database/fault';
import { type Sql, sqlOf, write } from '../database/rows';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { invalid, type Whole, wholeField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { type RunningCall, runningCalls } from './account-store';
import { lockedAccount, objectOf } from './manage-account';

/** The most talk that is added at once: a day. */
const MOST_ADDED_SECONDS = 86_400;

/**
 * Has the services end all calls that the account, or pool, has now. The account may start new calls at once. Returns the calls that the
 * services must end. An account without calls stays as it is.
 *
 * Run again, it ends the calls that started in between. After a lost COMMIT the event may be written twice.
 * @throws Refused account_not_found; DatabaseFault.
 */
export async function hangUpCalls(acting: Acting, accountcode: string): Promise<RunningCall[]> {
  const { database, actor } = acting;
  const change = async (transaction: Knex.Transaction): Promise<RunningCall[]> => {
    const sql = sqlOf(transaction);
    const { kind } = await lockedAccount(sql, accountcode);
    const calls = await runningCalls(sql, accountcode);
    if (calls.length === 0) return calls;
    // One instant for both columns, by the database's clock. It is after every start that was committed before this lock.
    const now = 'UPDATE astaccount SET hangup_before = UTC_TIMESTAMP(3), touched_at = UTC_TIMESTAMP(3)';
    await write(sql, `${now} WHERE accountcode = ?`, [accountcode]);
    await wantEnds(sql, [accountcode], actor);
    await insertEvents(sql, [
      { kind: 'calls_ended', accountcode, uniqueid: null, facts: { calls: calls.length }, actor },
    ]);
    await writeAudit(transaction, acting, {
      operation: `${kind} hangup`,
      object: objectOf(accountcode),
      // The number of calls, not their names: the names would not fit, and each CDR has hangup_wanted.
      before: { calls: calls.length },
      after: { calls: 0 },
    });
    return calls;
  };
  return inTransaction(database, change, { idempotent: true });
}

/** Which of these calls are still in progress. @throws DatabaseFault */
export async function stillUp(
  database: Knex,
  accountcode: string,
  calls: readonly RunningCall[],
): Promise<RunningCall[]> {
  if (calls.length === 0) return [];
  try {
    const rows = await database('astcreditres').where({ accountcode }).select('uniqueid');
    const up = new Set(rows.map(({ uniqueid }) => uniqueid));
    return calls.filter(({ uniqueid }) => up.has(uniqueid));
  } catch (error) {
    throw asFault(error);
  }
}

export interface TimeAdded {
  accountcode: string;
  seconds: number;
  maxTimeSeconds: number;
  /** The part of max_time that no call holds yet; below 0 if max_time was lowered below what calls hold. */
  timeLeftSeconds: number;
}

/**
 * Adds talk to the calls that are in progress together now: it counts as not used. When the last of them has ended, the added talk is
 * forgotten, because the next call counts max_time anew. Run twice, it adds twice.
 * @throws Refused account_not_found, time_not_limited, no_call_in_progress, field_invalid; DatabaseFault, its code COMMIT_UNKNOWN if it may
 *   or may not have been done.
 */
export async function addTime(acting: Acting, accountcode: string, seconds: Whole): Promise<TimeAdded> {
  const { database, actor } = acting;
  const added = wholeField('seconds', seconds, 1, MOST_ADDED_SECONDS);
  return inTransaction(database, async transaction => {
    const sql = sqlOf(transaction);
    const account = await lockedAccount(sql, accountcode);
    const { maxTimeSeconds } = account;
    if (maxTimeSeconds === null) {
      throw new Refused(
        'time_not_limited',
        `accountcode ${JSON.stringify(accountcode)} has no max_time: its calls need no time added`,
      ).about({ accountcode });
    }
    refuseWithoutCalls(account, 'max_time is counted anew with its next call');
    const changed = withTimeAdded(account, added);
    if (!changed) throw invalid('seconds', added, 'is more than can be added in all: add less');
    await updateAccounts(sql, [changed]);
    const timeLeftSeconds = timeAvailable(changed);
    await tellServices(sql, actor, 'time_added', accountcode, {
      seconds: added,
      max_time: maxTimeSeconds,
      time_left: timeLeftSeconds,
    });
    await writeAudit(transaction, acting, {
      operation: `${account.kind} add-time`,
      object: objectOf(accountcode),
      before: { time_used: account.timeUsedSeconds },
      after: { time_used: changed.timeUsedSeconds },
    });
    return { accountcode, seconds: added, maxTimeSeconds, timeLeftSeconds };
  });
}

/** Refuses a limit for the calls in progress if the account has none. `then`: what applies to the next call. */
export function refuseWithoutCalls({ accountcode, activeCalls }: Account, then: string): void {
  if (activeCalls > 0) return;
  throw new Refused(
    'no_call_in_progress',
    `accountcode ${JSON.stringify(accountcode)} has no call in progress: ${then}`,
  ).about({ accountcode });
}

/** Has the services look at the account's calls, and writes an event of the change. */
export async function tellServices(
  sql: Sql,
  actor: string,
  kind: ChangeEvent['kind'],
  accountcode: string,
  facts: ChangeEvent['facts'],
): Promise<void> {
  await touchAccounts(sql, [accountcode]);
  await insertEvents(sql, [{ kind, accountcode, uniqueid: null, facts, actor }]);
}
