import type { Knex } from 'knex';
import { accountOf } from '../../credit/call-store';
import { moneyLeft } from '../../credit/rules/account';
import { QUESTION_DEADLINE_MS } from '../../database/deadline';
import { orFault } from '../../database/fault';
import type { Row } from '../../database/rows';
import { type Micros, ZERO } from '../../money/micros';

/** A hold made for a uuid without a Call-ID. */
export interface SecondsHold {
  uniqueid: string;
  grantedSeconds: number;
}

/** What SEMS's calls read beside the ledger. Every method rejects with DatabaseFault. */
export interface SemsStore {
  /**
   * The open hold to which `seconds` of talk are charged: the smallest that covers them, or else the largest; of two equal ones the older.
   * null if there is none. Never one of `taken`.
   *
   * Each call talks at most what its own hold covers. Taking the smallest always leaves holds that cover the other calls.
   */
  holdFor(accountcode: string, seconds: number, taken: readonly string[]): Promise<SecondsHold | null>;
  /** What calls may ring-fence now, within the account's limits of spend; 0 if there is no such account. */
  availableOf(accountcode: string): Promise<Micros>;
}

/** `prefix`: the beginning of the uniqueids of such holds. */
export function semsStore(database: Knex, prefix: string): SemsStore {
  return {
    holdFor: (accountcode, seconds, taken) =>
      orFault(async () => {
        const row: Row | undefined = await database('astcreditres')
          .where({ accountcode })
          .whereRaw('LEFT(uniqueid, ?) = ?', [prefix.length, prefix])
          .whereNotIn('uniqueid', [...taken])
          .orderByRaw('granted_seconds < ?, ABS(CAST(granted_seconds AS SIGNED) - ?), created_at, uniqueid', [
            seconds,
            seconds,
          ])
          .timeout(QUESTION_DEADLINE_MS)
          .first('uniqueid', 'granted_seconds');
        return row ? { uniqueid: row.uniqueid, grantedSeconds: row.granted_seconds } : null;
      }),

    availableOf: accountcode =>
      orFault(async () => {
        const row: Row | undefined = await database('astaccount')
          .where({ accountcode })
          .timeout(QUESTION_DEADLINE_MS)
          .first('*', database.raw('UTC_TIMESTAMP(3) AS read_at'));
        return row ? moneyLeft(accountOf(row, row.read_at.getTime())) : ZERO;
      }),
  };
}
