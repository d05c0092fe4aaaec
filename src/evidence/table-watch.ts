import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Alarms } from '../alarms/alarm';
import { channelsOf } from './switch-records';

export interface TableWatchOptions {
  database: Knex;
  /** The names of the Asterisks that this process acts for now. */
  nodes: () => readonly string[];
  alarms: Alarms;
  log: Logger;
  /** Ms. */
  everyMs?: number;
}

const LOOKED_EVERY_MS = 60_000;

/** Calls that ended between so long and so long ago are looked at: rows come within seconds. Seconds. */
const SINCE_SECONDS = 600;
const UNTIL_SECONDS = 60;

/** So many calls without a row are no accident. */
const LEAST_CALLS = 3;
const MOST_CALLS = 20;

/**
 * Raises an alarm for an Asterisk that wrote its journal into the database and does so no more.
 *
 * Asterisk's writers read their tables' columns when they are loaded. Where the database was away then, they write nothing until they are
 * loaded again, and Asterisk says so in its own log alone.
 */
export class TableWatch {
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: TableWatchOptions) {
    this.timer = setInterval(() => void this.look(), options.everyMs ?? LOOKED_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Looks once at every switch. Never rejects: a database that is away is told elsewhere. */
  async look(): Promise<void> {
    const { nodes, alarms, log } = this.options;
    for (const node of nodes()) {
      try {
        const silent = await this.silentCalls(node);
        if (silent === 0) alarms.clear('records_not_written', node);
        if (silent === null || silent === 0) continue;
        const what = `the last ${silent} answered calls of this Asterisk have no row in astcel, where it has written others`;
        const todo =
          'run "module reload cel_odbc.so" and "module reload cdr_adaptive_odbc.so" in its CLI, as after its restart while the database was away';
        alarms.raise({ alarm: 'records_not_written', subject: node, details: `${what}: ${todo}` });
      } catch (error) {
        log.warn({ event: 'records_not_looked_at', node, error: String(error) });
      }
    }
  }

  /** How many answered calls have ended lately of which nothing is written; null where too few have, or where the table is not in use. */
  private async silentCalls(node: string): Promise<number | null> {
    const { database } = this.options;
    const calls = await database('astcdr')
      .select('uniqueid')
      .where({ node })
      .whereNotNull('answer_at')
      .whereRaw('end_at >= UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [SINCE_SECONDS])
      .whereRaw('end_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [UNTIL_SECONDS])
      .orderBy('end_at', 'desc')
      .limit(MOST_CALLS);
    if (calls.length < LEAST_CALLS) return null;
    const written = await database('astcel').whereIn('linkedid', channelsOf(calls)).first('cel_id');
    if (written) return 0;
    // Whatever its channels are called, their names begin so, and are in the order of the index.
    const used = await database('astcel')
      .where('linkedid', '>=', `${node}-`)
      .where('linkedid', '<', `${node}.`)
      .first('cel_id');
    return used ? calls.length : null;
  }
}
