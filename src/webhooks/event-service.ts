import type { Logger } from 'pino';
import { openDatabase } from '../database/connection';
import { CHAINED_AT_ONCE, chainAudit } from '../operator/audit-chain-store';
import { Loop } from '../process/loop';
import { Deliverer } from './deliverer';
import { dispatchEvents, isFullBatch } from './dispatch-store';
import type { NameLookup } from './name-lookup';
import { Pruner } from './pruner';
import type { AllowedTarget } from './target';
import { deleteSomeOfRemoved } from './webhook-store';

export interface EventServiceOptions {
  databaseUrl: string;
  /** Hosts to which events may be posted although they are not public. */
  allowed: readonly AllowedTarget[];
  /** How long events and ended deliveries are kept; days. */
  keepDays: number;
  log: Logger;
  /** For tests. */
  deadlineMs?: number;
  lookUp?: NameLookup;
}

/** How soon a change is reported when nothing else goes on. Ms. */
const LOOK_MS = 500;
const PRUNE_MS = 600_000;

/** How long writing the outcome of the last tries may take when the service stops. Ms. */
const WRITE_MS = 1_000;

/** Connections to the database: its own, and few, so that calls never wait for events. */
const CONNECTIONS = 2;

/** Reports changes to subscribers, and chains those of the audit trail. It shares only the process with the calls. */
export interface EventService {
  /** Stops. What is in progress has `graceMs` to end; otherwise the next service retries it. */
  stop(graceMs: number): Promise<void>;
}

/** Starts reporting; logs whatever goes wrong, waits, and retries. */
export function startEventService(options: EventServiceOptions): EventService {
  const { databaseUrl, allowed, keepDays, log, deadlineMs, lookUp } = options;
  const database = openDatabase(databaseUrl, { most: CONNECTIONS });
  const deliverer = new Deliverer({ database, allowed, log, deadlineMs, lookUp });
  const pruner = new Pruner(database, keepDays);
  const onFault = (what: string) => (fault: unknown) => log.warn({ event: what, error: String(fault) });
  const delivering = new Loop({
    step: async () => {
      await deliverer.begin();
      return false;
    },
    idleMs: LOOK_MS,
    onFault: onFault('deliveries_stalled'),
  });
  const dispatching = new Loop({
    step: async () => {
      const { events, deliveries } = await dispatchEvents(database);
      if (deliveries > 0) delivering.wake();
      return isFullBatch(events);
    },
    idleMs: LOOK_MS,
    onFault: onFault('events_stalled'),
  });
  const pruning = new Loop({
    step: async () => {
      const { events, deliveries, more } = await pruner.prune();
      if (events + deliveries > 0) log.debug({ event: 'events_pruned', events, deliveries });
      return (await deleteSomeOfRemoved(database)) || more;
    },
    idleMs: PRUNE_MS,
    onFault: onFault('prune_failed'),
  });
  // Here, because this pool is one that no call waits for.
  const chaining = new Loop({
    step: async () => (await chainAudit(database)) === CHAINED_AT_ONCE,
    idleMs: LOOK_MS,
    onFault: onFault('audit_chain_stalled'),
  });
  const loops = [delivering, dispatching, pruning, chaining];
  for (const loop of loops) loop.wake();
  return {
    async stop(graceMs) {
      const stopped = Promise.all([...loops.map(loop => loop.stop()), deliverer.stop(graceMs)]);
      // A database that does not answer must not delay the stop: what could not be written is retried.
      await Promise.race([stopped, new Promise(resolve => setTimeout(resolve, graceMs + WRITE_MS).unref())]);
      await database.destroy();
    },
  };
}
