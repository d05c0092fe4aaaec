/** A call's grant, how much of it is affordable, and how it changes the account. */
import { larger, type Micros, micros, smaller, ZERO } from '../../money/micros';
import type { CallRate } from '../../rating/rate';
import { type CallTariff, costWithoutGrace, longestSeconds, tariffBy, wholeIncrements } from '../../rating/timed';
import type { Account, Means, Terms } from './account';

/** A call's grant when it was let through. */
export interface Grant {
  /** Longest talk; the switch ends the call then. At least 1. */
  grantedSeconds: number;
  /** The cost of grantedSeconds: what is ring-fenced, and the most that the call can cost. */
  maxCost: Micros;
  /** Longest talk that service, account and rate allow, however much money there is; 0 for an emergency call, which shares nothing. */
  capSeconds: number;
  limitedBy: GrantLimit;
  tariff: CallTariff;
  /** The rate of the tariff; null for an emergency call, which is free, and in a pool. */
  rate: CallRate | null;
  terms: Terms;
}

/** Why a grant ends where it does: it is one slice; the money or the time of the account ends; or no call may be longer. */
export const GRANT_LIMITS = ['slice', 'money', 'time', 'cap'] as const;
export type GrantLimit = (typeof GRANT_LIMITS)[number];

/** Whether the account itself has no more to give. */
export const isEndOfMeans = (limitedBy: GrantLimit): boolean => limitedBy === 'money' || limitedBy === 'time';

/** What limits a grant. */
export type Offer = Pick<Grant, 'tariff' | 'rate' | 'capSeconds' | 'terms'>;

/** The most that fits into `left`, up to `wantedSeconds`; 0 seconds and no money if not even the first increment fits. */
export function grantUpTo(offer: Offer, wantedSeconds: number, left: Means): Grant {
  const affordable = affordableSeconds(offer.tariff, Math.min(wantedSeconds, left.seconds), left.money);
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

/** The longest talk that `money` pays for; Infinity if that is not less than `most`. */
function affordableSeconds(tariff: CallTariff, most: number, money: Micros): number {
  // Where the price depends on the answer, one talk is priced faster than the longest is found.
  const isEnough = tariff.times !== undefined && most > 0 && most < Infinity && costWithoutGrace(tariff, most) <= money;
  return isEnough ? Infinity : (longestSeconds(tariff, money) ?? Infinity);
}

/**
 * What more a call in progress can be granted. Its CDR has the tariff, so the rate behind it no longer matters; when it was answered, its prices are
 * known.
 */
export const offerOf = (
  { tariff, capSeconds, answerAt = null }: Pick<Grant, 'tariff' | 'capSeconds'> & { answerAt?: number | null },
  terms: Terms,
): Offer => ({
  tariff: tariffBy(tariff, answerAt),
  rate: null,
  capSeconds,
  terms,
});

/**
 * What a call holds once its answer is known, or known better: what its grant costs by the time of day of that answer. That is less than the
 * dearest, which it held while it rang, or more than by an answer that was told before: then as far as `left` pays for it.
 */
export function heldByAnswer(
  {
    tariff,
    answerAt,
    grantedSeconds,
    maxCost,
  }: Pick<Grant, 'tariff' | 'grantedSeconds' | 'maxCost'> & { answerAt: number | null },
  left: Micros,
): Micros {
  if (tariff.times === undefined || answerAt === null || grantedSeconds === 0) return maxCost;
  const cost = costWithoutGrace(tariffBy(tariff, answerAt), grantedSeconds);
  return smaller(cost, micros(maxCost + larger(ZERO, left)));
}

/** The grant that a call in progress has, as its CDR remembers it. */
export function grantOf(
  call: Pick<Grant, 'grantedSeconds' | 'maxCost' | 'capSeconds' | 'tariff'>,
  terms: Terms,
): Grant {
  const { grantedSeconds, maxCost, capSeconds } = call;
  const limitedBy = grantedSeconds >= capSeconds ? 'cap' : terms.mode === 'shared' ? 'slice' : 'money';
  return { tariff: call.tariff, rate: null, capSeconds, terms, grantedSeconds, maxCost, limitedBy };
}

/** What a call requests first; seconds. Infinity if it reserves its longest talk, or if nothing can run out. */
export function firstSlice(
  tariff: CallTariff,
  { terms, maxTimeSeconds }: Pick<Account, 'terms' | 'maxTimeSeconds'>,
): number {
  if (terms.mode === 'strict') return Infinity;
  if (maxTimeSeconds === null && longestSeconds(tariff, ZERO) === null) return Infinity;
  return wholeIncrements(tariff, terms.sliceSeconds);
}

/** A ringing call keeps at least this much of its slice: the switch gets the limit anew before a third of it is over. */
export const RINGING_SECONDS = 10;

/** The first grant of a call if there is not enough for all: enough to ring. It shares when it is answered. */
export const leastSlice = (tariff: CallTariff, account: Pick<Account, 'terms' | 'maxTimeSeconds'>): number =>
  Math.min(firstSlice(tariff, account), wholeIncrements(tariff, RINGING_SECONDS));

/**
 * A call's first grant; seconds. Less than a slice while the account is short: other calls wait for what was given back, and there must be
 * something for each of them.
 */
export const firstGrant = (
  tariff: CallTariff,
  account: Pick<Account, 'terms' | 'maxTimeSeconds' | 'isShort'>,
): number =>
  account.isShort && account.terms.mode === 'shared' ? leastSlice(tariff, account) : firstSlice(tariff, account);

/** What a call holds of its account. */
export type Held = Pick<Grant, 'maxCost' | 'grantedSeconds' | 'capSeconds'>;

/** The same call, holding nothing. */
export const nothingHeld = ({ capSeconds }: Pick<Held, 'capSeconds'>): Held => ({
  maxCost: ZERO,
  grantedSeconds: 0,
  capSeconds,
});

/** The account after what one of its calls holds changed. */
export const withGrant = (account: Account, before: Held, after: Held): Account => ({
  ...account,
  reserved: micros(account.reserved - before.maxCost + after.maxCost),
  timeReservedSeconds: account.timeReservedSeconds - timeHeld(before) + timeHeld(after),
});

/** An emergency call holds no time of its account. */
export const timeHeld = ({ capSeconds, grantedSeconds }: Held): number => (capSeconds === 0 ? 0 : grantedSeconds);
