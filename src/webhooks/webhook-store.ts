/** What an operator does with webhooks and with what they were not told. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { CHANGE_KINDS } from '../credit/change-event';
import { inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { accountcodeField, invalid, nameField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import type { ToldEvent } from './message';
import { type Answer, Receiver } from './receiver';
import { type AllowedTarget, urlField } from './target';

export interface NewWebhook {
  webhook: string;
  url: string;
  /** Made up when not given. */
  secret?: string;
  /** null for all. */
  kinds?: string[] | null;
  /** null for all. It need not exist yet. */
  accountcode?: string | null;
}

/** A webhook as an operator sees it: never with its secret. */
export interface WebhookView {
  webhook: string;
  url: string;
  /** [] for all. */
  kinds: string[];
  accountcode: string | null;
  status: string;
  /** Deliveries that are still to be made. */
  waiting: number;
  /** What was wrong when one of those that wait was last tried; null where none was. */
  lastError: string | null;
  /** Deliveries that were given up. */
  dead: number;
  createdAt: Date;
}

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

/** Rows that are changed in one transaction. */
const BATCH = 1_000;

/**
 * Adds a webhook, which is told of every change from now on, and returns its secret: nothing shows it again.
 * @throws Refused webhook_exists, field_invalid; DatabaseFault.
 */
export async function addWebhook(
  acting: Acting,
  { webhook, url, secret, kinds, accountcode }: NewWebhook,
  allowed: readonly AllowedTarget[],
): Promise<{ view: WebhookView; secret: string }> {
  const { database } = acting;
  const key = secret === undefined ? randomBytes(32).toString('base64url') : secretField(secret);
  const row = {
    webhook: nameField('webhook', webhook),
    url: urlField(url, allowed),
    secret: key,
    kinds: kinds ? kindsField(kinds) : '',
    accountcode: accountcode == null ? null : accountcodeField(accountcode),
  };
  try {
    await inTransaction(database, async transaction => {
      await transaction('astwebhook').insert(row);
      const { secret: _, ...after } = row;
      await writeAudit(transaction, acting, {
        operation: 'webhook add',
        object: `webhook ${webhook}`,
        before: null,
        after,
      });
    });
  } catch (error) {
    const fault = asFault(error);
    if (!isFault(fault, 'duplicate')) throw fault;
    throw new Refused('webhook_exists', `webhook ${JSON.stringify(webhook)} is there already: choose another name`);
  }
  return { view: await webhookNamed(database, webhook), secret: key };
}

/** The key of a signature, as the operator's own file has it. @throws Refused field_invalid, which does not show it. */
function secretField(text: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (!/^[\x21-\x7e]{16,200}$/.test(secret)) {
    const todo = 'write one line of 16 to 200 letters, digits and signs without blanks';
    throw new Refused('field_invalid', `secret is not usable: ${todo}`);
  }
  return secret;
}

function kindsField(kinds: string[]): string {
  const unknown = kinds.find(kind => !isKind(kind));
  if (unknown !== undefined) throw invalid('kinds', unknown, KNOWN_KINDS);
  return [...new Set(kinds)].join(',');
}

const isKind = (word: string): boolean => (CHANGE_KINDS as readonly string[]).includes(word);
const KNOWN_KINDS = `is not a kind of event: write some of ${CHANGE_KINDS.join(', ')}`;

/** Webhooks in the order of their names. */
export async function listWebhooks(database: Knex, { limit, offset }: PageRequest): Promise<Page<WebhookView>> {
  const [counted] = await database('astwebhook').count({ total: '*' });
  const rows = await database('astwebhook').select(SHOWN).orderBy('webhook').limit(limit).offset(offset);
  return { items: await withCounts(database, rows), total: Number(counted?.total) };
}

async function webhookNamed(database: Knex, webhook: string): Promise<WebhookView> {
  const { webhook_id } = await idOf(database, webhook);
  const rows = await database('astwebhook').select(SHOWN).where({ webhook_id });
  const [view] = await withCounts(database, rows);
  if (!view) throw noWebhook(webhook);
  return view;
}

