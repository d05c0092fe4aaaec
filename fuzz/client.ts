/** Requests as bytes on a connection, and answers as they come. */
import { Agent, request } from 'node:http';
import type { Answer } from './api-document';

export interface Sent {
  method: string;
  /** Whole, with the query. */
  path: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | null;
}

export interface Received extends Answer {
  isRepeat: boolean;
  requestId: string;
  setCookie: readonly string[];
}

const STREAM = 'text/event-stream';
const LIST = 'text/csv';

/** Of a list as CSV no more is read. */
const MOST_BYTES = 65_536;

/** Longer than any request may take. Ms. */
const DEADLINE_MS = 60_000;

export class Client {
  private readonly agent: Agent;

  constructor(
    private readonly port: number,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  close(): void {
    this.agent.destroy();
  }

  /** @throws Error if no answer came */
  send({ method, path, headers, body }: Sent): Promise<Received> {
    const { agent, port } = this;
    // As a list they are sent as they are, also two of one name.
    const all = [
      ['host', `127.0.0.1:${port}`],
      // Otherwise it would be said to come in pieces.
      ['content-length', String(body?.length ?? 0)],
      ...headers,
    ].flat();
    return new Promise((resolve, reject) => {
      const sent = request({ agent, port, host: '127.0.0.1', method, path, headers: all, timeout: DEADLINE_MS });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${DEADLINE_MS / 1_000} s`)));
      sent.on('error', reject);
      sent.on('response', response => {
        const { statusCode = 0, headers: told } = response;
        const contentType = String(told['content-type'] ?? '');
        const chunks: Buffer[] = [];
        let [length, isCut] = [0, false];
        const done = () =>
          resolve({
            status: statusCode,
            contentType,
            text: Buffer.concat(chunks).toString(),
            isCut,
            isRepeat: told['idempotent-replayed'] === 'true',
            requestId: String(told['x-request-id'] ?? ''),
            setCookie: told['set-cookie'] ?? [],
          });
        const cut = () => {
          isCut = true;
          done();
          response.destroy();
        };
        response.on('error', reject);
        // Its first message may be a while off.
        if (contentType.startsWith(STREAM)) return cut();
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (contentType.startsWith(LIST) && length > MOST_BYTES) cut();
        });
        response.on('end', done);
      });
      sent.end(body ?? undefined);
    });
  }
}
