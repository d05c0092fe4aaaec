/** How many works of one account on one switch go on at once. */
const AT_ONCE = 32;

/** A work that takes longer does not keep the others waiting: its switch may not answer. Ms. */
const LONGEST_TURN_MS = 500;

interface Line {
  going: number;
  waiting: (() => void)[];
}

/** The call for which something is done. */
export interface OfAccount {
  port: { node: string };
  state: { accountcode: string };
}

/**
 * Lets what is done for the calls of one account on one switch take turns, the first that came first: some at once, the others wait.
 *
 * When an account runs out of money, thousands of its calls change at one instant. Without turns the requests for them would fill the
 * switch's connections and the ledger's lane, and the calls of all other accounts would wait behind them.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();

  /** Resolves, or rejects, as `work` does. */
  async take<Result>({ port, state }: OfAccount, work: () => Promise<Result>): Promise<Result> {
    const key = `${port.node} ${state.accountcode}`;
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

  private next(key: string, line: Line): void {
    const first = line.waiting.shift();
    if (first) first();
    else if (--line.going === 0) this.lines.delete(key);
  }
}
