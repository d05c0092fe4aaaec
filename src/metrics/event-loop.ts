import type { Metric } from './exposition';

/** How often the event loop must come round. Ms. */
const TICK_MS = 20;

/** A timer may be this late although nothing stands still. Ms. */
const A_TRIFLE_MS = 10;

/** Measures how long this process stood still: it computed, did not get the processor, or was stopped. */
export class EventLoopWatch {
  private stoodStill = 0;
  private lastTickAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      this.stoodStill += this.lateness();
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
    ];
  }

  close(): void {
    clearInterval(this.timer);
  }

  private lateness(): number {
    const late = performance.now() - this.lastTickAt - TICK_MS;
    return late > A_TRIFLE_MS ? late : 0;
  }
}
