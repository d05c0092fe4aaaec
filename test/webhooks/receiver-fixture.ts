import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { findFreePort } from '../../lab/servers/ports';
import type { TestDatabase } from '../database/test-database';

export interface Posted {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  event: any;
}

/** A real HTTP server that keeps what it gets, on a port of its own that it keeps when it is closed and opened again. */
export interface TestReceiver {
  port: number;
  url: string;
  posted: Posted[];
  /** Answers from now on; 200 until then. `null` for never. */
  answer: number | null | RequestListener;
  /** Most requests that were open at once. */
  mostAtOnce: number;
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function openReceiver(host = '127.0.0.1'): Promise<TestReceiver> {
  let atOnce = 0;
  const server = createServer((request, response) => {
    receiver.mostAtOnce = Math.max(receiver.mostAtOnce, ++atOnce);
    response.on('close', () => atOnce--);
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      receiver.posted.push({ path: request.url ?? '', headers: request.headers, body, event: JSON.parse(body) });
      const { answer } = receiver;
      if (typeof answer === 'function') answer(request, response);
      else if (answer !== null) response.writeHead(answer).end('thanks');
    });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve());
    });
  // Not one of the machine's own choice: while the receiver is closed, an outgoing connection could get it.
  const port = await findFreePort(host);
  await listen(port);
  const receiver: TestReceiver = {
    port,
    url: `http://${host}:${port}/hook`,
    posted: [],
    answer: 200,
    mostAtOnce: 0,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
    open: () => listen(port),
  };
  return receiver;
}

/** Rows as the ledger writes them; returns their numbers. */
export async function tell(test: TestDatabase, count: number, more: Record<string, unknown> = {}): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({
    kind: 'settled',
    accountcode: 'alice',
    uniqueid: 'ast1-1.1',
    facts: JSON.stringify({ cost: '0.50', billsec: 30 }),
    ...more,
  }));
  await test.database('astoutbox').insert(rows);
  return (await test.database('astoutbox').orderBy('event_id', 'desc').limit(count).pluck('event_id')).reverse();
}

/** What is due later is long due, as if nothing had been tried for years. */
export const passTime = (test: TestDatabase): Promise<unknown> =>
  test.database('astdelivery').where({ state: 'waiting' }).update({ next_at: '2020-01-01' });

/** What is due later is due just now. */
export const dueNow = (test: TestDatabase): Promise<unknown> =>
  test
    .database('astdelivery')
    .where({ state: 'waiting' })
    .update({ next_at: test.database.raw('UTC_TIMESTAMP(3)') });

export const deliveries = (test: TestDatabase) =>
  test
    .database('astdelivery')
    .orderBy(['webhook_id', 'event_id'])
    .select('event_id', 'state', 'attempts', 'last_status', 'last_error');
