/** Requests that the API refuses before it asks who sends them. They are no HTTP, or HTTP that two programs could read in two ways. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { plainAddress } from '../listeners/peers';
import type { RefusalLog } from '../listeners/refusal-log';
import { PROBLEM_TYPE, problemOf } from './problem';
import { strictJson } from './strict-json';

const MOST_HEADERS = 100;

/** How long a connection that is refused may still take its answer. Ms. */
const LINGER_MS = 2_000;

/** The methods whose requests have no body: the server would skip it, and a proxy might take it for the next request. */
const WITHOUT_BODY = ['GET', 'HEAD', 'TRACE'];

/** The server takes the first of them, where a proxy may have checked the last. */
const ONCE = ['host', 'authorization', 'content-type'];

/** What each answer carries: it is for one client alone, and is no page. */
export const answerHeaders = (requestId: string) => ({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
});

interface Bad {
  status: number;
  detail: string;
}

/** What is wrong with a request as it came; null if nothing is. */
export function badRequest({ rawHeaders, headers, method = '', httpVersion }: IncomingMessage): Bad | null {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase());
  if (names.length > MOST_HEADERS) return { status: 431, detail: `it has more than ${MOST_HEADERS} headers` };
  const twice = ONCE.find(name => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice) return { status: 400, detail: `it has the header ${twice} twice` };
  if (httpVersion === '1.1' && headers.host === undefined) return { status: 400, detail: 'it has no header Host' };
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  return hasBody && WITHOUT_BODY.includes(method) ? { status: 400, detail: `a ${method} has no body` } : null;
}

/**
 * Bodies are strict JSON alone. What Node refuses by itself is answered like everything else. `isUpload`: whether the body of a request has
 * limits of its own.
 */
export function refuseBadRequests(
  app: FastifyInstance,
  refusals: RefusalLog,
  isUpload: (request: IncomingMessage) => boolean,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    strictJson(body),
  );
  const { server } = app;
  const latest = new WeakMap<object, { request: IncomingMessage; response: ServerResponse }>();
  server.on('request', (request, response) => latest.set(request.socket, { request, response }));
  /** Bytes that are late are those of the last request, unless it is there: then they begin another one. */
  const mayTakeLong = (last: { request: IncomingMessage } | undefined) =>
    last !== undefined && !last.request.complete && isUpload(last.request);
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { headers, body } = rawProblem({ status: 417, detail: 'it expects something other than 100-continue' });
    response.writeHead(417, headers).end(body);
  });
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    // Node tells this once for each request, and leaves the connection to us.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeLong(latest.get(socket))) return;
    const bad = badBytes(error.code);
    refusals.note(bad.status === 408 ? 'request_too_slow' : 'not_http', {
      peer: plainAddress(socket.remoteAddress ?? ''),
    });
    if (!mayAnswer(latest.get(socket))) {
      socket.destroy();
      return;
    }
    const { headers, body } = rawProblem(bad);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${bad.status} ${STATUS_CODES[bad.status]}\r\n${lines.join('')}\r\n${body}`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

/** How Node says what it could not read. */
function badBytes(code: string | undefined): Bad {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, detail: 'it did not arrive in time' };
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, detail: 'its headers are too long' };
  return { status: 400, detail: 'it is not HTTP/1.1' };
}

/**
 * Whether an answer to bytes that cannot be read would be taken for theirs. `latest`: the last request of their connection; the bytes are its
 * body, or what follows it.
 */
function mayAnswer(latest: { request: IncomingMessage; response: ServerResponse } | undefined): boolean {
  if (!latest) return true;
  const { request, response } = latest;
  if (request.complete) return response.writableFinished;
  // Without a socket it waits for the answers before it.
  return response.socket !== null && !response.headersSent;
}

function rawProblem({ status, detail }: Bad): { headers: Record<string, string | number>; body: string } {
  const requestId = randomUUID();
  const body = JSON.stringify({ ...problemOf('request_invalid', requestId, detail), status });
  const headers = {
    ...answerHeaders(requestId),
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  return { headers, body };
}
