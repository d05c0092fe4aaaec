import type { Socket } from 'node:net';

export interface ConnectionRoomOptions {
  /** Connections at once. */
  most: number;
  /** Of one address, so that a peer that keeps its connections leaves room for others. */
  mostOf: (address: string | undefined) => number;
  /** Counts what is refused, and what is closed to make room. */
  refuse: (reason: string, address: string | undefined) => void;
}

/** The connections of a port for HTTP. An idle one makes room for a new one; a peer that has its share makes room with its own. */
export class ConnectionRoom {
  /** Each connection with the number of its requests in progress; the one that has been idle longest comes first. */
  private readonly sockets = new Map<Socket, number>();
  private behind = 0;

  constructor(private readonly options: ConnectionRoomOptions) {}

  /** Connections now. */
  get size(): number {
    return this.sockets.size;
  }

  /** Requests that came while another one of their connection was in progress, and have not ended. */
  get waiting(): number {
    return this.behind;
  }

  /** Takes a connection, or closes it if there is no room. Returns whether it was taken. */
  take(socket: Socket): boolean {
    if (!this.makeRoom(socket)) {
      this.options.refuse('too_many_connections', socket.remoteAddress);
      socket.destroy();
      return false;
    }
    this.sockets.set(socket, 0);
    socket.on('close', () => this.leave(socket));
    return true;
  }

  /**
   * Counts a request that comes or ends; returns how many of its connection there are now. When the last one ends, the connection is idle from
   * now on.
   */
  work(socket: Socket, requests: 1 | -1): number {
    const known = this.sockets.get(socket);
    if (known === undefined) return 0;
    const now = known + requests;
    this.behind += behindFirst(now) - behindFirst(known);
    this.sockets.delete(socket);
    this.sockets.set(socket, now);
    return now;
  }

  private leave(socket: Socket): void {
    this.behind -= behindFirst(this.sockets.get(socket) ?? 0);
    this.sockets.delete(socket);
  }

  private makeRoom({ remoteAddress }: Socket): boolean {
    const { most, mostOf, refuse } = this.options;
    const all = [...this.sockets.keys()];
    const ofPeer = all.filter(other => other.remoteAddress === remoteAddress);
    const hasItsShare = ofPeer.length >= mostOf(remoteAddress);
    if (!hasItsShare && all.length < most) return true;
    const candidates = hasItsShare ? ofPeer : all;
    const idle = candidates.find(other => this.sockets.get(other) === 0);
    if (!idle) return false;
    refuse('idle_connection_closed', idle.remoteAddress);
    this.leave(idle);
    idle.destroy();
    return true;
  }
}

const behindFirst = (requests: number): number => Math.max(0, requests - 1);
