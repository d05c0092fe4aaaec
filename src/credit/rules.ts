/**
 * Every rule of money, in one deterministic place: no clock, no SQL, no socket. The store reads rows under the account's
 * lock, asks here, and writes what is answered.
 */
import { type Micros, micros, smaller, ZERO } from '../money/micros';
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
  creditLimit: Micros;
  reserved: Micros;
  activeCalls: number;
  /** 0 for no limit. */
  maxChannels: number;
  /** null for no limit of its own. */
  maxCallSeconds: number | null;
  barredPrefixes: string[];
}

/** What may be ring-fenced or withdrawn now: balance + credit limit − reserved. Below zero after an operator's own act. */
export const available = (account: Pick<Account, 'balance' | 'creditLimit' | 'reserved'>): Micros =>
  micros(account.balance + account.creditLimit - account.reserved);

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
  tariff: Tariff;
  /** The rate that the tariff was taken from; null for an emergency call, which is free. */
  rate: Rate | null;
}

export type Decision = { granted: Grant } | { refusal: Refusal };

/** What an emergency call is let through with: free, and as long as any call may be. */
export const emergencyGrant = (limits: Limits): Grant => ({
  grantedSeconds: limits.maxCallSeconds,
  maxCost: ZERO,
  tariff: FREE_TARIFF,
  rate: null,
});

/**
 * Whether a call may start, and how long it may talk at most.
 *
 * The checks are made in the order of REFUSALS and the first that fails is the answer. The grant is the longest talk that
 * balance + credit limit − reserved pays for, capped by the service, the account and the rate; its cost is what is to be
 * ring-fenced. An emergency call is always granted. `account` null: there is none of that code. `rate` null: none fits.
 * Assumes that the account is locked, and that the rate is of the account's deck and valid at `request.startAt`.
 */
export function decideStart(
  request: StartRequest,
  account: Account | null,
  rate: Rate | null,
  limits: Limits,
): Decision {
  if (request.emergency) return { granted: emergencyGrant(limits) };
  if (!account) return { refusal: 'account_not_found' };
  if (account.blocked) return { refusal: 'account_blocked' };
  if (account.expiresAt !== null && account.expiresAt <= request.startAt) return { refusal: 'account_expired' };
  const { dst } = request;
  if (dst === null) return { refusal: 'number_invalid' };
  const barred = (prefix: string) => dst.startsWith(prefix);
  if (limits.barredPrefixes.some(barred) || account.barredPrefixes.some(barred)) return { refusal: 'number_barred' };
  // A deck in another currency cannot price this account's calls; account create and set refuse it, a changed row could not.
  if (!rate || rate.currency !== account.currency) return { refusal: 'no_rate' };
  if (!request.routable) return { refusal: 'no_route' };
  if (account.maxChannels > 0 && account.activeCalls >= account.maxChannels) return { refusal: 'too_many_calls' };
  const cap = Math.min(limits.maxCallSeconds, account.maxCallSeconds ?? Infinity, rate.maxSeconds ?? Infinity);
  const grantedSeconds = Math.min(cap, longestSeconds(rate, available(account)) ?? cap);
  if (grantedSeconds < 1) return { refusal: 'insufficient_balance' };
  return { granted: { grantedSeconds, maxCost: costWithoutGrace(rate, grantedSeconds), tariff: rate, rate } };
}

export type Disposition = 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'CONGESTION' | 'FAILED';
export type HangupSource = 'caller' | 'callee' | 'limit' | 'operator' | 'service';

/**
 * How the end of a call is known, the best first: told by the switch as it happened; read in the switch's own records (CEL,
 * CDR); or only not seen any more, and taken to have ended when the switch was last seen with it.
 */
export type Evidence = 'event' | 'cel' | 'cdr' | 'sighting';

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

/** The account after a call was granted `maxCost`. */
export const withReservation = (account: Account, maxCost: Micros): Account => ({
  ...account,
  reserved: micros(account.reserved + maxCost),
  activeCalls: account.activeCalls + 1,
});

/** The account after a call that held `maxCost` ended and cost `charged`. */
export const withSettlement = (account: Account, maxCost: Micros, charged: Micros): Account => ({
  ...account,
  reserved: micros(account.reserved - maxCost),
  balance: micros(account.balance - charged),
  activeCalls: account.activeCalls - 1,
});
