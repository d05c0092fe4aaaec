/** The operator's API: operations of `src/admin`, over HTTP, for programs that have a key and people who have logged in. */
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { Logins } from '../access/logins';
import { isAnyOperator } from '../access/operator-store';
import { OPERATIONS } from '../admin/operations';
import { version } from '../config/version';
import { openBoundedDatabase } from '../database/connection';
import { type ListenAt, portOf } from '../listeners/listen-at';
import { type PeerList, type Peers, plainAddress } from '../listeners/peers';
import { RefusalLog } from '../listeners/refusal-log';
import type { Metric } from '../metrics/exposition';
import type { Readiness } from '../metrics/readiness';
import type { Service } from '../operator/acting';
import { JSON_TYPE } from './api-answer';
import { ApiMetrics } from './api-metrics';
import type { ApiParts } from './api-parts';
import { BASE } from './api-paths';
import { answerHeaders, badRequest, refuseBadRequests } from './bad-requests';
import { CallsFirst } from './calls-first';
import { ChangesInSteps } from './changes-in-steps';
import { ConnectionTurns } from './connection-turns';
import { boundConnections } from './connections';
import { readConsole } from './console-files';
import { addConsole, CONSOLE_ROUTE } from './console-routes';
import { answerFailure, refuse } from './failure';
import { ForgottenPasswords } from './forgotten-passwords';
import { addHealth } from './health';
import { forgetAnswers } from './kept-answer-store';
import { addLiveRoutes, type ListenerLimits, Live } from './live-routes';
import { STREAMS } from './live-streams';
import { apiDocument } from './openapi';
import { addOperationRoutes } from './operation-routes';
import { MOST_IN_PATH, problemOf } from './problem';
import { Questions } from './questions';
import { limitRequests } from './request-limits';
import { RequestTurns, TURN_LIMITS, type TurnLimits } from './request-turns';
import { sessionCookieOf } from './session-cookie';
import { addSessionRoutes } from './session-routes';
import { TableReaders } from './table-readers';
import type { UploadLimits } from './upload-body';
import { UPLOAD_LIMITS, Uploads } from './uploads';

const MOST_BODY_BYTES = 65_536;
const MOST_HEADER_BYTES = 8_192;
/** A request must arrive whole within the first; a connection may be idle for the second. Ms. */
const REQUEST_MS = 10_000;
const IDLE_MS = 30_000;
/** A connection on which nothing moves for so long, in the midst of an answer too, is closed: its client does not read. Ms. */
const STILL_MS = 60_000;
/** Questions to the database at once, in fair shares: one for each role, and some more for those who ask. */
const MOST_QUESTIONS = 14;
const MOST_OF_CUSTOMERS = 4;
/** Connections besides, for what takes no turn: steps of long changes, and what is looked up and noted for each change. */
const MOST_BESIDES = 2;

export interface ApiServerOptions {
  listen: ListenAt;
  /** Who may connect. */
  peers: Peers;
  /** Proxies in front, whose X-Forwarded-For names the client. */
  proxies: PeerList;
  databaseUrl: string;
  /** The longest that a question may keep the database busy; 20 if not given. */
  statementSeconds?: number;
  /** Of one key or person; 0 for no bound, which is what holds if it is not given. */
  requestsPerSecond?: number;
  /** For tests. */
  listenerLimits?: ListenerLimits;
  /** Of a file that comes as the body of a request. */
  uploadLimits?: Partial<UploadLimits>;
  /** Of the requests that are in progress at once. */
  turnLimits?: Partial<TurnLimits>;
  /** How long nothing may move on a connection; ms, 60,000 if not given. */
  stillMs?: number;
  service: Service;
  /** Whether calls wait for the ledger of this process now; never, if not given. Requests begin when none does, or after a moment. */
  callsWait?: () => boolean;
  readiness: Readiness;
  /** Where the console's files are; dist/console if not given. */
  consoleFolder?: string;
  /** Forgets, once an hour, what need not be kept besides the answers to changes. */
  alsoForget?: (database: Knex) => Promise<unknown>;
  log: Logger;
}

