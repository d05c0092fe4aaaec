import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { SwitchError } from '../../calls/switch-port';
import type { ProxyUrl } from './proxy-url';

/**
 * One question to a proxy by JSON-RPC 2.0. Rejects with SwitchError: `refused` for an error of the proxy, with its code. `once`: what ends a call is not
 * asked again without a look whether the call is still there, because it may have been done though no answer came.
 */
export type AskProxy = (method: string, params: RpcParams, times?: 'once') => Promise<unknown>;

/** By position for Kamailio's commands, or by name for those of OpenSIPS. */
export type RpcParams = readonly (string | number)[] | Readonly<Record<string, string | number>>;

export interface ProxyRpc {
  ask: AskProxy;
  close(): void;
}

/** A proxy on loopback answers in a millisecond. */
export const PROXY_DEADLINE_MS = 2_000;

/** Longer than a datagram can hold. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

export const proxyRpc = (url: ProxyUrl): ProxyRpc =>
  url.transport === 'http' ? overHttp(url) : new OverDatagrams(url);

function overHttp({ host, port, path }: ProxyUrl): ProxyRpc {
  // Loaded with the first proxy: a command line, which mostly needs none, starts 0.1 s sooner.
  const { request } = require('undici') as typeof import('undici');
  const authority = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    async ask(method, params) {
      let text: string;
      try {
        const response = await request(`http://${authority}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(questionOf(1, method, params)),
          headersTimeout: PROXY_DEADLINE_MS,
          bodyTimeout: PROXY_DEADLINE_MS,
          signal: AbortSignal.timeout(PROXY_DEADLINE_MS),
        });
        text = await response.body.text();
      } catch (cause) {
        throw new SwitchError('unanswered', `${method}: ${(cause as Error).message}`, { cause });
      }
      if (text.length > MOST_ANSWER_BYTES) throw new SwitchError('unanswered', `${method}: the answer is too long`);
      return answerIn(method, text);
    },
    close: () => undefined,
  };
}

interface Waiting {
  method: string;
  resolve(answer: unknown): void;
  reject(error: SwitchError): void;
  timer: NodeJS.Timeout;
}

/**
 * Datagrams over UDP, because node has none for sockets that are files. A question without an answer is asked again, because either may be
 * lost; the commands (list, set) may be done twice. Not one that is asked `once`.
 */
class OverDatagrams implements ProxyRpc {
  private readonly waiting = new Map<number, Waiting>();
  private socket: Promise<Socket> | null = null;

  constructor(private readonly url: ProxyUrl) {}

  ask: AskProxy = async (method, params, times) => {
    const MOST_TRIES = 3;
    for (let tries = times === 'once' ? MOST_TRIES : 1; ; tries++) {
      try {
        return await this.askOnce(method, params, PROXY_DEADLINE_MS / MOST_TRIES);
      } catch (error) {
        const isLost = error instanceof SwitchError && error.kind === 'unanswered';
        if (!isLost || tries === MOST_TRIES) throw error;
      }
    }
  };

  close(): void {
    void this.socket?.then(socket => socket.close()).catch(() => undefined);
    this.socket = null;
    for (const { method, reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new SwitchError('unanswered', `${method}: given up`));
    }
    this.waiting.clear();
  }

  private askOnce(method: string, params: RpcParams, withinMs: number): Promise<unknown> {
    const id = this.newId();
    return new Promise((resolve, reject) => {
      const give = (error: SwitchError) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        reject(error);
      };
      const timer = setTimeout(() => give(new SwitchError('unanswered', `${method}: no answer`)), withinMs);
      this.waiting.set(id, { method, resolve, reject: give, timer });
      const failed = (error: Error) =>
        give(new SwitchError('unanswered', `${method}: ${error.message}`, { cause: error }));
      this.open().then(
        socket => socket.send(JSON.stringify(questionOf(id, method, params)), error => error && failed(error)),
        failed,
      );
    });
  }

  /** An id that cannot be guessed, and that every JSON reader keeps exactly as a number. */
  private newId(): number {
    const id = randomInt(1, 2 ** 31 - 1);
    return this.waiting.has(id) ? this.newId() : id;
  }

  /** Connected, so that the kernel accepts only packets of the proxy: any program on this machine may send to our port. */
  private open(): Promise<Socket> {
    this.socket ??= new Promise((resolve, reject) => {
      const { host, port } = this.url;
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
      socket.unref();
      socket.on('error', error => {
        // Nothing listens there now; the next question opens another socket.
        this.socket = null;
        socket.close();
        reject(error);
      });
      socket.on('message', message => this.take(message.toString('utf8')));
      socket.once('connect', () => resolve(socket));
      socket.connect(port, host);
    });
    return this.socket;
  }

  private take(text: string): void {
    const id = /"id":\s*"?(\d+)"?/.exec(text.slice(-100))?.[1] ?? /"id":\s*"?(\d+)"?/.exec(text.slice(0, 200))?.[1];
    const waiting = this.waiting.get(Number(id));
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(Number(id));
    try {
      waiting.resolve(answerIn(waiting.method, text));
    } catch (error) {
      waiting.reject(error as SwitchError);
    }
  }
}

const questionOf = (id: number, method: string, params: RpcParams): object => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(Object.keys(params).length > 0 && { params }),
});

/** The result in an answer. @throws SwitchError */
function answerIn(method: string, text: string): unknown {
  let answer: { result?: unknown; error?: { code?: number; message?: string; data?: string } };
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new SwitchError('unanswered', `${method}: the answer is no JSON`, { cause });
  }
  if (answer.error) {
    const { code = null, message = '', data } = answer.error;
    throw new SwitchError('refused', `${method}: ${code} ${message}${data ? `: ${data}` : ''}`, {}, code);
  }
  return answer.result;
}
