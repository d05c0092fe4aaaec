/**
 * A change is done once for each `Idempotency-Key` of an actor: astidempotency keeps the answer with it, refusals too. A client that was told
 * "refused" must not find the change done by a copy of its request that came late.
 */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, DatabaseFault, isFault, orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { Refused } from '../operator/operator-refusal';

/** A change as its client asks for it. */
export interface KeyedRequest {
  actor: string;
  idempotencyKey: string;
  requestId: string;
  /** 64 hexadecimal digits, the same for the same request. */
  fingerprint: string;
}

export interface KeptAnswer {
  status: number;
  /** The version of what was edited; null if nothing was. */
  version: string | null;
  /** JSON; null if it held a secret, which is not kept. */
  body: string | null;
}

/** The outcome of a request: kept from an earlier one, or new. */
export interface Outcome extends KeptAnswer {
  isRepeat: boolean;
}

/** The same key came with another request before. */
export class KeyReused extends Error {
  override name = 'KeyReused';
}

/** How a change is answered. `keep`: what of that is kept. */
export interface Change {
  run(database: Knex): Promise<KeptAnswer>;
  refused(refusal: Refused): KeptAnswer;
  keep(answer: KeptAnswer): KeptAnswer;
}

/**
 * Does a change and keeps its answer in the same transaction, or returns the answer that was kept. `change.run` gets that transaction.
 * @throws KeyReused; what `change.run` throws but for Refused; DatabaseFault
 */
export function onceAtOnce(database: Knex, request: KeyedRequest, change: Change): Promise<Outcome> {
  return inTransaction(
    database,
    async transaction => {
      const kept = await claim(transaction, request);
      if (kept?.status != null) return { ...kept, isRepeat: true };
      await transaction.raw('SAVEPOINT before_change');
      let answer: KeptAnswer;
      try {
        answer = await change.run(transaction);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        await transaction.raw('ROLLBACK TO SAVEPOINT before_change');
        answer = change.refused(error);
      }
      await keep(transaction, request, change.keep(answer));
      return { ...answer, isRepeat: false };
    },
    // After a lost COMMIT the answer is there, or nothing is.
    { idempotent: true },
  );
}

/**
 * The same for a change that takes several steps. If it was interrupted, the same request goes on with it; requests that come at once may
 * both do so, and are answered alike.
 * @throws KeyReused; what `change.run` throws but for Refused; DatabaseFault
 */
export async function onceInSteps(database: Knex, request: KeyedRequest, change: Change): Promise<Outcome> {
  const kept = await orFault(() => claim(database, request));
  if (kept?.status != null) return { ...kept, isRepeat: true };
  let answer: KeptAnswer;
  try {
    answer = await change.run(database);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    answer = change.refused(error);
  }
  const isFirst = await orFault(() => keep(database, request, change.keep(answer)));
  if (isFirst) return { ...answer, isRepeat: false };
  const first = await orFault(() => claim(database, request));
  return first?.status == null ? { ...answer, isRepeat: false } : { ...first, isRepeat: true };
}

/** Days for which answers are kept. */
export const KEPT_DAYS = 7;
const FORGOTTEN_AT_ONCE = 1_000;

/** Forgets answers that are older, in small portions; returns how many. @throws DatabaseFault */
export async function forgetAnswers(database: Knex): Promise<number> {
  for (let forgotten = 0; ; ) {
    const some = await orFault(() =>
      database('astidempotency')
        .whereRaw('created_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY', [KEPT_DAYS])
        .limit(FORGOTTEN_AT_ONCE)
        .delete(),
    );
    forgotten += some;
    if (some < FORGOTTEN_AT_ONCE) return forgotten;
  }
}

/** Notes the request. Returns what is there of an earlier one; null if there was none. */
async function claim(
  database: Knex,
  { actor, idempotencyKey, requestId, fingerprint }: KeyedRequest,
): Promise<(Omit<KeptAnswer, 'status'> & { status: number }) | { status: null } | null> {
  const named = { actor, idempotency_key: idempotencyKey };
  const row: Row | undefined = await database('astidempotency').where(named).first();
  if (!row) {
    try {
      await database('astidempotency').insert({ ...named, request_id: requestId, fingerprint });
      return null;
    } catch (error) {
      const fault = asFault(error);
      if (!isFault(fault, 'duplicate')) throw fault;
      // Another one of the same key was faster: the next try sees it.
      throw new DatabaseFault('again', 'SAME_KEY', 'the same Idempotency-Key came at the same time', { cause: error });
    }
  }
  if (row.fingerprint !== fingerprint) throw new KeyReused();
  return row.status === null ? { status: null } : { status: row.status, version: row.version, body: row.answer };
}

/** Returns whether there was no answer yet. */
async function keep(
  database: Knex,
  { actor, idempotencyKey }: KeyedRequest,
  { status, version, body }: KeptAnswer,
): Promise<boolean> {
  const kept = await database('astidempotency')
    .where({ actor, idempotency_key: idempotencyKey })
    .whereNull('status')
    .update({ status, version, answer: body });
  return kept > 0;
}
