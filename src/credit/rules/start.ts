/** Whether a call may start, and how long it may talk. */
import { type Micros, micros, ZERO } from '../../money/micros';
import { FREE_TARIFF } from '../../rating/price';
import type { CallRate } from '../../rating/rate';
import { highestPrice, longestSeconds } from '../../rating/timed';
import { REFUSAL_OF_WINDOW, type Refusal } from '../refusal';
import { type Account, type Means, meansLeft, PLAIN_TERMS, type Terms } from './account';
import type { CallRecord } from './call';
import { firstGrant, type Grant, grantUpTo, nothingHeld, type Offer, offerOf, withGrant } from './grant';
import { isPool, type PoolRequest } from './pool';
import { spendable } from './spend';

/** A call that wants to start. Instants in ms since 1970, by the switch's clock. */
export interface StartRequest {
  uniqueid: string;
  accountcode: string;
  node: string;
  /** Caller's number, already harmless. */
  src: string;
  /** Digits only; null if the dialled text is no number. */
  dst: string | null;
  startAt: number;
  /** A number that is never refused for money. */
  emergency: boolean;
  /** Whether any trunk carries this number. */
  routable: boolean;
  /** The longest that the call may ring, over all its routes; seconds. */
  ringSeconds: number;
  /** How long its caller has been waiting already; it counts into the start deadline. Ms, 0 if not given. */
  waitedMs?: number;
  /** How long its caller can wait in all, if that is less than the start deadline. Ms. */
  withinMs?: number;
  /** The INVITE by which the call came, as a hash of 32 hexadecimal digits. Without it a late copy of the INVITE is not recognised. */
  dialog?: string | null;
  /** The calls that its channel made before, by the same INVITE. */
  earlier?: readonly string[];
  /** The group to which the call belongs; the dialplan names it instead of an account. */
  pool?: PoolRequest;
  /** It must no longer wait for room: grant or refuse it. */
  lastTry?: boolean;
  /**
   * Only its own switch changes the limit, by requesting more. The call is granted `firstSeconds` at once (without it, its longest talk, as
   * with mode strict) and at most `mostSeconds` in all, and does not share.
   */
  fixed?: { firstSeconds?: number; mostSeconds?: number };
  /**
   * A switch that got no answer asks again with the same uniqueid, or ends the call. So a start that is committed after it was refused
   * for being late is kept.
   */
  asksAgain?: boolean;
}

/** The service's own limits, for every call. */
export interface Limits {
  /** Longest call if neither the account nor the rate has a lower limit; seconds. */
  maxCallSeconds: number;
  /** Digits that no account may dial. */
  barredPrefixes: readonly string[];
}

/** What a caller hears before the call is dialled takes no longer. */
const ANNOUNCED_SECONDS = 30;

/** The longest from the start of a call until it is answered, if it may ring that long; seconds. */
export const untilAnswered = (ringSeconds: number, { announce }: Pick<Terms, 'announce'>): number =>
  ringSeconds + (announce.length > 0 ? ANNOUNCED_SECONDS : 0);

export type Decision =
  | { granted: Grant }
  | { refusal: Refusal }
  /** Other calls hold what it needs and have not spent it: it is granted nothing yet, and holds a place. */
  | { waiting: Grant };

/** The grant of an emergency call: free, and as long as any call may be. */
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
 * The checks are made in the order of REFUSALS, and the first that fails is the answer. The grant is the longest talk for which balance +
 * credit limit − reserved pays, capped by the service, the account, the rate and the time that the account has left, and with mode shared
 * by one slice; its cost must be ring-fenced, within what the account may spend in its hour, day and month. With mode shared a call for which nothing is left waits if other calls hold what it needs. An
 * emergency call is always granted. `account` null: no account has that code. `rate` null: none matches; a pool has none. Assumes that the
 * account is locked, and that the rate is of the account's deck and valid at `request.startAt`.
 */
