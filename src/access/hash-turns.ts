/** Slow hashes take turns, so that log-ins leave the processors to the calls. Pure. */

/** At once, over all. */
const MOST = 2;
/** At once, for strangers: the other place is for people who are known where they are. */
const MOST_OF_STRANGERS = 1;
/** Strangers that wait. At a quarter of a second each, the last one waits for five seconds. */
const MOST_WAITING = 20;

export class HashTurns {
  private readonly running = { known: 0, stranger: 0 };
  private readonly waiting: Record<'known' | 'stranger', (() => void)[]> = { known: [], stranger: [] };

  /**
   * Does the work in its turn: people who are known where they are go before strangers. Returns null, and does nothing, if too many strangers
   * wait already. @throws what the work throws
   */
  async run<Result>(isKnown: boolean, work: () => Promise<Result>): Promise<{ result: Result } | null> {
    const kind = isKnown ? 'known' : 'stranger';
    if (!this.isFree(kind)) {
      if (!isKnown && this.waiting.stranger.length >= MOST_WAITING) return null;
      // Its place was taken for it when it was let go on.
      await new Promise<void>(resolve => this.waiting[kind].push(resolve));
    } else this.running[kind]++;
    try {
      return { result: await work() };
    } finally {
      this.running[kind]--;
      this.letGoOn();
    }
  }

  private isFree(kind: 'known' | 'stranger'): boolean {
    const { known, stranger } = this.running;
    return known + stranger < MOST && (kind === 'known' || stranger < MOST_OF_STRANGERS);
  }

  private letGoOn(): void {
    for (const kind of ['known', 'stranger'] as const) {
      while (this.waiting[kind].length > 0 && this.isFree(kind)) {
        this.running[kind]++;
        this.waiting[kind].shift()?.();
      }
    }
  }
}
