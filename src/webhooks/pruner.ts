import type { Knex } from 'knex';
import type { Acting, Lent } from '../operator/acting';
import { auditAlone } from '../operator/audit-store';
import { PRUNED_AT_ONCE, pruneDeliveries, pruneEvents } from './prune-store';

/**
 * Deletes deliveries that ended more than `days` ago, delivered or dead, and events of that age that no webhook
 * waits for. What waits is never deleted.
 *
 * In small transactions, and without waiting for rows that another process has locked.
 */
export class Pruner {
  /** The last event at which this pass has looked. */
  private after = '0';
  /** How many rows were deleted in all. */
  readonly deleted = { events: 0, deliveries: 0 };

  constructor(
    private readonly database: Knex,
    private readonly days: number,
  ) {}

  /** One batch of each. Resolves with how many rows were deleted, and whether there is more to look at. @throws DatabaseFault */
  async prune(): Promise<{ deliveries: number; events: number; more: boolean }> {
    const deliveries = await pruneDeliveries(this.database, this.days);
    this.deleted.deliveries += deliveries;
    // Deliveries first: an event can be deleted only after them.
    if (deliveries === PRUNED_AT_ONCE) return { deliveries, events: 0, more: true };
    const { deleted, next } = await pruneEvents(this.database, this.days, this.after);
    this.deleted.events += deleted;
    this.after = next ?? '0';
    return { deliveries, events: deleted, more: next !== null };
  }
}

/**
 * Deletes now all that is older than `days` and for which no webhook waits. Returns how many rows were deleted.
 * @throws DatabaseFault; Error that tells the same if `signal` stopped it.
 */
export async function pruneAll(
  acting: Acting & Pick<Lent, 'signal'>,
  days: number,
): Promise<{ events: number; deliveries: number }> {
  const pruner = new Pruner(acting.database, days);
  const { deleted } = pruner;
  try {
    while ((await pruner.prune()).more) {
      if (acting.signal?.aborted) {
        const told = `interrupted: ${deleted.events} events and ${deleted.deliveries} deliveries are deleted`;
        throw new Error(told, { cause: acting.signal.reason });
      }
    }
    return deleted;
  } finally {
    // Also if it was stopped or a later portion failed. A process that is killed leaves no row (docs/limits.md).
    const object = `events older than ${days} days`;
    const before = deleted;
    const isAny = before.events + before.deliveries > 0;
    if (isAny) await auditAlone(acting, { operation: 'event prune', object, before, after: null });
  }
}