export function decideStart(
  request: StartRequest,
  account: Account | null,
  rate: CallRate | null,
  limits: Limits,
): Decision {
  if (request.emergency) return { granted: emergencyGrant(limits) };
  // Only a request that says what its calls cost and may use can use a pool, and such a request uses no operator's account.
  if (!account || isPool(account) !== (request.pool !== undefined)) return { refusal: 'account_not_found' };
  if (account.blocked) return { refusal: 'account_blocked' };
  if (account.expiresAt !== null && account.expiresAt <= request.startAt) return { refusal: 'account_expired' };
  const { dst, pool, startAt } = request;
  if (dst === null) return { refusal: 'number_invalid' };
  const barred = (prefix: string) => dst.startsWith(prefix);
  if (limits.barredPrefixes.some(barred) || account.barredPrefixes.some(barred)) return { refusal: 'number_barred' };
  // A deck in another currency cannot price this account's calls. `account create` and `set` refuse it; a row changed by hand could have
  // it.
  const tariff = pool?.tariff ?? (rate && rate.currency === account.currency ? rate : null);
  if (!tariff) return { refusal: 'no_rate' };
  if (rate?.isBlocked) return { refusal: 'destination_blocked' };
  const { maxPricePerMinute, maxCallCost } = account;
  if (maxPricePerMinute !== null && highestPrice(tariff) > maxPricePerMinute) return { refusal: 'price_limit' };
  // As the longest talk of the call, so that neither an extension nor its share of the account's money goes beyond it.
  const paidSeconds = maxCallCost === null ? Infinity : (longestSeconds(tariff, maxCallCost) ?? Infinity);
  if (paidSeconds < 1) return { refusal: 'call_cost_limit' };
  if (!request.routable) return { refusal: 'no_route' };
  if (account.maxChannels > 0 && account.activeCalls >= account.maxChannels) return { refusal: 'too_many_calls' };
  if (startsTooOften(account, startAt)) return { refusal: 'too_many_calls_per_second' };
  const capSeconds = Math.min(
    limits.maxCallSeconds,
    account.maxCallSeconds ?? Infinity,
    rate?.maxSeconds ?? Infinity,
    request.fixed?.mostSeconds ?? Infinity,
    paidSeconds,
  );
  const offer = { tariff, rate, capSeconds, terms: account.terms };
  const first = request.fixed ? (request.fixed.firstSeconds ?? Infinity) : firstGrant(tariff, account);
  const wanted = Math.min(capSeconds, first);
  const left = meansLeft(account);
  const granted = grantUpTo(offer, wanted, left);
  if (granted.grantedSeconds >= 1) return { granted };
  const all = { money: micros(left.money + account.reserved), seconds: left.seconds + account.timeReservedSeconds };
  const mayWait = account.terms.mode === 'shared' && account.activeCalls > 0 && !request.lastTry && !request.fixed;
  if (mayWait && grantUpTo(offer, 1, all).grantedSeconds >= 1) return { waiting: granted };
  return { refusal: endOfMeans(offer, account, left) };
}

/**
 * The same for a call that waits for room and asks again: granted, still waiting, or refused. Assumes that the account is locked and that
 * the call holds nothing yet.
 */
export function decideWaiting(call: CallRecord, request: StartRequest, account: Account): Decision {
  // An operator wants the call ended, or all calls of the account.
  if (account.blocked || call.hangupWanted) return { refusal: 'account_blocked' };
  const wanted = Math.min(call.capSeconds, firstGrant(call.tariff, account));
  const left = meansLeft(account);
  const offer = offerOf(call, account.terms);
  const found = grantUpTo(offer, wanted, left);
  if (found.grantedSeconds >= 1) return { granted: found };
  return request.lastTry ? { refusal: endOfMeans(offer, account, left) } : { waiting: found };
}

/** Why there is nothing for a call. Of limits of spend the one that lasts longest is named. */
function endOfMeans(offer: Offer, { spent, reserved }: Account, { seconds }: Means): Refusal {
  if (seconds < 1) return 'time_used_up';
  const isTooLittle = (money: Micros) => grantUpTo(offer, 1, { money, seconds: Infinity }).grantedSeconds < 1;
  const reached = spent.findLast(each => isTooLittle(spendable(each, reserved)));
  return reached ? REFUSAL_OF_WINDOW[reached.window] : 'insufficient_balance';
}

/** At most so many calls start in each second of the switch's clock. A clock that is a little behind another counts with it. */
function startsTooOften(account: Account, startAt: number): boolean {
  const { maxCallsPerSecond, startedSecond, startedCalls } = account;
  const isSameSecond = countedSecond(account, startAt) === startedSecond;
  return maxCallsPerSecond > 0 && isSameSecond && startedCalls >= maxCallsPerSecond;
}

/** A clock further ahead than this is wrong, and must not refuse calls until its time has come. */
const MOST_CLOCK_LAG_SECONDS = 10;

/** The second in which a start counts. */
function countedSecond({ startedSecond }: Account, startAt: number): number {
  const second = Math.floor(startAt / 1000);
  return second < startedSecond - MOST_CLOCK_LAG_SECONDS ? second : Math.max(second, startedSecond);
}

/** The account after it let a call through; the first of the calls that overlap counts time anew. */
export function withStart(account: Account, grant: Grant, startAt: number): Account {
  const second = countedSecond(account, startAt);
  const begun: Account = {
    ...account,
    activeCalls: account.activeCalls + 1,
    timeUsedSeconds: account.activeCalls === 0 ? 0 : account.timeUsedSeconds,
    ...(account.maxCallsPerSecond > 0 && {
      startedSecond: second,
      startedCalls: second === account.startedSecond ? account.startedCalls + 1 : 1,
    }),
  };
  return withGrant(begun, nothingHeld(grant), grant);
}
