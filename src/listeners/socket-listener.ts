import { chmodSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { type ListenAt, type ListenerCounts, listening, portOf } from './listen-at';
import { type Peers, plainAddress } from './peers';
import type { RefusalLog } from './refusal-log';

/** A file that is a socket. `mode` says which users may connect, as for any file. */
export interface ListenOnFile {
  path: string;
  mode: number;
}

export interface SocketListenerOptions {
  /** The door's name in log lines and errors. */
  door: string;
  /** The variable that says where to listen. */
  variable: string;
  listen: ListenAt | ListenOnFile;
  /** The peers that may connect over TCP; for a file, its mode decides. */
  peers: Peers;
  mostConnections: number;
  /** How long a connection may be silent, ms; 0 for as long as its peer is there. */
  idleMs: number;
  /** Serves one connection, and resolves when it is done with it. A rejection is logged, and closes the connection. */
  serve: (socket: Socket, from: string) => Promise<void>;
  refusals: RefusalLog;
  log: Logger;
}

/** How long a connection that is being ended may still have bytes of ours to deliver. Ms. */
const LINGER_MS = 5_000;

/** After so much silence the system asks whether the peer is still there, ms. It gives the connection up if no answer comes. */
const KEEP_ALIVE_MS = 60_000;

/** A port or a file where peers speak a protocol of lines, with what every such door needs. */
export class SocketListener {
  /** A peer may end its side and still wait for the answer, as `echo … | nc` does: `serve` ends the connection. */
  private readonly server = createServer({
    noDelay: true,
    allowHalfOpen: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  private readonly sockets = new Set<Socket>();
  private answered = 0;

  constructor(private readonly options: SocketListenerOptions) {
    this.server.maxConnections = options.mostConnections;
    this.server.on('connection', socket => this.welcome(socket));
    this.server.on('drop', data => this.options.refusals.note('too_many_connections', { peer: data?.remoteAddress }));
  }

  /** Resolves when it listens. @throws Error that names the setting, if it cannot. */
  async open(): Promise<void> {
    const { variable, listen, door, log } = this.options;
    if ('path' in listen) await removeLeftOver(listen.path, variable);
    await listening(this.server, variable, 'path' in listen ? { path: listen.path } : listen);
    if ('path' in listen) {
      chmodSync(listen.path, listen.mode);
      log.info({ event: 'door_open', door, path: listen.path });
    } else log.info({ event: 'door_open', door, host: listen.host, port: this.port });
  }

  /** The port on which it listens, also if port 0 was requested; 0 for a file. */
  get port(): number {
    return portOf(this.server);
  }

  get counts(): ListenerCounts {
    return { answered: this.answered, connections: this.sockets.size };
  }

  /** Counts one more answered request. */
  countAnswer(): void {
    this.answered++;
  }

  /** Accepts no further connection. Resolves when the open ones have ended, or after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve));
    const timer = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    const { door, refusals, log } = this.options;
    log.info({ event: 'door_closed', door, refused: refusals.totals() });
  }

  private welcome(socket: Socket): void {
    const { listen, peers, refusals, idleMs, serve, door, log } = this.options;
    socket.on('error', () => undefined);
    const from = 'path' in listen ? listen.path : plainAddress(socket.remoteAddress ?? '');
    if (!('path' in listen) && !peers.has(from)) {
      refusals.note('peer_not_allowed', { peer: from });
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.setTimeout(idleMs, () => {
      refusals.note('silent_too_long', { peer: from });
      socket.destroy();
    });
    serve(socket, from)
      .catch(error => log.error({ event: 'door_failed', door, peer: from, err: error }))
      .finally(() => {
        socket.end();
        setTimeout(() => socket.destroy(), LINGER_MS).unref();
      });
  }
}

/** A socket's file outlives a killed process. A file at which a running process answers stays with that process. */
async function removeLeftOver(path: string, variable: string): Promise<void> {
  const known = statSync(path, { throwIfNoEntry: false });
  if (!known) return;
  if (!known.isSocket()) throw new Error(`${variable}: ${path} is there and is no socket: remove it, or name another`);
  const isAnswered = await new Promise<boolean>(resolve => {
    const socket = connect({ path }, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.setTimeout(1_000, () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
  if (isAnswered) throw new Error(`${variable}: another process serves ${path}: stop it, or name another`);
  rmSync(path, { force: true });
}
