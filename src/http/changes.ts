/** Operations that change something, over HTTP: their fields from path and body, once for each Idempotency-Key. */
import { createHash, createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import { plainAddress } from '../listeners/peers';
import type { Facts } from '../operator/facts';
import { invalid } from '../operator/fields';
import { limitsOf } from '../operator/limits';
import { type Admitted, finished, hasVersions, type Operation, perform } from '../operator/operation';
import { type OperatorRefusal, Refused } from '../operator/operator-refusal';
import { check, isSecret, withoutNone } from '../operator/schema';
import { versionOf } from '../operator/version';
import { answerText, JSON_TYPE, MOST_ITEMS } from './api-answer';
import type { ApiParts } from './api-parts';
import { doneStatus, placeOf } from './api-paths';
import { askerOf } from './asking';
import { ServiceStops } from './changes-in-steps';
import { ClientGone, endingWith, gone, stillFor } from './client-gone';
import { refuse, refuseTurn } from './failure';
import {
  type Change,
  ChangeInProgress,
  isAnswered,
  type KeyedRequest,
  KeyReused,
  type Outcome,
  onceAtOnce,
  onceInSteps,
} from './kept-answer-store';
import { PROBLEM_TYPE, problemOf, problemOfRefusal } from './problem';
import { inputOf } from './query-input';
import { TooManyQuestions } from './questions';

/** Visible ASCII. */
const KEY = /^[!-~]{1,100}$/;

/** Tells a client that nothing was done by this request: it gets the answer of an earlier one. */
const REPLAYED = 'idempotent-replayed';

export async function answerChange(
  { books: { database }, access, uploads, questions, inSteps, service, refusals, log }: ApiParts,
  declared: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { requestId, actor, visible } = request.asking;
  const idempotencyKey = idempotencyKeyOf(request);
  if (idempotencyKey === null) return refuseKeyMissing(requestId, reply);
  const input = inputOfChange(declared, request);
  check(declared.fields, input);
  if (typeof input.count === 'number' && input.count > MOST_ITEMS) {
    throw invalid(
      'count',
      input.count,
      `is more than ${MOST_ITEMS}: make several batches, or do it on the command line`,
    );
  }
  const ifMatch = versionsIn(request.headers['if-match']);
  if (ifMatch && !hasVersions(declared)) {
    const detail = 'this has no versions: leave the header If-Match out';
    return refuse(reply, problemOf('request_invalid', requestId, detail));
  }
  const keyed: KeyedRequest = {
    actor,
    idempotencyKey,
    requestId,
    fingerprints: fingerprintsOf(declared, input, { ifMatch, keys: service.pinKeys }),
  };
  const from = plainAddress(request.ip);
  const limits = limitsOf(request.asking.roles, service);
  const asking = { database, service, actor, visible, from, limits, requestId, ...(ifMatch && { ifMatch }) };
  // What was answered before is answered alike.
  const admitted =
    declared.admit && !(await isAnswered(database, keyed)) ? await declared.admit(asking, input) : AS_IT_IS;
  if ('waitSeconds' in admitted) {
    const seconds = String(admitted.waitSeconds);
    refusals.note('too_many_tries', { peer: from, actor });
    return refuse(reply.header('retry-after', seconds), problemOf('too_many_tries', requestId, `wait ${seconds} s`));
  }
  const { prepare } = declared;
  const isInSteps = declared.changes === 'in steps';
  const ending = endingWith(reply.raw);
  if (prepare) {
    const lent = { database: uploads.books.database, signal: ending.signal };
    try {
      await stillFor(request.raw.socket, () => prepare(lent, input));
    } catch (error) {
      return gone(error, reply);
    }
  }
  let done: { result: unknown } | null = null;
  let refused: OperatorRefusal | null = null;
  const change: Change = {
    async run(within) {
      refused = null;
      const acting = {
        ...asking,
        database: within,
        ...((prepare || isInSteps) && { signal: ending.signal }),
        ...admitted.lent,
      };
      const make = () =>
        perform(declared, acting, input).catch(error => {
          // Operations that tell how far they came have it as the cause.
          throw ending.signal.aborted && error.cause === ending.signal.reason ? error.cause : error;
        });
      const result = await (isInSteps ? inSteps.make(ending, make) : make());
      done = { result };
      const edited = declared.edits?.(result);
      return {
        status: declared.waits?.(result) ? 202 : doneStatus(declared),
        version: edited ? versionOf(edited) : null,
        body: answerText(declared, input, result),
      };
    },
    refused(refusal) {
      refused = refusal.refusal;
      const problem = problemOfRefusal(refusal, requestId);
      return { status: problem.status, version: null, body: JSON.stringify(problem) };
    },
    keep: answer => (declared.showsSecret && answer.status < 400 ? { ...answer, body: null } : answer),
  };
  try {
    const once = isInSteps
      ? stillFor(request.raw.socket, () => onceInSteps(database, keyed, change, { ending, renewing: access.database }))
      : questions.ask(askerOf(request.asking), () => onceAtOnce(database, keyed, change), ending.signal);
    let outcome = await once.finally(() =>
      // The change is made, or it is not: what follows must not make a failure of it.
      admitted
        .ended(refused)
        .catch(error => log.warn({ event: 'try_not_taken_back', request_id: requestId, code: error.code })),
    );
    const { status, body } = outcome;
    if (declared.afterwards && done && status < 400 && !outcome.isRepeat) {
      const result = await finished(declared, service, { result: (done as { result: unknown }).result, input });
      outcome = { ...outcome, body: answerText(declared, input, result) };
    }
    if (declared.shownBy !== undefined && status < 400 && body !== null) {
      reply.header('location', placeOf(declared.shownBy, JSON.parse(body)));
    }
    return answerKept(reply, requestId, outcome);
  } catch (error) {
    if (error instanceof KeyReused) return refuseKeyReused(requestId, reply);
    if (error instanceof ChangeInProgress) {
      const detail = 'wait until it is answered, or until it has ended, and ask again: the answer will be its own';
      return refuse(reply.header('retry-after', '5'), problemOf('change_in_progress', requestId, detail));
    }
    if (error instanceof ClientGone) return reply.hijack();
    if (error instanceof TooManyQuestions) return refuseTurn('too_many_in_progress', request, reply);
    if (!(error instanceof ServiceStops)) throw error;
    const detail = 'a part of it is done: ask another service for the rest, under the same Idempotency-Key';
    return refuse(reply.header('retry-after', '1'), problemOf('stopping', requestId, detail));
  }
}

const AS_IT_IS: Admitted = { lent: {}, ended: async () => undefined };

/** The Idempotency-Key of a request; null if it has none that is right. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && KEY.test(key) ? key : null;
}

export function refuseKeyMissing(requestId: string, reply: FastifyReply): FastifyReply {
  const detail =
    'send a header Idempotency-Key of 1 to 100 visible characters, a new one for each change: a UUID, for example';
  return refuse(reply, problemOf('idempotency_key_missing', requestId, detail));
}

export function refuseKeyReused(requestId: string, reply: FastifyReply): FastifyReply {
  const detail = 'this Idempotency-Key came with another request before: use a new one for each change';
  return refuse(reply, problemOf('idempotency_key_reused', requestId, detail));
}

/** Answers with what was kept, now or before. */
export function answerKept(
  reply: FastifyReply,
  requestId: string,
  { status, version, body, isRepeat }: Outcome,
): FastifyReply {
  if (isRepeat) reply.header(REPLAYED, 'true');
  if (body === null) {
    const detail = 'this was done, and its secret was shown then: it is not kept. Make another one, and end the first';
    return refuse(reply, problemOf('answer_not_kept', requestId, detail));
  }
  if (version !== null) reply.header('etag', `"${version}"`);
  return reply
    .status(status)
    .type(status < 400 ? JSON_TYPE : PROBLEM_TYPE)
    .send(body);
}

/**
 * The fields as path and body give them. Where the body is no JSON object, path and query do: of a DELETE, which has none, and where it is a
 * file. @throws Refused field_invalid
 */
export function inputOfChange(
  { fields, takesFile }: Operation,
  { method, params, query, body }: FastifyRequest,
): Record<string, unknown> {
  const inPath = params as Record<string, unknown>;
  const isInQuery = method === 'DELETE' || takesFile === true;
  const besides = isInQuery ? query : body === undefined ? {} : body;
  if (typeof besides !== 'object' || besides === null || Array.isArray(besides)) {
    throw new Refused('field_invalid', 'the body is not a JSON object: write {"field": "value"}');
  }
  const stray = takesFile ? [] : Object.keys((isInQuery ? (body ?? {}) : query) as object);
  const problems = [
    ...Object.keys(besides)
      .filter(name => Object.hasOwn(inPath, name))
      .map(name => `${name} is in the path already: leave it out`),
    ...stray.map(name => `${name} is in the wrong place: ${isInQuery ? 'a query has it' : 'the body has it'}`),
  ];
  const [first, ...more] = problems;
  if (first !== undefined) throw new Refused('field_invalid', first, more);
  const given = { ...inputOf(fields, inPath), ...(isInQuery ? inputOf(fields, besides as Facts) : besides) };
  return given as Record<string, unknown>;
}

/** The versions of a header If-Match; undefined for none and for `*`. A proxy that compresses may have made one weak. */
function versionsIn(header: string | undefined): string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map(tag => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
}

/**
 * The fingerprints of a request, by each key that hashes codes, the newest first. A secret among the fields is hashed with that key: a plain
 * hash of a short code would tell it. Without a key it is left out, and no code is taken then. `digest`: of the file that came with it.
 */
export function fingerprintsOf(
  { name, fields }: Operation,
  input: Record<string, unknown>,
  { ifMatch, keys, digest }: { ifMatch?: string[] | undefined; keys: readonly string[]; digest?: string },
): [string, ...string[]] {
  const isHidden = (field: string) => isSecret(withoutNone((fields as TObject).properties[field] as TSchema).inner);
  const given = Object.entries(input).sort(([one], [other]) => (one < other ? -1 : 1));
  const open = given.filter(([field]) => !isHidden(field));
  const hidden = given.filter(([field]) => isHidden(field));
  const by = (key: string | null): string => {
    const secrets = key !== null && hidden.length > 0 ? macOf(key, JSON.stringify(hidden)) : null;
    return createHash('sha256')
      .update(JSON.stringify([name, open, secrets, ifMatch ?? null, ...(digest === undefined ? [] : [digest])]))
      .digest('hex');
  };
  const [newest = null, ...older] = keys;
  return [by(newest), ...older.map(by)];
}

const macOf = (key: string, text: string): string =>
  createHmac('sha256', key).update(`idempotency\0${text}`).digest('hex');
