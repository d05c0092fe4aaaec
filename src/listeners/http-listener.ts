import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { ConnectionRoom } from './connection-room';
import { type ListenAt, type ListenerCounts, listening, portOf } from './listen-at';
import { LostAnswers } from './lost-answers';
import { type Peers, plainAddress } from './peers';
import type { RefusalLog } from './refusal-log';

/** A message is a few hundred bytes. */
const MOST_BODY_BYTES = 16_384;
const MOST_HEADER_BYTES = 8_192;
const MOST_CONNECTIONS = 500;
const MOST_OF_A_PEER = 250;
/** Messages in progress at once, over all connections. */
const MOST_AT_WORK = 1_000;
/** A request must arrive whole within the first; a connection may be idle for the second. Ms. */
const REQUEST_MS = 5_000;
const IDLE_MS = 30_000;

/** A whole request within the bounds. */
export interface HttpQuestion {
  method: string;
  /** The path with its query, as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The peer's address. */
  from: string;
}

export interface HttpAnswer {
  status: number;
  /** Content-Type. */
  type: string;
  text: string;
  headers?: Record<string, string>;
}

export interface HttpListenerOptions {
  /** The door's name in log lines and errors. */
  door: string;
  /** The variable that says where to listen. */
  variable: string;
  listen: ListenAt;
  peers: Peers;
  /** Other methods get 405. */
  methods: readonly string[];
  /** A rejection is a fault of ours: it is logged, and `busy` is the answer. */
  answer: (question: HttpQuestion) => Promise<HttpAnswer>;
  /** The answer when there is no room for a request, or when `answer` fails. */
  busy: HttpAnswer;
  /** The answer to a body that is too long; by default an empty 413. */
  tooLong?: HttpAnswer;
  /** Whether an answer that cannot have reached its peer is kept for a repeat of the message (`LostAnswers`). */
  keepsLostAnswers?: boolean;
  refusals: RefusalLog;
  log: Logger;
}

/** One request, and the state of its answer. */
interface Exchange {
  key: string;
  answer: Promise<HttpAnswer>;
  /** Handed over to the connection, whole, while the peer was there. */
  isWritten: boolean;
}

/**
 * A port for HTTP, with what every such port needs.
 *
 * It speaks only to listed peers. It bounds the length, time and number of what they send, and counts what it refuses by reason. Every
 * answer has a Content-length; none comes in chunks.
 */