/** All but the secret. */
const SHOWN = ['webhook_id', 'webhook', 'url', 'kinds', 'accountcode', 'status', 'created_at'];

async function withCounts(database: Knex, rows: Record<string, string>[]): Promise<WebhookView[]> {
  const counts: Record<string, unknown>[] = await database('astdelivery')
    .whereIn(
      'webhook_id',
      rows.map(row => row.webhook_id as string),
    )
    .whereIn('state', ['waiting', 'dead'])
    .groupBy('webhook_id', 'state')
    .select('webhook_id', 'state')
    .max({ last_error: 'last_error' })
    .count({ deliveries: '*' });
  const found = (webhook_id: unknown, state: string) =>
    counts.find(row => row.webhook_id === webhook_id && row.state === state);
  const countOf = (webhook_id: unknown, state: string) => Number(found(webhook_id, state)?.deliveries ?? 0);
  return rows.map(row => ({
    webhook: row.webhook as string,
    url: row.url as string,
    kinds: row.kinds ? row.kinds.split(',') : [],
    accountcode: (row.accountcode ?? null) as string | null,
    status: row.status as string,
    waiting: countOf(row.webhook_id, 'waiting'),
    lastError: (found(row.webhook_id, 'waiting')?.last_error as string | undefined) || null,
    dead: countOf(row.webhook_id, 'dead'),
    createdAt: row.created_at as unknown as Date,
  }));
}

/**
 * Lets a webhook's events wait, or go again. What is being posted at this moment is posted.
 * @throws Refused webhook_not_found; DatabaseFault.
 */
export async function setWebhookStatus(
  acting: Acting,
  webhook: string,
  status: 'active' | 'paused',
): Promise<WebhookView> {
  const { database } = acting;
  const { webhook_id } = await idOf(database, webhook);
  const change = async (transaction: Knex.Transaction) => {
    const row = () => transaction('astwebhook').where({ webhook_id });
    const found = await row().forUpdate().first('status');
    if (!found || [status, 'removed'].includes(found.status)) return;
    await row().update({ status });
    const operation = status === 'paused' ? 'webhook pause' : 'webhook resume';
    await writeAudit(transaction, acting, {
      operation,
      object: `webhook ${webhook}`,
      before: found,
      after: { status },
    });
  };
  await inTransaction(database, change, { idempotent: true });
  return webhookNamed(database, webhook);
}

/**
 * Removes a webhook and all that it was still to be told; returns how many waiting and dead deliveries went with it.
 * Interrupted, it leaves the webhook `removed`, which is told nothing more; the same again removes the rest.
 * @throws Refused webhook_not_found; DatabaseFault.
 */
export async function removeWebhook(acting: Acting, webhook: string): Promise<{ waiting: number; dead: number }> {
  const { database } = acting;
  const { waiting, dead } = await webhookNamed(database, webhook);
  const { webhook_id } = await idOf(database, webhook);
  // Waits for whoever hands out events just now, so that no delivery comes after it.
  await inTransaction(
    database,
    async transaction => {
      await transaction('astwebhook').where({ webhook_id }).update({ status: 'removed' });
      const before = { waiting, dead };
      await writeAudit(transaction, acting, {
        operation: 'webhook remove',
        object: `webhook ${webhook}`,
        before,
        after: null,
      });
    },
    { idempotent: true },
  );
  for (;;) {
    const deleted = await inTransaction(
      database,
      async transaction => {
        const ids = await transaction('astdelivery').where({ webhook_id }).limit(BATCH).pluck('event_id');
        await transaction('astdelivery').where({ webhook_id }).whereIn('event_id', ids).delete();
        return ids.length;
      },
      { idempotent: true },
    );
    if (deleted < BATCH) break;
  }
  await database('astwebhook').where({ webhook_id }).delete();
  return { waiting, dead };
}

/**
 * Posts a trial, of kind `test`, right now and from here; returns what the receiver said.
 * @throws Refused webhook_not_found; DatabaseFault.
 */
