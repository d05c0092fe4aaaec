/** What an operator does to an account while calls of it are up. The services look at what was touched about twice a second. */
import type { Knex } from 'knex';
import { insertEvents, touchAccounts, updateAccounts } from '../credit/call-store';
import type { ChangeEvent } from '../credit/change-event';
import { type Account, timeAvailable, withTimeAdded } from '../credit/rules/account';
import { inTransaction } from '../database/connection';
import { asFault } from '../database/fault';
import { type Sql, sqlOf, write } from '../database/rows';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { invalid, type Whole, wholeField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { type RunningCall, runningCalls } from './account-store';
import { lockedAccount, objectOf } from './manage-account';
import { wantEnds } from './wanted-ends';

/** A day at once. */
const MOST_ADDED_SECONDS = 86_400;

/**
 * Has the services end all calls that the account, or pool, has now; it may start others at once. Returns the calls that are
 * to be ended. An account without calls is left as it is.
 *
 * Done again it ends what started meanwhile; after a lost COMMIT the event may stand there twice.
 * @throws Refused account_not_found; DatabaseFault.
 */
export async function hangUpCalls(acting: Acting, accountcode: string): Promise<RunningCall[]> {
  const { database, actor } = acting;
  const change = async (transaction: Knex.Transaction): Promise<RunningCall[]> => {
    const sql = sqlOf(transaction);
    const { kind } = await lockedAccount(sql, accountcode);
    const calls = await runningCalls(sql, accountcode);
    if (calls.length === 0) return calls;
    // One instant for both, by the database's clock, after every start that was committed before this lock.
    const now = 'UPDATE astaccount SET hangup_before = UTC_TIMESTAMP(3), touched_at = UTC_TIMESTAMP(3)';
    await write(sql, `${now} WHERE accountcode = ?`, [accountcode]);
    await wantEnds(sql, [accountcode], actor);
    await insertEvents(sql, [
      { kind: 'calls_ended', accountcode, uniqueid: null, facts: { calls: calls.length }, actor },
    ]);
    await writeAudit(transaction, acting, {
      operation: `${kind} hangup`,
      object: objectOf(accountcode),
      // How many, not which: their names would not fit, and their CDRs have hangup_wanted.
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
  /** Of max_time, not held by any call yet; below 0 where max_time was lowered under what calls hold. */
  timeLeftSeconds: number;
}

/**
 * Adds talk to the calls that are up together now: it counts as not used. Forgotten when no call is up any more, as all of
 * max_time is counted anew then. Done twice it adds twice.
 * @throws Refused account_not_found, time_not_limited, no_call_in_progress, field_invalid; DatabaseFault, its code COMMIT_UNKNOWN
 *   when it may be done or not.
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
      );
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

/** What changes a limit for the calls that are up now needs one. `then`: what holds for the next call. */
export function refuseWithoutCalls({ accountcode, activeCalls }: Account, then: string): void {
  if (activeCalls > 0) return;
  throw new Refused(
    'no_call_in_progress',
    `accountcode ${JSON.stringify(accountcode)} has no call in progress: ${then}`,
  );
}

/** Has the services look at the account's calls, and writes what changed. */
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
