import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { findFreePort } from './ports';

/** An answer; null leaves the request without one. */
export type Answer = { status: number; type?: string; body?: string } | null;

export interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  body: string;
}

/** The wire of an Asterisk, on loopback: api-docs, REST and the event socket, for behaviour that a real one does not show on demand. */
export class FakeAri {
  readonly seen: Seen[] = [];
  readonly upgrades: { url: string; authorization: string | undefined }[] = [];
  readonly sockets: WebSocket[] = [];
  mostConnections = 0;
  /** Called first; undefined leaves the request to the defaults below. */
  answer: (method: string, path: string) => Answer | undefined = () => undefined;
  /** Called when an event socket has opened. */
  onSocket: (socket: WebSocket) => void = () => {};
  /** Global variables of the dialplan. */
  readonly #variables = new Map<string, string>();
  readonly #connections = new Set<Socket>();
  readonly #server: Server;
  readonly #events: WebSocketServer;

  constructor(options: { answersPings?: boolean } = {}) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        const answer = this.#answerTo(request, body);
        if (answer === null) return;
        response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' });
        response.end(answer.body ?? '');
      });
    });
    this.#server.on('connection', socket => {
      this.#connections.add(socket);
      this.mostConnections = Math.max(this.mostConnections, this.#connections.size);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#events = new WebSocketServer({ server: this.#server, autoPong: options.answersPings ?? true });
    this.#events.on('connection', (socket, request) => {
      this.upgrades.push({ url: request.url ?? '', authorization: request.headers.authorization });
      this.sockets.push(socket);
      this.onSocket(socket);
    });
  }

  async listen(given?: number): Promise<void> {
    const port = given ?? (await findFreePort());
    await new Promise<void>(done => this.#server.listen(port, '127.0.0.1', done));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(user = 'ringfence', password = 'fence-lab'): string {
    return `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
  }

  /** To the connection that was opened last. */
  send(event: object | string): void {
    this.sockets.at(-1)?.send(typeof event === 'string' ? event : JSON.stringify(event));
  }

  paths(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    for (const socket of this.#connections) socket.destroy();
    await new Promise(done => this.#server.close(done));
  }

  #answerTo(request: IncomingMessage, body: string): Answer {
    const method = request.method ?? '';
    const path = request.url ?? '';
    const docs = /^\/ari\/api-docs\/(\w+)\.json$/.exec(path);
    if (docs === null) this.seen.push({ method, path, authorization: request.headers.authorization, body });
    const chosen = this.answer(method, path);
    if (chosen !== undefined) return chosen;
    if (docs !== null) return { status: 200, body: JSON.stringify(this.#apiDocs(docs[1]!)) };
    if (path.startsWith('/ari/asterisk/info')) {
      return {
        status: 200,
        body: '{"config":{"name":"fake1"},"status":{"startup_time":"2026-11-21T08:50:51.948+0000"}}',
      };
    }
    if (path === '/ari/asterisk/ping') {
      return { status: 200, body: JSON.stringify({ ping: 'pong', timestamp: asteriskStamp(Date.now()) }) };
    }
    const url = new URL(path, 'http://stand-in');
    if (url.pathname === '/ari/asterisk/variable') return this.#variable(method, url.searchParams);
    const application = /^\/ari\/applications\/([^/]+)$/.exec(url.pathname)?.[1];
    if (application !== undefined && method === 'GET') return this.#application(decodeURIComponent(application));
    const playback = /\/play\/([^?]+)/.exec(path);
    if (playback !== null) return { status: 201, body: JSON.stringify({ id: playback[1], state: 'queued' }) };
    return { status: 204 };
  }

  /** A variable that was never set is empty. */
  #variable(method: string, query: URLSearchParams): Answer {
    const name = query.get('variable') ?? '';
    if (method === 'GET') return { status: 200, body: JSON.stringify({ value: this.#variables.get(name) ?? '' }) };
    this.#variables.set(name, query.get('value') ?? '');
    return { status: 204 };
  }

  /** Exists while a connection has its events. */
  #application(name: string): Answer {
    const isServed = this.sockets.some(
      (socket, index) =>
        socket.readyState === socket.OPEN &&
        new URL(this.upgrades[index]?.url ?? '', 'http://stand-in').searchParams.get('app') === name,
    );
    if (!isServed) return { status: 404, body: '{"message":"Application not found"}' };
    const none = { channel_ids: [], bridge_ids: [], endpoint_ids: [], device_names: [] };
    return { status: 200, body: JSON.stringify({ name, ...none, events_allowed: [], events_disallowed: [] }) };
  }

  /** Swagger 1.1, as Asterisk writes it, with the operations that we use. */
  #apiDocs(name: string): object {
    const basePath = `http://127.0.0.1:${this.port}/ari`;
    if (name === 'resources') {
      const apis = Object.keys(OPERATIONS).map(resource => ({
        path: `/api-docs/${resource}.{format}`,
        description: resource,
      }));
      return { swaggerVersion: '1.1', apiVersion: '10.0.0', basePath, apis };
    }
    const apis = (OPERATIONS[name] ?? []).map(([nickname, httpMethod, path, query, body, responseClass]) => ({
      path,
      description: nickname,
      operations: [
        {
          nickname,
          httpMethod,
          summary: nickname,
          responseClass,
          parameters: [
            ...[...path.matchAll(/\{(\w+)\}/g)].map(match => parameter(match[1]!, 'path', 'string')),
            ...query.split(' ').flatMap(word => (word === '' ? [] : [parameter(word, 'query', 'string')])),
            ...(body === '' ? [] : [parameter(body, 'body', 'containers')]),
          ],
        },
      ],
    }));
    return { swaggerVersion: '1.1', apiVersion: '2.0.0', basePath, resourcePath: name, apis, models: {} };
  }
}

