/** Work that is done a few at a time. Some waits; more is refused. */
export class BoundedQueue<Item> {
  private readonly waiting: Item[] = [];
  private readonly running = new Set<Promise<void>>();
  private isClosed = false;

  /** `work` must never reject. */
  constructor(
    private readonly most: { atOnce: number; waiting: number },
    private readonly work: (item: Item) => Promise<void>,
  ) {}

  /** Takes it, and begins with it in a later turn of the event loop at the earliest. False if too many wait, or none is taken any more. */
  add(item: Item): boolean {
    if (this.isClosed || this.waiting.length >= this.most.waiting) return false;
    this.waiting.push(item);
    setImmediate(() => this.goOn());
    return true;
  }

  /** Takes nothing more, and returns what had not begun. */
  close(): Item[] {
    this.isClosed = true;
    return this.waiting.splice(0);
  }

  /** Resolves when nothing runs. Assumes that it is closed. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private goOn(): void {
    while (this.running.size < this.most.atOnce) {
      const item = this.waiting.shift();
      if (item === undefined) return;
      const work = this.work(item).finally(() => {
        this.running.delete(work);
        this.goOn();
      });
      this.running.add(work);
    }
  }
}
