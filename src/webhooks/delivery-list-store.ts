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

/** Of each state, by the index of states: a filter that looked at the newest events alone would leave out what is older. */
const BY_STATE = [
  { column: 'd.next_at', kind: 'instant' },
  { column: 'd.event_id', kind: 'number' },
] as const;

const ORDERS = {
  all: { name: 'deliveries', columns: [{ column: 'd.event_id', kind: 'number' }], isDescending: true },
  waiting: { name: 'waiting deliveries', columns: BY_STATE },
  // next_at of what has ended is when it ended (delivery-store.ts).
  delivered: { name: 'delivered deliveries', columns: BY_STATE, isDescending: true },
  dead: { name: 'dead deliveries of a webhook', columns: BY_STATE, isDescending: true },
} as const satisfies Record<'all' | DeliveryState, ListOrder>;

export const DELIVERY_ORDERS: readonly ListOrder[] = Object.values(ORDERS);

/** All: the newest event first. Those that wait: what is tried next first. Those that ended: the last first. */
export const deliveryOrder = (state: DeliveryState | undefined): ListOrder => ORDERS[state ?? 'all'];

/** Deliveries to a webhook that are still kept, in their order. @throws Refused webhook_not_found; DatabaseFault */
export async function listDeliveries(
  database: Knex,
  { webhook, state }: { webhook: string; state?: DeliveryState },
  request: PageRequest,
): Promise<Page<DeliveryView>> {
  const { webhook_id } = await idOf(database, webhook);
  const { rows, ...part } = await partOf(
    database,
    {
      rows: database('astdelivery as d').where({ 'd.webhook_id': webhook_id, ...(state && { 'd.state': state }) }),
      order: deliveryOrder(state),
      narrow: null,
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
