import { WebSocket } from 'ws';
import { type EventHandlers, type EventSource, EventStream, LARGEST_EVENT_BYTES } from './event-stream';
import { Retries } from './retries';

export interface AriEventSourceOptions extends EventHandlers {
  /** `ws://host:port/ari/events?app=…`, without credentials. */
  url: string;
  authorization: string;
  /** How long the upgrade to a WebSocket may take. */
  handshakeMs: number;
}

/**
 * The event stream of one application on one Asterisk to which we connect. It replaces ari-client's, which gives up forever after 43 s
 * (WebSocketMaxRetries), dies of one event that it does not know or of one handler that throws, sees no half-open connection, and puts the
 * password into the address.
 *
 * Asterisk forgets what happens while no service is connected. A connection whose `prepare` rejects counts as failed.
 */
export class AriEventSource implements EventSource {
  readonly #options: AriEventSourceOptions;
  readonly #retries: Retries;
  #stream: EventStream | null = null;
  #stopped = true;

  constructor(options: AriEventSourceOptions) {
    this.#options = options;
    this.#retries = new Retries(options.log, options.timing);
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#retries.cancel();
    this.#stream?.drop();
    this.#stream = null;
  }

  async leave(): Promise<void> {}

  shut(why: string): void {
    this.#stream?.lose(why);
  }

  #connect(): void {
    const { url, authorization, handshakeMs, onReady } = this.#options;
    const socket = new WebSocket(url, {
      headers: { authorization },
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: LARGEST_EVENT_BYTES,
    });
    const handlers = {
      ...this.#options,
      onReady: () => {
        this.#retries.succeeded();
        onReady();
      },
    };
    this.#stream = new EventStream(socket, handlers, why => {
      this.#stream = null;
      if (!this.#stopped) this.#retries.later(why, () => this.#connect());
    });
  }
}
