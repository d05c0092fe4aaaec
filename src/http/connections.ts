/** Who may connect to the API, and how many connections there may be. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ConnectionRoom } from '../listeners/connection-room';
import { type Peers, plainAddress } from '../listeners/peers';
import type { RefusalLog } from '../listeners/refusal-log';

const MOST_CONNECTIONS = 2_000;
/** A proxy may have them all: its clients share its address. */
const MOST_OF_A_PEER = 1_500;
/** Requests that wait on one connection for the answer before theirs, and on all connections together. */
const MOST_WAITING_ON_ONE = 64;
const MOST_WAITING = 2_000;

/** Returns how many connections there are now. */
export function boundConnections(
  server: Server,
  { peers, proxies, refusals }: { peers: Peers; proxies: Peers; refusals: RefusalLog },
): () => number {
  const refuse = (reason: string, address = '') => refusals.note(reason, { peer: plainAddress(address) });
  const room = new ConnectionRoom({
    most: MOST_CONNECTIONS,
    mostOf: (address = '') => (proxies.has(address) ? MOST_CONNECTIONS : MOST_OF_A_PEER),
    refuse,
  });
  // One connection above the bound is accepted, and takes the place of an idle one.
  server.maxConnections = MOST_CONNECTIONS + 1;
  server.on('connection', (socket: Socket) => {
    if (peers.has(socket.remoteAddress ?? '')) {
      room.take(socket);
      return;
    }
    refuse('address_not_listed', socket.remoteAddress);
    socket.destroy();
  });
  server.on('drop', data => refuse('too_many_connections', data?.remoteAddress));
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // What came in the same bytes is told after the connection was closed, too.
    if (socket.destroyed) return;
    response.on('close', () => room.work(socket, -1));
    const waiting = room.work(socket, 1) - 1;
    if (waiting <= MOST_WAITING_ON_ONE && (waiting <= 0 || room.waiting <= MOST_WAITING)) return;
    refuse('too_many_waiting', socket.remoteAddress);
    socket.destroy();
  });
  return () => room.size;
}
