import { setMaxListeners } from 'node:events';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { inTransaction } from '../database/connection';
import type { ToldEvent } from './message';
import type { NameLookup } from './name-lookup';
import { type Answer, Receiver } from './receiver';
import { waitAfter } from './retry';
import type { AllowedTarget } from './target';

/** Requests to one webhook at once. */
const CONNECTIONS = 8;

/** Deliveries that are claimed at once, for one webhook. */
const BATCH = 32;

/** How long a webhook that takes nothing is left alone between two tries. Ms. */
const REST_MS = 1_000;

/** As long as ten tries take one after the other (retry.ts). */
const GIVEN_UP_HOURS = 27;
const GIVEN_UP_AT_ONCE = 10_000;
const GIVES_UP_EVERY_MS = 60_000;

/** How long one try may take. Ms. */
export const DEADLINE_MS = 10_000;

/** Nobody else tries a claimed delivery for so long: longer than the worst batch, 32 / 8 tries of 10 s. */
const CLAIM_SECONDS = 60;

/** The receiver does not want this, now or ever: no more tries. */
const GONE = 410;

/** The receiver wants to be asked later. */
const BUSY = 429;

export interface DelivererOptions {
  database: Knex;
  allowed: readonly AllowedTarget[];
  log: Logger;
  /** For tests. */
  deadlineMs?: number;
  lookUp?: NameLookup;
}

interface Webhook {
  webhook_id: number;
  webhook: string;
  url: string;
  secret: string;
}

interface Claimed {
  event_id: string;
  /** This try counted. */
  attempts: number;
  /** null when it is not there any more. */
  event: ToldEvent | null;
}

/** A claimed delivery, and what became of its try; null when we put an end to it. */
interface Tried extends Claimed {
  answer: Answer | null;
}

/**
 * Posts what is due, at least once: a process that dies between the receiver's answer and our COMMIT leaves a delivery that is
 * tried again a minute after it was claimed.
 *
 * Webhooks are served side by side, each with its own few connections, so that a slow receiver holds up only itself. One that took nothing of
 * the last batch is tried with a single delivery, a second after the last, until it takes one: the database has calls to answer meanwhile.
 */
export class Deliverer {
  private readonly runs = new Map<number, Promise<void>>();
  private readonly failing = new Set<number>();
  /** Webhooks that took nothing the last time, and until when they are left alone, by performance.now(). */
  private readonly down = new Map<number, number>();
  /** When what is old is looked for next, of webhooks that are down. */
  private readonly givesUpAt = new Map<number, number>();
  private readonly interrupted = new AbortController();
  private stopping = false;

  constructor(private readonly options: DelivererOptions) {
    // Every try listens while it lasts.
    setMaxListeners(0, this.interrupted.signal);
  }

  /** Begins to serve every webhook for which something is due and that is not being served. @throws DatabaseFault */
  async begin(): Promise<void> {
    const [due] = await this.options.database.raw(
      `SELECT webhook_id, webhook, url, secret FROM astwebhook w WHERE status = 'active' AND EXISTS (
         SELECT 1 FROM astdelivery d
         WHERE d.webhook_id = w.webhook_id AND d.state = 'waiting' AND d.next_at <= UTC_TIMESTAMP(3))`,
    );
    for (const webhook of due as Webhook[]) {
      const { webhook_id } = webhook;
      if (this.runs.has(webhook_id) || performance.now() < (this.down.get(webhook_id) ?? 0)) continue;
      const run = this.serve(webhook)
        .catch(error => this.tell('warn', 'deliveries_stalled', webhook, { error: String(error) }))
        .finally(() => this.runs.delete(webhook_id));
      this.runs.set(webhook_id, run);
    }
  }

  /** Resolves when nothing is being delivered. */
  async idle(): Promise<void> {
    while (this.runs.size > 0) await Promise.all(this.runs.values());
  }

