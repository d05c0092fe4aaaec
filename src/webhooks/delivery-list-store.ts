/** What became of the events on their way to one webhook, as an operator reads it. */
import type { Knex } from 'knex';
import type { ListOrder } from '../operator/cursor';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import { idOf } from './webhook-store';

export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event on its way to one webhook. */
export interface DeliveryView {
  webhook: string;
  eventId: string;
  kind: string;
  accountcode: string;
  uniqueid: string | null;
  /** When the event was written. */
  createdAt: Date;
  state: DeliveryState;
  /** Tries that were begun since it began to wait. */
  attempts: number;
  /** Before then it is not tried again; null if it has ended. */
  nextAt: Date | null;
  lastStatus: number | null;
  /** Empty for nothing. */
  lastError: string;
  /** null while it waits. */
  endedAt: Date | null;
}

export const DELIVERIES_ORDER: ListOrder = {
  name: 'deliveries',
  columns: [{ column: 'd.event_id', kind: 'number' }],
  isDescending: true,
};

/** Deliveries to a webhook that are still kept, the newest event first. @throws Refused webhook_not_found; DatabaseFault */
export async function listDeliveries(
  database: Knex,
  { webhook, state }: { webhook: string; state?: DeliveryState },
  request: PageRequest,
): Promise<Page<DeliveryView>> {
  const { webhook_id } = await idOf(database, webhook);
  const { rows, ...part } = await partOf(
    database,
    {
      rows: database('astdelivery as d').where('d.webhook_id', webhook_id),
      order: DELIVERIES_ORDER,
      // By key, no more than 100,000 deliveries are looked at: the index of states does not have them in the order of events.
      narrow: state === undefined ? null : query => query.where('d.state', state),
      show: query =>
        query
          .join('astoutbox as o', 'o.event_id', 'd.event_id')
          .select('d.*', 'o.kind', 'o.accountcode', 'o.uniqueid', 'o.created_at'),
    },
    request,
  );
  const items = rows.map(row => ({
    webhook,
    eventId: String(row.event_id),
    kind: row.kind,
    accountcode: row.accountcode,
    uniqueid: row.uniqueid,
    createdAt: row.created_at,
    state: row.state,
    attempts: row.attempts,
    nextAt: row.state === 'waiting' ? row.next_at : null,
    lastStatus: row.last_status,
    lastError: row.last_error,
    endedAt: row.ended_at,
  }));
  return { items, ...part };
}
