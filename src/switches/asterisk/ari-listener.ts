import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ListenAddress } from './ari-address';
import { LARGEST_EVENT_BYTES } from './event-stream';

/** Takes the connections of one switch. */
export type Seat = (socket: WebSocket) => void;

/** An unknown name is logged at this attempt and at no other: Asterisk tries twice a second, also while we still ask it for its name. */
const LOGGED_ATTEMPT = 10;

/** Wrong credentials are logged no more often than this. */
const WRONG_LOGIN_EVERY_MS = 60_000;

/** This many unknown names are counted; more are not logged. */
const MOST_STRANGERS = 100;

/**
 * Where Asterisk connects to us (its outbound websocket): one port for all switches, distinguished by the path `/events/<systemname>`.
 *
 * An answer other than 101 makes Asterisk try again and keep what happens meanwhile: 401 for wrong credentials, 404 for a name that no
 * configured switch has, 503 for a switch that this process does not serve now. A plain GET of the same path gets 204 in place of 101, so
 * that a load balancer finds the service that serves the switch.
 */
export class AriListener {
  readonly #address: ListenAddress;
  readonly #log: Logger;
  readonly #server = createServer();
  readonly #upgrades = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: LARGEST_EVENT_BYTES });
  readonly #expected: Buffer;
  readonly #known = new Set<string>();
  readonly #seats = new Map<string, Seat>();
  readonly #strangers = new Map<string, number>();
  #wrongLoginLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(address: ListenAddress, log: Logger) {
    this.#address = address;
    this.#log = log;
    this.#expected = digest(address.authorization);
    this.#server.on('request', (request, response) => {
      const answer = this.#answerTo(request);
      response.writeHead(typeof answer === 'number' ? answer : 204, { connection: 'close' }).end();
    });
    this.#server.on('upgrade', (request, connection, head) => {
      const socket = connection as Socket;
      const answer = this.#answerTo(request);
      if (typeof answer === 'number') refuse(socket, answer);
      else this.#upgrades.handleUpgrade(request, socket, head, answer);
    });
  }

  /** Resolves when it listens. @throws Error that names the address, if it cannot. */
  async open(): Promise<void> {
    const { host, port } = this.#address;
    await new Promise<void>((resolve, reject) => {
      const failed = ({ code, message }: NodeJS.ErrnoException) =>
        reject(
          new Error(
            `RINGFENCE_ARI_LISTEN: cannot listen on ${host}:${port} (${code ?? message}): free it, or choose another`,
          ),
        );
      this.#server.once('error', failed);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed);
        resolve();
      });
    });
  }

  /** A configured switch has this name. */
  expect(name: string): void {
    this.#known.add(name);
  }

  /** From now on connections of this switch are handed to `seat`. @throws Error if another part of this service has them already. */
  take(name: string, seat: Seat): void {
    const taken = this.#seats.get(name);
    if (taken && taken !== seat) throw new Error(`two switches are called ${name}: give each its own systemname`);
    this.expect(name);
    this.#seats.set(name, seat);
  }

  /** From now on connections of this switch are refused. Open ones are not touched. */
  leave(name: string, seat: Seat): void {
    if (this.#seats.get(name) === seat) this.#seats.delete(name);
  }

  /** Stops listening. Connections that were handed over are not touched. */
  async close(): Promise<void> {
    this.#server.closeIdleConnections();
    this.#server.close();
  }

  /** The seat that gets the connection, or the status that refuses it. */
  #answerTo(request: IncomingMessage): Seat | number {
    const login = timingSafeEqual(digest(request.headers.authorization ?? ''), this.#expected);
    if (!login) {
      this.#logWrongLogin(request.socket.remoteAddress);
      return 401;
    }
    const name = nameOf(request.url ?? '');
    if (name === null || !this.#known.has(name)) {
      this.#countStranger(name ?? '');
      return 404;
    }
    return this.#seats.get(name) ?? 503;
  }

  #logWrongLogin(from: string | undefined): void {
    if (performance.now() - this.#wrongLoginLoggedAt < WRONG_LOGIN_EVERY_MS) return;
    this.#wrongLoginLoggedAt = performance.now();
    this.#log.warn({ event: 'switch_login_refused', from });
  }

  #countStranger(name: string): void {
    const attempts = (this.#strangers.get(name) ?? 0) + 1;
    if (attempts === 1 && this.#strangers.size >= MOST_STRANGERS) return;
    this.#strangers.set(name, attempts);
    if (attempts === LOGGED_ATTEMPT) {
      this.#log.warn({ event: 'switch_unknown', name, known: [...this.#known] });
    }
  }
}

/** The name in `/events/<systemname>`; null for any other path. */
function nameOf(path: string): string | null {
  const match = /^\/events\/([^/?#]{1,200})$/.exec(path);
  if (match === null) return null;
  try {
    return decodeURIComponent(match[1]!);
  } catch {
    return null;
  }
}

/** The same length for every text, so that the time of a comparison reveals nothing about the expected text. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function refuse(socket: Socket, status: number): void {
  socket.on('error', () => {});
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Length: 0'];
  if (status === 401) head.push('WWW-Authenticate: Basic realm="ringfence"');
  socket.end(`${head.join('\r\n')}\r\n\r\n`);
}