  /** Claims nothing more, gives tries under way `graceMs`, and then lets others try what has no answer. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    const timer = setTimeout(() => this.interrupted.abort(), graceMs);
    await this.idle();
    clearTimeout(timer);
  }

  /** Until nothing is due for it. */
  private async serve(webhook: Webhook): Promise<void> {
    const { allowed, deadlineMs = DEADLINE_MS, lookUp } = this.options;
    const { url, secret } = webhook;
    // A new one for each time that something is due: the name is looked up anew.
    const receiver = new Receiver({ url, secret, allowed, connections: CONNECTIONS, deadlineMs, lookUp });
    try {
      for (;;) {
        const claimed = this.stopping ? [] : await this.claim(webhook);
        if (claimed.length === 0) return;
        const tried = await this.post(receiver, claimed);
        await this.write(webhook, tried);
        this.tellHealth(webhook, tried);
        if (tookNothing(tried)) {
          this.down.set(webhook.webhook_id, performance.now() + REST_MS);
          return;
        }
        this.down.delete(webhook.webhook_id);
      }
    } finally {
      await receiver.close();
    }
  }

  /** Takes what is due, the oldest first; in the database, so that it is known also when this process dies. */
  private async claim({ webhook_id }: Webhook): Promise<Claimed[]> {
    const isDown = this.down.has(webhook_id);
    if (isDown && performance.now() >= (this.givesUpAt.get(webhook_id) ?? 0)) {
      // All that waits is looked at for it.
      this.givesUpAt.set(webhook_id, performance.now() + GIVES_UP_EVERY_MS);
      await this.giveUpOld(webhook_id);
    }
    const most = isDown ? 1 : BATCH;
    return inTransaction(this.options.database, async transaction => {
      const webhook = await transaction('astwebhook').where({ webhook_id }).first('status');
      if (webhook?.status !== 'active') return [];
      const [rows] = await transaction.raw(
        `SELECT event_id, attempts FROM astdelivery
         WHERE webhook_id = ? AND state = 'waiting' AND next_at <= UTC_TIMESTAMP(3)
         ORDER BY next_at, event_id LIMIT ${most} FOR UPDATE SKIP LOCKED`,
        [webhook_id],
      );
      if (rows.length === 0) return [];
      const ids = rows.map(({ event_id }: Claimed) => event_id);
      await transaction.raw(
        `UPDATE astdelivery SET attempts = attempts + 1, next_at = UTC_TIMESTAMP(3) + INTERVAL ${CLAIM_SECONDS} SECOND
         WHERE webhook_id = ? AND event_id IN (?)`,
        [webhook_id, ids],
      );
      const events = new Map(
        (await transaction('astoutbox').whereIn('event_id', ids)).map(row => [String(row.event_id), toldEventOf(row)]),
      );
      return rows.map(({ event_id, attempts }: Claimed) => ({
        event_id,
        attempts: attempts + 1,
        event: events.get(String(event_id)) ?? null,
      }));
    });
  }

  /** Of a webhook that is down each event has one try at a time, so that its age and not the number of its tries makes it dead. */
  private async giveUpOld(webhook_id: number): Promise<void> {
    const { database } = this.options;
    const old = await database('astdelivery as d')
      .join('astoutbox as e', 'e.event_id', 'd.event_id')
      .where({ 'd.webhook_id': webhook_id, 'd.state': 'waiting' })
      .whereRaw('e.created_at < UTC_TIMESTAMP(3) - INTERVAL ? HOUR', [GIVEN_UP_HOURS])
      .whereRaw('d.next_at <= UTC_TIMESTAMP(3)')
      .orderBy('d.event_id')
      .limit(GIVEN_UP_AT_ONCE)
      .pluck('d.event_id');
    if (old.length === 0) return;
    await database('astdelivery')
      .where({ webhook_id, state: 'waiting' })
      .whereIn('event_id', old)
      .update({
        state: 'dead',
        ended_at: database.raw('UTC_TIMESTAMP(3)'),
        last_error: database.raw("IF(last_error = '', ?, last_error)", [`it took nothing for ${GIVEN_UP_HOURS} hours`]),
      });
  }

