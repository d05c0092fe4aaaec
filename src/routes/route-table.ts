import type { Knex } from 'knex';
import { orFault } from '../database/fault';
import { FreshCopy } from '../database/fresh-copy';
import { type Route, routesFor } from './route';
import { readRoutes } from './route-store';

/** How long an emergency call waits for fresh routes if the older ones carry its number too. Ms. */
const EMERGENCY_WITHIN_MS = 500;

/** The routes as calls need them. */
export interface Routes {
  /**
   * The trunks for a number, by routes that are at most two seconds old; null if they could not be read within the start deadline.
   *
   * Never null for an emergency call, which takes the older routes instead: after half a second if they carry its number, otherwise at the
   * deadline.
   */
  of(digits: string, emergency: boolean): Promise<Route[] | null>;
  /** The trunks for a number by the routes as last read, however long ago. */
  lastOf(digits: string): Route[];
}

/** All routes, in memory. */
export class RouteTable implements Routes {
  private readonly table: FreshCopy<Route[]>;

  constructor(
    database: Knex,
    private readonly options: {
      /** How long a call may wait for them. Ms. */
      startDeadlineMs: number;
      onFault: (fault: unknown) => void;
    },
  ) {
    const read = () => orFault(() => readRoutes(database));
    this.table = new FreshCopy<Route[]>({ read, onFault: options.onFault });
  }

  /** Reads the routes. Await it once before calls are taken. @throws DatabaseFault */
  open(): Promise<void> {
    return this.table.open();
  }

  async of(digits: string, emergency: boolean): Promise<Route[] | null> {
    const { startDeadlineMs } = this.options;
    const hasWay = emergency && this.lastOf(digits).length > 0;
    const fresh = await this.table.fresh(hasWay ? Math.min(EMERGENCY_WITHIN_MS, startDeadlineMs) : startDeadlineMs);
    if (fresh) return routesFor(fresh.value, digits);
    return emergency ? this.lastOf(digits) : null;
  }

  lastOf(digits: string): Route[] {
    return routesFor(this.table.latest(), digits);
  }
}