function parameter(name: string, paramType: string, dataType: string): object {
  return { name, paramType, dataType, required: paramType === 'path', allowMultiple: false, description: name };
}

type Operation = [nickname: string, method: string, path: string, query: string, body: string, response: string];

const OPERATIONS: Record<string, Operation[]> = {
  applications: [
    ['filter', 'PUT', '/applications/{applicationName}/eventFilter', '', 'filter', 'Application'],
    ['subscribe', 'POST', '/applications/{applicationName}/subscription', 'eventSource', '', 'Application'],
  ],
  asterisk: [
    ['ping', 'GET', '/asterisk/ping', '', '', 'AsteriskPing'],
    ['setGlobalVar', 'POST', '/asterisk/variable', 'variable value', '', 'void'],
  ],
  bridges: [
    ['createWithId', 'POST', '/bridges/{bridgeId}', 'type name', '', 'Bridge'],
    ['addChannel', 'POST', '/bridges/{bridgeId}/addChannel', 'channel', '', 'void'],
    ['destroy', 'DELETE', '/bridges/{bridgeId}', '', '', 'void'],
  ],
  channels: [
    ['create', 'POST', '/channels/create', 'endpoint app appArgs channelId originator', 'variables', 'Channel'],
    ['hangup', 'DELETE', '/channels/{channelId}', 'reason_code', '', 'void'],
    ['dial', 'POST', '/channels/{channelId}/dial', 'caller timeout', '', 'void'],
    ['playWithId', 'POST', '/channels/{channelId}/play/{playbackId}', 'media', '', 'Playback'],
    ['getChannelVar', 'GET', '/channels/{channelId}/variable', 'variable', '', 'Variable'],
    ['setChannelVar', 'POST', '/channels/{channelId}/variable', 'variable value', '', 'void'],
    ['setChannelVars', 'POST', '/channels/{channelId}/variables', '', 'variables', 'void'],
    ['continueInDialplan', 'POST', '/channels/{channelId}/continue', '', '', 'void'],
  ],
  playbacks: [['stop', 'DELETE', '/playbacks/{playbackId}', '', '', 'void']],
};

/** `2026-11-21T08:50:51.948+0000` */
export function asteriskStamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000');
}
