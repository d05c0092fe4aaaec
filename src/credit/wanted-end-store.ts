/** Which calls an operator, or a limit of spend, wants ended. Their CDRs hold it, because only their own client can end some of them. */
import { type Sql, select, write } from '../database/rows';
import { insertEvents } from './call-store';

/**
 * Marks the calls in progress of these accounts, except emergency calls. A marked call is granted no more, and one event per call reports
 * the mark. A call that is marked already gets no second event. `actor`: left out where a limit of the account
 * wants it. Assumes that the accounts are locked.
 */
export async function wantEnds(sql: Sql, accountcodes: readonly string[], actor?: string): Promise<void> {
  if (accountcodes.length === 0) return;
  const calls = await select(
    sql,
    `SELECT c.uniqueid, c.accountcode, c.node FROM astcreditres r JOIN astcdr c ON c.uniqueid = r.uniqueid
     WHERE r.accountcode IN (?) AND c.end_at IS NULL AND c.hangup_wanted = 0
       AND NOT (c.cap_seconds = 0 AND c.rate_deck = '')`,
    [accountcodes],
  );
  if (calls.length === 0) return;
  await write(sql, 'UPDATE astcdr SET hangup_wanted = 1 WHERE uniqueid IN (?)', [
    calls.map(({ uniqueid }) => uniqueid),
  ]);
  await insertEvents(
    sql,
    calls.map(({ uniqueid, accountcode, node }) => ({
      kind: 'hangup_wanted',
      accountcode,
      uniqueid,
      facts: { node },
      ...(actor !== undefined && { actor }),
    })),
  );
}

/**
 * Lets the calls in progress of these accounts continue after all. Calls that `account hangup` ended stay marked, even if the account was
 * blocked as well. Assumes that the accounts are locked.
 */
export async function letGoOn(sql: Sql, accountcodes: readonly string[]): Promise<void> {
  if (accountcodes.length === 0) return;
  await write(
    sql,
    `UPDATE astcdr c JOIN astcreditres r ON r.uniqueid = c.uniqueid JOIN astaccount a ON a.accountcode = r.accountcode
     SET c.hangup_wanted = 0
     WHERE r.accountcode IN (?) AND c.hangup_wanted = 1 AND (a.hangup_before IS NULL OR r.created_at > a.hangup_before)`,
    [accountcodes],
  );
}
