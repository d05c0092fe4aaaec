export interface LoopOptions {
  /** Does what there is to do; resolves with whether there is more. */
  step(): Promise<boolean>;
  /** How long to wait if there is no more. Ms. */
  idleMs: number;
  /** Called with the first of any faults in a row. */
  onFault(fault: unknown): void;
}

/** How long after a fault to retry. Ms. */
const AFTER_FAULT_MS = 1_000;

/** Does one thing again and again, never twice at once, until it is stopped. Waits after a fault. */
export class Loop {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private woken = false;
  private stopped = false;
  private faulty = false;

  constructor(private readonly options: LoopOptions) {}

  /** Does it now, or right after the current run. */
  wake(): void {
    this.woken = true;
    if (!this.running) this.after(0);
  }

  /** Begins nothing more; resolves when the current run is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  private after(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run().then(waitMs => {
        this.running = null;
        this.after(waitMs);
      });
    }, ms);
  }

  /** How long to wait then. */
  private async run(): Promise<number> {
    this.woken = false;
    try {
      const more = await this.options.step();
      this.faulty = false;
      return more || this.woken ? 0 : this.options.idleMs;
    } catch (fault) {
      if (!this.faulty) this.options.onFault(fault);
      this.faulty = true;
      return Math.min(AFTER_FAULT_MS, this.options.idleMs);
    }
  }
}
