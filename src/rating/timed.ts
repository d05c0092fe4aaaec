/**
 * Prices by the time of day: the price of a call before and after its answer is known. Pure, and without time zones: a call carries the periods that
 * it may meet as instants, so that what is charged does not depend on what schedules and clocks say later.
 */
import { formatAmount, type Micros, parseAmount } from '../money/micros';
import {
  costWithoutGrace as costOf,
  costs as costsOf,
  LARGEST_EXACT,
  longestSeconds as longestOf,
  NO_STEPS,
  type Step,
  type Tariff,
  wholeIncrements as wholeOf,
} from './price';
import { stepsOf, stepsText } from './steps';

/** From an instant on, the prices of another line of the price list. */
export interface Period {
  /** Whole seconds since 1970. */
  from: number;
  tariff: Tariff;
}

/** What a call meets beside the tariff with which it begins. */
export interface Times {
  /** The call begins in this second since 1970, and may be answered from then on. */
  from: number;
  /** Whole seconds that it may ring: it is answered by then, or not at all. */
  ringSeconds: number;
  /** In their order, at least one. The first is behind `from`. */
  periods: readonly Period[];
}

/** The price of a call whose answer may not be known yet: a tariff, or one with the periods that may follow it. */
export interface CallTariff extends Omit<Tariff, 'times'> {
  /** Absent for most calls: their price does not depend on the time of day, as far as they can last. */
  times?: Times | undefined;
}

const isPlain = (tariff: CallTariff): tariff is Tariff => tariff.times === undefined;

/**
 * The tariff of a call that is answered at `answerAt` (ms since 1970): periods that its talk reaches are steps of it.
 *
 * A second of talk has the price of the period in which it begins, and of that period's step. Connect fee, minimum charge, grace and free seconds
 * are those of the answer. The first increment is that of the period in which billing begins. An increment ends where the next period begins, at
 * the latest, unless price and increment go on as they are. A call that is answered before it begins has the prices of its beginning. Source:
 * docs/pricing.md.
 */
export function tariffAt(tariff: CallTariff, answerAt: number): Tariff {
  return isPlain(tariff) ? tariff : answeredIn(tariff, Math.floor(answerAt / 1_000));
}

/** Whether a call may be answered at `answerAt` (ms since 1970), as far as was known when it began. */
export const mayBeAnswered = ({ from, ringSeconds }: Times, answerAt: number): boolean => {
  const second = Math.floor(answerAt / 1_000);
  return second >= from && second <= from + ringSeconds;
};

/** The tariff of a call by what is known of its answer: as it is until the call is answered. */
export const tariffBy = (tariff: CallTariff, answerAt: number | null): CallTariff =>
  answerAt === null ? tariff : tariffAt(tariff, answerAt);

/** The same, by the second of the answer: all talk within it has the same prices, because periods begin with whole seconds. */
function answeredIn(call: CallTariff, second: number): Tariff {
  const spans: Period[] = [
    { from: Number.NEGATIVE_INFINITY, tariff: beginning(call) },
    ...(call.times as Times).periods,
  ];
  const { connectFee, minimumCharge, graceSeconds, freeSeconds } = (
    spans.findLast(({ from }) => from <= second) as Period
  ).tariff;
  const pieces: Step[] = [];
  let initialIncrementSeconds = 0;
  spans.forEach(({ from, tariff }, at) => {
    const begins = Math.max(freeSeconds, from - second);
    const ends = (spans[at + 1]?.from ?? Number.POSITIVE_INFINITY) - second;
    if (ends <= begins) return;
    const [piece, isFirstPrice] = pieceAt(tariff, begins);
    const last = pieces.at(-1);
    if (last === undefined)
      initialIncrementSeconds = isFirstPrice ? tariff.initialIncrementSeconds : piece.incrementSeconds;
    const goesOn = last?.pricePerMinute === piece.pricePerMinute && last.incrementSeconds === piece.incrementSeconds;
    if (!goesOn) pieces.push(piece);
    for (const step of tariff.steps) if (step.fromSecond > begins && step.fromSecond < ends) pieces.push(step);
  });
  const [{ pricePerMinute, incrementSeconds }, ...steps] = pieces as [Step, ...Step[]];
  return {
    pricePerMinute,
    connectFee,
    minimumCharge,
    initialIncrementSeconds,
    incrementSeconds,
    graceSeconds,
    freeSeconds,
    steps,
  };
}

/** The price from a second of the talk on, and whether it is that before all steps. */
function pieceAt({ pricePerMinute, incrementSeconds, steps }: Tariff, fromSecond: number): [Step, boolean] {
  const step = steps.findLast(each => each.fromSecond <= fromSecond);
  return [{ ...(step ?? { pricePerMinute, incrementSeconds }), fromSecond }, step === undefined];
}

/**
 * The tariffs that a call may turn out to have, if `seconds` of talk are looked at: one for each second in which it may be answered, without
 * those that cost the same.
 */
function* possible(tariff: CallTariff, seconds: number): Generator<Tariff> {
  const { from, ringSeconds, periods } = tariff.times as Times;
  const last = from + ringSeconds;
  // Up to here the increment of the talk's end is over when the first period begins, and all answers cost what the first costs.
  const early = (periods[0] as Period).from - wholeOf(beginning(tariff), seconds);
  yield answeredIn(tariff, from);
  for (let second = Math.max(from + 1, Math.min(early, last)); second <= last; second++)
    yield answeredIn(tariff, second);
}

