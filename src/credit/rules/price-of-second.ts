/** Money expressed in seconds: only if a second has an exact price. */
import { type Micros, micros, ZERO } from '../../money/micros';
import type { Rate } from '../../rating/rate';

const SECONDS_PER_MINUTE = 60n;

/**
 * The price of one second at this rate, in an account of this currency. null if seconds have no exact price: the rate has a fee, a minimum,
 * a grace, free seconds, steps or longer increments, is free or blocked, has another currency, or its price is no whole number of millionths a second.
 */
export function priceOfSecond(rate: Rate | null, currency: string): Micros | null {
  const isExact =
    rate !== null &&
    !rate.isBlocked &&
    rate.currency === currency &&
    rate.pricePerMinute > ZERO &&
    rate.pricePerMinute % SECONDS_PER_MINUTE === 0n &&
    rate.connectFee === ZERO &&
    rate.minimumCharge === ZERO &&
    rate.initialIncrementSeconds === 1 &&
    rate.incrementSeconds === 1 &&
    rate.graceSeconds === 0 &&
    rate.freeSeconds === 0 &&
    rate.steps.length === 0;
  return isExact ? micros(rate.pricePerMinute / SECONDS_PER_MINUTE) : null;
}

/** Whole seconds that `money` can buy at most; 0 for none and below. */
export const secondsWorth = (money: Micros, second: Micros): bigint => (money <= ZERO ? 0n : money / second);
