import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { numberEvents } from './feed-store';

/** Events of one transaction: some milliseconds, so that no lock is held for long. */
const BATCH = 500;

/** What a webhook wants to receive. */
export interface Interest {
  /** Kinds separated by commas; empty for all. */
  kinds: string;
  /** null for all. */
  accountcode: string | null;
}

export const wants = ({ kinds, accountcode }: Interest, event: { kind: string; accountcode: string }): boolean =>
  (kinds === '' || kinds.split(',').includes(event.kind)) &&
  (accountcode === null || accountcode === event.accountcode);

/**
 * Hands the oldest undistributed events to every webhook that wants them. Returns how many events, and how many deliveries of them. An event
 * has its feed number before, so that listeners miss none.
 *
 * Any number of processes may do so at once: each takes events that no other has locked. There is no "last event seen", because events
 * become visible in the order of their commits, which is not the order of their numbers.
 * @throws DatabaseFault; then either nothing was done, or all of it.
 */
export async function dispatchEvents(database: Knex): Promise<{ events: number; deliveries: number }> {
  await numberEvents(database);
  return inTransaction(
    database,
    async transaction => {
      // In this order of the tables: the feed is long, and few events wait.
      const [events] = await transaction.raw(
        `SELECT o.event_id, o.kind, o.accountcode FROM astoutbox AS o STRAIGHT_JOIN astfeed AS f ON f.event_id = o.event_id
         WHERE o.dispatched = FALSE ORDER BY o.event_id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      );
      if (events.length === 0) return { events: 0, deliveries: 0 };
      // Locked for sharing: a webhook that is being removed waits until its last deliveries are visible.
      const [webhooks] = await transaction.raw(
        "SELECT webhook_id, kinds, accountcode, down_seconds FROM astwebhook WHERE status <> 'removed' LOCK IN SHARE MODE",
      );
      const deliveries = webhooks.flatMap((webhook: Interest & { webhook_id: number; down_seconds: number }) =>
        events
          .filter((event: { kind: string; accountcode: string }) => wants(webhook, event))
          .map(({ event_id }: { event_id: string }) => [webhook.webhook_id, event_id, webhook.down_seconds]),
      );
      if (deliveries.length > 0) {
        const row = '(?, ?, ?, UTC_TIMESTAMP(3))';
        await transaction.raw(
          `INSERT INTO astdelivery (webhook_id, event_id, down_seconds_before, next_at) VALUES ${deliveries.map(() => row).join(', ')}`,
          deliveries.flat(),
        );
      }
      await transaction('astoutbox')
        .whereIn(
          'event_id',
          events.map(({ event_id }: { event_id: string }) => event_id),
        )
        .update({ dispatched: true });
      return { events: events.length, deliveries: deliveries.length };
    },
    { idempotent: true },
  );
}

/** Whether there may be more after so many. */
export const isFullBatch = (events: number): boolean => events === BATCH;
