/** The operator's API: operations of `src/admin`, over HTTP, for programs that have a key. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { holderOf } from '../access/api-key-store';
import { OPERATIONS } from '../admin/operations';
import { version } from '../config/version';
import { type BoundedDatabase, openBoundedDatabase } from '../database/connection';
import { DatabaseFault, isFault, orFault } from '../database/fault';
import { type ListenAt, portOf } from '../listeners/listen-at';
import { type Peers, plainAddress } from '../listeners/peers';
import { RefusalLog } from '../listeners/refusal-log';
import type { Service } from '../operator/acting';
import { invalid } from '../operator/fields';
import { type Operation, perform, type Role } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import { answerLines, answerText, bounded, LINES_TYPE, MOST_ITEMS } from './api-answer';
import { BASE, PATHS } from './api-paths';
import { apiDocument } from './openapi';
import { PROBLEM_TYPE, type Problem, problemOf, problemOfRefusal } from './problem';
import { inputOf } from './query-input';

const MOST_BODY_BYTES = 16_384;
const MOST_HEADER_BYTES = 8_192;
const MOST_CONNECTIONS = 500;
/** A request must arrive whole within the first; a connection may be idle for the second. Ms. */
const REQUEST_MS = 10_000;
const IDLE_MS = 30_000;

/** How MariaDB and MySQL say that it took longer. */
const TOO_SLOW = ['ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT'];

const JSON_TYPE = 'application/json; charset=utf-8';

export interface ApiServerOptions {
  listen: ListenAt;
  /** Who may connect. */
  peers: Peers;
  /** Proxies in front, whose X-Forwarded-For names the client. */
  proxies: Peers;
  databaseUrl: string;
  /** The longest that a question may keep the database busy; 20 if not given. */
  statementSeconds?: number;
  service: Service;
  log: Logger;
}

/** The client, as its key proves it. */
interface Asking {
  requestId: string;
  actor: string;
  roles: readonly Role[];
}

declare module 'fastify' {
  interface FastifyRequest {
    asking: Asking;
  }
}

/** Assumes that everything it answers is for one key alone: nothing is cached. */
export class ApiServer {
  private app: FastifyInstance | null = null;
  private readonly refusals: RefusalLog;
  /** A pool of its own: slow reports hold up no call. */
  private readonly books: BoundedDatabase;
  private readonly statementSeconds: number;

  constructor(private readonly options: ApiServerOptions) {
    this.refusals = new RefusalLog('http', options.log);
    this.statementSeconds = options.statementSeconds ?? 20;
    this.books = openBoundedDatabase(options.databaseUrl, this.statementSeconds);
  }

  /** Resolves when it listens. @throws Error that names the setting, if it cannot. */
  async open(): Promise<void> {
    const { listen, log } = this.options;
    const app = await this.built();
    this.app = app;
    try {
      await app.listen({ host: listen.host, port: listen.port });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const where = `${listen.host}:${listen.port}`;
      throw new Error(
        `RINGFENCE_HTTP_LISTEN: cannot listen on ${where} (${code ?? message}): free it, or choose another`,
      );
    }
    log.info({ event: 'door_open', door: 'http', host: listen.host, port: this.port });
  }

  /** The port on which it listens. */
  get port(): number {
    return this.app ? portOf(this.app.server) : 0;
  }

  /** Accepts nothing more. Resolves when every request is answered, or after `graceMs`: what is asked then is broken off. */
  async close(graceMs: number): Promise<void> {
    const { app, books } = this;
    const closed = Promise.all([app?.close(), books.database.destroy()]);
    const timer = setTimeout(() => {
      app?.server.closeAllConnections();
      books.cut();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    this.options.log.info({ event: 'door_closed', door: 'http', refused: this.refusals.totals() });
  }

  private async built(): Promise<FastifyInstance> {
    const { peers, proxies } = this.options;
    const app = fastify({
      logger: false,
      bodyLimit: MOST_BODY_BYTES,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      trustProxy: address => proxies.has(address),
      exposeHeadRoutes: false,
      genReqId: () => randomUUID(),
      http: { maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 },
      routerOptions: { maxParamLength: 500 },
      return503OnClosing: true,
      frameworkErrors: (error, request, reply) => {
        reply.headers(headersOf(request.id));
        this.failed(error, request, reply);
      },
    });
    app.server.maxConnections = MOST_CONNECTIONS;
    app.server.on('connection', (socket: Socket) => {
      const peer = plainAddress(socket.remoteAddress ?? '');
      if (peers.has(peer)) return;
      this.refusals.note('address_not_listed', { peer });
      socket.destroy();
    });
    app.setErrorHandler((error: FastifyError, request, reply) => this.failed(error, request, reply));
    app.setNotFoundHandler((request, reply) => refuse(reply, problemOf('not_found', request.id)));
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(headersOf(request.id));
    });
    await app.register(async api => this.addRoutes(api), { prefix: BASE });
    await app.ready();
    return app;
  }

