import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { faultText } from './ari-transport';

/** An event as ARI sends it. Only `type` is sure: a newer Asterisk may send types and fields nobody here knows. */
export interface AriEvent {
  type: string;
  timestamp?: string;
  [field: string]: unknown;
}

export interface AriEventSourceOptions {
  /** `ws://host:port/ari/events?app=…`, without credentials. */
  url: string;
  authorization: string;
  /**
   * Called when a connection is open, before any of its events is handed on; they wait meanwhile, in order. A rejection
   * counts as a failed connection.
   */
  prepare: () => Promise<void>;
  /** Called when `prepare` has succeeded and the connection still stands, just before its first event is handed on. */
  onReady: () => void;
  /** Called with each event, in the order of the connection. What it throws is logged and stops nothing. */
  onEvent: (event: AriEvent) => void;
  /** Called once for each connection that was ready, when it is lost. */
  onLost: () => void;
  log: Logger;
  /** How long the upgrade to a WebSocket may take. */
  handshakeMs: number;
  timing?: Partial<EventSourceTiming>;
}

export interface EventSourceTiming {
  /** A ping this often; two that were not answered end the connection. Asterisk answers within milliseconds. */
  pingEveryMs: number;
  firstRetryMs: number;
  /** No wait between two attempts is longer. */
  longestRetryMs: number;
}

const TIMING: EventSourceTiming = { pingEveryMs: 5_000, firstRetryMs: 50, longestRetryMs: 2_000 };

/** So many pings without a pong, and the peer is taken for dead: TCP alone would take minutes to notice. */
const MISSED_PONGS = 2;

/**
 * The event stream of one application on one Asterisk, in place of ari-client's, which gives up for ever after 43 s
 * (WebSocketMaxRetries), dies of one event that it does not know or of one handler that throws, sees no half-open
 * connection, and puts the password into the address.
 *
 * It connects until `stop`, however long the switch is away. There is one connection at a time: what an earlier one still
 * delivers is dropped.
 */
export class AriEventSource {
  readonly #options: AriEventSourceOptions;
  readonly #timing: EventSourceTiming;
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #lastFailure = '';
  #stopped = true;

  constructor(options: AriEventSourceOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  /** Ends the connection and all attempts at one. `onLost` is not called. */
  stop(): void {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    // A frozen switch would never answer the close; ws itself would wait 30 s for it.
    const impatience = setTimeout(() => socket.terminate(), 1_000);
    socket.once('close', () => clearTimeout(impatience));
    socket.close();
  }

  #connect(): void {
    const { url, authorization, handshakeMs } = this.#options;
    const socket = new WebSocket(url, {
      headers: { authorization },
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;

    // Events that arrive while `prepare` runs; null once it is done.
    let waiting: AriEvent[] | null = [];
    let failure = 'closed by the switch';
    let pings: NodeJS.Timeout | null = null;

    socket.on('open', () => {
      pings = this.#keepAlive(socket, () => {
        failure = `no answer to ${MISSED_PONGS} pings`;
      });
      this.#options.prepare().then(
        () => {
          if (this.#socket !== socket) return;
          this.#failures = 0;
          this.#lastFailure = '';
          const early = waiting ?? [];
          waiting = null;
          this.#guard('ready', () => this.#options.onReady());
          for (const event of early) this.#dispatch(event);
        },
        error => {
          failure = faultText(error);
          socket.terminate();
        },
      );
    });
    socket.on('message', data => {
      const event = this.#read(String(data));
      if (event === null || this.#socket !== socket) return;
      if (waiting === null) this.#dispatch(event);
      else waiting.push(event);
    });
    socket.on('error', error => {
      failure = faultText(error);
    });
    // Follows 'error' too, so that there is one way out.
    socket.on('close', () => {
      if (pings !== null) clearInterval(pings);
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (waiting === null) this.#guard('lost', () => this.#options.onLost());
      this.#retryLater(failure);
    });
  }

  #keepAlive(socket: WebSocket, onDead: () => void): NodeJS.Timeout {
    let unanswered = 0;
    socket.on('pong', () => {
      unanswered = 0;
    });
    return setInterval(() => {
      if (unanswered >= MISSED_PONGS) {
        onDead();
        socket.terminate();
        return;
      }
      unanswered += 1;
      socket.ping();
    }, this.#timing.pingEveryMs);
  }

  /** Doubling waits with jitter, so that several services do not fall upon a restarted switch in step. */
  #retryLater(failure: string): void {
    if (this.#stopped) return;
    const { firstRetryMs, longestRetryMs } = this.#timing;
    const longestMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 30));
    const waitMs = longestMs * (0.5 + Math.random() / 2);
    this.#failures += 1;
    // Once for each new reason: a switch that is away for a night is one line, not forty thousand.
    if (failure !== this.#lastFailure) {
      this.#options.log.warn({ event: 'switch_events_down', reason: failure });
      this.#lastFailure = failure;
    }
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#connect();
    }, waitMs);
  }

  #read(text: string): AriEvent | null {
    try {
      const event = JSON.parse(text) as AriEvent | null;
      if (typeof event?.type === 'string') return event;
    } catch {
      // Falls through to the line below.
    }
    this.#options.log.error({ event: 'switch_event_unreadable', bytes: text.length });
    return null;
  }

  #dispatch(event: AriEvent): void {
    this.#guard(event.type, () => this.#options.onEvent(event));
  }

  #guard(type: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error({ event: 'switch_event_handler_failed', type, err: error });
    }
  }
}
