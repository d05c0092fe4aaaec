import type { Knex } from 'knex';
import { cdrReader } from '../../credit/cdr-store';
import type { CallRecord } from '../../credit/rules/call';
import { QUESTION_DEADLINE_MS } from '../../database/deadline';
import { orFault } from '../../database/fault';
import type { Row } from '../../database/rows';
import { amountOf } from '../../database/values';
import type { AccountState } from './rest-answers';

/** What the door reads beside the ledger. Every method rejects with DatabaseFault. */
export interface RestStore {
  /** The call; null if there is none of that uniqueid. */
  call(uniqueid: string): Promise<CallRecord | null>;
  /** The account; null if there is none, and for a pool, which the dialplan made. */
  account(accountcode: string): Promise<AccountState | null>;
}

export function restStore(database: Knex): RestStore {
  const read = cdrReader(database);
  const first = (query: Knex.QueryBuilder): Promise<Row | undefined> =>
    orFault(() => query.timeout(QUESTION_DEADLINE_MS).first());
  return {
    call: async uniqueid => (await read([uniqueid]))[0] ?? null,

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
