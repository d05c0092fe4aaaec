/** A listener of the API's streams, on a socket of its own. */
import { type IncomingMessage, request } from 'node:http';
import { type Received, SseReader } from '../live/sse-reader';
import { until } from '../switches/asterisk/log-lines';

export interface StreamClient {
  status: number;
  headers: IncomingMessage['headers'];
  reader: SseReader;
  /** The whole answer, if it is no stream. */
  text: string;
  /** The connection is closed, by either end. */
  isClosed: boolean;
  /** Reads nothing more, or reads on. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
  /** The data of messages of a name, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any message
  data(event?: string): any[];
  /** Resolves with the first message of that name that fits; also one that has come before. */
  next(event: string, fits?: (data: never) => boolean): Promise<Received>;
}

/** Resolves when the stream has begun, or the whole refusal is there. */
export async function listen(
  port: number,
  path: string,
  secret: string | null,
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: `/api/v1${path}`,
    headers: { ...(secret !== null && { authorization: `Bearer ${secret}` }), ...headers },
    agent: false,
  });
  asked.end();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject);
  });
  asked.on('error', () => undefined);
  const reader = new SseReader();
  const client: StreamClient = {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    reader,
    text: '',
    isClosed: false,
    pause: () => void answer.pause(),
    resume: () => void answer.resume(),
    async close() {
      answer.destroy();
      await until(() => client.isClosed, 'the end of the stream');
    },
    data: (event = 'message') =>
      reader.messages.filter(each => each.event === event).map(each => JSON.parse(each.data)),
    async next(event, fits = () => true) {
      const found = () => reader.messages.find(each => each.event === event && fits(JSON.parse(each.data) as never));
      await until(() => found() !== undefined, `a message ${event}`);
      return found() as Received;
    },
  };
  answer.setEncoding('utf8');
  answer.on('data', (more: string) => {
    client.text += client.text.length < 10_000 ? more : '';
    reader.read(more);
  });
  answer.on('error', () => undefined);
  answer.on('close', () => {
    client.isClosed = true;
  });
  await until(() => client.isClosed || reader.retryMs !== null, 'the beginning of the stream');
  return client;
}
