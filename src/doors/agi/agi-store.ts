import type { Knex } from 'knex';
import { CDR_COLUMNS, callOf } from '../../credit/cdr-columns';
import type { CallRecord } from '../../credit/rules/call';
import { QUESTION_DEADLINE_MS } from '../../database/deadline';
import { orFault } from '../../database/fault';

/** What calls by AGI need to read beside the ledger. All reject with DatabaseFault. */
export interface AgiStore {
  /** Every call that a channel has made, refused ones too, in the order of their starts. */
  callsOf(channel: string): Promise<CallRecord[]>;
}

export const agiStore = (database: Knex): AgiStore => ({
  callsOf: channel =>
    orFault(async () => {
      const rows = await database('astcdr')
        .select(CDR_COLUMNS)
        .where('uniqueid', channel)
        // A channel's later calls are called `channel+2` and so on (src/calls/leg-names.ts); the comma comes after the plus.
        .orWhere(later => later.where('uniqueid', '>', `${channel}+`).andWhere('uniqueid', '<', `${channel},`))
        .orderBy(['start_at', 'uniqueid'])
        .timeout(QUESTION_DEADLINE_MS);
      return rows.map(callOf);
    }),
});