/** The tariff with which the call begins, as if it went on. */
const beginning = ({ times, ...first }: CallTariff): Tariff => first;

/**
 * The money that must be set aside so that `seconds` of talk can never cost more, whenever the call is answered: the most of the costs without
 * grace. For a call that was answered, `tariffAt` its answer has the one cost.
 */
export function costWithoutGrace(tariff: CallTariff, seconds: number): Micros {
  if (isPlain(tariff)) return costOf(tariff, seconds);
  let most: Micros | null = null;
  for (const each of possible(tariff, seconds)) {
    const cost = costOf(each, seconds);
    if (most === null || cost > most) most = cost;
  }
  return most as Micros;
}

/** Longest talk for which `available` pays, whenever the call is answered; as `longestSeconds` of one tariff. */
export function longestSeconds(tariff: CallTariff, available: Micros): number | null {
  if (isPlain(tariff)) return longestOf(tariff, available);
  // What is paid for at the price of the beginning, and one second more: who is answered so early that this is over before the first period
  // begins, can talk that long.
  const first = longestOf(beginning(tariff), available);
  let longest: number | null = null;
  for (const each of possible(tariff, first === null ? Number.MAX_SAFE_INTEGER : first + 1)) {
    const seconds = longestOf(each, available);
    if (seconds !== null && (longest === null || seconds < longest)) longest = seconds;
  }
  return longest;
}

/** `costWithoutGrace` of one tariff for many calls, as `costs` of price.ts: a plain number where that is exact. */
export function costs(tariff: CallTariff): (seconds: number) => number | Micros {
  if (isPlain(tariff)) return costsOf(tariff);
  const known = new Map<number, number | Micros>();
  return seconds => {
    const found = known.get(seconds);
    if (found !== undefined) return found;
    const cost = costWithoutGrace(tariff, seconds);
    const short = cost > LARGEST_EXACT ? cost : Number(cost);
    known.set(seconds, short);
    return short;
  };
}

/** The talk up to which a call of so many seconds costs the same, whenever it is answered. */
export function wholeIncrements(tariff: CallTariff, seconds: number): number {
  if (isPlain(tariff)) return wholeOf(tariff, seconds);
  let least = Number.POSITIVE_INFINITY;
  for (const each of possible(tariff, seconds)) least = Math.min(least, wholeOf(each, seconds));
  return least;
}

/** Characters of the longest text that `timesText` may make: as many as its column holds. */
export const MOST_TIMES_TEXT = 4_000;

/**
 * The times as one text, for a call's record: `1764576000+60 1764579600=1 1764604800=0|0.02/60/1/0.00/0.00/0/0`. The call begins at 1764576000
 * (seconds since 1970) and rings at most 60 s; from 1764579600 on line 1 counts, which stands behind the first `|`, and later the tariff with which it
 * begins, which is line 0. A line is price per minute, increments, connect fee, minimum charge, grace and free seconds, and its steps. '' for none.
 */
export function timesText({ times, ...own }: CallTariff): string {
  if (times === undefined) return '';
  const lines = [lineText(own)];
  const changes = times.periods.map(({ from, tariff }) => {
    const text = lineText(tariff);
    const known = lines.indexOf(text);
    if (known < 0) lines.push(text);
    return ` ${from}=${known < 0 ? lines.length - 1 : known}`;
  });
  const others = lines.slice(1).map(text => `|${text}`);
  return `${times.from}+${times.ringSeconds}${changes.join('')}${others.join('')}`;
}

function lineText(tariff: Tariff): string {
  const { pricePerMinute, connectFee, minimumCharge, initialIncrementSeconds, incrementSeconds } = tariff;
  const amounts = [connectFee, minimumCharge].map(formatAmount);
  const numbers = [initialIncrementSeconds, incrementSeconds, ...amounts, tariff.graceSeconds, tariff.freeSeconds];
  const steps = tariff.steps.length > 0 ? ` ${stepsText(tariff.steps)}` : '';
  return `${[formatAmount(pricePerMinute), ...numbers].join('/')}${steps}`;
}

/** The times that `timesText` wrote of a call that begins with `own`. Assumes such a text. */
export function timesOf(text: string, own: Tariff): Times | undefined {
  if (text === '') return undefined;
  const [head = '', ...others] = text.split('|');
  const lines = [own, ...others.map(lineOf)];
  const [begin = '', ...changes] = head.split(' ');
  const [from = '', ring = ''] = begin.split('+');
  const periods = changes.map(change => {
    const [at = '', line = ''] = change.split('=');
    return { from: Number(at), tariff: lines[Number(line)] as Tariff };
  });
  return { from: Number(from), ringSeconds: Number(ring), periods };
}

function lineOf(text: string): Tariff {
  const end = text.indexOf(' ');
  const [price, initial, increment, fee, minimum, grace, free] = (end < 0 ? text : text.slice(0, end)).split('/');
  return {
    pricePerMinute: parseAmount(price as string),
    connectFee: parseAmount(fee as string),
    minimumCharge: parseAmount(minimum as string),
    initialIncrementSeconds: Number(initial),
    incrementSeconds: Number(increment),
    graceSeconds: Number(grace),
    freeSeconds: Number(free),
    steps: end < 0 ? NO_STEPS : stepsOf(text.slice(end + 1)),
  };
}
