import { divide, formatAmount, larger, type Micros, micros, ZERO } from '../money/micros';
import { billedSeconds, cost, costWithoutGrace, longestSeconds, type Tariff, wholeIncrements } from './price';
import { dayIn, type Rate, rateAt } from './rate';

/** A call that might be made, and its account. */
export interface Inquiry {
  /** As it would be dialled. */
  dialled: string;
  /** Its digits; null if it is no number. */
  digits: string | null;
  /** Talk; whole seconds. */
  seconds: number;
  /** When it would start; ms since 1970. */
  at: number;
  deck: string;
  /** 0 if the deck was never imported. */
  version: number;
  currency: string;
  timeZone: string;
  /** balance + credit limit − reserved. */
  available: Micros;
  /** The account's own longest call; null for none. */
  accountMaxSeconds: number | null;
  /** The service's longest call. */
  serviceMaxSeconds: number;
  /** Talk that is left for the account's calls together; Infinity if it is not limited. */
  timeLeftSeconds: number;
  /** Talk that a call requests first, in seconds; Infinity if it requests its longest. */
  firstSlice(rate: Rate): number;
  /** Whether the service lets this number through for free. */
  emergency: boolean;
}

/** One step of the calculation: its subject, and its result in words. */
export interface Step {
  step: string;
  text: string;
}

/** How the price is calculated. Amounts in the account's currency. */
export interface Explanation {
  steps: Step[];
  rate: Rate | null;
  /** null if no rate matches. */
  cost: Micros | null;
  billedSeconds: number | null;
  /** Longest talk in all, by the present state; 0 for none, null if no rate matches. */
  longestSeconds: number | null;
  /** The first grant: that, or its first slice. */
  grantedSeconds: number | null;
  /** What would be ring-fenced for grantedSeconds. */
  maxCost: Micros | null;
}

const SIXTIETHS = 60n;

/**
 * The price of a call step by step, by the same functions that decide it.
 *
 * Ends early, with a step that says why, if the number is none or no rate matches. `candidates` are all rates of the deck's version whose
 * prefix the number begins with, on any day. Source: docs/pricing.md.
 */
export function explain(inquiry: Inquiry, candidates: readonly Rate[]): Explanation {
  const { dialled, digits, at, deck, version, currency, timeZone, seconds } = inquiry;
  const steps: Step[] = [];
  const say = (step: string, text: string) => steps.push({ step, text });
  const unrated: Explanation = {
    steps,
    rate: null,
    cost: null,
    billedSeconds: null,
    longestSeconds: null,
    grantedSeconds: null,
    maxCost: null,
  };

  if (digits === null) {
    say('number', `${JSON.stringify(dialled)} is not a number: write digits, behind one + or 00 at most`);
    return unrated;
  }
  say('number', digits === dialled ? digits : `${dialled} without its international prefix is ${digits}`);
  if (inquiry.emergency) {
    say('emergency', 'an emergency number: free, and never refused');
    say('longest call', `${inquiry.serviceMaxSeconds} s, the service's limit`);
    const longest = inquiry.serviceMaxSeconds;
    return {
      ...unrated,
      cost: ZERO,
      billedSeconds: 0,
      longestSeconds: longest,
      grantedSeconds: longest,
      maxCost: ZERO,
    };
  }
  say('deck', `${deck}, version ${version}, in ${currency}`);
  const day = dayIn(timeZone, at);
  say('day', `${day} in ${timeZone}, the account's time zone`);
  const rate = rateAt(timeZone, at, candidates);
  if (!rate || rate.currency !== currency) {
    say('prefix', rate ? `the rate is in ${rate.currency}, not ${currency}` : noRate(candidates, day));
    return unrated;
  }
  say('prefix', prefixText(rate, candidates, day));
  say('talk', `${seconds} s, whole seconds truncated, as Asterisk counts`);
  sayPrice(rate, rate.currency, seconds, say);
  const grant = sayGrant(rate, inquiry, say);
  return { steps, rate, cost: cost(rate, seconds), billedSeconds: billedSeconds(rate, seconds), ...grant };
}

/** A call that has ended, with the price with which it was let through. Amounts in its currency. */
export interface ChargedCall {
  tariff: Tariff;
  /** In words: `retail, version 7, prefix 49, Germany`. */
  rate: string;
  currency: string;
  /** Talk; whole seconds. */
  billsec: number;
  /** The most that it could cost. */
  maxCost: Micros;
}

/** The charge of an answered call, step by step, at the call's own rate, whatever its deck says by now. Source: docs/pricing.md. */
export function explainCharge({ tariff, rate, currency, billsec, maxCost }: ChargedCall): Step[] {
  const steps: Step[] = [];
  const say = (step: string, text: string) => steps.push({ step, text });
  say('rate', `${rate}: as it was when the call began`);
  say('talk', `${billsec} s, whole seconds truncated, as Asterisk counts`);
  sayPrice(tariff, currency, billsec, say);
  if (cost(tariff, billsec) > maxCost) {
    say('charged', `${formatAmount(maxCost)} ${currency}: never more than was ring-fenced`);
  }
  return steps;
}

type Say = (step: string, text: string) => void;

function noRate(candidates: readonly Rate[], day: string): string {
  if (candidates.length === 0) return 'no prefix of the deck begins this number: the call is refused with no_rate';
  const known = candidates.map(rate => `${named(rate.prefix)} ${validityOf(rate)}`).join(', ');
  return `no prefix is valid on ${day} (${known}): the call is refused with no_rate`;
}

