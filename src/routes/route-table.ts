import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { orFault } from '../database/fault';
import { FreshCopy } from '../database/fresh-copy';
import { ruleOf } from './refusal-rule';
import { type Route, routesFor } from './route';

/** How long an emergency call waits for fresh routes when the older ones carry its number too. Ms. */
const EMERGENCY_WITHIN_MS = 500;

/** All routes with their trunks, in no order. Rejects when it takes longer than two seconds. */
export async function readRoutes(database: Knex): Promise<Route[]> {
  const rows = await database('astroute as r')
    .join('asttrunk as t', 't.trunk', 'r.trunk')
    .select({
      prefix: 'r.prefix',
      priority: 'r.priority',
      trunk: 't.trunk',
      endpoint: 't.endpoint',
      stripDigits: 't.strip_digits',
      addPrefix: 't.add_prefix',
      calleeCodes: 't.callee_codes',
      calleeCauses: 't.callee_causes',
      nextOnBusy: 't.next_on_busy',
    })
    .timeout(QUESTION_DEADLINE_MS);
  return rows.map(({ calleeCodes, calleeCauses, nextOnBusy, ...route }) => ({
    ...route,
    rule: ruleOf({ calleeCodes, calleeCauses, nextOnBusy: nextOnBusy === 1 }),
  }));
}

/** The routes as calls need them. */
export interface Routes {
  /**
   * The trunks for a number, by routes that are not older than two seconds; null when they could not be read within the start deadline.
   *
   * Never null for an emergency call, which takes the older routes instead: after half a second if they carry its number, else at the
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

  /** Reads the routes; to be awaited once before calls are taken. @throws DatabaseFault */
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