export async function testWebhook(
  database: Knex,
  webhook: string,
  allowed: readonly AllowedTarget[],
  deadlineMs: number,
): Promise<Answer> {
  const { webhook_id } = await idOf(database, webhook);
  const { url, secret, accountcode } = await database('astwebhook').where({ webhook_id }).first();
  const receiver = new Receiver({ url, secret, allowed, connections: 1, deadlineMs });
  const trial: ToldEvent = {
    eventId: '0',
    kind: 'test',
    accountcode: accountcode ?? '',
    uniqueid: null,
    createdAt: new Date(),
    facts: {},
    actor: '',
  };
  try {
    return (await receiver.post(trial)) as Answer;
  } finally {
    await receiver.close();
  }
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
  const [counted] = await dead.clone().count({ total: '*' });
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
  return { items, total: Number(counted?.total) };
}

/**
 * Lets dead deliveries of the named events be tried again, from the first try on.
 * @throws Refused webhook_not_found, delivery_not_found (then none is), field_invalid; DatabaseFault.
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
        throw new Refused('delivery_not_found', `event_id ${other} ${what}: see "webhook dead"`);
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
 * Lets all dead deliveries be tried again, of one webhook or of all, and what waits for a later try be tried now: for a
 * receiver that is back. Returns how many.
 * @throws Refused webhook_not_found; DatabaseFault.
 */
export async function retryAll(acting: Acting, webhook: string | undefined): Promise<number> {
  const { database } = acting;
  const ids =
    webhook === undefined
      ? await database('astwebhook').pluck('webhook_id')
      : [(await idOf(database, webhook)).webhook_id];
  let retried = 0;
  for (const webhook_id of ids) {
    for (;;) {
      const moved = await retryBatch(database, webhook_id);
      retried += moved;
      if (moved < BATCH) break;
    }
  }
  const object = webhook === undefined ? 'every webhook' : `webhook ${webhook}`;
  if (retried > 0)
    await writeAudit(database, acting, { operation: 'webhook retry', object, before: null, after: { retried } });
  return retried;
}

const retryBatch = (database: Knex, webhook_id: number): Promise<number> =>
  inTransaction(
    database,
    async transaction => {
      const [rows] = await transaction.raw(
        // What is due within a minute may be under way.
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

export interface EventFilter {
  accountcode?: string;
  kind?: string;
  uniqueid?: string;
}

/** An event with whether it was handed to the webhooks already. */
export type EventView = ToldEvent & { dispatched: boolean };

/** Events that are still kept, the newest first. @throws Refused field_invalid; DatabaseFault. */
export async function listEvents(
  database: Knex,
  { accountcode, kind, uniqueid }: EventFilter,
  { limit, offset }: PageRequest,
): Promise<Page<EventView>> {
  const events = database('astoutbox');
  if (kind !== undefined) {
    if (!isKind(kind)) throw invalid('kind', kind, KNOWN_KINDS);
    events.where({ kind });
  }
  if (accountcode !== undefined) events.where({ accountcode });
  if (uniqueid !== undefined) {
    events.where({ uniqueid });
    // Found by its account: events have no index of calls, which every call would have to write.
    const call = await database('astcdr').where({ uniqueid }).first('accountcode');
    if (call) events.where({ accountcode: call.accountcode });
  }
  const [counted] = await events.clone().count({ total: '*' });
  const rows = await events.orderBy('event_id', 'desc').limit(limit).offset(offset);
  const items = rows.map(row => ({
    eventId: String(row.event_id),
    kind: row.kind,
    accountcode: row.accountcode,
    uniqueid: row.uniqueid,
    createdAt: row.created_at,
    facts: JSON.parse(row.facts),
    actor: row.actor,
    dispatched: Boolean(row.dispatched),
  }));
  return { items, total: Number(counted?.total) };
}

async function idOf(database: Knex, webhook: string): Promise<{ webhook_id: number }> {
  const row = await database('astwebhook').where({ webhook }).first('webhook_id');
  if (!row) throw noWebhook(webhook);
  return row;
}

const noWebhook = (webhook: string): Refused =>
  new Refused('webhook_not_found', `webhook ${JSON.stringify(webhook)} does not exist: see "webhook list"`);
