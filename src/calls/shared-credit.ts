import type { CallLedger } from '../credit/ledger';
import type { Clocks, Sharing } from '../credit/rules/sharing';

export interface SharedCreditOptions {
  ledger: Pick<CallLedger, 'share'>;
  clocks: () => Clocks;
  /** The account's calls that cannot give back soon what they hold, although they are being ended. */
  stuckOf: (accountcode: string) => string[];
  /** Resolves when it makes sense to ask. */
  ready: (accountcode: string) => Promise<void>;
  /** Makes the account's calls that are carried here follow; resolves when they were told. */
  follow: (accountcode: string, sharing: Sharing) => Promise<void>;
}

/** Changes come in crowds: a hundred calls that end, a hundred that start. One question answers for all of them. Ms. */
const AT_MOST_EVERY_MS = 100;

/**
 * The wait before the next question, as a multiple of the time that the last one took. For thousands of calls that are short of money the
 * answer takes some ten ms of the one core, and to tell them some hundred more, which all other calls need too. A second at most, because callers wait for it.
 */
const REST = 4;
const LONGEST_REST_MS = 1_000;

/** A timer may fire this much early. */
const A_TICK_MS = 5;

/** The question about one account. */
interface Asked {
  running: Promise<unknown>;
  next: Promise<Sharing> | null;
  /** By our own monotonic clock, ms. */
  notBefore: number;
  again: NodeJS.Timeout | null;
}

/** Makes the calls of an account share its credit, one question at a time for each account. */
export class SharedCredit {
  private readonly asked = new Map<string, Asked>();
  private closed = false;

  constructor(private readonly options: SharedCreditOptions) {}

  /**
   * Asks how the account's calls share its credit, and makes those that are carried here follow. Resolves with the answer when they were
   * told.
   */
  share(accountcode: string): Promise<Sharing> {
    const asked = this.asked.get(accountcode) ?? {
      running: Promise.resolve(),
      next: null,
      notBefore: Number.NEGATIVE_INFINITY,
      again: null,
    };
    this.asked.set(accountcode, asked);
    // A question that was not asked yet will see the newest state.
    asked.next ??= this.ask(accountcode, asked);
    return asked.next;
  }

  close(): void {
    this.closed = true;
    for (const { again } of this.asked.values()) if (again) clearTimeout(again);
  }

  private async ask(accountcode: string, asked: Asked): Promise<Sharing> {
    await asked.running.catch(() => undefined);
    const pause = asked.notBefore - performance.now();
    if (pause > 0) await new Promise(resolve => setTimeout(resolve, pause));
    await this.options.ready(accountcode);
    const askedAt = performance.now();
    asked.notBefore = askedAt + AT_MOST_EVERY_MS;
    const told = this.answered(accountcode);
    asked.running = told;
    asked.next = null;
    const sharing = await told;
    const answeredAt = performance.now();
    const rest = Math.min(LONGEST_REST_MS, REST * (answeredAt - askedAt));
    asked.notBefore = Math.max(asked.notBefore, answeredAt + rest);
    if (asked.again) clearTimeout(asked.again);
    asked.again = null;
    if (this.closed) return sharing;
    if (sharing.againInMs !== null) {
      asked.again = setTimeout(() => void this.share(accountcode), sharing.againInMs);
    } else setTimeout(() => this.forget(accountcode, asked), asked.notBefore - performance.now() + A_TICK_MS).unref();
    return sharing;
  }

  private async answered(accountcode: string): Promise<Sharing> {
    const { ledger, clocks, stuckOf, follow } = this.options;
    const sharing = await ledger.share({ accountcode, clocks: clocks(), stuck: stuckOf(accountcode) });
    if (!this.closed) await follow(accountcode, sharing);
    return sharing;
  }

  /** Forgets an account after a rest: before that, the next question needs to know when the last one was asked. */
  private forget(accountcode: string, asked: Asked): void {
    const isIdle = asked.next === null && asked.again === null && performance.now() >= asked.notBefore;
    if (isIdle) this.asked.delete(accountcode);
  }
}
