/** Comparisons of versions, each made once for all who want it. Pure. */
import type { DeckChanges } from './deck-change-store';

/** How many results are kept. */
const MOST_KEPT = 100;

/** How many comparisons run at once: each keeps the database busy for seconds to minutes. */
const MOST_AT_ONCE = 2;

interface Running {
  result: Promise<DeckChanges>;
  /** How many wait for it. */
  waiting: number;
  stop: AbortController;
}

/** Comparisons within one database. Two versions never change, so what one changes against the other is kept. */
export class Comparisons {
  private readonly kept = new Map<string, DeckChanges>();
  private readonly running = new Map<string, Running>();
  private busy = 0;
  /** Those that wait for their turn. */
  private readonly turns: (() => void)[] = [];

  /** What is kept of a comparison; undefined for nothing. */
  known(name: string): DeckChanges | undefined {
    return this.kept.get(name);
  }

  /**
   * The result of the comparison of that name. `compare` is called if none is kept or in progress; its signal is aborted when all who waited for it
   * have left, each by its own `signal`. At most two run at once; the others wait, the oldest first.
   * @throws what `compare` throws; the reason of `signal`
   */
  async result(
    name: string,
    compare: (signal: AbortSignal) => Promise<DeckChanges>,
    signal?: AbortSignal,
  ): Promise<DeckChanges> {
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

  private begin(name: string, compare: (signal: AbortSignal) => Promise<DeckChanges>): Running {
    const stop = new AbortController();
    const result = this.inTurn(() => compare(stop.signal), stop.signal).then(changes => {
      if (this.kept.size >= MOST_KEPT) this.kept.delete(this.kept.keys().next().value as string);
      this.kept.set(name, changes);
      return changes;
    });
    // It may fail when all have left.
    result.catch(() => undefined);
    const running = { result, waiting: 0, stop };
    this.running.set(name, running);
    return running;
  }

  private async inTurn(work: () => Promise<DeckChanges>, signal: AbortSignal): Promise<DeckChanges> {
    if (this.busy < MOST_AT_ONCE) this.busy++;
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