/** How often it forgets what need not be kept any more. Ms. */
const FORGET_EVERY_MS = 3_600_000;

/** Assumes that everything it answers is for one key or person alone: nothing is cached. */
export class ApiServer {
  private app: FastifyInstance | null = null;
  private isClosing = false;
  private connections = () => 0;
  private readonly answered = new ApiMetrics();
  private readonly parts: ApiParts;
  private readonly live: Live;
  private forgetting: NodeJS.Timeout | undefined;

  constructor(private readonly options: ApiServerOptions) {
    const { listen, proxies, databaseUrl, service, log, statementSeconds = 20, listenerLimits } = options;
    const limits = { ...TURN_LIMITS, ...options.turnLimits };
    this.parts = {
      books: openBoundedDatabase(databaseUrl, statementSeconds, MOST_QUESTIONS + MOST_BESIDES),
      access: openBoundedDatabase(databaseUrl, statementSeconds),
      questions: new Questions({
        atOnce: MOST_QUESTIONS,
        ofCustomers: MOST_OF_CUSTOMERS,
        waitMs: limits.waitMs,
      }),
      service,
      log,
      refusals: new RefusalLog('http', log),
      statementSeconds,
      logins: new Logins(service.pinKeys, log),
      forgotten: new ForgottenPasswords(service.mailer, log),
      cookie: sessionCookieOf(listen, proxies),
      uploads: new Uploads(databaseUrl, { ...UPLOAD_LIMITS, ...options.uploadLimits }),
      turns: new RequestTurns(limits),
      inSteps: new ChangesInSteps(),
      tables: new TableReaders(),
    };
    this.live = new Live(databaseUrl, statementSeconds, log, listenerLimits);
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
    this.forgetting = setInterval(() => void this.forget(), FORGET_EVERY_MS).unref();
    void this.forget();
    await this.tellIfNoPerson();
  }

  /** Tells how the first person gets in. No token in the log: a log is read by many. */
  private async tellIfNoPerson(): Promise<void> {
    const { access, log } = this.parts;
    try {
      if (await isAnyOperator(access.database)) return;
      log.info({ event: 'no_person', todo: 'to let one log in: ringfence operator invite NAME --roles admin' });
    } catch (error) {
      // The database may be away; the API answers so.
      log.warn({ event: 'people_not_read', code: (error as { code?: unknown }).code });
    }
  }

  /** The port on which it listens. */
  get port(): number {
    return this.app ? portOf(this.app.server) : 0;
  }

  get metrics(): Metric[] {
    return this.answered.metrics(this.connections(), this.parts.refusals.totals());
  }

  private async forget(): Promise<void> {
    const { books, log } = this.parts;
    try {
      await forgetAnswers(books.database);
      await this.options.alsoForget?.(books.database);
    } catch (error) {
      log.warn({ event: 'not_forgotten', code: (error as { code?: unknown }).code });
    }
  }

