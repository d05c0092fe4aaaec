import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Alarms } from '../alarms/alarm';
import { COMPARISON_DEADLINE_MS } from '../database/deadline';
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

/** A table that an Asterisk has not written into for so long is one that it was taken off. */
const USED_DAYS = 7;

/**
 * Raises an alarm for an Asterisk that wrote its journal into the database and does so no more.
 *
 * Asterisk's writers read their tables' columns when they are loaded. Where the database was away then, they write nothing until they are
 * loaded again, and Asterisk says so in its own log alone.
 */
export class TableWatch {
  private readonly timer: NodeJS.Timeout;
  private readonly raised = new Set<string>();
  private looking = false;

  constructor(private readonly options: TableWatchOptions) {
    this.timer = setInterval(() => void this.look(), options.everyMs ?? LOOKED_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Looks once at every switch. Never rejects: a database that is away is told elsewhere. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { nodes, log } = this.options;
    const kept = nodes();
    // Another process looks at these by now.
    for (const node of this.raised) if (!kept.includes(node)) this.tell(node, false);
    for (const node of kept) {
      try {
        const isSilent = await this.isSilent(node);
        if (isSilent !== null) this.tell(node, isSilent);
      } catch (error) {
        log.warn({ event: 'records_not_looked_at', node, error: String(error) });
      }
    }
    this.looking = false;
  }

  private tell(node: string, isSilent: boolean): void {
    const { alarms } = this.options;
    if (!isSilent) {
      this.raised.delete(node);
      alarms.clear('records_not_written', node);
      return;
    }
    this.raised.add(node);
    const what =
      'the answered calls of the last ten minutes have no row in astcel, where this Asterisk has written others';
    const todo =
      'run "module reload cel_odbc.so" and "module reload cdr_adaptive_odbc.so" in its CLI, as after its restart while the database was away';
    alarms.raise({ alarm: 'records_not_written', subject: node, details: `${what}: ${todo}` });
  }

  /** Whether answered calls have ended lately and nothing is written of them; null where too few have, or where the table is not in use. */
  private async isSilent(node: string): Promise<boolean | null> {
    const { database } = this.options;
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
}
