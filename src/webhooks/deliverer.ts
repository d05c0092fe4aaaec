import { setMaxListeners } from 'node:events';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import {
  type Claim,
  type Claimed,
  claimDue,
  countDownTime,
  type DueWebhook,
  dueWebhooks,
  endDownTime,
  type Fate,
  giveUpOld,
  writeFates,
} from './delivery-store';
import type { NameLookup } from './name-lookup';
import { type Answer, Receiver } from './receiver';
import { MOST_TRIES, waitAfter } from './retry';
import type { AllowedTarget } from './target';

/** How many requests to one webhook run at once. */
const CONNECTIONS = 8;

/** How many deliveries are claimed at once, for one webhook. */
const BATCH = 32;

/** The wait between two tries for a webhook that takes nothing. Ms. */
const REST_MS = 1_000;

/** How often to count the time for which a webhook is down, and to look for what waited too long: this reads all that wait for it. Ms. */
const GIVES_UP_EVERY_MS = 60_000;

/** How long one try may take. Ms. */
export const DEADLINE_MS = 10_000;

/** The receiver does not want this, now or ever: no more tries. */
const GONE = 410;

/** The receiver wants a later try. */
const BUSY = 429;

export interface DelivererOptions {
  database: Knex;
  allowed: readonly AllowedTarget[];
  log: Logger;
  /** For tests. */
  deadlineMs?: number;
  lookUp?: NameLookup;
}

/** A claimed delivery, and the answer to its try; null if the service stopped before there was one. */
interface Tried extends Claimed {
  answer: Answer | null;
}

/**
 * Posts what is due, at least once: a process that dies between the receiver's answer and our COMMIT leaves a delivery that is retried a
 * minute after it was claimed.
 *
 * Webhooks are served side by side, each with its own few connections, so that a slow receiver delays only itself. A webhook that took
 * nothing of the last batch is tried with a single delivery, a second after the last, until it takes one, because the database has calls to
 * answer meanwhile.
 */
export class Deliverer {
  private readonly runs = new Map<number, Promise<void>>();
  private readonly failing = new Set<number>();
  /** Webhooks that took nothing the last time, and until when they are not tried, by performance.now(). */
  private readonly down = new Map<number, number>();
  /** When to count next, and to look for what waited too long, for webhooks that are down. */
  private readonly givesUpAt = new Map<number, number>();
  private readonly interrupted = new AbortController();
  private stopping = false;

  constructor(private readonly options: DelivererOptions) {
    // Every try listens while it lasts.
    setMaxListeners(0, this.interrupted.signal);
  }

  /** Begins to serve every webhook for which something is due and that is not being served. @throws DatabaseFault */
  async begin(): Promise<void> {
    for (const webhook of await dueWebhooks(this.options.database)) {
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

  /** Claims nothing more, gives tries in progress `graceMs`, and then leaves those without an answer to others. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    const timer = setTimeout(() => this.interrupted.abort(), graceMs);
    await this.idle();
    clearTimeout(timer);
  }

  /** Posts until nothing is due for the webhook. */
  private async serve(webhook: DueWebhook): Promise<void> {
    const { allowed, deadlineMs = DEADLINE_MS, lookUp } = this.options;
    const { url, secret } = webhook;
    // A new one each time that something is due, so that the name is looked up anew.
    const receiver = new Receiver({ url, secret, allowed, connections: CONNECTIONS, deadlineMs, lookUp });
    try {
      for (;;) {
        const { claimed, isCountedDown } = this.stopping ? NOTHING : await this.claim(webhook);
        if (claimed.length === 0) return;
        const tried = await this.post(receiver, claimed);
        await this.write(webhook, tried);
        this.tellHealth(webhook, tried);
        if (tookNothing(tried)) {
          this.down.set(webhook.webhook_id, performance.now() + REST_MS);
          return;
        }
        this.down.delete(webhook.webhook_id);
        if (isCountedDown && tried.some(isAnswered)) await endDownTime(this.options.database, webhook.webhook_id);
      }
    } finally {
      await receiver.close();
    }
  }

  private async claim({ webhook_id }: DueWebhook): Promise<Claim> {
    const { database } = this.options;
    const isDown = this.down.has(webhook_id);
    if (isDown && performance.now() >= (this.givesUpAt.get(webhook_id) ?? 0)) {
      this.givesUpAt.set(webhook_id, performance.now() + GIVES_UP_EVERY_MS);
      await giveUpOld(database, webhook_id, await countDownTime(database, webhook_id));
    }
    return claimDue(database, webhook_id, isDown ? 1 : BATCH);
  }

  private async post(receiver: Receiver, claimed: Claimed[]): Promise<Tried[]> {
    const { signal } = this.interrupted;
    // The receiver's own connections bound how many run at once.
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

  private async write(webhook: DueWebhook, tried: Tried[]): Promise<void> {
    const fates = tried.map(delivery => ({ ...delivery, fate: fateOf(delivery) }));
    await writeFates(this.options.database, webhook.webhook_id, fates);
    for (const { event_id, attempts, answer, fate } of fates) {
      if (fate.state === 'dead')
        this.tell('warn', 'delivery_dead', webhook, { event_id, attempts, error: answer?.error });
    }
  }

  /** Logs once when a receiver begins to fail, and once when it takes events again. */
  private tellHealth(webhook: DueWebhook, tried: Tried[]): void {
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
  private tell(level: 'info' | 'warn', event: string, { webhook }: DueWebhook, facts: object): void {
    this.options.log[level]({ event, webhook, ...facts });
  }
}

const NOTHING: Claim = { claimed: [], isCountedDown: false };

const PRUNED: Answer = { status: null, error: 'the event is not there any more' };

function fateOf({ answer, attempts, isLate }: Tried): Fate {
  if (!answer) return { state: 'interrupted' };
  if (answer.error === '') return { state: 'delivered', answer };
  // After a pause all tries that were due come at once: a last one that came so is made again, as long after it as it was to come.
  const counted = isLate ? Math.min(attempts, MOST_TRIES - 1) : attempts;
  const inSeconds = answer.status === GONE || answer === PRUNED ? null : waitAfter(counted, Math.random());
  return inSeconds === null ? { state: 'dead', answer } : { state: 'again', answer, inSeconds };
}

/** Whether the receiver is away: it gave no answer, or one that says so. A receiver that does not want an event (4xx) may want the next. */
function tookNothing(tried: readonly Tried[]): boolean {
  const answered = tried.filter(isAnswered);
  return (
    answered.length > 0 &&
    answered.every(({ answer: { status } }) => status === null || status >= 500 || status === BUSY)
  );
}

/** Whether a request was made for it, and came to an end. */
const isAnswered = (tried: Tried): tried is Tried & { answer: Answer } =>
  tried.answer !== null && tried.answer !== PRUNED;
