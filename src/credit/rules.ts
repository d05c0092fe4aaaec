/**
 * Every rule of money, in one deterministic place: no clock, no SQL, no socket. The store reads rows under the account's
 * lock, asks here, and writes what is answered.
 */
import { formatAmount, LARGEST, larger, type Micros, micros, smaller, ZERO } from '../money/micros';
import {
  billedSeconds,
  cost,
  costWithoutGrace,
  FREE_TARIFF,
  longestSeconds,
  type Tariff,
  wholeIncrements,
} from '../rating/price';
import type { Rate } from '../rating/rate';
import type { CallRecord } from './call-record';
import type { ChangeEvent } from './change-event';
import type { Refusal } from './refusal';

/** An account as it stands under its lock. Amounts in the account's currency. */
export interface Account {
  accountcode: string;
  currency: string;
  timeZone: string;
  blocked: boolean;
  /** ms since 1970; null for never. */
  expiresAt: number | null;
  deck: string;
  balance: Micros;
  /** Its last entry's number and hash; 0 and empty where it has none. */
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
  /** An operator's account, or one that the dialplan made for a group of calls. */
  kind: 'account' | 'pool';
  /** Most talk of all calls that overlap, together; seconds, null for no limit. */
  maxTime: number | null;
  /** Talk of ended calls that counts against it; below 0 where time was added. */
  timeUsed: number;
  /** What the open calls are granted of it; counted only with a limit. */
  timeReserved: number;
  /** 0 for no limit. */
  maxCallsPerSecond: number;
  /** The last second in which a call started, as a Unix time, and how many did. */
  startedSecond: number;
  startedCalls: number;
  /** null for none. */
  lowBalance: Micros | null;
  lowBalanceTold: boolean;
  /** A call was granted less than it asked for, and nothing was freed since. */
  isShort: boolean;
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
  /** After the first warning, one more every so many seconds; 0 for none. */
  warnRepeatSeconds: number;
  /** A sound, or `say` for the time left; empty for the service's own. */
  warnSound: string;
  /** What the caller hears before the call. */
  announce: ('balance' | 'time')[];
}

/** Where there is no account to say otherwise: an emergency call. */
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
 * What a call may ring-fence: what is available, as far as `reserved` can be written. Balance and credit limit together may be twice
 * as much. As the credit limit can be written, so can the balance when all that is held has been charged.
 */
export const holdable = (account: Pick<Account, 'balance' | 'creditLimit' | 'reserved'>): Micros =>
  smaller(available(account), micros(LARGEST - account.reserved));

/** A call that wants to start. Instants in ms since 1970, by the switch's clock. */
export interface StartRequest {
  uniqueid: string;
  accountcode: string;
  node: string;
  /** Caller's number, already harmless. */
  src: string;
  /** Digits only; null when what was dialled is no number. */
  dst: string | null;
  startAt: number;
  /** A number that is never refused for money. */
  emergency: boolean;
  /** Whether any trunk carries this number. */
  routable: boolean;
  /** The longest that the call may ring, over all its routes; seconds. */
  ringSeconds: number;
  /** How long its caller has been waiting already; it counts into the start deadline. Ms, 0 when not given. */
  waitedMs?: number;
  /** How long its caller can wait in all, where that is less than the start deadline. Ms. */
  withinMs?: number;
  /** The INVITE that the call came by, by a hash of 32 hexadecimal digits; where none is told nobody can say whether it is a copy. */
  dialog?: string | null;
  /** The calls that its channel made before, by the same INVITE. */
  earlier?: readonly string[];
  /** What the dialplan said instead of an account: the group of calls that this one belongs to. */
  pool?: PoolRequest;
  /** Not to be left waiting for room any more: granted or refused. */
  lastTry?: boolean;
  /**
   * Nobody but its own switch changes the limit, and only by asking for more: the call is granted `firstSeconds` at once, or as with
   * mode strict where it names none, at most `mostSeconds` in all, and takes no part in sharing.
   */
  fixed?: { firstSeconds?: number; mostSeconds?: number };
  /**
   * Whoever got no answer asks again with the same uniqueid, or ends the call: a start that is committed after it was refused for
   * being late is kept for him.
   */
  asksAgain?: boolean;
}

