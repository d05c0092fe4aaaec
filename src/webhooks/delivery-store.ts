/** Deliveries as a deliverer takes them and writes their outcome. Every change is one transaction. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { toldEventOf } from './event-store';
import type { ToldEvent } from './message';
import type { Answer } from './receiver';

/** How long no other process tries a claimed delivery: longer than the worst batch, 32 / 8 tries of 10 s. */
const CLAIM_SECONDS = 60;

/** As long as ten tries take one after the other (retry.ts). */
const GIVEN_UP_HOURS = 27;
const GIVEN_UP_AT_ONCE = 10_000;

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

/** Takes what is due, the oldest first. Marked in the database, so that a claim is known also if this process dies. */
export const claimDue = (database: Knex, webhook_id: number, most: number): Promise<Claimed[]> =>
  inTransaction(database, async transaction => {
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

/** Gives up deliveries by their age: a webhook that is down is tried with one event at a time, so the number of tries says little. */
export async function giveUpOld(database: Knex, webhook_id: number): Promise<void> {
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
    // Again: another process may have claimed some meanwhile, and is posting them now.
    .whereRaw('next_at <= UTC_TIMESTAMP(3)')
    .update({
      ...endedNow(database, 'dead'),
      last_error: database.raw("IF(last_error = '', ?, last_error)", [`it took nothing for ${GIVEN_UP_HOURS} hours`]),
    });
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
