/** An account as the rules see it, and what its calls may still hold. */
import { LARGEST, type Micros, micros, smaller } from '../../money/micros';
import { type Spending, spendable } from './spend';

/** An account as it stands under its lock. Amounts in the account's currency. */
export interface Account extends Spending {
  accountcode: string;
  currency: string;
  timeZone: string;
  blocked: boolean;
  /** Closed by an operator: it takes no money. Such an account is blocked too. */
  closed: boolean;
  /** ms since 1970; null for never. */
  expiresAt: number | null;
  deck: string;
  balance: Micros;
  /** Its last entry's number and hash; 0 and empty if it has none. */
  entryCount: number;
  entryHash: string;
  creditLimit: Micros;
  reserved: Micros;
  activeCalls: number;
  /** 0 for no limit. */
  maxChannels: number;
  /** null for no limit of its own. */
  maxCallSeconds: number | null;
  barredPrefixes: string[];
  /** An operator's account, or an account that the dialplan made for a group of calls. */
  kind: 'account' | 'pool';
  /** Most talk of all calls that overlap, together; seconds, null for no limit. */
  maxTimeSeconds: number | null;
  /** Talk of ended calls that counts against it; below 0 if time was added. */
  timeUsedSeconds: number;
  /** What the open calls are granted of it; counted only with a limit. */
  timeReservedSeconds: number;
  /** 0 for no limit. */
  maxCallsPerSecond: number;
  /** The last second in which a call started, as a Unix time, and how many did. */
  startedSecond: number;
  startedCalls: number;
  /** null for none. */
  lowBalance: Micros | null;
  lowBalanceTold: boolean;
  /** A call was granted less than it requested, and nothing was freed since. */
  isShort: boolean;
  /** The most that one of its calls may cost; null for no limit. */
  maxCallCost: Micros | null;
  /** The dearest price per minute at which its calls start; null for no limit. */
  maxPricePerMinute: Micros | null;
  /** A call that is refused by a limit of spend blocks the account. */
  isBlockedAtSpendLimit: boolean;
  terms: Terms;
}

/** How an account wants its calls treated while they last. */
export interface Terms {
  /** `strict`: a call reserves its longest talk. `shared`: a slice, which is extended before it runs out. */
  mode: 'strict' | 'shared';
  /** At least 1. */
  sliceSeconds: number;
  /** How long before the cut the caller is warned, the longest first; seconds. */
  warnSeconds: number[];
  /** After the first warning, one more at every interval of so many seconds; 0 for none. */
  warnRepeatSeconds: number;
  /** A sound, or `say` for the time left; empty for the service's own. */
  warnSound: string;
  /** What the caller hears before the call. */
  announce: ('balance' | 'time')[];
}

/** The terms of a call without an account: an emergency call. */
export const PLAIN_TERMS: Terms = {
  mode: 'strict',
  sliceSeconds: 60,
  warnSeconds: [],
  warnRepeatSeconds: 0,
  warnSound: '',
  announce: [],
};

/** What may be ring-fenced or withdrawn now: balance + credit limit − reserved. Below zero after an operator's own act. */
export const available = (account: Pick<Account, 'balance' | 'creditLimit' | 'reserved'>): Micros =>
  micros(account.balance + account.creditLimit - account.reserved);

/**
 * What a call may ring-fence: what is available, as far as `reserved` can be written. Balance and credit limit together may be twice as
 * much. The balance after all charges can always be written, because it is at least minus the credit limit.
 */
export const holdable = (account: Pick<Account, 'balance' | 'creditLimit' | 'reserved'>): Micros =>
  smaller(available(account), micros(LARGEST - account.reserved));

/** What a call may ring-fence within the account's limits of what it spends; the same without limits. */
export const moneyLeft = (account: Pick<Account, 'balance' | 'creditLimit' | 'reserved' | 'spent'>): Micros =>
  account.spent.reduce((least, each) => smaller(least, spendable(each, account.reserved)), holdable(account));

type TimeLimits = Pick<Account, 'maxTimeSeconds' | 'timeUsedSeconds' | 'timeReservedSeconds' | 'activeCalls'>;

/** Talk that is left of the account's max_time and that no call holds; seconds, Infinity without a limit. */
export function timeAvailable({
  maxTimeSeconds,
  timeUsedSeconds,
  timeReservedSeconds,
  activeCalls,
}: TimeLimits): number {
  if (maxTimeSeconds === null) return Infinity;
  return maxTimeSeconds - (activeCalls === 0 ? 0 : timeUsedSeconds) - timeReservedSeconds;
}

/** The range of INT, and a day. */
const LEAST_TIME_USED_SECONDS = -2_147_000_000;

/** The account after an operator added talk to its calls in progress: it counts as not used. null beyond what the column can hold. */
export function withTimeAdded(account: Account, seconds: number): Account | null {
  const timeUsedSeconds = account.timeUsedSeconds - seconds;
  return timeUsedSeconds < LEAST_TIME_USED_SECONDS ? null : { ...account, timeUsedSeconds };
}

/** What calls may use together. `seconds` is Infinity if talk is not limited. */
export interface Means {
  money: Micros;
  seconds: number;
}

/** What the account has that no call holds, within its limits of spend. */
export const meansLeft = (
  account: Pick<Account, 'balance' | 'creditLimit' | 'reserved' | 'spent'> & TimeLimits,
): Means => ({
  money: moneyLeft(account),
  seconds: timeAvailable(account),
});
