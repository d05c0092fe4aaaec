/** A pool: the account of a group of calls, which the dialplan names and limits with each call. */
import { larger, type Micros, ZERO } from '../../money/micros';
import type { Tariff } from '../../rating/price';
import type { Account } from './account';

/** The beginning of a pool's accountcode, before the customer that the dialplan named. No operator's account begins so. */
export const POOL_PREFIX = 'pool:';

/** A group of calls, and what they may use together while they overlap. */
export interface PoolRequest {
  /** What each of them costs. */
  tariff: Tariff;
  /** What they may cost together. */
  maxCredit: Micros;
  /** What they may talk together; seconds, null for no limit. */
  maxTimeSeconds: number | null;
  /** 0 for no limit. */
  maxChannels: number;
  /** 0 for no limit. */
  maxCallsPerSecond: number;
}

export const isPool = ({ kind }: Pick<Account, 'kind'>): boolean => kind === 'pool';

/**
 * A pool with what one of its calls may use.
 *
 * The first call of those that overlap sets everything; they may not use what corrections left since the last group. While calls are in
 * progress, credit and time only rise, and a call that names none leaves them as they are. How many calls at once and in a second is
 * checked for each call by itself.
 */
export function withPool(pool: Account, request: PoolRequest): Account {
  const { maxChannels, maxCallsPerSecond } = request;
  if (pool.activeCalls === 0) {
    const creditLimit = larger(ZERO, request.maxCredit);
    return {
      ...pool,
      balance: ZERO,
      creditLimit,
      maxTimeSeconds: request.maxTimeSeconds,
      maxChannels,
      maxCallsPerSecond,
    };
  }
  const creditLimit = larger(pool.creditLimit, request.maxCredit);
  const maxTimeSeconds =
    request.maxTimeSeconds === null ? pool.maxTimeSeconds : Math.max(request.maxTimeSeconds, pool.maxTimeSeconds ?? 0);
  return { ...pool, creditLimit, maxTimeSeconds, maxChannels, maxCallsPerSecond };
}

/** What `withPool` did to a pool: its first call opens it, a later one may raise its limits; null if nothing changed. */
export function poolChange(found: Account, pool: Account): 'opened' | 'raised' | null {
  if (found.activeCalls === 0) return 'opened';
  return pool.creditLimit !== found.creditLimit || pool.maxTimeSeconds !== found.maxTimeSeconds ? 'raised' : null;
}
