export interface LoopOptions {
  /** Does what there is to do; resolves with whether there is more. */
  step(): Promise<boolean>;
  /** How long to wait when there is no more. Ms. */
  idleMs: number;
  /** Told of the first of any faults in a row. */
  onFault(fault: unknown): void;
}

/** How long after a fault to try again. Ms. */
const AFTER_FAULT_MS = 1_000;

/** Does one thing again and again, never twice at once, until it is stopped. A fault is waited out. */
export class Loop {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private woken = false;
  private stopped = false;
  private faulty = false;

  constructor(private readonly options: LoopOptions) {}

  /** Does it now, or right after what is being done. */
  wake(): void {
    this.woken = true;
    if (!this.running) this.after(0);
  }

  /** Begins nothing any more; resolves when what is being done is done. */
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
