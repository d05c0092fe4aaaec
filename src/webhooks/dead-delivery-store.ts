/** Deliveries that were given up, and how an operator has them retried. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Acting, Lent } from '../operator/acting';
import { auditAlone, writeAudit } from '../operator/audit-store';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { counted } from '../operator/page-store';
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

/** Deliveries that were given up, the last first. @throws Refused webhook_not_found; DatabaseFault. */
export async function listDead(
  database: Knex,
  webhook: string | undefined,
  { limit, offset }: PageRequest,
): Promise<Page<DeadView>> {
  const dead = database('astdelivery as d')
    .join('astwebhook as w', 'w.webhook_id', 'd.webhook_id')
    .where('d.state', 'dead');
  if (webhook !== undefined) dead.where('w.webhook_id', (await idOf(database, webhook)).webhook_id);
  const count = await counted(database, dead, { limit, offset });
  const rows = await dead
    .join('astoutbox as o', 'o.event_id', 'd.event_id')
    .select('w.webhook', 'd.*', 'o.kind', 'o.accountcode', 'o.uniqueid')
    .orderBy([
      { column: 'd.ended_at', order: 'desc' },
      { column: 'd.event_id', order: 'desc' },
    ])
    .limit(limit)
    .offset(offset);
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
  return { items, ...count };
}

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
      await dead().where({ state: 'dead' }).update(againNow(transaction));
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
  const ids =
    webhook === undefined
      ? await database('astwebhook').pluck('webhook_id')
      : [(await idOf(database, webhook)).webhook_id];
  const object = webhook === undefined ? 'every webhook' : `webhook ${webhook}`;
  let retried = 0;
  try {
    for (const webhook_id of ids) {
      for (;;) {
        if (retried > 0 && acting.signal?.aborted) {
          throw new Error(`interrupted: ${retried} deliveries will be tried again`);
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
      await transaction('astdelivery').where({ webhook_id }).whereIn('event_id', ids).update(againNow(transaction));
      return ids.length;
    },
    { idempotent: true },
  );

const againNow = (transaction: Knex.Transaction) => ({
  state: 'waiting',
  attempts: 0,
  next_at: transaction.raw('UTC_TIMESTAMP(3)'),
  ended_at: null,
});