/** How long after its end an answered call's INVITE may come again: what a network holds back is dropped by then (64 × T1, RFC 3261). Ms. */
const COPIES_COME_MS = 32_000;

/**
 * Whether what wants to start is `call` once more, by a late copy of its INVITE: that call is in progress, or was answered and ended a moment
 * ago. One that nobody answered may be tried again by the same INVITE: a proxy does so on another branch. An emergency call is never kept out.
 */
export function isCopyOf(
  request: StartRequest,
  call: Pick<CallRecord, 'uniqueid' | 'node' | 'dialog' | 'answerAt' | 'endAt'>,
): boolean {
  const { uniqueid, node, dialog, earlier, startAt, emergency } = request;
  if (emergency || !dialog || call.dialog !== dialog || call.node !== node) return false;
  if (call.uniqueid === uniqueid || earlier?.includes(call.uniqueid)) return false;
  return call.endAt === null || (call.answerAt !== null && startAt - call.endAt < COPIES_COME_MS);
}

/** What the accountcode of a group of calls begins with, before the customer that the dialplan named. No operator's does. */
export const POOL_PREFIX = 'pool:';

/** A group of calls, and what they may use together while they overlap. */
export interface PoolRequest {
  /** What each of them costs. */
  tariff: Tariff;
  /** What they may cost together. */
  maxCredit: Micros;
  /** What they may talk together; seconds, null for no limit. */
  maxTime: number | null;
  /** 0 for no limit. */
  maxChannels: number;
  /** 0 for no limit. */
  maxCallsPerSecond: number;
}

export interface Limits {
  /** Longest call where neither the account nor the rate says less; seconds. */
  maxCallSeconds: number;
  /** Digits that no account may dial. */
  barredPrefixes: string[];
}

/** What a call was let through with. */
export interface Grant {
  /** Longest talk; the switch ends the call then. At least 1. */
  grantedSeconds: number;
  /** The cost of grantedSeconds: what is ring-fenced, and the most that the call can cost. */
  maxCost: Micros;
  /** Longest talk that service, account and rate allow, however much money there is; 0 for an emergency call, which shares nothing. */
  capSeconds: number;
  limitedBy: GrantLimit;
  tariff: Tariff;
  /** The rate that the tariff was taken from; null for an emergency call, which is free, and in a pool. */
  rate: Rate | null;
  terms: Terms;
}

/** Why a grant is no longer: it is one slice of more; the money, or the time of its group, ends; or no call may be longer. */
export type GrantLimit = 'slice' | 'money' | 'time' | 'cap';

export type Decision =
  | { granted: Grant }
  | { refusal: Refusal }
  /** Others hold what it needs and have not spent it: it is granted nothing yet, and holds a place. */
  | { waiting: Grant };

/** What an emergency call is let through with: free, and as long as any call may be. */
export const emergencyGrant = (limits: Limits): Grant => ({
  grantedSeconds: limits.maxCallSeconds,
  maxCost: ZERO,
  capSeconds: 0,
  limitedBy: 'cap',
  tariff: FREE_TARIFF,
  rate: null,
  terms: PLAIN_TERMS,
});

/**
 * Whether a call may start, and how long it may talk at most.
 *
 * The checks are made in the order of REFUSALS and the first that fails is the answer. The grant is the longest talk that
 * balance + credit limit − reserved pays for, capped by the service, the account, the rate and the time that its group has
 * left, and with mode shared by one slice; its cost is what is to be ring-fenced. With mode shared a call for which nothing is
 * left waits when other calls hold what it needs. An emergency call is always granted. `account` null: there is none of that
 * code. `rate` null: none fits; a pool has none. Assumes that the account is locked, and that the rate is of the account's deck
 * and valid at `request.startAt`.
 */
