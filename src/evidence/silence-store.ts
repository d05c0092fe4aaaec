import type { Knex } from 'knex';
import { COMPARISON_DEADLINE_MS } from '../database/deadline';
import { ofNode } from './reconcile-store';
import { channelsOf } from './switch-records';

/** How long ago the checked calls ended, at least and at most: rows come within seconds. Seconds. */
const SINCE_SECONDS = 600;
const UNTIL_SECONDS = 60;

/** This many calls without a row are no accident. */
const LEAST_CALLS = 3;
const MOST_CALLS = 20;

/** If Asterisk has not written into a table for this long, it was configured not to. */
const USED_DAYS = 7;

/** Whether answered calls have ended lately without any row of them; null if too few have, or if the table is not in use. */
export async function isSilent(database: Knex, node: string): Promise<boolean | null> {
  const calls = await database('astcdr')
    .select('uniqueid')
    .where({ node })
    .whereNotNull('answer_at')
    .whereRaw('end_at >= UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [SINCE_SECONDS])
    .whereRaw('end_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [UNTIL_SECONDS])
    .orderBy('end_at', 'desc')
    .limit(MOST_CALLS)
    .timeout(COMPARISON_DEADLINE_MS);
  if (calls.length < LEAST_CALLS) return null;
  const written = await database('astcel')
    .whereIn('linkedid', channelsOf(calls))
    .timeout(COMPARISON_DEADLINE_MS)
    .first('cel_id');
  if (written) return false;
  // The first two conditions are for the index.
  const used = await database('astcel')
    .where('linkedid', '>=', `${node}-`)
    .where('linkedid', '<', `${node}.`)
    .whereRaw(...ofNode(node))
    .whereRaw('eventtime >= UTC_TIMESTAMP(3) - INTERVAL ? DAY', [USED_DAYS])
    .timeout(COMPARISON_DEADLINE_MS)
    .first('cel_id');
  return used ? true : null;
}
