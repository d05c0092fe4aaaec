/** Webhooks, as an operator adds, pauses and removes them. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault, orFault } from '../database/fault';
import type { Acting, Stoppable } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { accountcodeField, invalid, invalidSecret, nameField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { isKind, KNOWN_KINDS } from './event-store';
import { type AllowedTarget, urlField } from './target';

export interface NewWebhook {
  webhook: string;
  url: string;
  /** Generated if not given. */
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
  /** Deliveries that are still to come, counted up to MOST_COUNTED. */
  waiting: number;
  /** An error of those waiting deliveries that are tried next or last; null if there is none. */
  lastError: string | null;
  /** Deliveries that were given up, counted up to MOST_COUNTED. */
  dead: number;
  createdAt: Date;
}

/** Where counting stops: a page asks for the counts again and again, and a receiver that is away for days has millions. */
export const MOST_COUNTED = 10_000;

/** How many waiting deliveries at each end are looked at for an error: those that were tried are among them, as each try moves a delivery ahead. */
const LOOKED_AT = 100;

/** How many webhooks are counted in one statement. */
const AT_ONCE = 100;

/** How many rows are changed in one transaction. */
export const BATCH = 1_000;

/**
 * Adds a webhook, which receives every change from now on, and returns its secret: nothing shows it again.
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
    throw new Refused(
      'webhook_exists',
      `webhook ${JSON.stringify(webhook)} is there already: choose another name`,
    ).about({ webhook });
  }
  return { view: await webhookNamed(database, webhook), secret: key };
}

/** The key of a signature. @throws Refused field_invalid, which does not show it. */
export function secretField(secret: string): string {
  if (!/^[\x21-\x7e]{16,200}$/.test(secret)) {
    const todo = 'write one line of 16 to 200 letters, digits and signs without blanks';
    throw invalidSecret('secret', `is not usable: ${todo}`, 'not_secret');
  }
  return secret;
}

/** Kinds of events in the form of the column. @throws Refused field_invalid */
export function kindsField(kinds: string[]): string {
  const unknown = kinds.find(kind => !isKind(kind));
  if (unknown !== undefined) throw invalid('kinds', unknown, KNOWN_KINDS, 'not_event_kind');
  return [...new Set(kinds)].join(',');
}

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

interface Counts {
  webhook_id: number;
  waiting: unknown;
  dead: unknown;
  last_error: string | null;
}

async function withCounts(database: Knex, rows: Record<string, string>[]): Promise<WebhookView[]> {
  const counts = new Map<number, Counts>();
  for (let first = 0; first < rows.length; first += AT_ONCE) {
    const ids = rows.slice(first, first + AT_ONCE).map(row => Number(row.webhook_id));
    const [found] = await database.raw(ids.map(countsOf).join(' UNION ALL '));
    for (const each of found as Counts[]) counts.set(Number(each.webhook_id), each);
  }
  return rows.map(row => {
    const found = counts.get(Number(row.webhook_id));
    return {
      webhook: row.webhook as string,
      url: row.url as string,
      kinds: row.kinds ? row.kinds.split(',') : [],
      accountcode: (row.accountcode ?? null) as string | null,
      status: row.status as string,
      waiting: Number(found?.waiting ?? 0),
      lastError: found?.last_error || null,
      dead: Number(found?.dead ?? 0),
      createdAt: row.created_at as unknown as Date,
    };
  });
}

/** Reads at most 2 × MOST_COUNTED entries of the index `due`, and 2 × LOOKED_AT rows. */
function countsOf(webhook_id: number): string {
  const of = (state: string) => `FROM astdelivery WHERE webhook_id = ${webhook_id} AND state = '${state}'`;
  const counted = (state: string) =>
    `(SELECT COUNT(*) FROM (SELECT 1 AS one ${of(state)} LIMIT ${MOST_COUNTED}) AS part)`;
  const errors = (order: string) => `(SELECT last_error ${of('waiting')} ORDER BY next_at ${order} LIMIT ${LOOKED_AT})`;
  return `SELECT ${webhook_id} AS webhook_id, ${counted('waiting')} AS waiting, ${counted('dead')} AS dead,
    (SELECT MAX(last_error) FROM (${errors('DESC')} UNION ALL ${errors('ASC')}) AS tried) AS last_error`;
}

/** How many deliveries are counted in one statement: some ten milliseconds. */
const COUNTED_AT_ONCE = 10_000;

