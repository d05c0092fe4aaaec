import { divide, larger, type Micros, micros, ZERO } from '../money/micros';

/** The part of a rate on which the price depends. See docs/pricing.md. */
export interface Tariff {
  pricePerMinute: Micros;
  /** Charged once, when the call is answered and not within its grace. */
  connectFee: Micros;
  /** The least that an answered call outside its grace costs. */
  minimumCharge: Micros;
  /** The first block of talk, which is billed whole; at least 1. */
  initialIncrementSeconds: number;
  /** The blocks after the first; at least 1. */
  incrementSeconds: number;
  /** A call shorter than this costs nothing; 0 for none. */
  graceSeconds: number;
}

/** Costs nothing: emergency calls, and calls that were refused before they had a rate. */
export const FREE_TARIFF: Tariff = {
  pricePerMinute: ZERO,
  connectFee: ZERO,
  minimumCharge: ZERO,
  initialIncrementSeconds: 1,
  incrementSeconds: 1,
  graceSeconds: 0,
};

const SECONDS_PER_MINUTE = 60n;

/**
 * The seconds that are billed for `billsec` seconds of talk: the first increment at least, then whole increments.
 *
 * 0 for a call within its grace. An answered call of 0 seconds is billed its first increment if there is no grace. Assumes an answered call
 * and increments >= 1: the deck importer refuses others. Source: docs/pricing.md §4.
 */
export function billedSeconds(tariff: Tariff, billsec: number): number {
  return billsec < tariff.graceSeconds ? 0 : wholeIncrements(tariff, billsec);
}

/**
 * What an answered call of `billsec` seconds costs.
 *
 * max(minimum charge, connect fee + price per minute × billed seconds / 60), exact, rounded up once to the millionth; 0 within the grace.
 * Assumes an answered call: an unanswered one has no cost to compute. Source: docs/pricing.md §5.
 */
export function cost(tariff: Tariff, billsec: number): Micros {
  return billsec < tariff.graceSeconds ? ZERO : priceOf(tariff, wholeIncrements(tariff, billsec));
}

/**
 * The money that must be set aside so that `seconds` of talk can never cost more: `cost` as if there were no grace.
 *
 * No shorter talk costs more, because cost is monotone. Source: docs/pricing.md §6.
 */
export function costWithoutGrace(tariff: Tariff, seconds: number): Micros {
  return priceOf(tariff, wholeIncrements(tariff, seconds));
}

/**
 * `costWithoutGrace` of one tariff for many calls: millionths as a plain number where that is exact, else as a bigint.
 *
 * Ten times as fast. Sixtieths up to 2^50 are exact as a number, and so is their quotient rounded up: at 2^45 a number knows 1/128.
 */
export function costs(tariff: Tariff): (seconds: number) => number | Micros {
  const { pricePerMinute, connectFee, minimumCharge } = tariff;
  const [price, fee, least] = [pricePerMinute, connectFee * SECONDS_PER_MINUTE, minimumCharge].map(Number) as [
    number,
    number,
    number,
  ];
  return seconds => {
    const sixtieths = fee + price * wholeIncrements(tariff, seconds);
    if (sixtieths > LARGEST_EXACT || least > LARGEST_EXACT) return costWithoutGrace(tariff, seconds);
    return Math.max(least, Math.ceil(sixtieths / 60));
  };
}

/** See `costs`. */
const LARGEST_EXACT = 2 ** 50;

/**
 * Longest talk time, in whole seconds, for which `available` pays.
 *
 * 0 if the connect fee, the minimum charge and the first increment do not fit; null if money does not limit the call (a free rate, whatever
 * is available, or a flat one whose fee fits). Ignores grace. Rounds down to a full increment, so cost(longest(a)) <= a, and one increment
 * more would cost more than a, for every a >= 0. Above 2^53 seconds: null. Assumes increments >= 1: the deck importer refuses others.
 * Source: docs/pricing.md §6.
 */
export function longestSeconds(tariff: Tariff, available: Micros): number | null {
  const { pricePerMinute, connectFee } = tariff;
  const first = priceOf(tariff, tariff.initialIncrementSeconds);
  if (first === ZERO && pricePerMinute === ZERO) return null;
  if (first > available) return 0;
  if (pricePerMinute === ZERO) return null;
  // fee×60 + price×seconds <= available×60, and the minimum charge fits already: the price is linear from here on.
  const seconds = divide((available - connectFee) * SECONDS_PER_MINUTE, pricePerMinute, 'down');
  const beyondFirst = larger(seconds - BigInt(tariff.initialIncrementSeconds), 0n);
  const increments = beyondFirst / BigInt(tariff.incrementSeconds);
  const longest = BigInt(tariff.initialIncrementSeconds) + increments * BigInt(tariff.incrementSeconds);
  return longest > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(longest);
}

/** Seconds rounded up to the first increment and then to whole increments, without grace. */
export function wholeIncrements(tariff: Tariff, seconds: number): number {
  const { initialIncrementSeconds, incrementSeconds } = tariff;
  if (seconds <= initialIncrementSeconds) return initialIncrementSeconds;
  return initialIncrementSeconds + Math.ceil((seconds - initialIncrementSeconds) / incrementSeconds) * incrementSeconds;
}

function priceOf(tariff: Tariff, billed: number): Micros {
  const exactSixtieths = tariff.connectFee * SECONDS_PER_MINUTE + tariff.pricePerMinute * BigInt(billed);
  return larger(tariff.minimumCharge, micros(divide(exactSixtieths, SECONDS_PER_MINUTE, 'up')));
}
