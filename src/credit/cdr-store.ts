import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { orFault } from '../database/fault';
import { sharedQuestion } from '../database/shared-question';
import { CDR_COLUMNS, callOf } from './cdr-columns';
import type { CallRecord } from './rules/call';

/**
 * Reads CDRs outside the ledger: those that exist of some uniqueids, in that order, as they are committed. One statement answers all
 * questions of one moment. Rejects with DatabaseFault.
 */
export function cdrReader(database: Knex): (uniqueids: readonly string[]) => Promise<CallRecord[]> {
  const read = sharedQuestion((uniqueids: string[]) =>
    orFault(async () => {
      const rows = await database('astcdr')
        .whereIn('uniqueid', [...new Set(uniqueids)])
        .timeout(QUESTION_DEADLINE_MS)
        .select(CDR_COLUMNS);
      return new Map(rows.map(row => [row.uniqueid as string, callOf(row)]));
    }),
  );
  return async uniqueids => {
    const calls = await read(uniqueids);
    return uniqueids.flatMap(uniqueid => calls.get(uniqueid) ?? []);
  };
}
