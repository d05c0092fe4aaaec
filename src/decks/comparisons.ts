/** Comparisons of versions, each made once for all who want it. Pure. */

export interface ComparisonLimits {
  /** How many results are kept; 0 to share only what is in progress. */
  mostKept: number;
  /** How many comparisons run at once: each keeps the database busy for seconds to minutes. */
  mostAtOnce: number;
}

interface Running<Result> {
  result: Promise<Result>;
  /** How many wait for it. */
  waiting: number;
  stop: AbortController;
}

/** A function that tells the comparisons of one kind by the address of their database: one process may serve several, in tests. */
export function comparisonsByDatabase<Result>(limits: ComparisonLimits): (url: string) => Comparisons<Result> {
  const known = new Map<string, Comparisons<Result>>();
  return url => {
    const those = known.get(url) ?? new Comparisons<Result>(limits);
    known.set(url, those);
    return those;
  };
}

/** Comparisons within one database. Two versions never change, so what one changes against the other can be kept. */
export class Comparisons<Result> {
  private readonly kept = new Map<string, Result>();
  private readonly running = new Map<string, Running<Result>>();
  private busy = 0;
  /** Those that wait for their turn. */
  private readonly turns: (() => void)[] = [];

  constructor(private readonly limits: ComparisonLimits) {}

  /** What is kept of a comparison; undefined for nothing. */
  known(name: string): Result | undefined {
    return this.kept.get(name);
  }

  /**
   * The result of the comparison of that name. `compare` is called if none is kept or in progress; its signal is aborted when all who waited for it
   * have left, each by its own `signal`. At most `mostAtOnce` run at once; the others wait, the oldest first.
   * @throws what `compare` throws; the reason of `signal`
   */
  async result(name: string, compare: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    const kept = this.kept.get(name);
    if (kept) return kept;
    const running = this.running.get(name) ?? this.begin(name, compare);
    running.waiting++;
    try {
      return await (signal ? unlessAborted(running.result, signal) : running.result);
    } finally {
      running.waiting--;
      if (running.waiting === 0) {
        if (this.running.get(name) === running) this.running.delete(name);
        running.stop.abort();
      }
    }
  }

  private begin(name: string, compare: (signal: AbortSignal) => Promise<Result>): Running<Result> {
    const stop = new AbortController();
    const result = this.inTurn(() => compare(stop.signal), stop.signal).then(changes => {
      const { mostKept } = this.limits;
      if (mostKept > 0) {
        if (this.kept.size >= mostKept) this.kept.delete(this.kept.keys().next().value as string);
        this.kept.set(name, changes);
      } else if (this.running.get(name) === running) this.running.delete(name);
      return changes;
    });
    // It may fail when all have left.
    result.catch(() => undefined);
    const running: Running<Result> = { result, waiting: 0, stop };
    this.running.set(name, running);
    return running;
  }

  private async inTurn(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    if (this.busy < this.limits.mostAtOnce) this.busy++;
    else await new Promise<void>(begin => this.turns.push(begin));
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      // The next one takes this turn over.
      const begin = this.turns.shift();
      if (begin) begin();
      else this.busy--;
    }
  }
}

/** The result, or the reason of the signal if that is aborted before. */
function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
