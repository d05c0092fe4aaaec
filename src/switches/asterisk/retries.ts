import type { Logger } from 'pino';
import { type EventSourceTiming, TIMING } from './event-stream';

/**
 * Waits before another attempt: doubling and with jitter, so that several services do not all connect to a restarted switch at once. Each
 * new reason is logged once: a switch that is away for a night is one line, not forty thousand.
 */
export class Retries {
  readonly #timing: EventSourceTiming;
  #failures = 0;
  #lastReason = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Logger,
    timing: Partial<EventSourceTiming> = {},
  ) {
    this.#timing = { ...TIMING, ...timing };
  }

  /** Does `work` after a while, unless cancelled. */
  later(reason: string, work: () => void): void {
    const { firstRetryMs, longestRetryMs } = this.#timing;
    const longestMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    this.failed(reason);
    this.#timer = setTimeout(work, longestMs * (0.5 + Math.random() / 2));
  }

  /** Only logs that something failed. */
  failed(reason: string): void {
    if (reason !== this.#lastReason) this.log.warn({ event: 'switch_events_down', reason });
    this.#lastReason = reason;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#lastReason = '';
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
