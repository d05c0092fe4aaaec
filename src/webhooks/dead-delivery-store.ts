/** Deliveries that were given up, and how an operator has them retried. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import type { Acting, Lent } from '../operator/acting';
import { auditAlone, writeAudit } from '../operator/audit-store';
import { cursorOf, keyOf, type ListOrder } from '../operator/cursor';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { behind, counted, inOrder } from '../operator/page-store';
import { BATCH, idOf } from './webhook-store';

/** A delivery that was given up. */
export interface DeadView {
  webhook: string;
  eventId: string;
  kind: string;
  accountcode: string;
  uniqueid: string | null;
  attempts: number;
  lastStatus: number | null;
  lastError: string;
  endedAt: Date;
}

export const DEAD_ORDER: ListOrder = {
  name: 'dead deliveries',
  // When it ended: next_at of what has ended (delivery-store.ts). Rows that ended before that was so have it a minute later.
  columns: [
    { column: 'd.next_at', kind: 'instant' },
    { column: 'd.event_id', kind: 'number' },
    { column: 'd.webhook_id', kind: 'number' },
  ],
  isDescending: true,
};

/**
 * Deliveries that were given up, the last first. Of each webhook the index has them in this order, and the first of each are merged: so no more
 * is read of millions than is shown.
 * @throws Refused webhook_not_found; DatabaseFault.
 */
export async function listDead(
  database: Knex,
  webhook: string | undefined,
  request: PageRequest,
): Promise<Page<DeadView>> {
  const { limit, offset, byKey } = request;
  const ids: number[] = webhook === undefined ? await idsOfAll(database) : [(await idOf(database, webhook)).webhook_id];
  const dead = () => database('astdelivery as d').where('d.state', 'dead');
  const isCounted = byKey === undefined || byKey.isCounted;
  const count = isCounted ? await counted(database, dead().whereIn('d.webhook_id', ids), request) : {};
  if (ids.length === 0) return { items: [], ...count };
  const firstOf = (webhook_id: number) => {
    const some = dead().where('d.webhook_id', webhook_id).select('d.webhook_id', 'd.event_id', 'd.next_at');
    if (byKey?.after) behind(some, DEAD_ORDER, byKey.after);
    return inOrder(some, DEAD_ORDER).limit(offset + limit + 1);
  };
  const merged = database.from(database.queryBuilder().unionAll(ids.map(firstOf), true).as('d'));
  const keys = inOrder(merged.select('*'), DEAD_ORDER)
    .limit(limit + 1)
    .offset(offset);
  const found: Row[] = await inOrder(
    database
      .from(keys.as('k'))
      .join('astdelivery as d', { 'd.webhook_id': 'k.webhook_id', 'd.event_id': 'k.event_id' })
      .join('astwebhook as w', 'w.webhook_id', 'k.webhook_id')
      .join('astoutbox as o', 'o.event_id', 'k.event_id')
      .select('w.webhook', 'd.*', 'o.kind', 'o.accountcode', 'o.uniqueid'),
    DEAD_ORDER,
  );
  const rows: Row[] = found.slice(0, limit);
  const last = byKey && found.length > limit ? rows.at(-1) : undefined;
  const items = rows.map(row => ({
    webhook: row.webhook,
    eventId: String(row.event_id),
    kind: row.kind,
    accountcode: row.accountcode,
    uniqueid: row.uniqueid,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    endedAt: row.ended_at,
  }));
  return { items, ...count, ...(last && { nextCursor: cursorOf(DEAD_ORDER, keyOf(DEAD_ORDER, last)) }) };
}

const idsOfAll = (database: Knex): Promise<number[]> => database('astwebhook').pluck('webhook_id');

/**
 * Has dead deliveries of the named events retried, from the first try on.
 * @throws Refused webhook_not_found, delivery_not_found (then none is retried), field_invalid; DatabaseFault.
 */
export async function retryDeliveries(acting: Acting, webhook: string, eventIds: string[]): Promise<number> {
  const { database } = acting;
  for (const id of eventIds) {
    if (!/^[1-9]\d{0,18}$/.test(id)) throw invalid('event_id', id, 'is not a number of an event: see "webhook dead"');
  }
  const { webhook_id } = await idOf(database, webhook);
  const ids = [...new Set(eventIds)];
  return inTransaction(
    database,
    async transaction => {
      const dead = () => transaction('astdelivery').where({ webhook_id }).whereIn('event_id', ids);
      const found = new Map((await dead().forUpdate()).map(row => [String(row.event_id), row.state]));
      const other = ids.find(id => found.get(id) !== 'dead' && found.get(id) !== 'waiting');
      if (other !== undefined) {
        const what = found.has(other) ? 'was delivered' : 'was not to be delivered to it';
        throw new Refused('delivery_not_found', `event_id ${other} ${what}: see "webhook dead"`).about({
          event: other,
        });
      }
      await dead().where({ state: 'dead' }).update(againNow(transaction, webhook_id));
      const retried = [...found.values()].filter(state => state === 'dead').length;
      const after = { retried };
      if (retried > 0)
        await writeAudit(transaction, acting, {
          operation: 'webhook retry',
          object: `webhook ${webhook}`,
          before: null,
          after,
        });
      return retried;
    },
    { idempotent: true },
  );
}

/**
 * Has all dead deliveries retried, of one webhook or of all, and those that wait for a later try at once: for a receiver that is back.
 * Returns how many.
 * @throws Refused webhook_not_found; DatabaseFault; Error that tells how many if `signal` stopped it.
 */
export async function retryAll(acting: Acting & Pick<Lent, 'signal'>, webhook: string | undefined): Promise<number> {
  const { database } = acting;
  const ids = webhook === undefined ? await idsOfAll(database) : [(await idOf(database, webhook)).webhook_id];
  const object = webhook === undefined ? 'every webhook' : `webhook ${webhook}`;
  let retried = 0;
  try {
    for (const webhook_id of ids) {
      for (;;) {
        if (retried > 0 && acting.signal?.aborted) {
          throw new Error(`interrupted: ${retried} deliveries will be tried again`, { cause: acting.signal.reason });
        }
        const moved = await retryBatch(database, webhook_id);
        retried += moved;
        if (moved < BATCH) break;
      }
    }
    return retried;
  } finally {
    // Also if it was stopped or a later portion failed. A process that is killed leaves no row (docs/limits.md).
    const audited = { operation: 'webhook retry', object, before: null, after: { retried } };
    if (retried > 0) await auditAlone(acting, audited);
  }
}

const retryBatch = (database: Knex, webhook_id: number): Promise<number> =>
  inTransaction(
    database,
    async transaction => {
      const [rows] = await transaction.raw(
        // What is due within a minute may be in progress.
        `SELECT event_id FROM astdelivery WHERE webhook_id = ? AND (state = 'dead'
           OR (state = 'waiting' AND next_at > UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE))
         LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
        [webhook_id],
      );
      const ids = rows.map((row: { event_id: string }) => row.event_id);
      await transaction('astdelivery')
        .where({ webhook_id })
        .whereIn('event_id', ids)
        .update(againNow(transaction, webhook_id));
      return ids.length;
    },
    { idempotent: true },
  );

const againNow = (transaction: Knex.Transaction, webhook_id: number) => ({
  state: 'waiting',
  attempts: 0,
  down_seconds_before: transaction('astwebhook').where({ webhook_id }).select('down_seconds'),
  next_at: transaction.raw('UTC_TIMESTAMP(3)'),
  ended_at: null,
});
