import type { Logger } from 'pino';
import { openDatabase } from '../database/connection';
import { Deliverer } from './deliverer';
import { dispatchEvents, isFullBatch } from './dispatch-store';
import { Loop } from './loop';
import type { NameLookup } from './name-lookup';
import { Pruner } from './pruner';
import type { AllowedTarget } from './target';

export interface EventServiceOptions {
  databaseUrl: string;
  /** Hosts that may be posted to although they are not public. */
  allowed: readonly AllowedTarget[];
  /** How long events and ended deliveries are kept; days. */
  keepDays: number;
  log: Logger;
  /** For tests. */
  deadlineMs?: number;
  lookUp?: NameLookup;
}

/** How soon a change is told when nothing else goes on. Ms. */
const LOOK_MS = 500;
const PRUNE_MS = 600_000;

/** How long what became of the last tries may take to be written when the service stops. Ms. */
const WRITE_MS = 1_000;

/** Connections to the database: its own, and few, so that calls never wait for events. */
const CONNECTIONS = 2;

/** Tells subscribers what changed. It shares nothing with the calls but the process. */
export interface EventService {
  /** Stops; what is under way has `graceMs` to end, and is tried again by the next service otherwise. */
  stop(graceMs: number): Promise<void>;
}

/** Starts telling; whatever goes wrong is logged, waited out, and tried again. */
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
      return more;
    },
    idleMs: PRUNE_MS,
    onFault: onFault('prune_failed'),
  });
  const loops = [delivering, dispatching, pruning];
  for (const loop of loops) loop.wake();
  return {
    async stop(graceMs) {
      const stopped = Promise.all([...loops.map(loop => loop.stop()), deliverer.stop(graceMs)]);
      // A database that does not answer must not delay the stop: what could not be written is tried again.
      await Promise.race([stopped, new Promise(resolve => setTimeout(resolve, graceMs + WRITE_MS).unref())]);
      await database.destroy();
    },
  };
}
