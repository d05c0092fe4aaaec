import type { Knex } from 'knex';
import { costOf, placeTalking, talkingCalls } from '../talking-switch';

/** Calls that talk on `node`, with what their accounts hold. */
export async function placeLive(database: Knex, node: string, live: number, accountcodes: string[]) {
  // More than a slice, so that no call asks for another meanwhile.
  const GRANTED_SECONDS = 3_600;
  const placed = talkingCalls(node, live, accountcodes);
  await placeTalking(database, node, placed, GRANTED_SECONDS);
  await database.raw(
    `UPDATE astaccount a JOIN (SELECT accountcode, COUNT(*) AS calls FROM astcreditres GROUP BY accountcode) AS r
       ON r.accountcode = a.accountcode
     SET a.active_calls = r.calls, a.reserved = ${costOf(GRANTED_SECONDS)} * r.calls, a.time_reserved = ${GRANTED_SECONDS} * r.calls`,
  );
  return placed;
}
