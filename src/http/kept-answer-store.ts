/**
 * A change is done once for each `Idempotency-Key` of an actor: astidempotency keeps the answer with it, refusals too. A client that was told
 * "refused" must not find the change done by a copy of its request that came late.
 */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, DatabaseFault, isFault, orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { OPERATOR_REFUSALS, type OperatorRefusal, Refused } from '../operator/operator-refusal';

/** A change as its client asks for it. */
export interface KeyedRequest {
  actor: string;
  idempotencyKey: string;
  requestId: string;
  /** 64 hexadecimal digits, the same for the same request: the first is kept, and a request that is like any of them is the same. */
  fingerprints: readonly [string, ...string[]];
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

/** The same request was answered before, at the same time maybe. */
export class AnsweredBefore extends Error {
  override name = 'AnsweredBefore';
  constructor(readonly kept: KeptAnswer) {
    super('the same request was answered before');
  }
}

/** How a change is answered. `keep`: what of that is kept. */
export interface Change {
  run(database: Knex): Promise<KeptAnswer>;
  refused(refusal: Refused): KeptAnswer;
  keep(answer: KeptAnswer): KeptAnswer;
}

/**
 * Does a change and keeps its answer in the same transaction, or returns the answer that was kept. `change.run` gets that transaction. Keeps
 * nothing of a request whose fields are wrong, or of what a switch or a receiver did not do: the next try may do it.
 * @throws KeyReused; what `change.run` throws but for refusals that are kept; DatabaseFault
 */
export function onceAtOnce(database: Knex, request: KeyedRequest, change: Change): Promise<Outcome> {
  let mine: KeptAnswer | null = null;
  return inTransaction(
    database,
    async transaction => {
      const kept = await claim(transaction, request);
      // By this very request, whose COMMIT was lost: what is kept may lack a secret that its client has not seen.
      if (kept?.status != null && mine && kept.requestId === request.requestId) return { ...mine, isRepeat: false };
      if (kept?.status != null) return { ...kept, isRepeat: true };
      await transaction.raw('SAVEPOINT before_change');
      let answer: KeptAnswer;
      try {
        answer = await change.run(transaction);
      } catch (error) {
        if (!isKept(error)) throw error;
        await transaction.raw('ROLLBACK TO SAVEPOINT before_change');
        answer = change.refused(error);
      }
      await keep(transaction, request, change.keep(answer));
      mine = answer;
      return { ...answer, isRepeat: false };
    },
    { idempotent: true },
  );
}

/**
 * The same for a change that takes several steps. If it was interrupted, the same request goes on with it. Requests that come at once may
 * both do so: what one of them has done stands.
 * @throws KeyReused; what `change.run` throws but for refusals that are kept; DatabaseFault
 */
export async function onceInSteps(database: Knex, request: KeyedRequest, change: Change): Promise<Outcome> {
  const kept = await inTransaction(database, transaction => claim(transaction, request), { idempotent: true });
  if (kept?.status != null) return { ...kept, isRepeat: true };
  let answer: KeptAnswer;
  try {
    answer = await orFault(() => change.run(database));
  } catch (error) {
    if (!isKept(error)) {
      if (error instanceof Refused) await orFault(() => release(database, request));
      throw error;
    }
    answer = change.refused(error);
  }
  const isDone = answer.status < 400;
  if ((await orFault(() => keep(database, request, change.keep(answer), isDone))) || isDone) {
    return { ...answer, isRepeat: false };
  }
  const other = await orFault(() => claim(database, request));
  return other?.status == null ? { ...answer, isRepeat: false } : { ...other, isRepeat: true };
}

/**
 * Keeps the answer to a change, in the transaction that makes it and that is run again after a lost COMMIT.
 * @throws KeyReused; AnsweredBefore; DatabaseFault
 */
export async function keepWithin(
  transaction: Knex.Transaction,
  request: KeyedRequest,
  answer: KeptAnswer,
): Promise<void> {
  const kept = await claim(transaction, request);
  if (kept?.status == null) await keep(transaction, request, answer);
  // Otherwise by this very request, whose COMMIT was lost.
  else if (kept.requestId !== request.requestId) throw new AnsweredBefore(kept);
}

/** The answer that is kept for this request. @throws KeyReused if there is none, or the key was used for another request */
export function keptFor(noted: Noted, fingerprints: readonly string[]): KeptAnswer {
  if (noted.status === null || !fingerprints.includes(noted.fingerprint)) throw new KeyReused();
  return noted;
}

/** Refusals that do not stay: a request with other fields is another one, and later there may be room, or another version may be current. */
const NOT_KEPT: readonly OperatorRefusal[] = [
  'field_invalid',
  'daily_limit_exceeded',
  'more_than_at_once',
  'too_many_approvals',
  'too_many_jobs',
  'version_current',
];

/** A refusal that stays: by a rule of the business. Not for what another program did not do. */
const isKept = (error: unknown): error is Refused =>
  error instanceof Refused && !NOT_KEPT.includes(error.refusal) && OPERATOR_REFUSALS[error.refusal].status < 500;

/** Days for which answers are kept. */
const KEPT_DAYS = 7;
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

/** A request as it was noted: answered, or not yet. */
export type Noted = { requestId: string; fingerprint: string } & (KeptAnswer | { status: null });

/** What was noted under a key; null for nothing. */
export async function notedUnder(
  database: Knex,
  { actor, idempotencyKey }: Pick<KeyedRequest, 'actor' | 'idempotencyKey'>,
): Promise<Noted | null> {
  const row: Row | undefined = await database('astidempotency')
    .where({ actor, idempotency_key: idempotencyKey })
    .first();
  if (!row) return null;
  const noted = { requestId: row.request_id, fingerprint: row.fingerprint };
  return row.status === null
    ? { ...noted, status: null }
    : { ...noted, status: row.status, version: row.version, body: row.answer };
}

/** Whether there is an answer under its key, to this request or to another. @throws DatabaseFault */
export const isAnswered = async (database: Knex, request: KeyedRequest): Promise<boolean> =>
  (await orFault(() => notedUnder(database, request)))?.status != null;

/** Notes the request. Returns what is there of an earlier one; null if there was none. @throws KeyReused */
async function claim(database: Knex, request: KeyedRequest): Promise<Noted | null> {
  const { actor, idempotencyKey, requestId, fingerprints } = request;
  const noted = await notedUnder(database, request);
  if (!noted) {
    try {
      await database('astidempotency').insert({
        actor,
        idempotency_key: idempotencyKey,
        request_id: requestId,
        fingerprint: fingerprints[0],
      });
      return null;
    } catch (error) {
      const fault = asFault(error);
      if (!isFault(fault, 'duplicate')) throw fault;
      // Another one of the same key was faster: the next try sees it.
      throw new DatabaseFault('again', 'SAME_KEY', 'the same Idempotency-Key came at the same time', { cause: error });
    }
  }
  if (!fingerprints.includes(noted.fingerprint)) throw new KeyReused();
  return noted;
}

/** Returns whether it was kept: where there was no answer yet, or with `overRefusal` none but a refusal. */
async function keep(
  database: Knex,
  { actor, idempotencyKey }: KeyedRequest,
  { status, version, body }: KeptAnswer,
  overRefusal = false,
): Promise<boolean> {
  const kept = await database('astidempotency')
    .where({ actor, idempotency_key: idempotencyKey })
    .where(rows => {
      rows.whereNull('status');
      if (overRefusal) rows.orWhere('status', '>=', 400);
    })
    .update({ status, version, answer: body });
  return kept > 0;
}

/** Forgets a request that left nothing. */
const release = (database: Knex, { actor, idempotencyKey, requestId }: KeyedRequest) =>
  database('astidempotency')
    .where({ actor, idempotency_key: idempotencyKey, request_id: requestId })
    .whereNull('status')
    .delete();
