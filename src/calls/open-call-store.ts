import type { Knex } from 'knex';
import { type CallRecord, CDR_COLUMNS, callOf } from '../credit/call-record';
import { asFault } from '../database/fault';

/** What outlives a process: the calls that were open on a switch, and when the switch was last seen. */
export interface OpenCalls {
  /** Calls of that switch that have no end yet. Rejects with DatabaseFault. */
  of(node: string): Promise<CallRecord[]>;
  /** When the switch was last seen with its calls up, ms since 1970 by its clock; null for never. Rejects with DatabaseFault. */
  lastSeen(node: string): Promise<number | null>;
  /** Remembers that the switch was seen. Rejects with DatabaseFault. */
  seen(node: string, at: number, switchStartedAt: number): Promise<void>;
}

export const openCallStore = (database: Knex): OpenCalls => ({
  async of(node) {
    try {
      const rows = await database('astcdr')
        .select(CDR_COLUMNS as unknown as string[])
        .where({ node })
        .whereNull('end_at');
      return rows.map(callOf);
    } catch (error) {
      throw asFault(error);
    }
  },

  async lastSeen(node) {
    try {
      const row = await database('astnode').where({ node }).first('seen_at');
      return row ? row.seen_at.getTime() : null;
    } catch (error) {
      throw asFault(error);
    }
  },

  async seen(node, at, switchStartedAt) {
    const row = { node, seen_at: new Date(at), switch_started_at: new Date(switchStartedAt) };
    try {
      await database('astnode').insert(row).onConflict('node').merge();
    } catch (error) {
      throw asFault(error);
    }
  },
});
