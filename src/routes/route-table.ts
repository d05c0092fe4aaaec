import type { Knex } from 'knex';
import { asFault } from '../database/fault';
import type { Route } from './route';

const FRESH_MS = 2_000;

/**
 * All routes, in memory: a call that starts never waits for them, and a database that is away takes none of them away.
 *
 * What the command line changes is seen two seconds later.
 */
export class RouteTable {
  private table: Route[] = [];
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly database: Knex,
    private readonly onFault: (fault: unknown) => void,
  ) {}

  /** Reads the table; to be awaited once before calls are taken. @throws DatabaseFault */
  async read(): Promise<void> {
    try {
      this.table = await this.database('astroute as r').join('asttrunk as t', 't.trunk', 'r.trunk').select({
        prefix: 'r.prefix',
        priority: 'r.priority',
        trunk: 't.trunk',
        endpoint: 't.endpoint',
        stripDigits: 't.strip_digits',
        addPrefix: 't.add_prefix',
      });
      this.readAt = performance.now();
    } catch (error) {
      throw asFault(error);
    }
  }

  /** The routes as last read; one that is older than two seconds is read anew in the background. */
  current(): readonly Route[] {
    if (performance.now() - this.readAt > FRESH_MS && !this.reading) {
      this.reading = this.read()
        .catch(this.onFault)
        .finally(() => {
          this.reading = null;
        });
    }
    return this.table;
  }
}