export function decideStart(
  request: StartRequest,
  account: Account | null,
  rate: Rate | null,
  limits: Limits,
): Decision {
  if (request.emergency) return { granted: emergencyGrant(limits) };
  // What a group of calls costs and may use, only the dialplan says; and it says so of no operator's account.
  if (!account || isPool(account) !== (request.pool !== undefined)) return { refusal: 'account_not_found' };
  if (account.blocked) return { refusal: 'account_blocked' };
  if (account.expiresAt !== null && account.expiresAt <= request.startAt) return { refusal: 'account_expired' };
  const { dst, pool, startAt } = request;
  if (dst === null) return { refusal: 'number_invalid' };
  const barred = (prefix: string) => dst.startsWith(prefix);
  if (limits.barredPrefixes.some(barred) || account.barredPrefixes.some(barred)) return { refusal: 'number_barred' };
  // A deck in another currency cannot price this account's calls; account create and set refuse it, a changed row could not.
  const tariff = pool?.tariff ?? (rate && rate.currency === account.currency ? rate : null);
  if (!tariff) return { refusal: 'no_rate' };
  if (!request.routable) return { refusal: 'no_route' };
  if (account.maxChannels > 0 && account.activeCalls >= account.maxChannels) return { refusal: 'too_many_calls' };
  if (startsTooOften(account, startAt)) return { refusal: 'too_many_calls_per_second' };
  const capSeconds = Math.min(
    limits.maxCallSeconds,
    account.maxCallSeconds ?? Infinity,
    rate?.maxSeconds ?? Infinity,
    request.fixed?.mostSeconds ?? Infinity,
  );
  const offer = { tariff, rate, capSeconds, terms: account.terms };
  const first = request.fixed ? (request.fixed.firstSeconds ?? Infinity) : firstGrant(tariff, account);
  const wanted = Math.min(capSeconds, first);
  const left = { money: holdable(account), seconds: timeAvailable(account) };
  const granted = grantUpTo(offer, wanted, left);
  if (granted.grantedSeconds >= 1) return { granted };
  const all = { money: micros(left.money + account.reserved), seconds: left.seconds + account.timeReserved };
  const mayWait = account.terms.mode === 'shared' && account.activeCalls > 0 && !request.lastTry && !request.fixed;
  if (mayWait && grantUpTo(offer, 1, all).grantedSeconds >= 1) return { waiting: granted };
  return { refusal: left.seconds < 1 ? 'time_used_up' : 'insufficient_balance' };
}

export const isPool = ({ kind }: Pick<Account, 'kind'>): boolean => kind === 'pool';

/** What calls may draw on together. `seconds` is Infinity where talk is not limited. */
export interface Means {
  money: Micros;
  seconds: number;
}

/** Talk that is left of the account's max_time and that no call holds; seconds, Infinity without a limit. */
export function timeAvailable({ maxTime, timeUsed, timeReserved, activeCalls }: Account): number {
  if (maxTime === null) return Infinity;
  return maxTime - (activeCalls === 0 ? 0 : timeUsed) - timeReserved;
}

/** The most that fits into `left`, up to `wantedSeconds`; of 0 seconds and money when not even the first increment fits. */
export function grantUpTo(
  offer: Pick<Grant, 'tariff' | 'rate' | 'capSeconds' | 'terms'>,
  wantedSeconds: number,
  left: Means,
): Grant {
  const affordable = longestSeconds(offer.tariff, left.money) ?? Infinity;
  const grantedSeconds = Math.max(0, Math.min(wantedSeconds, affordable, left.seconds));
  return {
    ...offer,
    grantedSeconds,
    maxCost: grantedSeconds === 0 ? ZERO : costWithoutGrace(offer.tariff, grantedSeconds),
    limitedBy: grantLimit(),
  };

  function grantLimit(): GrantLimit {
    if (grantedSeconds >= offer.capSeconds) return 'cap';
    if (grantedSeconds >= wantedSeconds) return offer.terms.mode === 'shared' ? 'slice' : 'cap';
    return affordable <= left.seconds ? 'money' : 'time';
  }
}

/** What a call asks for first; seconds. Infinity where it reserves its longest talk, or nothing that could run out. */
export function firstSlice(tariff: Tariff, { terms, maxTime }: Pick<Account, 'terms' | 'maxTime'>): number {
  if (terms.mode === 'strict') return Infinity;
  if (maxTime === null && longestSeconds(tariff, ZERO) === null) return Infinity;
  return wholeIncrements(tariff, terms.sliceSeconds);
}

/** A ringing call keeps at least so much of its slice: the switch is told the limit anew before a third of it is over. */
export const RINGING_SECONDS = 10;

