import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Alarms } from '../alarms/alarm';
import { AlarmWatch } from '../alarms/alarm-watch';
import { isSilent } from './silence-store';

export interface TableWatchOptions {
  database: Knex;
  /** The names of the Asterisks for which this process acts now. */
  nodes: () => readonly string[];
  alarms: Alarms;
  log: Logger;
  /** Ms. */
  everyMs?: number;
}

const LOOKED_EVERY_MS = 60_000;

/**
 * Raises an alarm for an Asterisk that wrote its journal into the database and no longer does.
 *
 * Asterisk's writers read their tables' columns when they are loaded. If the database was away then, they write nothing until they are
 * loaded again, and Asterisk reports that only in its own log.
 */
export class TableWatch extends AlarmWatch {
  private readonly raised = new Set<string>();

  constructor(private readonly options: TableWatchOptions) {
    super(options.everyMs ?? LOOKED_EVERY_MS);
  }

  /** Looks at every switch. */
  protected async lookOnce(): Promise<void> {
    const { database, nodes, log } = this.options;
    const kept = nodes();
    // Another process looks at these by now.
    for (const node of this.raised) if (!kept.includes(node)) this.tell(node, false);
    for (const node of kept) {
      try {
        const silent = await isSilent(database, node);
        if (silent !== null) this.tell(node, silent);
      } catch (error) {
        log.warn({ event: 'records_not_looked_at', node, error: String(error) });
      }
    }
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
}
