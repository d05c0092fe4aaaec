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

/** How long after its own instant a transaction may become visible to others. Ms. */
const UNSEEN_MS = 10_000;

/**
 * Reads twice a second what operators and other services did to accounts, and makes the calls that are carried here follow: money came or
 * went, the mode changed, the account was blocked, calls must end, a call waits for room.
 *
 * Accounts of calls that were just taken over are included, because no process followed them while no process carried the calls.
 */
export class AccountWatch {
  /** The next question is for accounts that changed since then; null before the first answer. */
  private since: number | null = null;
  private startedAt = Number.POSITIVE_INFINITY;
  /** What this process has acted on already, by account, while the database still reports it. */
  private readonly known = new Map<string, AccountNews>();
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
    const { switchboard, log } = this.options;
    try {
      await switchboard.withTakenOver(taken => this.lookAt(taken));
      if (this.isFailing) log.info({ event: 'accounts_read_again' });
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) log.warn({ event: 'accounts_not_read', error: String(error) });
      this.isFailing = true;
    }
    this.looking = false;
  }

  /** `taken`: the accounts of calls that were taken over. */
  private async lookAt(taken: readonly string[]): Promise<void> {
    const { now, accounts: told } = await this.options.accounts.read(this.since, taken);
    // What happened before that is known already, or was before our time.
    const freshSince = this.since === null ? now : Math.max(this.since, this.startedAt);
    if (this.since === null) this.startedAt = now;
    this.since = now - UNSEEN_MS;
    for (const news of told) this.act(news, freshSince, taken.includes(news.accountcode));
    for (const [accountcode, { touchedAt }] of this.known) {
      if ((touchedAt ?? 0) < this.since) this.known.delete(accountcode);
    }
  }

  private act(news: AccountNews, freshSince: number, isTaken: boolean): void {
    const { accountcode, touchedAt, hangupBefore } = news;
    const before = this.known.get(accountcode);
    if (!isTaken && before && before.touchedAt === touchedAt) return;
    // The operator asked just now, while we carry calls. So the request means the calls that are here, whatever clock they started by.
    const isFresh = hangupBefore !== null && hangupBefore >= freshSince && before?.hangupBefore !== hangupBefore;
    this.known.set(accountcode, news);
    this.options.switchboard.follow(news, isFresh);
  }
}
