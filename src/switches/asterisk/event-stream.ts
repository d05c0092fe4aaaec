import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { faultText } from './ari-transport';

/** An event as ARI sends it. Only `type` is certain: a newer Asterisk may send types and fields that are unknown here. */
export interface AriEvent {
  type: string;
  timestamp?: string;
  [field: string]: unknown;
}

/** What happens with the events of one application on one Asterisk, whichever side opens the connection. */
export interface EventHandlers {
  /** Called when a connection is open, before any of its events is handed on. They wait meanwhile, in order. */
  prepare: () => Promise<void>;
  /** Called when `prepare` has succeeded and the connection is still open, just before its first event is handed on. */
  onReady: () => void;
  /** Called with each event, in the order of the connection. What it throws is logged and stops nothing. */
  onEvent: (event: AriEvent) => void;
  /** Called when a connection that was ready is lost, once for each. */
  onLost: () => void;
  log: Logger;
  timing?: Partial<EventSourceTiming>;
}

export interface EventSourceTiming {
  /** The time between pings. Two unanswered ones end the connection; Asterisk answers within milliseconds. */
  pingEveryMs: number;
  firstRetryMs: number;
  /** No wait between two attempts is longer. */
  longestRetryMs: number;
}

export const TIMING: EventSourceTiming = { pingEveryMs: 5_000, firstRetryMs: 50, longestRetryMs: 2_000 };

/** The source of a switch's events. There is one connection at a time; what an earlier one still delivers is dropped. */
export interface EventSource {
  /** Goes on until `stop`, however long the switch is away. */
  start(): void;
  /** Ends the connection and all attempts at one. Nothing is reported after it, not even `onLost`. */
  stop(): void;
  /**
   * Leaves what happens from now on to the switch, if it keeps events for the next connection; does nothing if it does not. Resolves when
   * what was on its way is reported. `onLost` is not called.
   */
  leave(): Promise<void>;
  /**
   * The switch no longer takes our user and password, so nothing can be done for a caller, and no call may come in. Ends the connection,
   * which closes the application in the switch. If the switch keeps it open, events wait until `prepare` succeeds again.
   */
  shut(why: string): void;
}

/** Events carry a channel or two and a handful of its variables: about 1 kB. */
export const LARGEST_EVENT_BYTES = 1024 * 1024;

/** After this many pings without a pong the peer counts as dead: TCP alone would take minutes to notice. */
const MISSED_PONGS = 2;

/** How long a peer may take to confirm that the connection closes. A frozen peer never does, and ws itself waits 30 s. */
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
   * Takes over `socket`, open or opening. `onClosed` is called once, with the reason, when it has ended and was not dropped. Events wait in
   * `waiting` until the stream is ready.
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
    // Follows 'error' too, so that there is one exit.
    socket.on('close', () => {
      clearInterval(pings);
      this.#lost();
    });
  }

  /** Ends it like a broken one, at once. */
  lose(why: string): void {
    this.#failure = why;
    this.#lost();
    this.#socket.terminate();
  }

  /** Makes it not ready again, like a new one: `onLost` is called, and events wait until `prepare` has succeeded. */
  prepareAgain(): void {
    if (!this.#ready || this.#dropped) return;
    this.#ready = false;
    this.#guard('lost', this.#handlers.onLost);
    void this.#prepare();
  }

  /** Ends it. Nothing of it is reported any more, neither `onLost` nor `onClosed`. */
  drop(): void {
    this.#dropped = true;
    this.#close();
  }

  /** Asks the switch to end it, and resolves when it has. What it sent before is still reported, then nothing more, as for `drop`. */
  async leave(): Promise<void> {
    if (!this.#ready || this.#dropped) {
      this.drop();
      return;
    }
    await new Promise<void>(resolve => {
      // Before the listener of the constructor, which would report that the stream was lost.
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