  private async post(receiver: Receiver, claimed: Claimed[]): Promise<Tried[]> {
    const { signal } = this.interrupted;
    // The receiver's own connections bound how many are under way.
    const queue = [...claimed];
    const tried: Tried[] = [];
    const lane = async () => {
      for (let delivery = queue.shift(); delivery; delivery = queue.shift()) {
        const { event } = delivery;
        const answer = event ? await receiver.post(event, signal) : PRUNED;
        tried.push({ ...delivery, answer });
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    return tried;
  }

  private async write(webhook: Webhook, tried: Tried[]): Promise<void> {
    const { webhook_id } = webhook;
    const dead: Tried[] = [];
    const write = async (transaction: Knex.Transaction) => {
      dead.length = 0;
      const waiting = (ids: string[]) =>
        transaction('astdelivery').where({ webhook_id, state: 'waiting' }).whereIn('event_id', ids);
      const now = transaction.raw('UTC_TIMESTAMP(3)');
      const taken = tried.filter(({ answer }) => answer?.error === '');
      for (const status of new Set(taken.map(({ answer }) => answer?.status))) {
        const ids = taken.filter(({ answer }) => answer?.status === status).map(({ event_id }) => event_id);
        await waiting(ids).update({ state: 'delivered', last_status: status, last_error: '', ended_at: now });
      }
      for (const delivery of tried) {
        const { event_id, attempts, answer } = delivery;
        if (answer?.error === '') continue;
        // Not where it took so long that another process has claimed it since.
        const mine = waiting([event_id]).where({ attempts });
        if (!answer) {
          await mine.update({ next_at: now });
          continue;
        }
        const told = { last_status: answer.status, last_error: answer.error };
        const wait = answer.status === GONE || answer === PRUNED ? null : waitAfter(attempts, Math.random());
        if (wait === null) {
          await mine.update({ ...told, state: 'dead', ended_at: now });
          dead.push(delivery);
        } else {
          await mine.update({ ...told, next_at: transaction.raw('UTC_TIMESTAMP(3) + INTERVAL ? SECOND', [wait]) });
        }
      }
    };
    await inTransaction(this.options.database, write, { idempotent: true });
    for (const { event_id, attempts, answer } of dead) {
      this.tell('warn', 'delivery_dead', webhook, { event_id, attempts, error: answer?.error });
    }
  }

  /** Said once when a receiver begins to fail, and once when it takes events again. */
  private tellHealth(webhook: Webhook, tried: Tried[]): void {
    const failed = tried.find(({ answer }) => answer && answer.error !== '');
    const { webhook_id } = webhook;
    if (failed && !this.failing.has(webhook_id)) {
      this.failing.add(webhook_id);
      this.tell('warn', 'webhook_failing', webhook, { error: failed.answer?.error });
    } else if (!failed && this.failing.delete(webhook_id)) {
      this.tell('info', 'webhook_recovered', webhook, {});
    }
  }

  /** Never with URL or secret. */
  private tell(level: 'info' | 'warn', event: string, { webhook }: Webhook, facts: object): void {
    this.options.log[level]({ event, webhook, ...facts });
  }
}

const PRUNED: Answer = { status: null, error: 'the event is not there any more' };

const toldEventOf = (row: Record<string, unknown>): ToldEvent => ({
  eventId: String(row.event_id),
  kind: row.kind as string,
  accountcode: row.accountcode as string,
  uniqueid: row.uniqueid as string | null,
  createdAt: row.created_at as Date,
  facts: JSON.parse(row.facts as string),
});

/** Whether nobody is there: no answer, or one that says so. A receiver that does not want an event (4xx) may want the next. */
function tookNothing(tried: readonly Tried[]): boolean {
  const answers = tried.flatMap(({ answer }) => (answer === null || answer === PRUNED ? [] : [answer]));
  return answers.length > 0 && answers.every(({ status }) => status === null || status >= 500 || status === BUSY);
}
