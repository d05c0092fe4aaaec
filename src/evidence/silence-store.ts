import type { Knex } from 'knex';
import { COMPARISON_DEADLINE_MS } from '../database/deadline';
import { channelsOf } from './switch-records';

/** Calls that ended between so long and so long ago are looked at: rows come within seconds. Seconds. */
const SINCE_SECONDS = 600;
const UNTIL_SECONDS = 60;

/** So many calls without a row are no accident. */
const LEAST_CALLS = 3;
const MOST_CALLS = 20;

/** A table that an Asterisk has not written into for so long is one that it was taken off. */
const USED_DAYS = 7;

/** Whether answered calls have ended lately and nothing is written of them; null where too few have, or where the table is not in use. */
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
  // `node-1764400000.42`; another switch may be called `node-2`. The first two conditions are the index's.
  const used = await database('astcel')
    .where('linkedid', '>=', `${node}-`)
    .where('linkedid', '<', `${node}.`)
    .whereRaw("SUBSTRING(linkedid, CHAR_LENGTH(?) + 2) REGEXP '^[0-9]+[.][0-9]+$'", [node])
    .whereRaw('eventtime >= UTC_TIMESTAMP(3) - INTERVAL ? DAY', [USED_DAYS])
    .timeout(COMPARISON_DEADLINE_MS)
    .first('cel_id');
  return used ? true : null;
}
