import type { Knex } from 'knex';
import { type CallRecord, CDR_COLUMNS, callOf } from '../../credit/call-record';
import { asFault, DatabaseFault } from '../../database/fault';
import { amountOf, type Row } from '../../database/rows';
import type { Purse } from './rest-answers';

/** What the door reads beside the ledger. All reject with DatabaseFault. */
export interface RestStore {
  /** The call; null when there is none of that uniqueid. */
  call(uniqueid: string): Promise<CallRecord | null>;
  /** The account; null when there is none, and for a group of calls, which the dialplan made. */
  account(accountcode: string): Promise<Purse | null>;
}

const QUERY_DEADLINE_MS = 2_000;

export function restStore(database: Knex): RestStore {
  const first = async (query: Knex.QueryBuilder): Promise<Row | undefined> => {
    try {
      return await query.timeout(QUERY_DEADLINE_MS).first();
    } catch (error) {
      const fault = asFault(error) as Error;
      // knex's own: no error of the database.
      if (fault.name !== 'KnexTimeoutError') throw fault;
      throw new DatabaseFault('away', 'QUERY_TIMEOUT', 'the database did not answer in time', { cause: error });
    }
  };
  return {
    async call(uniqueid) {
      const row = await first(database('astcdr').select(CDR_COLUMNS).where({ uniqueid }));
      return row ? callOf(row) : null;
    },

    async account(accountcode) {
      const row = await first(database('astaccount').where({ accountcode, kind: 'account' }));
      if (!row) return null;
      return {
        accountcode: row.accountcode,
        currency: row.currency,
        status: row.status,
        balance: amountOf(row.balance),
        creditLimit: amountOf(row.credit_limit),
        reserved: amountOf(row.reserved),
        activeCalls: row.active_calls,
      };
    },
  };
}
