/** People of the API in tests: a service that serves nothing else, and their browsers. */
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { COST } from '../../src/access/password';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import type { TestDatabase } from '../database/test-database';

// A fiftieth of the time: hundreds of people get a password, and a processor would do little else. test/access/password.test.ts has the real cost.
Object.assign(COST, { ln: 11, p: 1 });

export const PASSWORD = 'correct horse battery';
export const OTHER_PASSWORD = 'staple of another kind';

export interface PeopleService {
  port: number;
  /** What it has logged. */
  lines: string[];
  stop(): Promise<void>;
}

/** A service behind a proxy, which tells where people are; without `isProxied` on plain loopback. */
export async function peopleService(
  db: TestDatabase,
  more: Record<string, string> = {},
  { isProxied = true } = {},
): Promise<PeopleService> {
  const [port, lines] = [await findFreePort(), [] as string[]];
  const settings = readSettings({
    RINGFENCE_DATABASE_URL: db.url,
    RINGFENCE_HTTP_LISTEN: `${port}`,
    ...(isProxied && { RINGFENCE_HTTP_PROXIES: '127.0.0.1' }),
    ...more,
  });
  const service = await startService(settings, pino({}, { write: line => lines.push(line) }));
  return { port, lines, stop: () => service.stop() };
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  body: any;
}

/** What an answer says: without the number of its request, its date, and how long to wait. */
export function toldBy({ status, body, headers }: Answer) {
  const { request_id: _, detail, ...rest } = body;
  const said = { ...rest, detail: detail?.replace(/\d+/, 'some') };
  return { status, body: said, names: [...headers.keys()].filter(name => name !== 'date').sort() };
}

/** A person's browser: it keeps the cookie that it is given, and sends it. */
export class Browser {
  cookie: string | null = null;
  csrfToken: string | null = null;
  /** By which it is known after a log-in. */
  known: string | null = null;

  constructor(
    readonly port: number,
    /** As a proxy in front names the client; null for no proxy. */
    readonly address: string | null = null,
  ) {}

  /** As a real browser keeps them. */
  get cookies(): { name: string; value: string }[] {
    return [this.cookie, this.known].flatMap(pair => {
      if (pair === null) return [];
      const end = pair.indexOf('=');
      return [{ name: pair.slice(0, end), value: pair.slice(end + 1) }];
    });
  }

  async ask(
    method: string,
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const cookies = this.cookies.map(({ name, value }) => `${name}=${value}`);
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1${path}`, {
      method,
      headers: {
        ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
        ...(this.csrfToken !== null && method !== 'GET' && { 'x-csrf-token': this.csrfToken }),
        ...(this.address !== null && { 'x-forwarded-for': this.address }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    for (const given of answer.headers.getSetCookie()) {
      const pair = given.split(';')[0] as string;
      if (pair.includes('-browser=')) this.known = pair;
      else this.cookie = given.includes('Max-Age=0') ? null : pair;
    }
    const isJson = /json\b/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : null };
  }

  get = (path: string) => this.ask('GET', path);
  post = (path: string, body: object, headers?: Record<string, string>) => this.ask('POST', path, body, headers);
  delete = (path: string) => this.ask('DELETE', path);

  async logIn(name: string, password: string, code?: string): Promise<Answer> {
    const answer = await this.post('/session', { name, password, ...(code !== undefined && { code }) });
    if (answer.status === 200) this.csrfToken = answer.body.csrf_token;
    return answer;
  }
}
