import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { faultText } from './ari-transport';

/** An event as ARI sends it. Only `type` is sure: a newer Asterisk may send types and fields that are unknown here. */
export interface AriEvent {
  type: string;
  timestamp?: string;
  [field: string]: unknown;
}

/** What is done with the events of one application on one Asterisk, whichever side opens the connection. */
export interface EventHandlers {
  /** Called when a connection is open, before any of its events is handed on; they wait meanwhile, in order. */
  prepare: () => Promise<void>;
  /** Called when `prepare` has succeeded and the connection still stands, just before its first event is handed on. */
  onReady: () => void;
  /** Called with each event, in the order of the connection. What it throws is logged and stops nothing. */
  onEvent: (event: AriEvent) => void;
  /** Called once for each time that a connection was ready, when it is lost. */
  onLost: () => void;
  log: Logger;
  timing?: Partial<EventSourceTiming>;
}

export interface EventSourceTiming {
  /** A ping this often; two that were not answered end the connection. Asterisk answers within milliseconds. */
  pingEveryMs: number;
  firstRetryMs: number;
  /** No wait between two attempts is longer. */
  longestRetryMs: number;
}

export const TIMING: EventSourceTiming = { pingEveryMs: 5_000, firstRetryMs: 50, longestRetryMs: 2_000 };

/** Where the events of one switch come from. There is one connection at a time; what an earlier one still delivers is dropped. */
export interface EventSource {
  /** Goes on until `stop`, however long the switch is away. */
  start(): void;
  /** Ends the connection and all attempts at one. Nothing is told after it, not even `onLost`. */
  stop(): void;
  /**
   * Leaves what happens from now on to the switch, where it keeps it for the next connection, and does nothing where it does not.
   * Resolves when what was on its way is told. `onLost` is not called.
   */
  leave(): Promise<void>;
  /**
   * The switch takes our user and password no more, so that nothing can be done for a caller: no call may come in. Ends the connection,
   * which closes the application in the switch; where the switch keeps it open, events wait until `prepare` succeeds again.
   */
  shut(why: string): void;
}

/** Events carry a channel or two and a handful of its variables: about 1 kB. */
export const LARGEST_EVENT_BYTES = 1024 * 1024;

/** So many pings without a pong, and the peer is taken for dead: TCP alone would take minutes to notice. */
const MISSED_PONGS = 2;

/** How long a peer may take to answer that the connection closes. A frozen peer never does, and ws itself waits 30 s. */
const CLOSING_MS = 1_000;

/** One WebSocket of events, from its opening to its end. */
export class EventStream {
  readonly #socket: WebSocket;
  readonly #handlers: EventHandlers;
  readonly #pingEveryMs: number;
  #ready = false;
  #dropped = false;
  #failure = 'closed by the switch';

  /**
   * Takes over `socket`, open or opening. `onClosed` is called once, with the reason, when it has ended and was not dropped.
   * Events wait in `waiting` until the stream is ready.
   */
  constructor(
    socket: WebSocket,
    handlers: EventHandlers,
    private readonly onClosed: (why: string) => void,
    private readonly waiting: AriEvent[] = [],
  ) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#pingEveryMs = handlers.timing?.pingEveryMs ?? TIMING.pingEveryMs;
    let pings: NodeJS.Timeout | undefined;
    const open = () => {
      pings = this.#keepAlive();
      void this.#prepare();
    };
    if (socket.readyState === WebSocket.OPEN) open();
    else socket.once('open', open);
    socket.on('message', data => this.#take(String(data)));
    socket.on('error', error => {
      this.#failure = faultText(error);
    });
    // Follows 'error' too, so that there is one way out.
    socket.on('close', () => {
      clearInterval(pings);
      this.#lost();
    });
  }

  /** Ends it as one that broke, at once. */
  lose(why: string): void {
    this.#failure = why;
    this.#lost();
    this.#socket.terminate();
  }

  /** Makes it one that is not ready, as a new one: `onLost` is called, and events wait until `prepare` has succeeded. */
  prepareAgain(): void {
    if (!this.#ready || this.#dropped) return;
    this.#ready = false;
    this.#guard('lost', this.#handlers.onLost);
    void this.#prepare();
  }

  /** Ends it; nothing of it is told any more, neither `onLost` nor `onClosed`. */
  drop(): void {
    this.#dropped = true;
    this.#close();
  }

  /** Asks the switch to end it and resolves when it has: what it sent before is still told, then nothing more, as for `drop`. */
  async leave(): Promise<void> {
    if (!this.#ready || this.#dropped) {
      this.drop();
      return;
    }
    await new Promise<void>(resolve => {
      // Before the listener of the constructor, which would tell that the stream was lost.
      this.#socket.prependOnceListener('close', () => {
        this.#dropped = true;
        resolve();
      });
      this.#close();
    });
  }

  #lost(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    if (this.#ready) this.#guard('lost', this.#handlers.onLost);
    this.onClosed(this.#failure);
  }

  #close(): void {
    const impatience = setTimeout(() => this.#socket.terminate(), CLOSING_MS);
    this.#socket.once('close', () => clearTimeout(impatience));
    this.#socket.close();
  }

  async #prepare(): Promise<void> {
    try {
      await this.#handlers.prepare();
    } catch (error) {
      this.#failure = faultText(error);
      this.#socket.terminate();
      return;
    }
    if (this.#dropped) return;
    this.#ready = true;
    this.#guard('ready', this.#handlers.onReady);
    for (const event of this.waiting.splice(0)) this.#dispatch(event);
  }

  #take(text: string): void {
    if (this.#dropped) return;
    const event = this.#read(text);
    if (event === null) return;
    if (this.#ready) this.#dispatch(event);
    else this.waiting.push(event);
  }

  #keepAlive(): NodeJS.Timeout {
    let unanswered = 0;
    this.#socket.on('pong', () => {
      unanswered = 0;
    });
    return setInterval(() => {
      if (unanswered >= MISSED_PONGS) {
        this.#failure = `no answer to ${MISSED_PONGS} pings`;
        this.#socket.terminate();
        return;
      }
      unanswered += 1;
      this.#socket.ping();
    }, this.#pingEveryMs);
  }

  #read(text: string): AriEvent | null {
    try {
      const event = JSON.parse(text) as AriEvent | null;
      if (typeof event?.type === 'string') return event;
    } catch {
      // Falls through to the line below.
    }
    this.#handlers.log.error({ event: 'switch_event_unreadable', bytes: text.length });
    return null;
  }

  #dispatch(event: AriEvent): void {
    if (!this.#dropped) this.#guard(event.type, () => this.#handlers.onEvent(event));
  }

  #guard(type: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#handlers.log.error({ event: 'switch_event_handler_failed', type, err: error });
    }
  }
}