/** What a call is let in with where there is not enough for all: so much that it can ring. It shares when it is answered. */
export const leastSlice = (tariff: Tariff, account: Pick<Account, 'terms' | 'maxTime'>): number =>
  Math.min(firstSlice(tariff, account), wholeIncrements(tariff, RINGING_SECONDS));

/**
 * What a call is granted first; seconds. While the account is short no whole slice: others wait for what was given back, and
 * each is to find something.
 */
export const firstGrant = (tariff: Tariff, account: Pick<Account, 'terms' | 'maxTime' | 'isShort'>): number =>
  account.isShort && account.terms.mode === 'shared' ? leastSlice(tariff, account) : firstSlice(tariff, account);

/** At most so many calls start in each second of the switch's clock; a clock that lags a little behind another's counts with it. */
function startsTooOften(account: Account, startAt: number): boolean {
  const { maxCallsPerSecond, startedSecond, startedCalls } = account;
  const isSameSecond = countedSecond(account, startAt) === startedSecond;
  return maxCallsPerSecond > 0 && isSameSecond && startedCalls >= maxCallsPerSecond;
}

/** A clock that was so far ahead was wrong, or is another's that is: it must not refuse calls until its time has come. */
const MOST_CLOCK_LAG_SECONDS = 10;

/** The second in which a start counts. */
function countedSecond({ startedSecond }: Account, startAt: number): number {
  const second = Math.floor(startAt / 1000);
  return second < startedSecond - MOST_CLOCK_LAG_SECONDS ? second : Math.max(second, startedSecond);
}

/** The grant that an open call has, as its CDR remembers it. */
export function grantOf(
  call: Pick<Grant, 'grantedSeconds' | 'maxCost' | 'capSeconds' | 'tariff'>,
  terms: Terms,
): Grant {
  const { grantedSeconds, maxCost, capSeconds, tariff } = call;
  const limitedBy = grantedSeconds >= capSeconds ? 'cap' : terms.mode === 'shared' ? 'slice' : 'money';
  return { grantedSeconds, maxCost, capSeconds, limitedBy, tariff, rate: null, terms };
}

export type Disposition = 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'CONGESTION' | 'FAILED';
export type HangupSource = 'caller' | 'callee' | 'limit' | 'operator' | 'service';

/**
 * How the end of a call is known, the best first: told by the switch as it happened; read in the switch's own records (CEL,
 * CDR); only not seen any more, and taken to have ended when the switch was last seen with it; or none at all, as of a call whose
 * switch was never seen and told no end: one that was answered is then taken to have lasted to its limit.
 */
export type Evidence = 'event' | 'cel' | 'cdr' | 'proxy' | 'sighting' | 'none';

/** How a call ended. Instants in ms since 1970, by the switch's clock. */
export interface CallEnd {
  /** The called leg's answer; null when it was never answered. */
  answerAt: number | null;
  /** The first leg's end. */
  endAt: number;
  disposition: Disposition;
  hangupCause: number;
  hangupSource: HangupSource;
  evidence: Evidence;
}

/** What an open call was started with, as its CDR remembers it. */
export interface OpenCall {
  startAt: number;
  grantedSeconds: number;
  maxCost: Micros;
  tariff: Tariff;
}

/** What an ended call comes to. */
export interface Charge {
  duration: number;
  billsec: number;
  billedSeconds: number;
  overrunSeconds: number;
  cost: Micros;
}

/**
 * What a call that has ended costs.
 *
 * 0 when it was never answered or ended within its grace. billsec is whole seconds, truncated, as Asterisk counts; never
 * below 0, though a clock stepped back. The cost is never more than what was ring-fenced: talk beyond the grant is told in
 * overrunSeconds and not charged. Rounded as docs/pricing.md §5 says.
 */
export function chargeFor(call: OpenCall, end: Pick<CallEnd, 'answerAt' | 'endAt'>): Charge {
  const duration = wholeSeconds(end.endAt - call.startAt);
  if (end.answerAt === null) return { duration, billsec: 0, billedSeconds: 0, overrunSeconds: 0, cost: ZERO };
  const billsec = wholeSeconds(end.endAt - end.answerAt);
  return {
    duration,
    billsec,
    billedSeconds: Math.min(billedSeconds(call.tariff, billsec), wholeIncrements(call.tariff, call.grantedSeconds)),
    overrunSeconds: Math.max(0, billsec - call.grantedSeconds),
    cost: smaller(cost(call.tariff, billsec), call.maxCost),
  };
}

