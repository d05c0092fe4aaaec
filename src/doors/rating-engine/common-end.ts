/**
 * One end for all calls of a caller, as Call Control has it: pure.
 *
 * Call Control sets every call of a caller to the number that it was told last. So each is told the time that is left to the one
 * that is to end first; and before that, those that would end the others too early are to be granted more, as far as there is money.
 */
import { larger, type Micros, micros, ZERO } from '../../money/micros';
import { costWithoutGrace, type Tariff, wholeIncrements } from '../../rating/price';

/** A call in progress, or one that is about to start. Instants in ms since 1970. */
export interface LiveCall {
  tariff: Tariff;
  grantedSeconds: number;
  /** What is ring-fenced for it: the cost of grantedSeconds. */
  maxCost: Micros;
  /** Longest talk that service, account and rate allow. */
  capSeconds: number;
  /** From when it talks. */
  answerAt: number;
}

/** How long a call may still talk on what it is granted; ms, below 0 when it should have ended. */
export const leftMs = ({ answerAt, grantedSeconds }: LiveCall, now: number): number =>
  answerAt + grantedSeconds * 1000 - now;

/** The number that Call Control is told: whole seconds, rounded down, until the first of the calls has to end; 0 when it should have. */
export const secondsLeft = (calls: readonly LiveCall[], now: number): number =>
  Math.max(0, Math.floor(Math.min(...calls.map(call => leftMs(call, now))) / 1000));

/** What a call has to be granted in all to last so long from now; whole seconds, never less than it is granted or more than its cap. */
export function secondsFor(call: LiveCall, fromNowSeconds: number, now: number): number {
  const talked = Math.max(0, Math.ceil((now - call.answerAt) / 1000));
  return Math.max(call.grantedSeconds, Math.min(call.capSeconds, talked + fromNowSeconds));
}

/** The same with the increment that it ends in whole, which costs no more. */
export const paidSecondsFor = (call: LiveCall, fromNowSeconds: number, now: number): number => {
  const seconds = secondsFor(call, fromNowSeconds, now);
  if (seconds === call.grantedSeconds) return seconds;
  return Math.min(call.capSeconds, wholeIncrements(call.tariff, seconds));
};

/**
 * The longest time from now that all of the calls together can last, up to `mostSeconds`: what they lack of it costs no more than is
 * `available`. Whole seconds; 0 when nothing can be bought. A call that ends earlier by its cap costs what its cap does.
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
