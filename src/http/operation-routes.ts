/** A route for each declared operation that has a path. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OPERATIONS } from '../admin/operations';
import { asFault, DatabaseFault } from '../database/fault';
import { plainAddress } from '../listeners/peers';
import { invalid } from '../operator/fields';
import { isReadByKey, type Operation, perform, performInRows } from '../operator/operation';
import { check } from '../operator/schema';
import { versionOf } from '../operator/version';
import { answerLines, answerText, bounded, JSON_TYPE, LINES_TYPE, MOST_ITEMS } from './api-answer';
import type { ApiParts } from './api-parts';
import { methodOf, PATHS } from './api-paths';
import { admit, admitAgain, askerOf } from './asking';
import { answerChange } from './changes';
import { ClientGone, closed, endingWith, gone, stillFor } from './client-gone';
import { askedFields, askedOf, CSV_TYPE, csvPieces, isCsv, type Piece } from './csv-answer';
import { refuse, refuseTurn } from './failure';
import { problemOf } from './problem';
import { inputOf } from './query-input';
import { TooManyQuestions } from './questions';
import { answerUpload } from './uploads';

export function addOperationRoutes(api: FastifyInstance, parts: ApiParts): void {
  const served = OPERATIONS.filter(({ name }) => name in PATHS);
  for (const declared of served.filter(({ takesFile }) => !takesFile)) {
    api.route({
      ...routeOf(parts, declared),
      handler: (request, reply) =>
        inTurn(parts, declared, request, reply, async () => {
          if (!declared.changes) return answer(parts, declared, request, reply);
          // A body may come ten seconds later, and its turn too: what let it in may have ended meanwhile.
          await admitAgain(parts, declared, request, reply);
          return reply.sent ? reply : answerChange(parts, declared, request, reply);
        }),
    });
  }
  api.register(async files => {
    files.removeAllContentTypeParsers();
    // Of whatever type: answerUpload says which one it takes.
    files.addContentTypeParser('*', (_request, body, done) => done(null, body));
    for (const declared of served.filter(({ takesFile }) => takesFile)) {
      files.route({
        ...routeOf(parts, declared),
        handler: (request, reply) => answerUpload(parts, declared, request, reply),
      });
    }
  });
}

const routeOf = (parts: ApiParts, declared: Operation) => ({
  method: methodOf(declared),
  url: (PATHS[declared.name] as string).replaceAll(/\{(\w+)\}/g, ':$1'),
  onRequest: (request: FastifyRequest, reply: FastifyReply) => admit(parts, declared, request, reply),
});

/** Does the work of a request when it has its turn among those of its client. Refuses it, if it gets none. */
async function inTurn(
  { turns, refusals }: ApiParts,
  { isLong, answer: { kind } }: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { actor } = request.asking;
  const { name: whose, role } = askerOf(request.asking);
  // Short questions do not wait for long ones: those are bounded apart.
  const takesLong = isLong || kind === 'stream' || (kind !== 'record' && isCsv(request.query, request.headers.accept));
  const name = takesLong ? `${whose}, long` : whose;
  const turn = await turns.take({ name, role }, reply.raw);
  if (turn === 'gone') return reply.hijack();
  if (typeof turn === 'string') {
    refusals.note(turn, { peer: plainAddress(request.ip), client: actor });
    return refuseTurn(turn, request, reply);
  }
  try {
    return await work();
  } finally {
    turn.isOver();
  }
}

