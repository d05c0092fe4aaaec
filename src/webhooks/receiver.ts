import type { LookupAddress, LookupOptions } from 'node:dns';
import type { buildConnector, Pool } from 'undici';
import { bodyOf, headersOf, type ToldEvent } from './message';
import { lookUpName, type NameLookup } from './name-lookup';
import { type AllowedTarget, allowMend, isAllowed, isPublic, literalAddress } from './target';

/** The outcome of one try. */
export interface Answer {
  /** null if there was none. */
  status: number | null;
  /** Empty if the receiver took the event; otherwise what was wrong, without the URL. */
  error: string;
}

export interface ReceiverOptions {
  url: string;
  secret: string;
  allowed: readonly AllowedTarget[];
  /** Most requests at once. */
  connections: number;
  /** How long a try may take, looking up the name and connecting included. Ms. */
  deadlineMs: number;
  lookUp?: NameLookup;
}

/** How much of an answer's body is read, so that its connection can be used again. The body itself is ignored. Bytes. */
const MOST_BODY = 16_384;

/**
 * The far end of one webhook, with connections of its own.
 *
 * Each connection goes to an address that was checked right before, and to no other: a later answer of the name server changes nothing. It
 * uses no proxy and follows no redirect, because either would connect to something unchecked.
 */
export class Receiver {
  private readonly url: URL;
  private readonly pool: Pool;

  constructor(private readonly options: ReceiverOptions) {
    this.url = new URL(options.url);
    // Loaded with the first receiver: a command line, which mostly needs none, starts 0.1 s sooner.
    const undici = require('undici') as typeof import('undici');
    this.pool = new undici.Pool(this.url.origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      connect: guardedConnector(this.url, options),
    });
  }

  /** Posts one event. Never rejects; null if `interrupted` ended it. */
  async post(event: ToldEvent, interrupted?: AbortSignal): Promise<Answer | null> {
    const { secret, deadlineMs } = this.options;
    const body = bodyOf(event);
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), deadlineMs);
    const interrupt = () => ended.abort();
    interrupted?.addEventListener('abort', interrupt, { once: true });
    try {
      if (interrupted?.aborted) return null;
      const response = await this.pool.request({
        method: 'POST',
        path: this.url.pathname + this.url.search,
        headers: headersOf(event.eventId, body, secret, Math.floor(Date.now() / 1000)),
        body,
        signal: ended.signal,
      });
      // The status is the answer, whatever becomes of the body.
      await response.body.dump({ limit: MOST_BODY, signal: ended.signal }).catch(() => undefined);
      return { status: response.statusCode, error: complaintOf(response.statusCode) };
    } catch (error) {
      if (interrupted?.aborted) return null;
      if (ended.signal.aborted) return { status: null, error: `no answer in ${deadlineMs / 1000} s` };
      return { status: null, error: reasonOf(error).slice(0, 200) };
    } finally {
      clearTimeout(timer);
      interrupted?.removeEventListener('abort', interrupt);
    }
  }

  /** Closes the connections at once. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

function complaintOf(status: number): string {
  if (status >= 200 && status < 300) return '';
  if (status >= 300 && status < 400) return `HTTP ${status}: redirects are not followed, correct the URL`;
  return `HTTP ${status}`;
}

/** Connects to checked addresses only. */
function guardedConnector(url: URL, { allowed, deadlineMs, lookUp = lookUpName }: ReceiverOptions) {
  const anywhere = isAllowed(url, allowed);
  const check = (addresses: LookupAddress[]): LookupAddress[] => {
    const bad = anywhere ? undefined : addresses.find(({ address }) => !isPublic(address));
    // One bad address spoils the rest: we do not choose to which of them the connection goes.
    if (bad) throw new Error(`address ${bad.address} of ${url.hostname} is not public: ${allowMend(url)}`);
    return addresses;
  };
  type Found = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;
  const lookup = (name: string, { all }: LookupOptions, found: Found) => {
    lookUp(name)
      .then(check)
      .then(
        addresses => {
          const [first] = addresses as [LookupAddress, ...LookupAddress[]];
          if (all) found(null, addresses);
          else found(null, first.address, first.family);
        },
        error => found(error),
      );
  };
  const undici = require('undici') as typeof import('undici');
  const connect = undici.buildConnector({ timeout: deadlineMs, lookup: lookup as never });
  return (options: buildConnector.Options, callback: buildConnector.Callback) => {
    const address = literalAddress(url);
    // An address in the URL needs no look-up, so it is checked here.
    try {
      if (address !== null) check([{ address, family: 0 }]);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    connect(options, callback);
  };
}

/** What went wrong, in a few words; never empty, although the message of a refused connection to several addresses is. */
function reasonOf(error: unknown): string {
  const { message, code, name } = (error ?? {}) as { message?: unknown; code?: unknown; name?: unknown };
  for (const text of [message, code, name]) if (typeof text === 'string' && text !== '') return text;
  return String(error);
}
