import type { WebSocket } from 'ws';
import type { AriListener, Seat } from './ari-listener';
import { faultText } from './ari-transport';
import { type AriEvent, type EventHandlers, type EventSource, EventStream } from './event-stream';
import { Retries } from './retries';

export interface OutboundEventSourceOptions extends EventHandlers {
  listener: AriListener;
  /** The switch's own name, which distinguishes its connections from those of others. */
  identify: () => Promise<string>;
}

/**
 * The event stream of one application on one Asterisk that connects to us: ari.conf `type = outbound_websocket`, Asterisk 20.15 or 22.5 and
 * later.
 *
 * While no service runs, Asterisk keeps its events. It sends them first when it is connected again, in order and with the time at which
 * they happened, so nothing of them may be dropped here. All of them are reported after `onReady` and before anything else of the process
 * runs. If `prepare` rejects, the reason is logged, and it is tried again on the same connection.
 *
 * Another connection of the same switch replaces the first: the switch was restarted, or the first is half open.
 */
export class OutboundEventSource implements EventSource {
  readonly #options: OutboundEventSourceOptions;
  readonly #retries: Retries;
  /** Events that came before the stream was ready, also on an earlier connection: Asterisk sends them only once. */
  readonly #waiting: AriEvent[] = [];
  #name: string | null = null;
  #stream: EventStream | null = null;
  #stopped = true;

  constructor(options: OutboundEventSourceOptions) {
    this.#options = options;
    this.#retries = new Retries(options.log, options.timing);
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#takeSeat();
  }

  stop(): void {
    this.#end();
    this.#stream?.drop();
    this.#stream = null;
  }

  async leave(): Promise<void> {
    this.#end();
    await this.#stream?.leave();
    this.#stream = null;
  }

  shut(): void {
    this.#stream?.prepareAgain();
  }

  #end(): void {
    this.#stopped = true;
    this.#retries.cancel();
    if (this.#name !== null) this.#options.listener.leave(this.#name, this.#seat);
  }

  async #takeSeat(): Promise<void> {
    try {
      const name = await this.#options.identify();
      if (this.#stopped) return;
      this.#options.listener.take(name, this.#seat);
      this.#name = name;
      this.#retries.succeeded();
      this.#options.log.info({ event: 'switch_awaited', node: name });
    } catch (error) {
      if (!this.#stopped) this.#retries.later(faultText(error), () => void this.#takeSeat());
    }
  }

  readonly #seat: Seat = socket => {
    this.#stream?.lose('the switch opened another connection');
    const { onReady } = this.#options;
    const handlers = {
      ...this.#options,
      prepare: async () => {
        await this.#prepare(socket);
        // The thread of Asterisk that answers a ping has first written all that was kept, so before the answer we have it all. The ping
        // waits, because a frame that comes in one packet with the 101 is not looked at before the next one (22.10.1).
        await new Promise(resolve => socket.once('pong', resolve).ping());
      },
      onReady: () => {
        this.#retries.succeeded();
        onReady();
      },
    };
    this.#stream = new EventStream(
      socket,
      handlers,
      why => {
        this.#stream = null;
        this.#retries.failed(why);
      },
      this.#waiting,
    );
  };

  async #prepare(socket: WebSocket): Promise<void> {
    while (socket.readyState === socket.OPEN) {
      try {
        await this.#options.prepare();
        return;
      } catch (error) {
        await new Promise<void>(resolve => this.#retries.later(faultText(error), resolve));
      }
    }
    throw new Error('closed by the switch');
  }
}
