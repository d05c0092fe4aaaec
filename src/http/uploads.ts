/** Operations that take a file, over HTTP: its bytes are read as they come, with limits of their own. Once for each Idempotency-Key. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type BoundedDatabase, openBoundedDatabase } from '../database/connection';
import { orFault } from '../database/fault';
import { plainAddress } from '../listeners/peers';
import { limitsOf } from '../operator/limits';
import { type Operation, perform } from '../operator/operation';
import { check } from '../operator/schema';
import { answerText } from './api-answer';
import type { ApiParts } from './api-parts';
import { stillAdmitted } from './asking';
import {
  answerKept,
  fingerprintsOf,
  idempotencyKeyOf,
  inputOfChange,
  refuseKeyMissing,
  refuseKeyReused,
} from './changes';
import { refuse } from './failure';
import { AnsweredBefore, type KeptAnswer, KeyReused, keepWithin, keptFor, notedUnder } from './kept-answer-store';
import { problemOf } from './problem';
import { inSlices, tooLarge, UploadBody, UploadFailed, type UploadLimits } from './upload-body';

const FILE_TYPE = 'text/csv';

/** How many at once: each takes a part of a processor from what else the service does. */
const MOST_UPLOADS = 2;

/** The whole of a file is compared in statements that take longer than a list's. */
const STATEMENT_SECONDS = 120;

/** One for each upload and for each comparison that may be in progress (src/decks), and one for short questions before those. */
const MOST_CONNECTIONS = 8;

/**
 * The rest of a refused file is read and thrown away while it comes: a client that reads no answer before it has sent all would otherwise find
 * its connection reset in place of the reason. It is over when nothing came for the first, or after the second. Ms.
 */
const SILENT_MS = 5_000;
const MOST_DROPPED_MS = 60_000;

export const UPLOAD_LIMITS: UploadLimits = { mostBytes: 200_000_000, idleMs: 30_000, bytesPerSecond: 10_000 };

/** All uploads in progress. */
export class Uploads {
  /** A pool of its own: no other request waits for it. */
  readonly books: BoundedDatabase;
  private readonly open = new Map<IncomingMessage, { actor: string; stop: AbortController }>();
  private readonly dropped = new WeakSet<IncomingMessage>();
  private isClosed = false;

  constructor(
    databaseUrl: string,
    readonly limits: UploadLimits,
  ) {
    this.books = openBoundedDatabase(databaseUrl, STATEMENT_SECONDS, MOST_CONNECTIONS);
  }

  /** Whether the body of this request is read here: it may take longer than any other. */
  has(request: IncomingMessage): boolean {
    return this.open.has(request) || this.dropped.has(request);
  }

  /** Why there is no room for one more of this actor; null if there is. */
  fullFor(actor: string): string | null {
    const actors = [...this.open.values()].map(upload => upload.actor);
    if (actors.includes(actor)) return 'your upload before is in progress: wait until it is answered';
    return actors.length < MOST_UPLOADS ? null : `${MOST_UPLOADS} uploads are in progress: try again later`;
  }

  /**
   * Begins one. Its signal is aborted with an UploadFailed when its client leaves or the service stops; that may be so already, because it
   * took time to ask who the client is. `end` must be called.
   */
  begin(request: IncomingMessage, reply: ServerResponse, actor: string): { signal: AbortSignal; end(): void } {
    const stop = new AbortController();
    this.open.set(request, { actor, stop });
    // While rows are written nothing moves on the connection.
    const { socket } = request;
    const usualMs = socket.timeout ?? 0;
    socket.setTimeout(0);
    const brokeOff = () => stop.abort(new UploadFailed('broke_off', 'the client left'));
    // Not `complete`: what has come and was not read is lost with the connection.
    request.once('close', () => request.readableEnded || brokeOff());
    reply.once('close', () => reply.writableFinished || brokeOff());
    // Then neither of them is told any more, and its bytes never end.
    if (request.destroyed) brokeOff();
    if (this.isClosed) stop.abort(isStopping());
    const end = () => {
      this.open.delete(request);
      socket.setTimeout(usualMs);
    };
    return { signal: stop.signal, end };
  }

  /** Reads the rest of a file that is over, and throws it away. */
  drop(request: IncomingMessage): void {
    request.unpipe();
    request.resume();
    if (request.complete || request.destroyed) return;
    this.dropped.add(request);
    let cameLately = false;
    let droppedMs = 0;
    request.on('data', () => {
      cameLately = true;
    });
    const looking = setInterval(() => {
      droppedMs += SILENT_MS;
      if (!cameLately || droppedMs >= MOST_DROPPED_MS) request.socket.destroy();
      cameLately = false;
    }, SILENT_MS).unref();
    request.once('close', () => clearInterval(looking));
  }

  /** Breaks off all of them, and those that begin from now on. */
  close(): void {
    this.isClosed = true;
    for (const { stop } of this.open.values()) stop.abort(isStopping());
  }
}

const isStopping = () => new UploadFailed('stopping', 'ask another service');

