import { divide, larger, type Micros, micros, ZERO } from '../money/micros';

/** From a second of the talk on, another price and other blocks. */
export interface Step {
  /** The talk before it; seconds, at least 1. */
  fromSecond: number;
  pricePerMinute: Micros;
  /** At least 1. */
  incrementSeconds: number;
}

/** The part of a rate on which the price depends. See docs/pricing.md. */
export interface Tariff {
  /** Up to the first step. */
  pricePerMinute: Micros;
  /** Charged once, when the call is answered and not within its grace. */
  connectFee: Micros;
  /** The least that an answered call outside its grace costs. */
  minimumCharge: Micros;
  /** The first block of talk behind the free seconds, which is billed whole; at least 1. */
  initialIncrementSeconds: number;
  /** The blocks after the first, up to the first step; at least 1. */
  incrementSeconds: number;
  /** A call shorter than this costs nothing; 0 for none. */
  graceSeconds: number;
  /** The first seconds of the talk, which are not billed; 0 for none. Fee and minimum charge are due all the same. */
  freeSeconds: number;
  /** In their order, each behind the free seconds. Most tariffs have none. */
  steps: readonly Step[];
  /** None: a price that depends on the time of day is one by `tariffAt` its answer (timed.ts), and only then can it be charged. */
  times?: undefined;
}

export const NO_STEPS: readonly Step[] = [];

/** Costs nothing: emergency calls, and calls that were refused before they had a rate. */
export const FREE_TARIFF: Tariff = {
  pricePerMinute: ZERO,
  connectFee: ZERO,
  minimumCharge: ZERO,
  initialIncrementSeconds: 1,
  incrementSeconds: 1,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: NO_STEPS,
};

const SECONDS_PER_MINUTE = 60n;

/**
 * The seconds that are billed for `billsec` seconds of talk: those behind the free ones, the first increment at least, then whole increments.
 *
 * 0 for a call within its grace, and for one that talked no longer than its free seconds. Without them and without a grace an answered call of
 * 0 seconds is billed its first increment. Assumes an answered call and increments >= 1: the deck importer refuses others. Source:
 * docs/pricing.md §4.
 */
export function billedSeconds(tariff: Tariff, billsec: number): number {
  return billsec < tariff.graceSeconds ? 0 : billedWithoutGrace(tariff, billsec);
}

/** The same as if there were no grace. */
export const billedWithoutGrace = (tariff: Tariff, billsec: number): number =>
  wholeIncrements(tariff, billsec) - tariff.freeSeconds;

/**
 * What an answered call of `billsec` seconds costs.
 *
 * max(minimum charge, connect fee + the billed seconds, each at the price per minute / 60 of its step), exact, rounded up once to the
 * millionth; 0 within the grace. Assumes an answered call: an unanswered one has no cost to compute. Source: docs/pricing.md §5.
 */
export function cost(tariff: Tariff, billsec: number): Micros {
  return billsec < tariff.graceSeconds ? ZERO : costWithoutGrace(tariff, billsec);
}

/**
 * The money that must be set aside so that `seconds` of talk can never cost more: `cost` as if there were no grace.
 *
 * No shorter talk costs more, because cost is monotone. Source: docs/pricing.md §6.
 */
export function costWithoutGrace(tariff: Tariff, seconds: number): Micros {
  const sixtieths = tariff.connectFee * SECONDS_PER_MINUTE + talkSixtieths(tariff, wholeIncrements(tariff, seconds));
  return larger(tariff.minimumCharge, micros(divide(sixtieths, SECONDS_PER_MINUTE, 'up')));
}

/**
 * `costWithoutGrace` of one tariff for many calls: millionths as a plain number where that is exact, else as a bigint.
 *
 * Ten times as fast. Sixtieths up to 2^50 are exact as a number, and so is their quotient rounded up: at 2^45 a number knows 1/128.
 */
export function costs(tariff: Tariff): (seconds: number) => number | Micros {
  const { pricePerMinute, connectFee, minimumCharge, freeSeconds } = tariff;
  const [price, fee, least] = [pricePerMinute, connectFee * SECONDS_PER_MINUTE, minimumCharge].map(Number) as [
    number,
    number,
    number,
  ];
  const pieces = piecesOf(tariff).map(piece => ({ ...piece, price: Number(piece.pricePerMinute) }));
  const talk =
    pieces.length === 1
      ? (whole: number) => price * (whole - freeSeconds)
      : (whole: number) => pieces.reduce((sum, piece) => sum + piece.price * secondsIn(piece, whole), 0);
  return seconds => {
    const sixtieths = fee + talk(wholeIncrements(tariff, seconds));
    if (sixtieths > LARGEST_EXACT || least > LARGEST_EXACT) return costWithoutGrace(tariff, seconds);
    return Math.max(least, Math.ceil(sixtieths / 60));
  };
}

/** See `costs`. */
export const LARGEST_EXACT = 2 ** 50;

/**
 * Longest talk time, in whole seconds, for which `available` pays.
 *
 * 0 if the connect fee, the minimum charge and the first increment do not fit; the free seconds if no increment behind them does; null if money
 * does not limit the call (a free rate, whatever is available, or one that costs nothing more from some second on, and all before fits).
 * Ignores grace. Rounds down to a full increment, so cost(longest(a)) <= a, and one increment that has a price more would cost more than a, for
 * every a >= 0. Above 2^53 seconds: null. Assumes increments >= 1: the deck importer refuses others. Source: docs/pricing.md §6.
 */
