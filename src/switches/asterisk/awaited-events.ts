import { SwitchError } from '../../calls/switch-port';

/** One event for which a request waits. */
export interface AwaitedEvent {
  /** Settles exactly once, at the latest when its time is over (`unanswered`). May be left without a handler. */
  readonly arrived: Promise<void>;
  /** Stops waiting. `arrived` then never settles, and must not be awaited. */
  forget(): void;
}

interface Waiting {
  channel: string;
  resolve: () => void;
  reject: (error: SwitchError) => void;
}

/** Events for which requests wait, by the id that ends the wait. Every wait is bounded. */
export class AwaitedEvents {
  readonly #waiting = new Map<string, Waiting>();

  /** Waits for `met(id)`. The end of `channel` ends the wait too. */
  expect(id: string, channel: string, withinMs: number, what: string): AwaitedEvent {
    let timer: NodeJS.Timeout | undefined;
    const forget = () => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    };
    const arrived = new Promise<void>((resolve, reject) => {
      const settle = (settled: () => void) => {
        forget();
        settled();
      };
      this.#waiting.set(id, { channel, resolve: () => settle(resolve), reject: error => settle(() => reject(error)) });
      timer = setTimeout(
        () => settle(() => reject(new SwitchError('unanswered', `${what}: no event in ${withinMs} ms`))),
        withinMs,
      );
    });
    // The wait may end before the request to which it belongs, when nothing listens yet.
    arrived.catch(() => {});
    return { arrived, forget };
  }

  met(id: string): void {
    this.#waiting.get(id)?.resolve();
  }

  refused(id: string, why: string): void {
    this.#waiting.get(id)?.reject(new SwitchError('refused', why));
  }

  channelEnded(channel: string): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.channel === channel) waiting.reject(new SwitchError('gone', `${channel} ended`));
    }
  }

  /** The stream broke: an awaited event may have happened, and will never be reported. */
  streamLost(): void {
    for (const waiting of [...this.#waiting.values()]) {
      waiting.reject(new SwitchError('unanswered', 'the event stream broke'));
    }
  }
}
