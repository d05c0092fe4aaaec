import { divide, formatAmount, larger, type Micros, micros, ZERO } from '../money/micros';
import { type BilledPiece, billedPieces, billedSeconds, cost, type Tariff } from './price';
import { type CallRate, callRateAt, dayIn, type Rate, rateAt } from './rate';
import type { Schedule } from './schedule';
import { costWithoutGrace, longestSeconds, type Times, tariffAt, wholeIncrements } from './timed';

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
  firstSlice(rate: CallRate): number;
  /** The longest that it may ring; seconds. */
  ringSeconds: number;
  /** Whether the service lets this number through for free. */
  emergency: boolean;
}

/** What a step says, by name: for a program that says it in its own words. */
export const STEP_KINDS = [
  'number_invalid',
  'number',
  'number_stripped',
  'emergency',
  'deck',
  'day',
  'rate',
  'prefix',
  'prefix_none',
  'prefix_not_valid',
  'prefix_of_other_currency',
  'blocked',
  'markup',
  'schedule',
  'schedule_none',
  'answered_within',
  'period',
  'talk',
  'grace_none',
  'grace_passed',
  'grace_within',
  'free_seconds',
  'free_seconds_whole',
  'increments',
  'increments_from',
  'increments_cut',
  'billed',
  'talk_price',
  'talk_price_from',
  'connect_fee',
  'rounding_even',
  'rounded_up',
  'minimum_none',
  'minimum_not_more',
  'minimum_charged',
  'cost',
  'charged_as_held',
  'longest_of_service',
  'longest_of_account',
  'longest_of_rate',
  'longest_of_max_time',
  'longest_of_money',
  'longest_none_money',
  'longest_none_time',
  'held',
  'held_slice',
] as const;

export type StepKind = (typeof STEP_KINDS)[number];

/** What `text` says, in parts: amounts as decimal texts, seconds as numbers. A fact that is none is left out. */
export type StepFacts = Readonly<Record<string, string | number>>;

/** One step of the calculation: its subject, and its result in words. */
export interface Step {
  step: string;
  kind: StepKind;
  text: string;
  facts: StepFacts;
}