async function answer(
  parts: ApiParts,
  declared: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { database } = declared.isLong ? parts.uploads.books : parts.books;
  const asked = askedFields(declared);
  const given = inputOf(asked, { ...(request.query as object), ...(request.params as object) });
  check(asked, given);
  const { input, style } = askedOf(given, declared.answer.kind === 'record' ? '' : request.headers.accept);
  if (style === null && typeof input.limit === 'number' && input.limit > MOST_ITEMS) {
    throw invalid('limit', input.limit, `is more than ${MOST_ITEMS}: ask page by page`);
  }
  const { requestId, actor, visible } = request.asking;
  const ending = endingWith(reply.raw);
  const { signal } = ending;
  const acting = { database, service: parts.service, actor, visible, requestId, signal };
  const long = { parts, declared, request, reply, ending };
  const asker = askerOf(request.asking);
  const { read } = declared;
  if (style !== null && read !== undefined) {
    const full = parts.tables.fullFor(asker);
    if (full !== null) return refuse(reply.header('retry-after', '5'), problemOf('too_many_tables', requestId, full));
    void closed(reply.raw).then(parts.tables.begin(asker));
    const ask = (each: Record<string, unknown>) => performInRows({ ...declared, read }, acting, each);
    return answerCsv(long, csvPieces(declared, { input, style }, ask));
  }
  const inShares = <Answer>(question: () => Promise<Answer>) => parts.questions.ask(asker, question, signal);
  const ask = async (each: Record<string, unknown>) => {
    const question = () => perform(declared, acting, each);
    // It has other connections.
    if (declared.isLong) return question();
    const result = await inShares(question);
    return declared.answer.kind === 'stream' ? itemsInTurn(result as AsyncIterable<unknown>, inShares) : result;
  };
  if (style !== null) return answerCsv(long, csvPieces(declared, { input, style }, ask));
  if (isReadByKey(declared) && input.page === undefined) input.count ??= false;
  let result: unknown;
  try {
    const told = () => ask(bounded(declared, input));
    result = await (declared.isLong ? stillFor(request.raw.socket, told) : told());
  } catch (error) {
    return unanswered(error, request, reply);
  }
  if (declared.answer.kind === 'stream') {
    return answerLong(long, answerLines(declared.answer.facts, result as AsyncIterable<unknown>), {
      'content-type': LINES_TYPE,
    });
  }
  const edited = declared.edits?.(result);
  if (edited) reply.header('etag', `"${versionOf(edited)}"`);
  return reply.type(JSON_TYPE).send(answerText(declared, input, result));
}

/** The items of a stream: each may be a question for the next page of them. */
async function* itemsInTurn(
  items: AsyncIterable<unknown>,
  inShares: <Answer>(question: () => Promise<Answer>) => Promise<Answer>,
): AsyncGenerator<unknown> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inShares(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** An answer that is as long as it is. */
interface Long {
  parts: ApiParts;
  declared: Operation;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Ends what is asked. */
  ending: AbortController;
}

function answerCsv(long: Long, pieces: AsyncGenerator<Piece>): Promise<FastifyReply> {
  const name = `${long.declared.name.replaceAll(' ', '-')}.csv`;
  return answerLong(long, pieces, {
    'content-type': CSV_TYPE,
    'content-disposition': `attachment; filename="${name}"`,
  });
}

/** Sends the pieces as fast as they are taken. What is refused, or fails before the first one, has a status of its own. */
async function answerLong(
  long: Long,
  pieces: AsyncGenerator<Piece>,
  headers: Record<string, string>,
): Promise<FastifyReply> {
  const { parts, reply, ending } = long;
  // Of a question in rows the pool's bound does not hold.
  const late = setTimeout(() => ending.abort(tooSlow()), parts.statementSeconds * 1_000);
  try {
    const first = await pieces.next();
    return reply.headers(headers).send(Readable.from(textOf(long, first, pieces), { objectMode: false }));
  } catch (error) {
    return unanswered(error, long.request, reply);
  } finally {
    clearTimeout(late);
  }
}

/** Answers what was not told to a client. @throws any other error, as a fault */
function unanswered(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof TooManyQuestions)) return gone(error, reply);
  return refuseTurn('too_many_in_progress', request, reply);
}

/** The fault of the pool where a statement takes too long. */
const tooSlow = (): DatabaseFault =>
  new DatabaseFault('refused', 'ER_STATEMENT_TIMEOUT', 'the first row took too long to come');

async function* textOf(
  { parts: { log }, declared: { name }, request }: Long,
  first: IteratorResult<Piece>,
  pieces: AsyncGenerator<Piece>,
): AsyncGenerator<string> {
  let rows = 0;
  try {
    for (let piece = first; !piece.done; piece = await pieces.next()) {
      yield piece.value.text;
      rows += piece.value.rows;
    }
  } catch (error) {
    if (error instanceof ClientGone) return;
    const fault = asFault(error);
    // Without the message of a fault of the database, which may hold the statement with its values.
    const why =
      fault instanceof DatabaseFault
        ? { code: fault.code, statement: fault.statement }
        : { error: String(fault), stack: (fault as Partial<Error>).stack };
    log.warn({ event: 'answer_broken_off', request_id: request.id, operation: name, rows, ...why });
    // Its connection is closed: the reader must not take a part for the whole.
    throw fault;
  } finally {
    await pieces.return(undefined);
  }
}
