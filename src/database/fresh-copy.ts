/** Data that decides a call is never older than this. Ms. */
export const FRESH_MS = 2_000;

export interface FreshCopyOptions<Value> {
  /** Reads all of it. Must end by itself: a question that is never answered would delay every later one. */
  read: () => Promise<Value>;
  /** Called with each reading that failed. */
  onFault: (fault: unknown) => void;
}

/**
 * A copy in memory of data in the database. The first reader that finds it older than two seconds reads it anew.
 *
 * All data that is kept in memory and may change in the database follows this rule. All readers that wait share one reading, and a fresh
 * copy costs no wait. Its age counts from when the question was sent.
 */
export class FreshCopy<Value> {
  private copy: { value: Value; readAt: number } | null = null;
  private reading: Promise<void> | null = null;

  constructor(private readonly options: FreshCopyOptions<Value>) {}

  /** Reads it before the first question. @throws what `read` throws. */
  async open(): Promise<void> {
    await this.readNow();
  }

  /** As last read, however old. @throws Error before it was read for the first time. */
  latest(): Value {
    if (!this.copy) throw new Error('this copy was never read');
    return this.copy.value;
  }

  /** Not older than two seconds, within `withinMs`; null if the database does not answer by then, or refuses. */
  async fresh(withinMs: number): Promise<{ value: Value } | null> {
    const until = performance.now() + withinMs;
    while (!this.isFresh()) {
      const left = until - performance.now();
      if (left <= 0) return null;
      this.reading ??= this.readNow()
        .catch(this.options.onFault)
        .finally(() => {
          this.reading = null;
        });
      const before = this.copy;
      await within(left, this.reading);
      // It failed: the next reader asks again.
      if (this.copy === before && !this.reading) return null;
    }
    return { value: this.latest() };
  }

  private isFresh(): boolean {
    return this.copy !== null && performance.now() - this.copy.readAt <= FRESH_MS;
  }

  private async readNow(): Promise<void> {
    const readAt = performance.now();
    this.copy = { value: await this.options.read(), readAt };
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