/** How the price is calculated. Amounts in the account's currency. */
export interface Explanation {
  steps: Step[];
  rate: CallRate | null;
  /** null if no rate matches, or it is blocked. */
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
 * Ends early, with a step that says why, if the number is none, or no rate matches, or it is blocked. `candidates` are all rates of the deck's version whose
 * prefix the number begins with, on any day; `schedules` those that they name. The call is priced as if it were answered when it starts. Source:
 * docs/pricing.md.
 */
export function explain(
  inquiry: Inquiry,
  candidates: readonly Rate[],
  schedules: ReadonlyMap<string, Schedule> = new Map(),
): Explanation {
  const { dialled, digits, at, deck, version, currency, timeZone, seconds } = inquiry;
  const steps: Step[] = [];
  const say: Say = (step, kind, text, facts = {}) => steps.push({ step, kind, text, facts });
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
    const text = `${JSON.stringify(dialled)} is not a number: write digits, behind one + or 00 at most`;
    say('number', 'number_invalid', text, { dialled });
    return unrated;
  }
  if (digits === dialled) say('number', 'number', digits, { digits });
  else {
    say('number', 'number_stripped', `${dialled} without its international prefix is ${digits}`, { dialled, digits });
  }
  if (inquiry.emergency) {
    const { serviceMaxSeconds: most } = inquiry;
    say('emergency', 'emergency', 'an emergency number: free, and never refused');
    say('longest call', 'longest_of_service', `${most} s, the service's limit`, { seconds: most });
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
  say('deck', 'deck', `${deck}, version ${version}, in ${currency}`, { deck, version, currency });
  const day = dayIn(timeZone, at);
  say('day', 'day', `${day} in ${timeZone}, the account's time zone`, { day, zone: timeZone });
  const always = rateAt(timeZone, at, candidates);
  if (!always) {
    if (candidates.length === 0) {
      say('prefix', 'prefix_none', 'no prefix of the deck begins this number: the call is refused with no_rate');
      return unrated;
    }
    const others = candidates.map(({ prefix }) => named(prefix)).join(', ');
    say('prefix', 'prefix_not_valid', noneValid(candidates, day), { day, others });
    return unrated;
  }
  if (always.currency !== currency) {
    const text = `the rate is in ${always.currency}, not ${currency}`;
    say('prefix', 'prefix_of_other_currency', text, { currency, known: always.currency });
    return unrated;
  }
  const plain = candidates.filter(({ schedule }) => schedule === undefined);
  say('prefix', 'prefix', prefixText(always, plain, day), prefixFacts(always, plain, day));
  if (always.markups !== undefined) sayMarkups(always.deck, always.version, always.markups, say);
  const rate = always.isBlocked ? always : atItsTime(inquiry, candidates, schedules, say);
  if (rate.isBlocked) {
    const text = 'calls to these numbers are refused with destination_blocked, whatever a shorter prefix costs';
    say('blocked', 'blocked', text);
    return { ...unrated, rate, longestSeconds: 0, grantedSeconds: 0, maxCost: ZERO };
  }
  sayTalk(seconds, say);
  const tariff = tariffAt(rate, at);
  sayPeriods(rate.times, at, seconds, say);
  sayPrice(tariff, rate.currency, seconds, say);
  const grant = sayGrant(rate, inquiry, say);
  return { steps, rate, cost: cost(tariff, seconds), billedSeconds: billedSeconds(tariff, seconds), ...grant };
}

/** The line is of a deck that the account's stands on. An operator's step: a customer never sees it (src/admin/own-operations.ts). */
function sayMarkups(deck: string, version: number, markups: string, say: Say): void {
  const text = `the line is of ${deck}, version ${version}; ${markups === '' ? 'nothing' : markups} is added to its amounts`;
  say('markup', 'markup', text, { deck, version, markups });
}

/** The rate with what may follow it by the time of day. */
function atItsTime(
  { timeZone: zone, at: startAt, ringSeconds, serviceMaxSeconds: mostSeconds }: Inquiry,
  candidates: readonly Rate[],
  schedules: ReadonlyMap<string, Schedule>,
  say: Say,
): CallRate {
  const rate = callRateAt({ zone, startAt, ringSeconds, mostSeconds }, candidates, schedules) as CallRate;
  if (rate.schedule !== undefined) {
    const text = `${rate.schedule}: its line counts when the call starts`;
    say('time of day', 'schedule', text, { schedule: rate.schedule });
  } else if (rate.times !== undefined) {
    say('time of day', 'schedule_none', 'no schedule holds when the call starts: the line without one counts');
  }
  if (rate.times !== undefined) {
    const { ringSeconds: within } = rate.times;
    const text = `it may be answered within ${within} s: the longest call and what is ring-fenced hold for each of these seconds`;
    say('answer', 'answered_within', text, { seconds: within });
  }
  return rate;
}

/** Where in the talk other prices begin by the time of day. */
function sayPeriods(times: Times | undefined, answerAt: number, seconds: number, say: Say): void {
  const answer = Math.floor(answerAt / 1_000);
  for (const { from } of times?.periods ?? []) {
    const second = from - answer;
    if (second <= 0 || second >= seconds) continue;
    const at = new Date(from * 1_000).toISOString();
    say(`from ${second} s`, 'period', `from second ${second} on, at ${at}, by the prices of that time`, {
      from: second,
      at,
    });
  }
}

/** A call that has ended, with the price with which it was let through. Amounts in its currency. */
export interface ChargedCall {
  /** By the time of day of its answer. */
  tariff: Tariff;
  /** What it could meet by the time of day; undefined for nothing. */
  times?: Times | undefined;
  /** Ms since 1970. */
  answerAt: number;
  /** In words: `retail, version 7, prefix 49, Germany`. */
  rate: string;
  /** The same in parts. */
  rateFacts: StepFacts;
  /** What was added to the line's amounts (`markupsText`): `tariff` has it. '' for nothing, and for an answer to a customer. */
  markups: string;
  currency: string;
  /** Talk; whole seconds. */
  billsec: number;
  /** The most that it could cost. */
  maxCost: Micros;
}

/** The charge of an answered call, step by step, at the call's own rate, whatever its deck says by now. Source: docs/pricing.md. */
export function explainCharge(call: ChargedCall): Step[] {
  const { tariff, times, answerAt, rate, rateFacts, markups, currency, billsec, maxCost } = call;
  const steps: Step[] = [];
  const say: Say = (step, kind, text, facts = {}) => steps.push({ step, kind, text, facts });
  say('rate', 'rate', `${rate}: as it was when the call began`, rateFacts);
  if (markups !== '') say('markup', 'markup', `${markups} was added to the amounts of that line`, { markups });
  sayTalk(billsec, say);
  sayPeriods(times, answerAt, billsec, say);
  sayPrice(tariff, currency, billsec, say);
  if (cost(tariff, billsec) > maxCost) {
    const amount = formatAmount(maxCost);
    say('charged', 'charged_as_held', `${amount} ${currency}: never more than was ring-fenced`, { amount, currency });
  }
  return steps;
}

type Say = (step: string, kind: StepKind, text: string, facts?: StepFacts) => void;

const sayTalk = (seconds: number, say: Say): void =>
  say('talk', 'talk', `${seconds} s, whole seconds truncated, as Asterisk counts`, { seconds });

function noneValid(candidates: readonly Rate[], day: string): string {
  const known = candidates.map(rate => `${named(rate.prefix)} ${validityOf(rate)}`).join(', ');
  return `no prefix is valid on ${day} (${known}): the call is refused with no_rate`;
}

function prefixText(rate: Rate, candidates: readonly Rate[], day: string): string {
  const passedOver = longerThan(rate, candidates).map(
    other => `${named(other.prefix)} is valid ${validityOf(other)}, not on ${day}`,
  );
  const chosen = `${named(rate.prefix)}, ${rate.destination}, the longest that fits; valid ${validityOf(rate)}`;
  return [chosen, ...passedOver].join('; ');
}

const longerThan = (rate: Rate, candidates: readonly Rate[]): Rate[] =>
  candidates.filter(({ prefix }) => prefix.length > rate.prefix.length);

/** `others`: longer prefixes that are not valid on `day`. */
function prefixFacts(rate: Rate, candidates: readonly Rate[], day: string): StepFacts {
  const { prefix, destination, validFrom, validUntil } = rate;
  const others = longerThan(rate, candidates).map(other => other.prefix);
  return {
    prefix,
    destination,
    ...(validFrom !== null && { from: validFrom }),
    ...(validUntil !== null && { until: validUntil }),
    ...(others.length > 0 && { day, others: others.join(', ') }),
  };
}

const named = (prefix: string): string => (prefix === '' ? 'any number' : prefix);

function validityOf({ validFrom, validUntil }: Rate): string {
  if (validFrom === null) return validUntil === null ? 'always' : `until ${validUntil}`;
  return validUntil === null ? `from ${validFrom}` : `from ${validFrom} until ${validUntil}`;
}

function sayPrice(rate: Tariff, currency: string, seconds: number, say: Say): void {
  const { graceSeconds: grace, freeSeconds: free } = rate;
  const sayCost = (amount: Micros) => {
    const text = formatAmount(amount);
    say('cost', 'cost', `${text} ${currency}`, { amount: text, currency });
  };
  if (seconds < grace) {
    const text = `${seconds} s is less than the grace of ${grace} s: the call costs nothing`;
    say('grace', 'grace_within', text, { seconds, grace });
    sayCost(ZERO);
    return;
  }
  if (grace === 0) say('grace', 'grace_none', 'none');
  else say('grace', 'grace_passed', `${seconds} s is not less than the grace of ${grace} s`, { seconds, grace });
  if (free > 0) {
    const isWhole = seconds <= free;
    const text = `the first ${free} s are not billed${isWhole ? ': the whole talk' : ''}`;
    say('free seconds', isWhole ? 'free_seconds_whole' : 'free_seconds', text, { seconds: free });
  }
  const pieces = billedPieces(rate, seconds);
  for (const piece of pieces) sayIncrements(piece, rate, say);
  const billed = billedSeconds(rate, seconds);
  say('billed', 'billed', `${billed} s`, { seconds: billed });
  for (const piece of pieces) sayTalkPrice(piece, rate, say);
  const talk = pieces.reduce((sum, piece) => sum + piece.pricePerMinute * BigInt(piece.seconds), 0n);
  const exact = rate.connectFee * SIXTIETHS + talk;
  const sum = sixtiethsText(exact);
  const fee = formatAmount(rate.connectFee);
  say('connect fee', 'connect_fee', `${fee}, together ${sum}`, { fee, amount: sum });
  const rounded = micros(divide(exact, SIXTIETHS, 'up'));
  const result = formatAmount(rounded);
  if (exact % SIXTIETHS === 0n) say('rounding', 'rounding_even', `comes out even: ${result}`, { amount: result });
  else say('rounding', 'rounded_up', `up to the millionth, once: ${result}`, { amount: result });
  sayMinimum(rate.minimumCharge, rounded, say);
  sayCost(larger(rounded, rate.minimumCharge));
}

/** A piece of a tariff with steps says from where on it is. */
function sayIncrements(piece: BilledPiece, { steps }: Tariff, say: Say): void {
  const { fromSecond: from, first: initial, increment, seconds } = piece;
  if (steps.length > 0) {
    const text = `${initial}/${increment} from second ${from} on: ${seconds} s`;
    const isCut = seconds < initial || (seconds - initial) % increment !== 0;
    const facts = { from, initial, increment, seconds };
    if (isCut) say(`increments from ${from} s`, 'increments_cut', `${text}, up to where the next step begins`, facts);
    else say(`increments from ${from} s`, 'increments_from', text, facts);
    return;
  }
  const more = (seconds - initial) / increment;
  const blocks = more === 0 ? '' : ` and ${more} more of ${increment} s`;
  const text = `${initial}/${increment}: the first of ${initial} s whole${blocks}`;
  say('increments', 'increments', text, { initial, increment, more });
}

function sayTalkPrice({ fromSecond: from, pricePerMinute, seconds }: BilledPiece, { steps }: Tariff, say: Say): void {
  const [price, amount] = [formatAmount(pricePerMinute), sixtiethsText(pricePerMinute * BigInt(seconds))];
  const text = `${price} a minute × ${seconds} / 60 = ${amount}`;
  if (steps.length === 0) {
    say('talk price', 'talk_price', text, { price, seconds, amount });
    return;
  }
  const facts = { from, price, seconds, amount };
  say(`talk price from ${from} s`, 'talk_price_from', `from second ${from} on, ${text}`, facts);
}

function sayMinimum(least: Micros, price: Micros, say: Say): void {
  const minimum = formatAmount(least);
  if (least === ZERO) say('minimum charge', 'minimum_none', 'none');
  else if (least > price) say('minimum charge', 'minimum_charged', `${minimum} is more, and is charged`, { minimum });
  else say('minimum charge', 'minimum_not_more', `${minimum} is not more`, { minimum });
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
  rate: CallRate,
  inquiry: Inquiry,
  say: Say,
): Pick<Explanation, 'longestSeconds' | 'grantedSeconds' | 'maxCost'> {
  const { available, currency, accountMaxSeconds, serviceMaxSeconds, timeLeftSeconds } = inquiry;
  const affordable = longestSeconds(rate, available);
  const there = formatAmount(available);
  const money = `${there} ${currency} available`;
  if (affordable === 0) {
    const initial = wholeIncrements(rate, 0);
    const first = formatAmount(costWithoutGrace(rate, initial));
    say('longest call', 'longest_none_money', `none: ${money}, and the first ${initial} s cost ${first}`, {
      available: there,
      currency,
      initial,
      amount: first,
    });
    return { longestSeconds: 0, grantedSeconds: 0, maxCost: ZERO };
  }
  if (timeLeftSeconds < 1) {
    const text = "none: the calls in progress hold what the account's max_time leaves";
    say('longest call', 'longest_none_time', text);
    return { longestSeconds: 0, grantedSeconds: 0, maxCost: ZERO };
  }
  const none = Number.POSITIVE_INFINITY;
  const caps: { seconds: number; kind: StepKind; why: string }[] = [
    { seconds: affordable ?? none, kind: 'longest_of_money', why: `what ${money} pays for` },
    { seconds: accountMaxSeconds ?? none, kind: 'longest_of_account', why: "the account's own limit" },
    { seconds: rate.maxSeconds ?? none, kind: 'longest_of_rate', why: "the rate's own limit" },
    { seconds: timeLeftSeconds, kind: 'longest_of_max_time', why: "what is left of the account's max_time" },
    { seconds: serviceMaxSeconds, kind: 'longest_of_service', why: "the service's limit" },
  ];
  const least = caps.reduce((one, other) => (other.seconds < one.seconds ? other : one));
  const unlimited = affordable === null ? `; money does not limit it, ${money}` : '';
  const ofMoney = { available: there, currency };
  say('longest call', least.kind, `${least.seconds} s, ${least.why}${unlimited}`, {
    seconds: least.seconds,
    ...(least.kind === 'longest_of_money' && ofMoney),
  });
  const slice = Math.min(least.seconds, inquiry.firstSlice(rate));
  const maxCost = costWithoutGrace(rate, slice);
  const isSlice = slice < least.seconds;
  const rest = isSlice ? ', a first slice; more follows before it runs out, as far as other calls leave it' : '';
  const held = formatAmount(maxCost);
  const text = `${held} ${currency}, the cost of ${slice} s with no grace${rest}`;
  say('ring-fenced', isSlice ? 'held_slice' : 'held', text, { amount: held, currency, seconds: slice });
  return { longestSeconds: least.seconds, grantedSeconds: slice, maxCost };
}
