import type { TimerName } from './call-state';

/** Extensions that fall due within this time go to the ledger together: one transaction instead of a hundred. Ms. */
const TOGETHER_MS = 2_000;

/** The timers of one call. Each name has one timer; starting it again moves it. */
export class CallTimers {
  private readonly running = new Map<TimerName, NodeJS.Timeout>();

  constructor(private readonly fire: (timer: TimerName) => void) {}

  start(timer: TimerName, ms: number): void {
    clearTimeout(this.running.get(timer));
    const now = performance.now();
    const waitMs = timer === 'extend' && ms > 0 ? Math.ceil((now + ms) / TOGETHER_MS) * TOGETHER_MS - now : ms;
    const fire = () => {
      this.running.delete(timer);
      this.fire(timer);
    };
    this.running.set(timer, setTimeout(fire, Math.max(0, waitMs)));
  }

  stop(timer: TimerName): void {
    clearTimeout(this.running.get(timer));
    this.running.delete(timer);
  }

  /**
   * Stops the timers that end with a phase of the call. `apart` goes on, because an answer does not bring back a leg that left its bridge
   * before it.
   */
  stopPhase(): void {
    for (const timer of this.running.keys()) if (timer !== 'apart') this.stop(timer);
  }

  stopAll(): void {
    for (const timer of this.running.keys()) this.stop(timer);
  }
}
