import type { Knex } from 'knex';
import { CDR_COLUMNS, callOf } from '../../credit/cdr-columns';
import type { CallRecord } from '../../credit/rules/call';
import { QUESTION_DEADLINE_MS } from '../../database/deadline';
import { orFault } from '../../database/fault';

/** What calls by AGI read beside the ledger. Every method rejects with DatabaseFault. */
export interface AgiStore {
  /** All calls of a channel, refused ones included, in the order of their starts. */
  callsOf(channel: string): Promise<CallRecord[]>;
}

export const agiStore = (database: Knex): AgiStore => ({
  callsOf: channel =>
    orFault(async () => {
      const rows = await database('astcdr')
        .select(CDR_COLUMNS)
        .where('uniqueid', channel)
        // A channel's later calls are named `channel+2` and so on (src/calls/leg-names.ts); the comma sorts after the plus.
        .orWhere(later => later.where('uniqueid', '>', `${channel}+`).andWhere('uniqueid', '<', `${channel},`))
        .orderBy(['start_at', 'uniqueid'])
        .timeout(QUESTION_DEADLINE_MS);
      return rows.map(callOf);
    }),
});