export class HttpListener {
  private readonly server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: 1_000,
  });
  private readonly room = new ConnectionRoom({
    most: MOST_CONNECTIONS,
    mostOf: () => MOST_OF_A_PEER,
    refuse: (reason, address) => this.refuse(reason, address),
  });
  private readonly lost = new LostAnswers<HttpAnswer>();
  /** For each connection, the requests that may not have their answers yet. */
  private readonly exchanges = new WeakMap<Socket, Set<Exchange>>();
  private atWork = 0;
  private answered = 0;
  private closing = false;

  constructor(private readonly options: HttpListenerOptions) {
    const { server } = this;
    // One connection above the bound is accepted, and takes the place of an idle one.
    server.maxConnections = MOST_CONNECTIONS + 1;
    server.on('connection', socket => this.welcome(socket));
    server.on('request', (request, response) => {
      this.room.work(request.socket, 1);
      response.on('close', () => this.room.work(request.socket, -1));
      void this.take(request, response);
    });
    server.on('drop', data => this.refuse('too_many_connections', data?.remoteAddress));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return;
      const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
      this.refuse(isSlow ? 'request_too_slow' : 'not_http', (socket as Socket).remoteAddress);
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-length: 0\r\nConnection: close\r\n\r\n');
      setTimeout(() => socket.destroy(), REQUEST_MS).unref();
    });
  }

  /** Resolves when it listens. @throws Error that names the setting, if it cannot. */
  async open(): Promise<void> {
    const { variable, listen, door, log } = this.options;
    await listening(this.server, variable, listen);
    log.info({ event: 'door_open', door, host: listen.host, port: this.port });
  }

  /** The port on which it listens, also if port 0 was requested. */
  get port(): number {
    return portOf(this.server);
  }

  /** How many requests were answered, and how many connections are open. */
  get counts(): ListenerCounts {
    return { answered: this.answered, connections: this.room.size };
  }

  /** Accepts nothing more. Resolves when every accepted request is answered, or after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    const closed = new Promise(resolve => this.server.close(resolve));
    const timer = setTimeout(() => this.server.closeAllConnections(), graceMs);
    this.server.closeIdleConnections();
    await closed;
    clearTimeout(timer);
    const { door, refusals, log } = this.options;
    log.info({ event: 'door_closed', door, refused: refusals.totals() });
  }

  private welcome(socket: Socket): void {
    // An answer leaves in one piece, at once.
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    if (!this.options.peers.has(socket.remoteAddress ?? '')) {
      this.refuse('peer_not_allowed', socket.remoteAddress);
      socket.destroy();
      return;
    }
    if (!this.room.take(socket)) return;
    const exchanges = new Set<Exchange>();
    this.exchanges.set(socket, exchanges);
    if (!this.options.keepsLostAnswers) return;
    // A peer that leaves without its answer may ask the same again over another connection.
    const leave = (isBroken: boolean) => {
      for (const exchange of exchanges) {
        if (exchange.isWritten && !isBroken) continue;
        this.lost.keep(exchange.key, exchange.answer);
        exchanges.delete(exchange);
      }
    };
    socket.on('end', () => leave(false));
    socket.on('close', leave);
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const { method = '', url = '', headers, socket } = request;
    const from = plainAddress(socket.remoteAddress ?? '');
    const { methods } = this.options;
    if (!methods.includes(method)) {
      this.refuse('method_not_allowed', from);
      response.writeHead(405, { Allow: methods.join(', '), 'Content-length': 0, Connection: 'close' }).end();
      return;
    }
    const body = await bodyOf(request);
    if (body === 'gone') return;
    if (body === 'long') {
      this.refuse('message_too_long', from);
      const { tooLong } = this.options;
      response.shouldKeepAlive = false;
      if (tooLong) this.write(request, response, tooLong);
      else response.writeHead(413, { 'Content-length': 0, Connection: 'close' }).end();
      return;
    }
    if (this.atWork >= MOST_AT_WORK) {
      this.refuse('overloaded', from);
      this.write(request, response, this.options.busy);
      return;
    }
    const exchanges = this.exchanges.get(socket) as Set<Exchange>;
    // A peer that sends its next request has the answers to those before.
    for (const exchange of exchanges) if (exchange.isWritten) exchanges.delete(exchange);
    const key = createHash('sha256').update(`${from}\n${method} ${url}\n`).update(body).digest('base64');
    this.atWork++;
    const answer = this.lost.take(key) ?? this.answerTo({ method, url, headers, body, from });
    const exchange: Exchange = { key, answer, isWritten: false };
    exchanges.add(exchange);
    const given = await answer;
    this.atWork--;
    this.answered++;
    if (socket.destroyed || !exchanges.has(exchange)) return;
    this.write(request, response, given);
    exchange.isWritten = true;
  }

  private async answerTo(question: HttpQuestion): Promise<HttpAnswer> {
    const { answer, busy, door, log } = this.options;
    try {
      return await answer(question);
    } catch (error) {
      log.error({ event: 'door_failed', door, peer: question.from, err: error });
      this.refuse('failed', question.from);
      return busy;
    }
  }

  private write(request: IncomingMessage, response: ServerResponse, { status, type, text, headers }: HttpAnswer): void {
    const stays = response.shouldKeepAlive && !this.closing;
    response.sendDate = false;
    response.shouldKeepAlive = stays;
    response.writeHead(status, {
      ...headers,
      'Content-Type': type,
      'Content-length': Buffer.byteLength(text),
      Connection: stays ? 'keep-alive' : 'close',
    });
    response.end(text);
    if (!stays) request.socket.setTimeout(REQUEST_MS, () => request.socket.destroy());
  }

  private refuse(reason: string, address: string | undefined): void {
    this.options.refusals.note(reason, { peer: plainAddress(address ?? '') });
  }
}

/** The whole body; `long` if there is too much of it, `gone` if the peer left before its end. */
function bodyOf(request: IncomingMessage): Promise<Buffer | 'long' | 'gone'> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MOST_BODY_BYTES) chunks.push(chunk);
      else resolve('long');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}
