/**
 * One common end for all calls of a caller, as Call Control works. Pure.
 *
 * Call Control sets every call of a caller to the number that it got last. So each answer is the time left to the call that must end
 * first. Before that, calls that would end the others too early are granted more, as far as there is money.
 */
import { larger, type Micros, micros, ZERO } from '../../money/micros';
import { type CallTariff, costWithoutGrace, wholeIncrements } from '../../rating/timed';

/** A call in progress, or one about to start. Instants in ms since 1970. */
export interface LiveCall {
  tariff: CallTariff;
  grantedSeconds: number;
  /** The money ring-fenced for it: the cost of grantedSeconds. */
  maxCost: Micros;
  /** The longest talk that service, account and rate allow. */
  capSeconds: number;
  /** The start of its talk. */
  answerAt: number;
}

/** How long a call may still talk within its grant; ms, negative when it should have ended. */
export const leftMs = ({ answerAt, grantedSeconds }: LiveCall, now: number): number =>
  answerAt + grantedSeconds * 1000 - now;

/** The number for Call Control: whole seconds, rounded down, until the first of the calls must end; 0 when it should have ended. */
export const secondsLeft = (calls: readonly LiveCall[], now: number): number =>
  Math.max(0, Math.floor(Math.min(...calls.map(call => leftMs(call, now))) / 1000));

/** The grant that a call needs in all to last that long from now: whole seconds, never less than its grant or more than its cap. */
export function secondsFor(call: LiveCall, fromNowSeconds: number, now: number): number {
  const talked = Math.max(0, Math.ceil((now - call.answerAt) / 1000));
  return Math.max(call.grantedSeconds, Math.min(call.capSeconds, talked + fromNowSeconds));
}

/** The same, up to the whole increment in which it ends, which costs no more. */
export const paidSecondsFor = (call: LiveCall, fromNowSeconds: number, now: number): number => {
  const seconds = secondsFor(call, fromNowSeconds, now);
  if (seconds === call.grantedSeconds) return seconds;
  return Math.min(call.capSeconds, wholeIncrements(call.tariff, seconds));
};

/**
 * The longest time from now that all calls together can last, up to `mostSeconds`, for no more than `available`. Whole seconds; 0 if
 * nothing can be bought. A call that its cap ends earlier costs what its cap costs.
 */
export function commonSeconds(calls: readonly LiveCall[], available: Micros, mostSeconds: number, now: number): number {
  const isAffordable = (seconds: number): boolean => {
    const lacking = calls.reduce((sum, call) => {
      const cost = costWithoutGrace(call.tariff, secondsFor(call, seconds, now));
      return sum + larger(ZERO, micros(cost - call.maxCost));
    }, 0n);
    return lacking <= larger(ZERO, available);
  };
  if (isAffordable(mostSeconds)) return mostSeconds;
  let [good, bad] = [0, mostSeconds];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isAffordable(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