function prefixText(rate: Rate, candidates: readonly Rate[], day: string): string {
  const longer = candidates.filter(({ prefix }) => prefix.length > rate.prefix.length);
  const passedOver = longer.map(other => `${named(other.prefix)} is valid ${validityOf(other)}, not on ${day}`);
  const chosen = `${named(rate.prefix)}, ${rate.destination}, the longest that fits; valid ${validityOf(rate)}`;
  return [chosen, ...passedOver].join('; ');
}

const named = (prefix: string): string => (prefix === '' ? 'any number' : prefix);

function validityOf({ validFrom, validUntil }: Rate): string {
  if (validFrom === null) return validUntil === null ? 'always' : `until ${validUntil}`;
  return validUntil === null ? `from ${validFrom}` : `from ${validFrom} until ${validUntil}`;
}

function sayPrice(rate: Tariff, currency: string, seconds: number, say: Say): void {
  const { graceSeconds, initialIncrementSeconds: initial, incrementSeconds: increment } = rate;
  if (seconds < graceSeconds) {
    say('grace', `${seconds} s is less than the grace of ${graceSeconds} s: the call costs nothing`);
    say('cost', `${formatAmount(ZERO)} ${currency}`);
    return;
  }
  say('grace', graceSeconds === 0 ? 'none' : `${seconds} s is not less than the grace of ${graceSeconds} s`);
  const billed = wholeIncrements(rate, seconds);
  const more = (billed - initial) / increment;
  const blocks = more === 0 ? '' : ` and ${more} more of ${increment} s`;
  say('increments', `${initial}/${increment}: the first of ${initial} s whole${blocks}`);
  say('billed', `${billed} s`);
  const talk = rate.pricePerMinute * BigInt(billed);
  const exact = rate.connectFee * SIXTIETHS + talk;
  const price = formatAmount(rate.pricePerMinute);
  say('talk price', `${price} a minute × ${billed} / 60 = ${sixtiethsText(talk)}`);
  say('connect fee', `${formatAmount(rate.connectFee)}, together ${sixtiethsText(exact)}`);
  const rounded = micros(divide(exact, SIXTIETHS, 'up'));
  const even = exact % SIXTIETHS === 0n;
  say('rounding', `${even ? 'comes out even' : 'up to the millionth, once'}: ${formatAmount(rounded)}`);
  const minimum = formatAmount(rate.minimumCharge);
  if (rate.minimumCharge === ZERO) say('minimum charge', 'none');
  else
    say(
      'minimum charge',
      rate.minimumCharge > rounded ? `${minimum} is more, and is charged` : `${minimum} is not more`,
    );
  say('cost', `${formatAmount(larger(rounded, rate.minimumCharge))} ${currency}`);
}

/** Sixtieths of a millionth as a decimal: exact, or nine decimals and a sign that there are more. */
function sixtiethsText(sixtieths: bigint): string {
  if (sixtieths % SIXTIETHS === 0n) return formatAmount(micros(sixtieths / SIXTIETHS));
  const billionths = divide(sixtieths * 1000n, SIXTIETHS, 'down')
    .toString()
    .padStart(10, '0');
  const more = (sixtieths * 1000n) % SIXTIETHS === 0n ? '' : '…';
  return `${billionths.slice(0, -9)}.${billionths.slice(-9)}${more}`;
}

function sayGrant(
  rate: Rate,
  inquiry: Inquiry,
  say: Say,
): Pick<Explanation, 'longestSeconds' | 'grantedSeconds' | 'maxCost'> {
  const { available, currency, accountMaxSeconds, serviceMaxSeconds, timeLeftSeconds } = inquiry;
  const affordable = longestSeconds(rate, available);
  const money = `${formatAmount(available)} ${currency} available`;
  if (affordable === 0) {
    const first = formatAmount(costWithoutGrace(rate, rate.initialIncrementSeconds));
    say('longest call', `none: ${money}, and the first ${rate.initialIncrementSeconds} s cost ${first}`);
    return { longestSeconds: 0, grantedSeconds: 0, maxCost: ZERO };
  }
  if (timeLeftSeconds < 1) {
    say('longest call', "none: the calls in progress hold what the account's max_time leaves");
    return { longestSeconds: 0, grantedSeconds: 0, maxCost: ZERO };
  }
  const caps = [
    { seconds: affordable ?? Number.POSITIVE_INFINITY, why: `what ${money} pays for` },
    { seconds: accountMaxSeconds ?? Number.POSITIVE_INFINITY, why: "the account's own limit" },
    { seconds: rate.maxSeconds ?? Number.POSITIVE_INFINITY, why: "the rate's own limit" },
    { seconds: timeLeftSeconds, why: "what is left of the account's max_time" },
    { seconds: serviceMaxSeconds, why: "the service's limit" },
  ];
  const least = caps.reduce((one, other) => (other.seconds < one.seconds ? other : one));
  const unlimited = affordable === null ? `; money does not limit it, ${money}` : '';
  say('longest call', `${least.seconds} s, ${least.why}${unlimited}`);
  const slice = Math.min(least.seconds, inquiry.firstSlice(rate));
  const maxCost = costWithoutGrace(rate, slice);
  const rest =
    slice < least.seconds ? ', a first slice; more follows before it runs out, as far as other calls leave it' : '';
  say('ring-fenced', `${formatAmount(maxCost)} ${currency}, the cost of ${slice} s with no grace${rest}`);
  return { longestSeconds: least.seconds, grantedSeconds: slice, maxCost };
}
