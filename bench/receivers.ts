import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDatabase } from '../src/database/connection';

/** Receivers of webhooks on this machine. One of them takes what it gets. */
export interface Receivers {
  /** The setting without which nothing on loopback receives a post. */
  settings: Record<string, string>;
  /** What the good one has taken. */
  taken: () => number;
  close(): Promise<void>;
}

/** How receivers fail: with an error, with a late answer, with none, or by not running. */
const BAD: ((server: Server) => RequestListener)[] = [
  () => (_, response) => response.writeHead(500).end(),
  () => (_, response) => void setTimeout(() => response.writeHead(500).end(), 2_000),
  () => () => undefined,
  server => () => server.closeAllConnections(),
];

/** A good receiver and so many bad ones, each a webhook that wants all events of the books at `databaseUrl`. */
export async function openReceivers(databaseUrl: string, bad: number): Promise<Receivers> {
  let taken = 0;
  const good: RequestListener = (request, response) => {
    request.resume();
    request.on('end', () => {
      taken += 1;
      response.writeHead(204).end();
    });
  };
  const servers: Server[] = [];
  const database = openDatabase(databaseUrl);
  for (let index = 0; index <= bad; index++) {
    const server = createServer();
    server.on('request', index === 0 ? good : (BAD[(index - 1) % BAD.length] as (typeof BAD)[number])(server));
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
    servers.push(server);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await database('astwebhook').insert({
      webhook: `receiver-${index}`,
      url,
      secret: 'a-secret-of-32-characters-or-so!',
    });
  }
  await database.destroy();
  return {
    settings: { RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1' },
    taken: () => taken,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise(closed => server.close(closed));
      }
    },
  };
}