export function longestSeconds(tariff: Tariff, available: Micros): number | null {
  const { connectFee, minimumCharge } = tariff;
  const pieces = piecesOf(tariff);
  const isFree = connectFee === ZERO && minimumCharge === ZERO && pieces.every(piece => piece.pricePerMinute === ZERO);
  if (isFree) return null;
  if (connectFee > available || minimumCharge > available) return 0;
  // The minimum charge fits already, and fee×60 + talk <= available×60 is exact: no piece is rounded by itself.
  let left = (available - connectFee) * SECONDS_PER_MINUTE;
  for (const piece of pieces) {
    const { fromSecond, untilSecond, pricePerMinute } = piece;
    const whole = untilSecond === null ? null : pricePerMinute * BigInt(untilSecond - fromSecond);
    if (whole !== null && whole <= left) {
      left -= whole;
      continue;
    }
    if (pricePerMinute === ZERO) return null;
    return longestWithin(piece, left / pricePerMinute);
  }
  return null;
}

/** The longest talk that ends in this piece, if so many of its seconds are paid for. null above 2^53. */
function longestWithin({ fromSecond, first, increment }: Piece, paid: bigint): number | null {
  if (paid < BigInt(first)) return fromSecond;
  const increments = (paid - BigInt(first)) / BigInt(increment);
  const longest = BigInt(fromSecond) + BigInt(first) + increments * BigInt(increment);
  return longest > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(longest);
}

/**
 * The talk up to which a call of so many seconds costs the same: to the end of the free seconds or of the increment in which it is. An increment
 * ends where the next step begins, at the latest.
 */
export function wholeIncrements(tariff: Tariff, seconds: number): number {
  const { initialIncrementSeconds, incrementSeconds, freeSeconds, steps } = tariff;
  if (steps.length > 0) return wholeOfSteps(tariff, seconds);
  if (seconds <= freeSeconds && freeSeconds > 0) return freeSeconds;
  const behind = seconds - freeSeconds;
  if (behind <= initialIncrementSeconds) return freeSeconds + initialIncrementSeconds;
  const more = Math.ceil((behind - initialIncrementSeconds) / incrementSeconds) * incrementSeconds;
  return freeSeconds + initialIncrementSeconds + more;
}

function wholeOfSteps(tariff: Tariff, seconds: number): number {
  if (seconds <= tariff.freeSeconds && tariff.freeSeconds > 0) return tariff.freeSeconds;
  const pieces = piecesOf(tariff);
  const { fromSecond, untilSecond, first, increment } = pieces.findLast(
    (piece, at) => at === 0 || piece.fromSecond < seconds,
  ) as Piece;
  const more = Math.max(0, Math.ceil((seconds - fromSecond - first) / increment)) * increment;
  return Math.min(fromSecond + first + more, untilSecond ?? Number.POSITIVE_INFINITY);
}

/** A part of the talk at one price. */
interface Piece {
  /** The talk before it. */
  fromSecond: number;
  /** The talk up to its end; null for the last. */
  untilSecond: number | null;
  pricePerMinute: Micros;
  /** Its first block, and those after it. */
  first: number;
  increment: number;
}

/** The talk behind the free seconds in pieces, at least one. */
function piecesOf({ steps, ...tariff }: Tariff): Piece[] {
  const { freeSeconds, pricePerMinute, initialIncrementSeconds, incrementSeconds } = tariff;
  const first = {
    fromSecond: freeSeconds,
    pricePerMinute,
    first: initialIncrementSeconds,
    increment: incrementSeconds,
  };
  const rest = steps.map(step => ({ ...step, first: step.incrementSeconds, increment: step.incrementSeconds }));
  return [first, ...rest].map((piece, at) => ({ ...piece, untilSecond: steps[at]?.fromSecond ?? null }));
}

/** How much of a talk that ends with an increment is in a piece; seconds. */
const secondsIn = ({ fromSecond, untilSecond }: Piece, whole: number): number =>
  Math.max(0, Math.min(whole, untilSecond ?? whole) - fromSecond);

/** The price of a talk that ends with an increment, in sixtieths of a millionth: exact. */
function talkSixtieths(tariff: Tariff, whole: number): bigint {
  if (tariff.steps.length === 0) return tariff.pricePerMinute * BigInt(whole - tariff.freeSeconds);
  return piecesOf(tariff).reduce((sum, piece) => sum + piece.pricePerMinute * BigInt(secondsIn(piece, whole)), 0n);
}

/** A part of the billed talk, at one price. */
export interface BilledPiece {
  /** The talk before it. */
  fromSecond: number;
  /** Those that are billed of it; at least 1. */
  seconds: number;
  pricePerMinute: Micros;
  first: number;
  increment: number;
}

/** The seconds that are billed, by their prices; [] within the grace and the free seconds. */
export function billedPieces(tariff: Tariff, billsec: number): BilledPiece[] {
  if (billsec < tariff.graceSeconds) return [];
  const whole = wholeIncrements(tariff, billsec);
  return piecesOf(tariff)
    .map(({ untilSecond, ...piece }) => ({ ...piece, seconds: secondsIn({ untilSecond, ...piece }, whole) }))
    .filter(({ seconds }) => seconds > 0);
}
