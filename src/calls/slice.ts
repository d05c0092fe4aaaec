/** Long work goes on for at most so long at a time. Ms. */
const SLICE_MS = 4;

/** A work over thousands of calls, with pauses in which all else goes on. */
export class Slice {
  private since = performance.now();

  /** Called between two calls: resolves at once, or after a pause if the work has gone on for long enough. */
  async pause(): Promise<void> {
    if (performance.now() - this.since < SLICE_MS) return;
    await new Promise(resolve => setImmediate(resolve));
    this.since = performance.now();
  }
}
