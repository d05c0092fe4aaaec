/** A route for each declared operation that has a path. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OPERATIONS } from '../admin/operations';
import { asFault, orFault } from '../database/fault';
import { invalid } from '../operator/fields';
import { isReadByKey, type Operation, perform } from '../operator/operation';
import { check } from '../operator/schema';
import { versionOf } from '../operator/version';
import { answerLines, answerText, bounded, JSON_TYPE, LINES_TYPE, MOST_ITEMS } from './api-answer';
import type { ApiParts } from './api-parts';
import { methodOf, PATHS } from './api-paths';
import { admit, admitAgain } from './asking';
import { answerChange } from './changes';
import { askedFields, askedOf, CSV_TYPE, csvPieces } from './csv-answer';
import { inputOf } from './query-input';
import { answerUpload } from './uploads';

export function addOperationRoutes(api: FastifyInstance, parts: ApiParts): void {
  const served = OPERATIONS.filter(({ name }) => name in PATHS);
  for (const declared of served.filter(({ takesFile }) => !takesFile)) {
    api.route({
      ...routeOf(parts, declared),
      // A body may come ten seconds later: what let it in may have ended meanwhile.
      ...(declared.changes && {
        preHandler: (request: FastifyRequest, reply: FastifyReply) => admitAgain(parts, declared, request, reply),
      }),
      handler: (request, reply) => (declared.changes ? answerChange : answer)(parts, declared, request, reply),
    });
  }
  api.register(async files => {
    files.removeAllContentTypeParsers();
    files.addContentTypeParser('text/csv', (_request, body, done) => done(null, body));
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

async function answer(
  { books: { database }, service }: ApiParts,
  declared: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = askedFields(declared);
  const given = inputOf(asked, { ...(request.query as object), ...(request.params as object) });
  check(asked, given);
  const { input, style } = askedOf(given, declared.answer.kind === 'record' ? '' : request.headers.accept);
  if (style === null && typeof input.limit === 'number' && input.limit > MOST_ITEMS) {
    throw invalid('limit', input.limit, `is more than ${MOST_ITEMS}: ask page by page`);
  }
  const { requestId, actor } = request.asking;
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const acting = { database, service, actor, requestId, signal: gone.signal };
  if (style !== null) {
    const ask = (each: Record<string, unknown>) => perform(declared, acting, each);
    const pieces = await begun(orFaults(csvPieces(declared, { input, style }, ask)));
    const name = `${declared.name.replaceAll(' ', '-')}.csv`;
    return reply
      .type(CSV_TYPE)
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Readable.from(pieces, { objectMode: false }));
  }
  if (isReadByKey(declared) && input.page === undefined) input.count ??= false;
  const result = await orFault(() => perform(declared, acting, bounded(declared, input)));
  if (declared.answer.kind === 'stream') {
    const lines = answerLines(declared.answer.facts, result as AsyncIterable<unknown>);
    return reply.type(LINES_TYPE).send(Readable.from(lines));
  }
  const edited = declared.edits?.(result);
  if (edited) reply.header('etag', `"${versionOf(edited)}"`);
  return reply.type(JSON_TYPE).send(answerText(declared, input, result));
}

/** Pieces of an answer, whose first is there already: what is refused, or fails at once, has a status of its own. */
async function begun(pieces: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await pieces.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* pieces;
    } finally {
      await pieces.return(undefined);
    }
  })();
}

async function* orFaults(pieces: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    yield* pieces;
  } catch (error) {
    throw asFault(error);
  }
}
