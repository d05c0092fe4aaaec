import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool } from 'undici';
import { SwitchError } from '../../calls/switch-port';
import type { AriAddress } from './ari-address';
import type { RoundTripOutcome } from './round-trips';
import { type WholeResponse, wholeResponse } from './whole-response';

/**
 * Carries every REST request to one Asterisk: a bounded pool, one switch's own credentials, a deadline.
 *
 * ari-client 2.2.0, which loads the switch's description of ARI, sends its requests through swagger-client 2.0.26 and shred. There a network
 * error never settles the promise (node-ari-client#78), nothing has a deadline, the credentials are one singleton for all switches of the
 * process, and a burst opens a socket for each request. All four end here: `carryRequestsOf` puts this transport under swagger-client.
 */
export class AriTransport {
  readonly #pool: Pool;
  /** Thousands of calls that end at once do not hold up a start, and a slow request holds up no hang-up. */
  readonly #hangUps: Pool;
  readonly #headers: { plain: string[]; json: string[] };

  constructor(
    readonly address: AriAddress,
    /** How long any one request may take, time spent waiting for a free connection included. */
    readonly deadlineMs: number,
    /** Called with each answer: whether the switch took user and password. */
    private readonly onLogin: (isAccepted: boolean) => void = () => {},
    /** Called with each request that is over, and how long it took. Ms. */
    private readonly onRoundTrip: (outcome: RoundTripOutcome, ms: number) => void = () => {},
  ) {
    const plain = ['authorization', address.authorization, 'accept', 'application/json'];
    this.#headers = { plain, json: [...plain, 'content-type', 'application/json'] };
    // Loaded with the first transport: a command line, which mostly needs none, starts 0.1 s sooner.
    const undici = require('undici') as typeof import('undici');
    // http.conf's sessionlimit is 100 by default, shared with every other client; 32 connections already carry
    // 10,000 requests a second (docs/asterisk.md), so more would only take sessions from others.
    const poolOf = (connections: number) =>
      new undici.Pool(address.origin, {
        connections,
        pipelining: 1,
        // Asterisk closes an idle connection after session_keep_alive (15 s by default), perhaps while a request is on its way. So we close
        // first.
        keepAliveTimeout: 4_000,
        keepAliveMaxTimeout: 4_000,
        connect: { timeout: deadlineMs },
      });
    this.#pool = poolOf(24);
    this.#hangUps = poolOf(8);
  }

  /**
   * The response to one request, whole.
   *
   * Rejects with SwitchError: `gone` and `refused` are answers of ARI itself. `unanswered` covers the network, the deadline, and answers of
   * Asterisk's web server while ARI is not ready (404 as HTML, 503), which say nothing about a channel. Neither the message nor the cause
   * carries credentials: they travel in a header only.
   */
  async request(method: string, path: string, body?: string): Promise<WholeResponse> {
    const beganAt = performance.now();
    let outcome: RoundTripOutcome = 'unanswered';
    try {
      const response = await this.#ask(method, path, body);
      outcome = 'answered';
      return response;
    } catch (error) {
      if (error instanceof SwitchError) outcome = error.kind;
      throw error;
    } finally {
      this.onRoundTrip(outcome, performance.now() - beganAt);
    }
  }

  async #ask(method: string, path: string, body?: string): Promise<WholeResponse> {
    const what = `${method} ${path.split('?')[0]}`;
    let response: WholeResponse;
    try {
      response = await wholeResponse(
        isHangUp(method, path) ? this.#hangUps : this.#pool,
        {
          method: method as 'GET',
          path,
          headers: body === undefined ? this.#headers.plain : this.#headers.json,
          body: body ?? null,
        },
        this.deadlineMs,
      );
    } catch (cause) {
      throw new SwitchError('unanswered', `${what}: ${faultText(cause)}`, { cause });
    }
    const { status, data } = response;
    this.onLogin(status !== LOGIN_REFUSED);
    if (status >= 200 && status < 300) return response;
    throw refusalOf(what, status, data);
  }

  /** The content at `path`, parsed. Rejects as `request` does; an answer that is not JSON is `unanswered`. */
  async read<T>(path: string): Promise<T> {
    const { data } = await this.request('GET', path);
    return parsed('GET', data) as T;
  }

  /** Runs `work` so that every request that ari-client makes in it, and in what it awaits, goes to this switch. */
  run<T>(work: () => T): T {
    return currentTransport.run(this, work);
  }

  /** Closes the connections at once; requests in progress reject `unanswered`. */
  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#hangUps.destroy()]);
  }
}

