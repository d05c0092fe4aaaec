/** Serves the console: its page under every path that is not the API's, and the files that the page loads. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ConsoleFile, type ConsoleFiles, NONCE } from './console-files';
import { refuse } from './failure';
import { MOST_IN_PATH, type Problem, problemOf, STATUS_OF_LONG_PATH } from './problem';

/** Everything that is no path of the API. */
export const CONSOLE_ROUTE = '/*';

/** Only our own files run, load and are asked. The nonce is for styles that components write at run time: a stranger's text gets none. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export function addConsole(app: FastifyInstance, { page, files }: ConsoleFiles): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: CONSOLE_ROUTE,
    handler: (request, reply) => {
      const [path = ''] = request.url.split('?');
      const file = files.get(path);
      if (file) return sendFile(request, reply, file);
      // A program that mistook a path of the API wants a problem, and no page.
      const isPage = !path.startsWith('/api/') && (request.headers.accept ?? '').includes('text/html');
      if (!isPage) return refuse(reply, notFound(path, request.id));
      const nonce = randomBytes(18).toString('base64');
      reply.header('content-security-policy', policy(nonce)).header('cross-origin-opener-policy', 'same-origin');
      return reply.type('text/html; charset=utf-8').send(page.replaceAll(NONCE, nonce));
    },
  });
}

/** A value that is too long fits no route of the API, only this one. */
const notFound = (path: string, requestId: string): Problem =>
  path.split('/').some(part => part.length > MOST_IN_PATH)
    ? {
        ...problemOf('request_invalid', requestId, `a part of the path has more than ${MOST_IN_PATH} characters`),
        status: STATUS_OF_LONG_PATH,
      }
    : problemOf('not_found', requestId);

function sendFile(request: FastifyRequest, reply: FastifyReply, { type, body, gzip, isForGood }: ConsoleFile) {
  const wantsGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers['accept-encoding']?.toString() ?? '');
  reply.type(type).header('vary', 'accept-encoding');
  if (isForGood) reply.header('cache-control', 'public, max-age=31536000, immutable');
  return wantsGzip ? reply.header('content-encoding', 'gzip').send(gzip) : reply.send(body);
}