const wholeSeconds = (milliseconds: number): number => Math.max(0, Math.floor(milliseconds / 1000));

/** The account after a call of it was let through; the first of those that overlap counts time anew. */
export function withStart(account: Account, grant: Grant, startAt: number): Account {
  const second = countedSecond(account, startAt);
  const begun: Account = {
    ...account,
    activeCalls: account.activeCalls + 1,
    timeUsed: account.activeCalls === 0 ? 0 : account.timeUsed,
    ...(account.maxCallsPerSecond > 0 && {
      startedSecond: second,
      startedCalls: second === account.startedSecond ? account.startedCalls + 1 : 1,
    }),
  };
  return withGrant(begun, { maxCost: ZERO, grantedSeconds: 0, capSeconds: grant.capSeconds }, grant);
}

type Held = Pick<Grant, 'maxCost' | 'grantedSeconds' | 'capSeconds'>;

/** The account after what one of its calls holds changed. */
export const withGrant = (account: Account, before: Held, after: Held): Account => ({
  ...account,
  reserved: micros(account.reserved - before.maxCost + after.maxCost),
  timeReserved: account.timeReserved - timeHeld(before) + timeHeld(after),
});

const timeHeld = ({ capSeconds, grantedSeconds }: Held): number => (capSeconds === 0 ? 0 : grantedSeconds);

/**
 * More than any max_time, and no more than the column holds: an account that always has a call up is never counted anew, and an
 * end that cannot be written would be tried forever.
 */
const MOST_TIME_USED = 2_000_000_000;

/** The account after a call that held this ended and cost `charged`. */
export function withSettlement(
  account: Account,
  held: Held,
  { cost: charged, billsec }: Pick<Charge, 'cost' | 'billsec'>,
): Account {
  const freed = withGrant(account, held, { maxCost: ZERO, grantedSeconds: 0, capSeconds: held.capSeconds });
  return {
    ...freed,
    balance: micros(freed.balance - charged),
    activeCalls: freed.activeCalls - 1,
    timeUsed: Math.min(freed.timeUsed + Math.min(billsec, timeHeld(held)), MOST_TIME_USED),
    isShort: freed.isShort && freed.activeCalls > 1,
  };
}

/**
 * An account of a group of calls with what one of them may use.
 *
 * The first of those that overlap sets it all, and what corrections have left since the last is not theirs. While calls are up,
 * credit and time are only ever raised, and left as they are by a call that names none. How many at once and in a second is
 * asked of each call for itself.
 */
export function withPool(pool: Account, request: PoolRequest): Account {
  const { maxChannels, maxCallsPerSecond } = request;
  if (pool.activeCalls === 0) {
    const creditLimit = larger(ZERO, request.maxCredit);
    return { ...pool, balance: ZERO, creditLimit, maxTime: request.maxTime, maxChannels, maxCallsPerSecond };
  }
  const creditLimit = larger(pool.creditLimit, request.maxCredit);
  const maxTime = request.maxTime === null ? pool.maxTime : Math.max(request.maxTime, pool.maxTime ?? 0);
  return { ...pool, creditLimit, maxTime, maxChannels, maxCallsPerSecond };
}

/**
 * The account after its balance changed, with the event that tells that it is low, or is not any more: when it is above the limit by
 * a tenth of it, so that one about the limit is not told with every call.
 */
export function withLowBalance(account: Account): { account: Account; event: ChangeEvent | null } {
  const { accountcode, balance, lowBalance, lowBalanceTold } = account;
  const isLow = lowBalance !== null && balance < lowBalance;
  const hasRecovered = lowBalance === null || (balance - lowBalance) * 10n >= larger(lowBalance, micros(-lowBalance));
  if (lowBalanceTold ? !hasRecovered : !isLow) return { account, event: null };
  const facts = { balance: formatAmount(balance), limit: lowBalance === null ? null : formatAmount(lowBalance) };
  const kind = isLow ? 'low_balance' : 'low_balance_over';
  return { account: { ...account, lowBalanceTold: isLow }, event: { kind, accountcode, uniqueid: null, facts } };
}
