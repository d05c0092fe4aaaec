import type { Metric } from './exposition';
import { Histogram } from './histogram';

/** How often the event loop must come round: at 20 ms this was most of what a service at rest did. Ms. */
const TICK_MS = 50;

/** A timer may be this late although nothing stands still. Ms. */
const A_TRIFLE_MS = 10;

/** Seconds. A timer of a process at rest is a millisecond late. */
const BOUNDS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Measures how long this process stood still: it computed, did not get the processor, or was stopped. */
export class EventLoopWatch {
  private stoodStill = 0;
  private lastTickAt = performance.now();
  private readonly delays = new Histogram(BOUNDS_SECONDS);
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      this.stoodStill += this.lateness();
      this.delays.observe({}, Math.max(0, this.delayMs()) / 1000);
      this.lastTickAt = performance.now();
    }, TICK_MS).unref();
  }

  /** Ms in all since it was made. The difference of two readings is the time in between. */
  stoodStillMs(): number {
    return this.stoodStill + this.lateness();
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_event_loop_stood_still_seconds_total',
        help: 'How long the service itself stood still: it computed, was not given the processor, or was stopped',
        type: 'counter',
        samples: [{ labels: {}, value: this.stoodStillMs() / 1000 }],
      },
      {
        name: 'ringfence_event_loop_delay_seconds',
        help: `How late a timer was that is due every ${TICK_MS} ms`,
        type: 'histogram',
        samples: this.delays.samples,
      },
    ];
  }

  close(): void {
    clearInterval(this.timer);
  }

  private lateness(): number {
    const late = this.delayMs();
    return late > A_TRIFLE_MS ? late : 0;
  }

  private delayMs(): number {
    return performance.now() - this.lastTickAt - TICK_MS;
  }
}