  /** Accepts nothing more, and ends all streams. Resolves when every request is answered, or after `graceMs`: what is asked then is broken off. */
  async close(graceMs: number): Promise<void> {
    const {
      app,
      parts: { books, access, forgotten, inSteps, log, refusals, uploads },
    } = this;
    const pools = [books, access, uploads.books];
    this.isClosing = true;
    inSteps.close();
    this.live.close();
    uploads.close();
    clearInterval(this.forgetting);
    // A change that was admitted still has statements to send.
    const closed = (async () => {
      await Promise.all([app?.close(), forgotten.close(graceMs)]);
      await Promise.all(pools.map(({ database }) => database.destroy()));
    })();
    const timer = setTimeout(() => {
      app?.server.closeAllConnections();
      for (const pool of pools) pool.cut();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    log.info({ event: 'door_closed', door: 'http', refused: refusals.totals() });
  }

  private async built(): Promise<FastifyInstance> {
    const { peers, proxies, readiness } = this.options;
    const { parts } = this;
    const { refusals, uploads } = parts;
    const app = fastify({
      logger: false,
      bodyLimit: MOST_BODY_BYTES,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionTimeout: this.options.stillMs ?? STILL_MS,
      trustProxy: address => proxies.has(address),
      exposeHeadRoutes: false,
      genReqId: () => randomUUID(),
      http: {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: REQUEST_MS,
        connectionsCheckingInterval: 1_000,
        // Our own answer to that is a problem like any other.
        requireHostHeader: false,
      },
      routerOptions: { maxParamLength: MOST_IN_PATH },
      return503OnClosing: false,
      frameworkErrors: (error, request, reply) => {
        reply.headers(answerHeaders(request.id));
        // No hook sees these answers.
        this.answered.observe({ method: request.method, route: undefined, status: error.statusCode ?? 500, ms: 0 });
        answerFailure(error, request, reply, parts);
      },
    });
    this.connections = boundConnections(app.server, { peers, proxies, refusals });
    refuseBadRequests(app, refusals, request => uploads.has(request));
    app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) =>
      // What the console's route does not know is no route, however strangers spell it.
      this.answered.observe({
        method,
        route: routeOptions.url === CONSOLE_ROUTE && statusCode === 404 ? undefined : routeOptions.url,
        status: statusCode,
        ms: elapsedTime,
      }),
    );
    app.setErrorHandler((error: FastifyError, request, reply) => answerFailure(error, request, reply, parts));
    app.setNotFoundHandler((request, reply) => refuse(reply, problemOf('not_found', request.id)));
    const turns = new ConnectionTurns();
    app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
      if (!(await turns.take(socket, reply.raw))) reply.hijack();
    });
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(answerHeaders(request.id));
      const bad = badRequest(request.raw);
      if (bad) {
        refusals.note('request_invalid', { peer: request.ip });
        return refuse(reply.header('connection', 'close'), {
          ...problemOf('request_invalid', request.id, bad.detail),
          status: bad.status,
        });
      }
      if (this.isClosing) return refuse(reply.header('retry-after', '1'), problemOf('stopping', request.id));
    });
    addHealth(app, readiness);
    this.addConsole(app);
    await app.register(async api => this.addRoutes(api), { prefix: BASE });
    await app.ready();
    return app;
  }

  private addConsole(app: FastifyInstance): void {
    const files = readConsole(this.options.consoleFolder);
    if (files) addConsole(app, files);
    else this.options.log.warn({ event: 'console_not_built', todo: 'npm run build' });
  }

  private addRoutes(api: FastifyInstance): void {
    const { requestsPerSecond = 0, proxies } = this.options;
    // Otherwise a forgotten setting would make one address of all clients, the proxy's: one that keys and waits of log-ins know.
    api.addHook('onRequest', async (request, reply) => {
      const { headers, socket, id } = request;
      const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
      if (!isForwarded || proxies.has(socket.remoteAddress ?? '')) return;
      this.parts.refusals.note('proxy_not_named', { peer: plainAddress(socket.remoteAddress ?? '') });
      const detail =
        'write the address of the proxy into RINGFENCE_HTTP_PROXIES, or send no X-Forwarded-For and no Forwarded';
      return refuse(reply, problemOf('proxy_not_named', id, detail));
    });
    if (requestsPerSecond > 0) {
      const { refusals, cookie } = this.parts;
      limitRequests(api, { perSecond: requestsPerSecond, refusals, cookie });
    }
    const { callsWait } = this.options;
    if (callsWait) {
      const callsFirst = new CallsFirst(callsWait);
      api.addHook('onRequest', async () => callsFirst.turn());
    }
    // Written once: it needs no key, so strangers may ask for it often. Bytes, which all answers share while they wait to be read.
    const document = Buffer.from(JSON.stringify(apiDocument(OPERATIONS, STREAMS, version)));
    api.get('/openapi.json', (_request, reply) => reply.type(JSON_TYPE).send(document));
    addOperationRoutes(api, this.parts);
    addLiveRoutes(api, this.parts, this.live);
    addSessionRoutes(api, this.parts);
  }
}
