import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Distance {
  url: string;
  /** May be changed at any time. */
  distanceMs: number;
  close(): Promise<void>;
}

/** A way to the database of `url` that delays every byte by half of `distanceMs`. */
export async function openDistance(url: string, distanceMs: number): Promise<Distance> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', data => setTimeout(() => to.write(data), way.distanceMs / 2));
    from.on('close', () => setTimeout(() => to.destroy(), way.distanceMs / 2));
    from.on('error', () => undefined);
  };
  const server = createServer(near => {
    const there = connect(Number(port), hostname);
    forward(near, there);
    forward(there, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = new URL(url);
  far.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const way: Distance = {
    url: far.toString(),
    distanceMs,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(closed => server.close(closed));
    },
  };
  return way;
}
