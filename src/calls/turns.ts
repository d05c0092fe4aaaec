import type { CallState } from './call-state';

/** A work that takes longer does not keep the others waiting: its switch or database may not answer. Ms. */
const LONGEST_TURN_MS = 500;

interface Line {
  node: string;
  going: number;
  waiting: (() => void)[];
}

/** The call for which something is done. */
export interface OfAccount {
  port: { node: string };
  state: Pick<CallState, 'accountcode' | 'dst' | 'emergency'>;
}

/**
 * Lets what is done for the calls of one account on one switch take turns, the first that came first: some at once, the others wait.
 *
 * When an account runs out of money, thousands of its calls change at one instant. Without turns the requests for them would fill the
 * switch's connections or the ledger's lane, and the calls of all other accounts would wait behind them. The switch and the ledger have
 * turns of their own, so that neither waits for the other.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();

  /** `atOnce`: how many works of one account on one switch go on at once. `isExempt`: whether a call waits for nothing. */
  constructor(
    private readonly atOnce: number,
    private readonly isExempt: (state: OfAccount['state']) => boolean,
  ) {}

  /** Resolves, or rejects, as `work` does. The call may have changed by the time its turn comes. */
  async take<Result>({ port, state }: OfAccount, work: () => Promise<Result>): Promise<Result> {
    if (this.isExempt(state)) return work();
    const key = `${port.node} ${state.accountcode}`;
    const line = this.lines.get(key) ?? { node: port.node, going: 0, waiting: [] };
    this.lines.set(key, line);
    if (line.going >= this.atOnce) await new Promise<void>(resolve => line.waiting.push(resolve));
    else line.going++;
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      this.next(key, line);
    };
    const timer = setTimeout(over, LONGEST_TURN_MS).unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      over();
    }
  }

  /** Lets all that wait go on at once; `node`: those of one switch. */
  waitNoLonger(node?: string): void {
    for (const line of this.lines.values()) {
      if (node !== undefined && line.node !== node) continue;
      for (const go of line.waiting.splice(0)) {
        line.going++;
        go();
      }
    }
  }

  private next(key: string, line: Line): void {
    const first = line.waiting.shift();
    if (first) first();
    else if (--line.going === 0) this.lines.delete(key);
  }
}