  private addRoutes(api: FastifyInstance): void {
    // Written once: it needs no key, so strangers may ask for it often.
    const document = JSON.stringify(apiDocument(OPERATIONS, version));
    api.get('/openapi.json', (_request, reply) => reply.type(JSON_TYPE).send(document));
    for (const declared of OPERATIONS) {
      const path = PATHS[declared.name];
      if (path === undefined) continue;
      api.route({
        method: 'GET',
        url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
        onRequest: (request, reply) => this.admit(declared, request, reply),
        handler: (request, reply) => this.answer(declared, request, reply),
      });
    }
  }

  /** Finds out which key asks, and whether it may. The answer to a key that is not valid never says why. */
  private async admit({ roles }: Operation, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { log } = this.options;
    const [, secret = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const holder = await holderOf(this.books.database, secret, plainAddress(request.ip), log);
    if (!holder) {
      this.refusals.note('not_authenticated', { peer: plainAddress(request.ip) });
      reply.header('www-authenticate', 'Bearer');
      await refuse(
        reply,
        problemOf('not_authenticated', request.id, 'send a key that is alive: Authorization: Bearer rf_…'),
      );
      return;
    }
    if (!holder.roles.some(role => roles.includes(role))) {
      const detail = `needs one of the roles ${roles.join(', ')}; the key has ${holder.roles.join(', ')}`;
      await refuse(reply, problemOf('not_allowed', request.id, detail));
      return;
    }
    request.asking = { requestId: request.id, actor: `key:${holder.apiKey}`, roles: holder.roles };
  }

  private async answer(declared: Operation, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { service } = this.options;
    const given = { ...(request.query as object), ...(request.params as object) };
    const input = inputOf(declared.fields, given);
    if (typeof input.limit === 'number' && input.limit > MOST_ITEMS) {
      throw invalid('limit', input.limit, `is more than ${MOST_ITEMS}: ask page by page`);
    }
    const { requestId, actor } = request.asking;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const acting = { database: this.books.database, service, actor, requestId, signal: gone.signal };
    const result = await orFault(() => perform(declared, acting, bounded(declared, input)));
    if (declared.answer.kind === 'stream') {
      const lines = answerLines(declared.answer.facts, result as AsyncIterable<unknown>);
      return reply.type(LINES_TYPE).send(Readable.from(lines));
    }
    return reply.type(JSON_TYPE).send(answerText(declared, input, result));
  }

  private failed(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (error instanceof Refused) return refuse(reply, problemOfRefusal(error, request.id));
    const fault = error as unknown;
    const { log } = this.options;
    if (fault instanceof DatabaseFault) {
      // Without its message, which may hold the statement with its values.
      const facts = { request_id: request.id, code: fault.code, statement: fault.statement };
      if (TOO_SLOW.includes(fault.code)) {
        log.warn({ event: 'request_too_slow', ...facts });
        const detail = `it took more than ${this.statementSeconds} s: ask for less, or on the command line`;
        return refuse(reply, problemOf('too_slow', request.id, detail));
      }
      if (isFault(fault, 'away', 'again')) {
        log.warn({ event: 'request_without_database', ...facts });
        return refuse(reply.header('retry-after', '1'), problemOf('ledger_unavailable', request.id));
      }
      log.error({ event: 'request_failed', ...facts });
      return refuse(reply, problemOf('internal_error', request.id, LOOK_IN_LOG));
    }
    const { statusCode = 500 } = error;
    if (statusCode < 500) {
      return refuse(reply, { ...problemOf('request_invalid', request.id, error.message), status: statusCode });
    }
    log.error({ event: 'request_failed', request_id: request.id, error: error.message, stack: error.stack });
    return refuse(reply, problemOf('internal_error', request.id, LOOK_IN_LOG));
  }
}

const LOOK_IN_LOG = 'look for the request_id in the log';

const headersOf = (requestId: string) => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
});

const refuse = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
