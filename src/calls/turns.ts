/** How many works of one key go on at once. */
const AT_ONCE = 32;

/** A work that takes longer does not keep the others waiting: its switch may not answer. Ms. */
const LONGEST_TURN_MS = 500;

interface Line {
  going: number;
  waiting: (() => void)[];
}

/**
 * Lets the works of one key take turns, the first that came first: some at once, the others wait.
 *
 * When an account runs out of money, thousands of its calls change at one instant. Without turns the requests for them would fill the
 * switch's connections and the ledger's lane, and the calls of all other accounts would wait behind them.
 */
export class Turns<Key> {
  private readonly lines = new Map<Key, Line>();

  /** Resolves, or rejects, as `work` does. */
  async take<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const line = this.lines.get(key) ?? { going: 0, waiting: [] };
    this.lines.set(key, line);
    if (line.going >= AT_ONCE) await new Promise<void>(resolve => line.waiting.push(resolve));
    else line.going++;
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      this.next(key, line);
    };
    const timer = setTimeout(over, LONGEST_TURN_MS);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      over();
    }
  }

  private next(key: Key, line: Line): void {
    const first = line.waiting.shift();
    if (first) first();
    else if (--line.going === 0) this.lines.delete(key);
  }
}
