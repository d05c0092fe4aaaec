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

/** The same request is being worked on, by this service or another one: its steps would be done beside themselves. */
export class ChangeInProgress extends Error {
  override name = 'ChangeInProgress';
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

/** What holds a change of several steps while it is made. */
export interface Hold {
  /** Aborted with ChangeInProgress if another request may have taken the change over. */
  ending: AbortController;
  /** Where it is renewed: connections that others do not keep for long. */
  renewing: Knex;
  /** For how long it holds if it is not renewed; ms. So long the same request is refused after its process died. */
  heldMs?: number;
}

export const HELD_MS = 30_000;
const RENEWALS = 3;

/**
 * The same for a change that takes several steps: one request at a time, of all services. If it was interrupted, the same request goes on
 * with it.
 *
 * The request's row is held until an instant that is moved on while the change is made: no connection is kept for that, and a process that
 * dies frees it. A process that stood still for longer stops after the step in progress: what it and its successor have done stands.
 * @throws ChangeInProgress, KeyReused; what `change.run` throws but for refusals that are kept; DatabaseFault
 */
export async function onceInSteps(database: Knex, request: KeyedRequest, change: Change, hold: Hold): Promise<Outcome> {
  const heldMs = hold.heldMs ?? HELD_MS;
  const kept = await inTransaction(database, transaction => claimToWork(transaction, request, heldMs), {
    idempotent: true,
  });
  if (kept) return { ...kept, isRepeat: true };
  const stopRenewing = renewed(request, hold, heldMs);
  let answer: KeptAnswer;
  try {
    answer = await orFault(() => change.run(database));
  } catch (error) {
    if (!isKept(error)) {
      if (error instanceof Refused) await orFault(() => release(database, request));
      // What broke may be the database: then the hold ends by itself.
      await letGo(database, request).catch(() => undefined);
      throw error;
    }
    answer = change.refused(error);
  } finally {
    stopRenewing();
  }
  const isDone = answer.status < 400;
  if ((await orFault(() => keep(database, request, change.keep(answer), isDone))) || isDone) {
    return { ...answer, isRepeat: false };
  }
  const other = await orFault(() => claim(database, request));
  return other?.status == null ? { ...answer, isRepeat: false } : { ...other, isRepeat: true };
}

/** Notes the request and holds it. Returns the answer that is kept of an earlier one; null if there is none. @throws ChangeInProgress, KeyReused */
async function claimToWork(
  transaction: Knex.Transaction,
  request: KeyedRequest,
  heldMs: number,
): Promise<KeptAnswer | null> {
  const kept = await claim(transaction, request);
  if (kept?.status != null) return kept;
  if (await take(transaction, request, heldMs)) return null;
  // It may have been answered since it was read.
  const now = await claim(transaction, request);
  if (now?.status != null) return now;
  throw new ChangeInProgress('the same request is in progress');
}

/** Holds the request, if no other one does. Returns whether it is held. */
async function take(database: Knex, request: KeyedRequest, heldMs: number): Promise<boolean> {
  const free = unanswered(database, request).where(rows => {
    rows.whereNull('held_by').orWhere('held_by', request.requestId).orWhereRaw('held_until < UTC_TIMESTAMP(3)');
  });
  return (await free.update({ held_by: request.requestId, held_until: later(database, heldMs) })) > 0;
}

/** Moves the end of the hold on, again and again, until the function that it returns is called. */
function renewed(request: KeyedRequest, { ending, renewing }: Hold, heldMs: number): () => void {
  let heldUntil = performance.now() + heldMs;
  let isOver = false;
  const renew = async () => {
    const sentAt = performance.now();
    const held = await unanswered(renewing, request)
      .where('held_by', request.requestId)
      .update({ held_until: later(renewing, heldMs) });
    if (held === 0) throw new ChangeInProgress('another request goes on with it');
    heldUntil = sentAt + heldMs;
  };
  const timer = setInterval(() => {
    renew().catch(error => {
      const isLost = error instanceof ChangeInProgress || performance.now() >= heldUntil;
      if (isLost && !isOver) ending.abort(new ChangeInProgress('another request may go on with it', { cause: error }));
    });
  }, heldMs / RENEWALS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

const later = (database: Knex, ms: number) => database.raw('UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND', [ms * 1_000]);

const unanswered = (database: Knex, { actor, idempotencyKey }: KeyedRequest) =>
  database('astidempotency').where({ actor, idempotency_key: idempotencyKey }).whereNull('status');

/** The same request may go on with it at once. */
const letGo = (database: Knex, request: KeyedRequest) =>
  unanswered(database, request).where('held_by', request.requestId).update({ held_by: null, held_until: null });

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
    .update({ status, version, answer: body, held_by: null, held_until: null });
  return kept > 0;
}

/** Forgets a request that left nothing. */
const release = (database: Knex, { actor, idempotencyKey, requestId }: KeyedRequest) =>
  database('astidempotency')
    .where({ actor, idempotency_key: idempotencyKey, request_id: requestId })
    .whereNull('status')
    .delete();
