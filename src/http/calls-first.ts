/** Requests of the API begin while no call of this process waits for the ledger. */

/** The longest that a request waits for that: where calls always wait, the API is answered too. Ms. */
const MOST_WAIT_MS = 20;

/** How often it looks whether calls still wait, while requests do. Ms. */
const LOOK_MS = 1;

/**
 * Turns for requests. A start of a call and its COMMIT need the event loop several times, and each time they would wait for whatever a request
 * computes then. Measured with `npm run bench:api`.
 */
export class CallsFirst {
  /** The oldest first. Instants by a monotonic clock, ms. */
  private readonly waiting: { until: number; begin: () => void }[] = [];
  private isLooking = false;

  constructor(
    private readonly callsWait: () => boolean,
    private readonly mostWaitMs = MOST_WAIT_MS,
  ) {}

  /** Resolves when the request may begin. */
  async turn(): Promise<void> {
    if (this.waiting.length === 0 && !this.callsWait()) return;
    const until = performance.now() + this.mostWaitMs;
    await new Promise<void>(begin => {
      this.waiting.push({ until, begin });
      if (this.isLooking) return;
      this.isLooking = true;
      setTimeout(() => this.look(), LOOK_MS);
    });
  }

  /** One request a turn of the event loop: a call that comes meanwhile waits for that one at most. */
  private look(): void {
    const [oldest] = this.waiting;
    if (!oldest) {
      this.isLooking = false;
      return;
    }
    if (this.callsWait() && performance.now() < oldest.until) {
      setTimeout(() => this.look(), LOOK_MS);
      return;
    }
    this.waiting.shift();
    oldest.begin();
    setImmediate(() => this.look());
  }
}
