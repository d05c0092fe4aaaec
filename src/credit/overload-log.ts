import type { StartReport } from './start-times';

/** How long after the last refusal a lane counts as overloaded. Ms. */
const OVERLOADED_MS = 1_000;

/** Two lines of the log for each time of overload, however many starts are refused in it: when it begins, and with the first start after it. */
export class OverloadLog {
  private overload: { beganAt: number; lastAt: number; refused: number } | null = null;

  constructor(private readonly warn: (line: Record<string, unknown>) => void) {}

  /** `waiting`: operations that are not committed. `now` by a monotonic clock, ms. */
  note(outcome: StartReport['outcome'], waiting: number, now: number): void {
    const { overload } = this;
    if (overload && now - overload.lastAt > OVERLOADED_MS) {
      const { beganAt, lastAt, refused } = overload;
      this.warn({ event: 'overload_over', refused, seconds: Math.ceil((lastAt - beganAt) / 1000) });
      this.overload = null;
    }
    if (outcome !== 'overloaded') return;
    if (!this.overload) this.warn({ event: 'overload_began', waiting });
    this.overload = { beganAt: now, refused: 0, ...this.overload, lastAt: now };
    this.overload.refused++;
  }
}
