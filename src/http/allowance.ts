/** How much each of many names may do. Pure: it is handed the time. */

interface Bucket {
  left: number;
  /** By a monotonic clock, ms. */
  at: number;
}

export interface AllowanceOptions {
  /** What each may do a second, as a rule. */
  perSecond: number;
  /** What each may do at once, if it did nothing before. */
  burst: number;
  /** How many names are remembered. Beyond that the one that did nothing for the longest time is forgotten, and begins anew. */
  mostNames: number;
}

/** A bucket for each name, which fills by itself and is emptied by what the name does. Memory is bounded, whatever names come. */
export class Allowance {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly options: AllowanceOptions) {}

  /** How many names are remembered. */
  get size(): number {
    return this.buckets.size;
  }

  /** How long `name` must wait until it may do one thing more; s, 0 if it may now. */
  waitSeconds(name: string, now: number): number {
    const missing = 1 - this.left(name, now);
    return missing > 0 ? missing / this.options.perSecond : 0;
  }

  /** Counts one thing that `name` did. */
  spend(name: string, now: number): void {
    const left = Math.max(0, this.left(name, now) - 1);
    this.buckets.delete(name);
    this.buckets.set(name, { left, at: now });
    if (this.buckets.size > this.options.mostNames) {
      const [oldest] = this.buckets.keys();
      this.buckets.delete(oldest as string);
    }
  }

  private left(name: string, now: number): number {
    const bucket = this.buckets.get(name);
    const { burst, perSecond } = this.options;
    return bucket ? Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond) : burst;
  }
}