/** How many deliveries go with a webhook: every one of them, a part at a time, as their removal deletes them. @throws the reason of `signal` */
async function outstandingOf(
  { database, signal }: Pick<Stoppable, 'database' | 'signal'>,
  webhook_id: number,
): Promise<{ waiting: number; dead: number }> {
  const counts = { waiting: 0, dead: 0, delivered: 0 };
  for (let after = '0'; ; ) {
    signal?.throwIfAborted();
    const part = database('astdelivery')
      .where({ webhook_id })
      .where('event_id', '>', after)
      .orderBy('event_id')
      .limit(COUNTED_AT_ONCE)
      .select('event_id', 'state')
      .as('part');
    const rows: { state: keyof typeof counts; deliveries: number; last: string }[] = await orFault(() =>
      database.from(part).groupBy('state').select('state').count({ deliveries: '*' }).max({ last: 'event_id' }),
    );
    for (const { state, deliveries } of rows) counts[state] += Number(deliveries);
    const looked = rows.reduce((sum, { deliveries }) => sum + Number(deliveries), 0);
    if (looked < COUNTED_AT_ONCE) return { waiting: counts.waiting, dead: counts.dead };
    const lasts = rows.map(({ last }) => BigInt(last)).sort((one, other) => (one < other ? -1 : 1));
    after = String(lasts.at(-1));
  }
}

/** Makes a webhook's events wait, or go on. A post in progress is completed. @throws Refused webhook_not_found; DatabaseFault. */
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
    // The time of a pause does not count as one in which it was tried.
    await row().update({ status, down_at: null });
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
 * Removes a webhook and all its outstanding deliveries; returns how many waiting and dead deliveries were deleted with it. Interrupted, it
 * leaves the webhook `removed`, which receives nothing more; the same again removes the rest, and so does a service (`deleteSomeOfRemoved`).
 * @throws Refused webhook_not_found; DatabaseFault; the reason of `signal`.
 */
export async function removeWebhook(acting: Stoppable, webhook: string): Promise<{ waiting: number; dead: number }> {
  const { database, signal } = acting;
  const { webhook_id } = await idOf(database, webhook);
  const { waiting, dead } = await outstandingOf(acting, webhook_id);
  // Waits for a process that distributes events just now, so that no delivery comes after it.
  await inTransaction(
    database,
    async transaction => {
      const row = () => transaction('astwebhook').where({ webhook_id });
      const found = await row().forUpdate().first('status');
      // Marked before: by a request that was interrupted, or by this one, whose COMMIT was lost.
      if (!found || found.status === 'removed') return;
      await row().update({ status: 'removed' });
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
  do signal?.throwIfAborted();
  while (await deleteSome(database, webhook_id));
  return { waiting, dead };
}

/** Goes on with one removal that was interrupted. Returns whether there may be more to do. @throws DatabaseFault */
export async function deleteSomeOfRemoved(database: Knex): Promise<boolean> {
  const row = await orFault(() => database('astwebhook').where({ status: 'removed' }).first('webhook_id'));
  if (!row) return false;
  await deleteSome(database, row.webhook_id);
  return true;
}

/** Deletes some deliveries of a webhook that is removed, and it with the last of them. Returns whether there are more. */
async function deleteSome(database: Knex, webhook_id: number): Promise<boolean> {
  const deleted = await inTransaction(
    database,
    async transaction => {
      const ids = await transaction('astdelivery').where({ webhook_id }).limit(BATCH).pluck('event_id');
      await transaction('astdelivery').where({ webhook_id }).whereIn('event_id', ids).delete();
      return ids.length;
    },
    { idempotent: true },
  );
  if (deleted === BATCH) return true;
  await orFault(() => database('astwebhook').where({ webhook_id, status: 'removed' }).delete());
  return false;
}

/** @throws Refused webhook_not_found. */
export async function idOf(database: Knex, webhook: string): Promise<{ webhook_id: number }> {
  const row = await database('astwebhook').where({ webhook }).first('webhook_id');
  if (!row) throw noWebhook(webhook);
  return row;
}

const noWebhook = (webhook: string): Refused =>
  new Refused('webhook_not_found', `webhook ${JSON.stringify(webhook)} does not exist: see "webhook list"`).about({
    webhook,
  });

/** Where a webhook's events are posted, and with which key; its account, null for all. @throws Refused webhook_not_found. */
export async function addressOf(
  database: Knex,
  webhook: string,
): Promise<{ url: string; secret: string; accountcode: string | null }> {
  const { webhook_id } = await idOf(database, webhook);
  return database('astwebhook').where({ webhook_id }).first('url', 'secret', 'accountcode');
}
