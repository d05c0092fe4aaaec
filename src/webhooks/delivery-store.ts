/** Deliveries as a deliverer takes them and writes their outcome. Every change is one transaction. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { toldEventOf } from './event-store';
import type { ToldEvent } from './message';
import type { Answer } from './receiver';

/** How long no other process tries a claimed delivery: longer than the worst batch, 32 / 8 tries of 10 s. */
const CLAIM_SECONDS = 60;

/** As long as ten tries take one after the other (retry.ts). */
const GIVEN_UP_HOURS = 27;
const GIVEN_UP_AT_ONCE = 10_000;

/** Longer than this between two counts, nothing was tried: no service ran, or the webhook was paused. Such a time counts for nothing. */
const MOST_BETWEEN_COUNTS_SECONDS = 180;

/** Services that try the same webhook count one after the other: each would round a shorter time down to the second. */
const LEAST_BETWEEN_COUNTS_SECONDS = 30;

/** A try that began so much later than it was due waited for more than it had to: for a pause, for a service, or behind others. */
const LATE_SECONDS = 600;

/** A webhook for which something is due. */
export interface DueWebhook {
  webhook_id: number;
  webhook: string;
  url: string;
  secret: string;
}

/** A delivery that this process alone tries. */
export interface Claimed {
  event_id: string;
  /** This try counted. */
  attempts: number;
  /** Whether it is tried much later than it was due. */
  isLate: boolean;
  /** null if it no longer exists. */
  event: ToldEvent | null;
}

/**
 * What a try makes of a delivery: the receiver took it; it is given up; it is retried in so many seconds; or the try did not end, and it is
 * due again at once.
 */
export type Fate =
  | { state: 'delivered'; answer: Answer }
  | { state: 'dead'; answer: Answer }
  | { state: 'again'; answer: Answer; inSeconds: number }
  | { state: 'interrupted' };

export async function dueWebhooks(database: Knex): Promise<DueWebhook[]> {
  const [due] = await database.raw(
    `SELECT webhook_id, webhook, url, secret FROM astwebhook w WHERE status = 'active' AND EXISTS (
       SELECT 1 FROM astdelivery d
       WHERE d.webhook_id = w.webhook_id AND d.state = 'waiting' AND d.next_at <= UTC_TIMESTAMP(3))`,
  );
  return due;
}

/** What a process tries next, and whether the webhook is counted as one that takes nothing, by whichever process. */
export interface Claim {
  claimed: Claimed[];
  isCountedDown: boolean;
}

/** Takes what is due, the oldest first. Marked in the database, so that a claim is known also if this process dies. */
export const claimDue = (database: Knex, webhook_id: number, most: number): Promise<Claim> =>
  inTransaction(database, async transaction => {
    const webhook = await transaction('astwebhook').where({ webhook_id }).first('status', 'down_at');
    const isCountedDown = webhook?.down_at != null;
    if (webhook?.status !== 'active') return { claimed: [], isCountedDown };
    const [rows] = await transaction.raw(
      `SELECT event_id, attempts, next_at < UTC_TIMESTAMP(3) - INTERVAL ${LATE_SECONDS} SECOND AS is_late FROM astdelivery
       WHERE webhook_id = ? AND state = 'waiting' AND next_at <= UTC_TIMESTAMP(3)
       ORDER BY next_at, event_id LIMIT ${most} FOR UPDATE SKIP LOCKED`,
      [webhook_id],
    );
    if (rows.length === 0) return { claimed: [], isCountedDown };
    const ids = rows.map(({ event_id }: Claimed) => event_id);
    await transaction.raw(
      `UPDATE astdelivery SET attempts = attempts + 1, next_at = UTC_TIMESTAMP(3) + INTERVAL ${CLAIM_SECONDS} SECOND
       WHERE webhook_id = ? AND event_id IN (?)`,
      [webhook_id, ids],
    );
    const events = new Map(
      (await transaction('astoutbox').whereIn('event_id', ids)).map(row => [String(row.event_id), toldEventOf(row)]),
    );
    const claimed = rows.map(({ event_id, attempts, is_late }: Row) => ({
      event_id,
      attempts: attempts + 1,
      // MySQL has a text there.
      isLate: Number(is_late) === 1,
      event: events.get(String(event_id)) ?? null,
    }));
    return { claimed, isCountedDown };
  });

/**
 * Counts the time for which a webhook has been tried and took nothing; returns all of it, in seconds. To be called again and again while it is
 * so, and `endDownTime` when it takes something. The time since the last count is left out if that was long ago (MOST_BETWEEN_COUNTS_SECONDS).
 * @throws DatabaseFault
 */
