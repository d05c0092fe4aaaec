import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS, withDeadline } from '../database/deadline';
import { FreshCopy } from '../database/fresh-copy';
import { isMigrated, migrations } from '../database/migrate';

/** Why a load balancer should send requests to another service. */
export type NotReady = 'stopping' | 'database_unavailable' | 'schema_not_migrated';

/**
 * Whether this service can do its work. It asks the database once in two seconds at most, however many ask: load balancers ask often, and
 * need no key.
 */
export class Readiness {
  private isStopping = false;
  private readonly database: FreshCopy<NotReady | null>;

  constructor(database: Knex) {
    const known = migrations().length;
    const late = () => new Error('no answer');
    this.database = new FreshCopy<NotReady | null>({
      read: () =>
        withDeadline(isMigrated(database, known), QUESTION_DEADLINE_MS, late).then(
          isDone => (isDone ? null : 'schema_not_migrated'),
          () => 'database_unavailable',
        ),
      onFault: () => undefined,
    });
  }

  /** The service stops: it should get no new request. */
  stop(): void {
    this.isStopping = true;
  }

  /** [] if it is ready. Resolves within some two seconds, whatever the database does. */
  async problems(): Promise<NotReady[]> {
    const seen = await this.database.fresh(QUESTION_DEADLINE_MS);
    const ofDatabase = seen ? seen.value : 'database_unavailable';
    return [...(this.isStopping ? (['stopping'] as const) : []), ...(ofDatabase ? [ofDatabase] : [])];
  }
}

interface HealthAnswer {
  status: 200 | 503;
  /** JSON. */
  text: string;
}

/** What a load balancer and a supervisor ask, by path: whether the process answers, and whether it is ready. */
export const HEALTH: ReadonlyMap<string, (readiness: Readiness) => Promise<HealthAnswer>> = new Map([
  ['/healthz', async () => ({ status: 200, text: '{"alive":true}' })],
  ['/readyz', readyAnswer],
]);

async function readyAnswer(readiness: Readiness): Promise<HealthAnswer> {
  const reasons = await readiness.problems();
  const ready = reasons.length === 0;
  return { status: ready ? 200 : 503, text: JSON.stringify({ ready, reasons }) };
}