const isHangUp = (method: string, path: string): boolean => method === 'DELETE' && path.startsWith('/ari/channels/');

/** ARI's answer to a wrong user or password. A user that may only read gets 403. */
const LOGIN_REFUSED = 401;

function refusalOf(what: string, status: number, data: string): SwitchError {
  const message = ariMessage(data);
  if (status === 503 || (message === null && (status === 404 || status >= 500))) {
    return new SwitchError('unanswered', `${what}: HTTP ${status}, the switch is not ready`);
  }
  // addChannel answers 400 where the other requests answer 404. "Provided variable was not found" is about a function that Asterisk did not
  // load, not about the channel.
  const gone = message !== null && /\bnot (be )?found\b/i.test(message) && !/variable/i.test(message);
  return gone && (status === 404 || status === 400)
    ? new SwitchError('gone', `${what}: ${message}`)
    : new SwitchError('refused', `${what}: HTTP ${status}${message === null ? '' : ` ${message}`}`, {}, status);
}

/** The message of ARI: `{"message":…}` as a rule, `{"error":…}` if it ran out of memory or of endpoints; null if the answer is not ARI's. */
function ariMessage(data: string): string | null {
  try {
    const body = JSON.parse(data) as { message?: unknown; error?: unknown } | null;
    const message = body?.message ?? body?.error;
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

/** What went wrong, in a few words; never empty, although the message of a refused connection to `localhost` is. */
export function faultText(error: unknown): string {
  const { message, code, name } = (error ?? {}) as { message?: unknown; code?: unknown; name?: unknown };
  for (const text of [message, code, name]) if (typeof text === 'string' && text !== '') return text;
  return String(error);
}

/** An answer's JSON. @throws SwitchError `unanswered` where it is none. */
export function parsed(method: string, data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw unreadable(method, error);
  }
}

function unreadable(method: string, cause: unknown): SwitchError {
  return new SwitchError('unanswered', `${method}: unreadable answer: ${faultText(cause)}`, { cause });
}

// The address alone does not say for which switch a request is (two switches may be reached through one), and swagger-client passes nothing
// else along. The asynchronous context does, through ari-client's own callbacks too.
const currentTransport = new AsyncLocalStorage<AriTransport>();

/** The request object that swagger-client hands down, with the fields that we use. */
interface SwaggerHttpRequest {
  url: string;
  method: string;
  body?: string;
  on: { response(response: { status: number; data: string }): unknown; error(error: unknown): unknown };
}

/** The part of swagger-client 2.0.26 that is replaced. */
export interface SwaggerModule {
  SwaggerHttp: { prototype: { execute(request: SwaggerHttpRequest): void } };
  authorizations: { apply(): boolean };
}

/**
 * Puts AriTransport under swagger-client, for the whole process and permanently. Calling it twice changes nothing.
 *
 * Replaces `SwaggerHttp`, one layer above `ShredHttpClient`: the latter builds a shred client for each request before it is told to execute
 * the request. `swagger` must be the instance that ari-client itself requires.
 */
export function carryRequestsOf(swagger: SwaggerModule): void {
  swagger.authorizations.apply = () => true;
  swagger.SwaggerHttp.prototype.execute = request => {
    const transport = currentTransport.getStore();
    if (transport === undefined) throw new Error('A request of ari-client outside AriTransport.run');
    const settle = async () => {
      const url = new URL(request.url);
      const { status, data } = await transport.request(
        request.method.toUpperCase(),
        url.pathname + url.search,
        request.body || undefined,
      );
      // An answer that ari-client cannot read throws in here and reaches `error` below; without this its promise stayed pending.
      request.on.response({ status, data });
    };
    settle().catch((error: unknown) => {
      try {
        request.on.error(error instanceof SwitchError ? error : unreadable(request.method, error));
      } catch {
        // While the api-docs load, swagger-client reports a failure to its callback and then throws the same text.
      }
    });
  };
}
