import type { Knex } from 'knex';
import { CDR_COLUMNS, callOf } from '../credit/cdr-columns';
import type { CallRecord } from '../credit/rules/call';
import { COMPARISON_DEADLINE_MS } from '../database/deadline';
import { orFault } from '../database/fault';

/** What outlives a process: the calls that were open on a switch, and when the switch was last seen. All reject with DatabaseFault. */
export interface OpenCalls {
  /** Calls of that switch that have no end yet. */
  of(node: string): Promise<CallRecord[]>;
  /** Their uniqueids alone: of thousands, a service carries all, and need not read more of them. */
  uniqueidsOf(node: string): Promise<string[]>;
  /** Calls of any switch whose reservation outlived the longest possible life of the call. */
  expired(): Promise<CallRecord[]>;
  /** When the switch was last seen with its calls in progress, ms since 1970 by its clock; null for never. */
  lastSeen(node: string): Promise<number | null>;
  /** Remembers when we hang up what was left of a call whose end was not heard: the first time counts. */
  cut(uniqueid: string, at: number): Promise<void>;
  /** Takes that back for a call that was found to go on. */
  uncut(uniqueid: string): Promise<void>;
  /** Remembers that the switch was seen. */
  seen(node: string, at: number, switchStartedAt: number): Promise<void>;
}

export function openCallStore(database: Knex): OpenCalls {
  const openCalls = () =>
    database('astcdr')
      .select(CDR_COLUMNS.map(column => `astcdr.${column}`))
      .whereNull('astcdr.end_at')
      .timeout(COMPARISON_DEADLINE_MS);
  return {
    of: node => orFault(async () => (await openCalls().where('astcdr.node', node)).map(callOf)),

    uniqueidsOf: node =>
      orFault(() =>
        database('astcdr').where({ node }).whereNull('end_at').pluck('uniqueid').timeout(COMPARISON_DEADLINE_MS),
      ),

    // The database's clock wrote expires_at, so it alone decides when that is past.
    expired: () =>
      orFault(async () =>
        (
          await openCalls()
            .join('astcreditres', 'astcreditres.uniqueid', 'astcdr.uniqueid')
            .whereRaw('astcreditres.expires_at < UTC_TIMESTAMP(3)')
        ).map(callOf),
      ),

    lastSeen: node =>
      orFault(async () => {
        const row = await database('astnode').where({ node }).first('seen_at').timeout(COMPARISON_DEADLINE_MS);
        return row ? row.seen_at.getTime() : null;
      }),

    cut: (uniqueid, at) =>
      orFault(async () => {
        await database('astcdr')
          .where({ uniqueid })
          .whereNull('cut_at')
          .update({ cut_at: new Date(at) })
          .timeout(COMPARISON_DEADLINE_MS);
      }),

    uncut: uniqueid =>
      orFault(async () => {
        await database('astcdr')
          .where({ uniqueid })
          .whereNull('end_at')
          .update({ cut_at: null })
          .timeout(COMPARISON_DEADLINE_MS);
      }),

    seen: (node, at, switchStartedAt) =>
      orFault(async () => {
        const row = { node, seen_at: new Date(at), switch_started_at: new Date(switchStartedAt) };
        await database('astnode').insert(row).onConflict('node').merge().timeout(COMPARISON_DEADLINE_MS);
      }),
  };
}