/**
 * Answers an operation that takes a file.
 *
 * Its key is noted in the transaction that completes what the file becomes, with the answer and the hash of all bytes. So a file that broke off
 * leaves the key free, and of files that come at once under one key one is completed: the others get its answer. A file that comes again
 * later is only hashed.
 */
export async function answerUpload(
  parts: ApiParts,
  declared: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    return await takenOrRefused(parts, declared, request, reply);
  } finally {
    parts.uploads.drop(request.raw);
  }
}

async function takenOrRefused(
  parts: ApiParts,
  declared: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { uploads, refusals } = parts;
  const { requestId, actor } = request.asking;
  // A refusal comes while the client still sends. If that closed the connection at once, the client would not see it.
  const { shouldKeepAlive } = reply.raw;
  if (!request.raw.complete) reply.raw.shouldKeepAlive = true;
  const idempotencyKey = idempotencyKeyOf(request);
  if (idempotencyKey === null) return refuseKeyMissing(requestId, reply);
  const input = inputOfChange(declared, request);
  check(declared.fields, input);
  const { headers } = request;
  const isCompressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (isCompressed || request.mediaType !== FILE_TYPE) {
    const detail = isCompressed
      ? 'it is compressed: send the file as it is'
      : `send the file as it is, with the header Content-Type: ${FILE_TYPE}`;
    return refuse(reply, { ...problemOf('request_invalid', requestId, detail), status: 415 });
  }
  const { mostBytes } = uploads.limits;
  if (Number(headers['content-length'] ?? 0) > mostBytes) return refuseFailed(tooLarge(mostBytes), requestId, reply);
  const full = uploads.fullFor(actor);
  if (full !== null) {
    refusals.note('too_many_uploads', { peer: plainAddress(request.ip), client: actor });
    return refuse(reply.header('retry-after', '10'), problemOf('too_many_uploads', requestId, full));
  }
  const { signal, end } = uploads.begin(request.raw, reply.raw, actor);
  const body = new UploadBody(request.raw, uploads.limits, () => stillAdmitted(parts, declared, request));
  signal.addEventListener('abort', () => body.destroy(signal.reason));
  try {
    signal.throwIfAborted();
    const kept = await keptOf(parts, declared, { request, input, idempotencyKey, body, signal }).finally(() => {
      if (request.raw.complete) reply.raw.shouldKeepAlive = shouldKeepAlive;
    });
    return answerKept(reply, requestId, kept);
  } catch (error) {
    if (error instanceof KeyReused) return refuseKeyReused(requestId, reply);
    const failed = signal.aborted ? signal.reason : error;
    if (!(failed instanceof UploadFailed)) throw error;
    if (failed.reason === 'too_slow')
      refusals.note('upload_too_slow', { peer: plainAddress(request.ip), client: actor });
    return refuseFailed(failed, requestId, reply);
  } finally {
    body.destroy();
    end();
  }
}

function refuseFailed({ reason, status, message }: UploadFailed, requestId: string, reply: FastifyReply): FastifyReply {
  if (reason === 'stopping') return refuse(reply.header('retry-after', '1'), problemOf('stopping', requestId, message));
  if (reason === 'not_admitted') {
    return refuse(reply.header('www-authenticate', 'Bearer'), problemOf('not_authenticated', requestId, message));
  }
  return refuse(reply, { ...problemOf('request_invalid', requestId, message), status });
}

interface Upload {
  request: FastifyRequest;
  input: Record<string, unknown>;
  idempotencyKey: string;
  body: UploadBody;
  signal: AbortSignal;
}

/** The answer, new or kept. @throws KeyReused, UploadFailed; what the operation throws */
async function keptOf(
  { uploads, service, books }: ApiParts,
  declared: Operation,
  { request, input, idempotencyKey, body, signal }: Upload,
): Promise<KeptAnswer & { isRepeat: boolean }> {
  const { requestId, actor, roles, visible } = request.asking;
  const named = { actor, idempotencyKey, requestId };
  const fingerprints = () => fingerprintsOf(declared, input, { keys: service.pinKeys, digest: body.digest });
  const noted = await orFault(() => notedUnder(books.database, named));
  if (noted) {
    body.resume();
    await finished(body);
    return { ...keptFor(noted, fingerprints()), isRepeat: true };
  }
  const told: { answer?: KeptAnswer } = {};
  try {
    await perform(
      declared,
      {
        database: uploads.books.database,
        service,
        actor,
        visible,
        from: plainAddress(request.ip),
        limits: limitsOf(roles, service),
        requestId,
        file: { name: 'upload', input: inSlices(body) },
        signal,
        onResult: async (transaction, result) => {
          told.answer = { status: 201, version: null, body: answerText(declared, input, result) };
          await keepWithin(transaction, { ...named, fingerprints: fingerprints() }, told.answer);
        },
      },
      input,
    );
  } catch (error) {
    if (error instanceof AnsweredBefore) return { ...error.kept, isRepeat: true };
    throw error;
  }
  if (!told.answer) throw new Error(`${declared.name} told no result`);
  return { ...told.answer, isRepeat: false };
}
