import type { Logger } from 'pino';
import type { Switchboard } from './switchboard';
import type { AccountNews, TouchedAccounts } from './touched-accounts';

export interface AccountWatchOptions {
  switchboard: Switchboard;
  accounts: TouchedAccounts;
  log: Logger;
  /** Ms. */
  everyMs?: number;
}

/** How long a transaction may take from its own instant to being seen by others. Ms. */
const UNSEEN_MS = 10_000;

/**
 * Looks, twice a second, at what operators and other services did to accounts, and has the calls that are carried here follow:
 * money that came or went, a changed mode, a blocked account, calls that are to be ended, a call that waits for room.
 *
 * The accounts of calls that were just taken over are looked at too, whatever happened to them while nobody carried them.
 */
export class AccountWatch {
  private since: number | null = null;
  /** When each account was touched that was acted on already. */
  private readonly seen = new Map<string, number | null>();
  private readonly timer: NodeJS.Timeout;
  private looking = false;
  private isFailing = false;

  constructor(private readonly options: AccountWatchOptions) {
    this.timer = setInterval(() => void this.look(), options.everyMs ?? 500);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { switchboard, accounts, log } = this.options;
    const taken = switchboard.takenOver();
    try {
      const { now, accounts: news } = await accounts.read(this.since, taken);
      const isFirst = this.since === null;
      const horizon = this.since ?? now;
      this.since = now - UNSEEN_MS;
      for (const each of news) {
        const isTaken = taken.includes(each.accountcode);
        if (!isTaken && this.seen.get(each.accountcode) === each.touchedAt) continue;
        const { hangupBefore } = each;
        const isNews = !isFirst && hangupBefore !== null && hangupBefore >= horizon;
        switchboard.follow(each, isNews && !this.wasHandled(each));
        this.remember(each);
      }
      this.forgetOld();
      if (this.isFailing) log.info({ event: 'accounts_read_again' });
      this.isFailing = false;
    } catch (error) {
      switchboard.takenOverAgain(taken);
      if (!this.isFailing) log.warn({ event: 'accounts_not_read', error: String(error) });
      this.isFailing = true;
    }
    this.looking = false;
  }

  private readonly handled = new Map<string, number | null>();

  private wasHandled({ accountcode, hangupBefore }: AccountNews): boolean {
    return this.handled.get(accountcode) === hangupBefore;
  }

  private remember({ accountcode, hangupBefore, touchedAt }: AccountNews): void {
    this.seen.set(accountcode, touchedAt);
    this.handled.set(accountcode, hangupBefore);
  }

  /** What is out of the window is not told again. */
  private forgetOld(): void {
    for (const [accountcode, touchedAt] of this.seen) {
      if (touchedAt !== null && touchedAt >= (this.since ?? 0)) continue;
      this.seen.delete(accountcode);
      this.handled.delete(accountcode);
    }
  }
}