export const countDownTime = (database: Knex, webhook_id: number): Promise<number> =>
  inTransaction(
    database,
    async transaction => {
      // In this order: an assignment sees those before it.
      await transaction.raw(
        `UPDATE astwebhook SET
           down_seconds = down_seconds + IF(down_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND, TIMESTAMPDIFF(SECOND, down_at, UTC_TIMESTAMP(3)), 0),
           down_at = UTC_TIMESTAMP(3)
         WHERE webhook_id = ? AND (down_at IS NULL OR down_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND)`,
        [MOST_BETWEEN_COUNTS_SECONDS, webhook_id, LEAST_BETWEEN_COUNTS_SECONDS],
      );
      const row = await transaction('astwebhook').where({ webhook_id }).first('down_seconds');
      return row?.down_seconds ?? 0;
    },
    { idempotent: true },
  );

/** The webhook takes events: from now on nothing is counted, until it takes none again. */
export async function endDownTime(database: Knex, webhook_id: number): Promise<void> {
  await orFault(() => database('astwebhook').where({ webhook_id }).whereNotNull('down_at').update({ down_at: null }));
}

/**
 * Gives up deliveries that have waited while their webhook was tried for `GIVEN_UP_HOURS` and took nothing. It is tried with one event at a
 * time then, so how often each event was tried says little. `downSeconds`: as counted until now.
 * @throws DatabaseFault
 */
export async function giveUpOld(database: Knex, webhook_id: number, downSeconds: number): Promise<void> {
  const latest = downSeconds - GIVEN_UP_HOURS * 3_600;
  if (latest < 0) return;
  const old = await orFault(() =>
    database('astdelivery')
      .where({ webhook_id, state: 'waiting' })
      .where('down_seconds_before', '<=', latest)
      .whereRaw('next_at <= UTC_TIMESTAMP(3)')
      .orderBy('event_id')
      .limit(GIVEN_UP_AT_ONCE)
      .pluck('event_id'),
  );
  if (old.length === 0) return;
  await orFault(() =>
    database('astdelivery')
      .where({ webhook_id, state: 'waiting' })
      .whereIn('event_id', old)
      // Again: another process may have claimed some meanwhile, and is posting them now.
      .whereRaw('next_at <= UTC_TIMESTAMP(3)')
      .update({
        ...endedNow(database, 'dead'),
        last_error: database.raw("IF(last_error = '', ?, last_error)", [`it took nothing for ${GIVEN_UP_HOURS} hours`]),
      }),
  );
}

/** Both times are of the end: the index by state and next try has ended deliveries in the order in which they ended. */
function endedNow(database: Knex, state: 'delivered' | 'dead') {
  const now = database.raw('UTC_TIMESTAMP(3)');
  return { state, ended_at: now, next_at: now };
}

/** Writes the outcome of tries. If another process has claimed a delivery since, because the try took so long, the delivery is left to it. */
export const writeFates = (
  database: Knex,
  webhook_id: number,
  tried: readonly { event_id: string; attempts: number; fate: Fate }[],
): Promise<void> =>
  inTransaction(
    database,
    async transaction => {
      const waiting = (ids: string[]) =>
        transaction('astdelivery').where({ webhook_id, state: 'waiting' }).whereIn('event_id', ids);
      const now = transaction.raw('UTC_TIMESTAMP(3)');
      const ended = (state: 'delivered' | 'dead') => endedNow(transaction, state);
      const taken = new Map<number | null, string[]>();
      for (const { event_id, attempts, fate } of tried) {
        if (fate.state === 'delivered') {
          const { status } = fate.answer;
          taken.set(status, [...(taken.get(status) ?? []), event_id]);
          continue;
        }
        const mine = waiting([event_id]).where({ attempts });
        if (fate.state === 'interrupted') {
          await mine.update({ next_at: now });
          continue;
        }
        const told = { last_status: fate.answer.status, last_error: fate.answer.error };
        if (fate.state === 'dead') await mine.update({ ...told, ...ended('dead') });
        else {
          const next_at = transaction.raw('UTC_TIMESTAMP(3) + INTERVAL ? SECOND', [fate.inSeconds]);
          await mine.update({ ...told, next_at });
        }
      }
      for (const [last_status, ids] of taken)
        await waiting(ids).update({ ...ended('delivered'), last_status, last_error: '' });
    },
    { idempotent: true },
  );
