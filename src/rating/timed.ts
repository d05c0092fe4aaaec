/**
 * Prices by the time of day: the price of a call before and after its answer is known. Pure, and without time zones: a call carries the periods that
 * it may meet as instants, so that what is charged does not depend on what schedules and clocks say later.
 */
import { formatAmount, larger, type Micros, micros, parseAmount, smaller, ZERO } from '../money/micros';
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
 * What a call that is not answered yet may cost. Some hundred answers are looked at for each question, so a talk is walked in plain numbers, with
 * nothing made for each: sixtieths up to 2^50 are exact, and beyond them the tariff of each answer is asked.
 */
class Answers {
  /** All seconds here count from the call's beginning, which is small whole numbers: the first answer is 0. */
  private readonly last: number;
  private readonly lines: readonly Line[];
  /** What `walk` found: the end of the increment in which the talk ends, and its price. */
  private whole = 0;
  private sixtieths = 0;
  /** By talk: calls that share an account ask for the same again and again. */
  private readonly known = new Map<number, { cost: Micros; answer: number }>();

  constructor(private readonly tariff: CallTariff) {
    const { from: begun, ringSeconds, periods } = tariff.times as Times;
    this.last = ringSeconds;
    const later = periods.map(({ from, tariff: prices }) => ({ from: from - begun, tariff: prices }));
    this.lines = [{ from: LONG_BEFORE, tariff: beginning(tariff) }, ...later].map(numbersOf);
  }

  /** The most that so much talk may cost, and the second of an answer at which it does. */
  dearest(talk: number): { cost: Micros; answer: number } {
    const known = this.known.get(talk);
    if (known !== undefined) return known;
    const found = this.dearestOf(talk);
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(talk, found);
    return found;
  }

  private dearestOf(talk: number): { cost: Micros; answer: number } {
    let [most, answer] = [-1, 0];
    for (let second = 0; second <= this.last; second = this.next(second)) {
      this.walk(second, talk);
      const least = this.lineAt(second).minimum;
      if (this.sixtieths > LARGEST_EXACT || least > LARGEST_EXACT) return this.exactly(talk);
      const cost = Math.max(least, Math.ceil(this.sixtieths / 60));
      if (cost > most) [most, answer] = [cost, second];
    }
    return { cost: micros(BigInt(most)), answer };
  }

  /** The least that so much talk may cost. */
  cheapest(talk: number): Micros {
    let least = costOf(this.answered(0), talk);
    for (let second = 1; second <= this.last; second++) least = smaller(least, costOf(this.answered(second), talk));
    return least;
  }

  /** The talk up to which it costs the same at every answer. */
  leastWhole(talk: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let second = 0; second <= this.last; second = this.next(second)) {
      this.walk(second, talk);
      least = Math.min(least, this.whole);
    }
    return least;
  }

  /**
   * The longest talk that `available` pays for at every answer: that of one answer, then of the dearest for that talk, until no answer costs more.
   */
  longest(available: Micros): number | null {
    let longest = longestOf(this.answered(0), available);
    for (;;) {
      if (longest === 0) return 0;
      const { cost, answer } = this.dearest(longest ?? this.endOfPrices());
      // Where nothing costs anything, money does not limit it, even below zero.
      if (cost <= available || cost === ZERO) return longest;
      longest = longestOf(this.answered(answer), available);
    }
  }

  /**
   * The next answer that may cost something else than the one that was walked last: while the increment of a talk's end is over before the next
   * period begins, all cost the same.
   */
  private next(second: number): number {
    const following = this.lines[this.placeAt(second) + 1];
    const same = following === undefined ? this.last : following.from - this.whole;
    return Math.max(second, same) + 1;
  }

  /** A talk that is longer than every price changes: one that it pays for is paid for forever, or costs more with each second. */
  private endOfPrices(): number {
    const steps = this.lines.flatMap(({ free, steps: each }) => [free, ...each.map(({ from }) => from)]);
    return Math.max(...steps, (this.lines.at(-1) as Line).from) + 1;
  }

  private exactly(talk: number): { cost: Micros; answer: number } {
    let [most, answer] = [ZERO, 0];
    for (let second = 0; second <= this.last; second++) {
      const cost = costOf(this.answered(second), talk);
      if (cost > most) [most, answer] = [cost, second];
    }
    return { cost: most, answer };
  }

  private answered(second: number): Tariff {
    return answeredIn(this.tariff, (this.tariff.times as Times).from + second);
  }

  private placeAt(second: number): number {
    let at = 0;
    while (at + 1 < this.lines.length && (this.lines[at + 1] as Line).from <= second) at++;
    return at;
  }

  private lineAt(second: number): Line {
    return this.lines[this.placeAt(second)] as Line;
  }

  /** The pieces of a talk that is answered in this second, one after the other, as `answeredIn` makes them. */
  private walk(answer: number, talk: number): void {
    const { fee, free } = this.lineAt(answer);
    this.sixtieths = fee;
    this.whole = free;
    if (talk <= free && free > 0) return;
    // The piece in which the walk is: where it began, its price, its first block and those after it.
    let [begun, price, first, each] = [-1, 0, 0, 0];
    for (let at = 0; at < this.lines.length; at++) {
      const line = this.lines[at] as Line;
      const ends = at + 1 < this.lines.length ? (this.lines[at + 1] as Line).from - answer : FOREVER;
      const begins = Math.max(free, line.from - answer);
      if (ends <= begins) continue;
      let step = -1;
      while (step + 1 < line.steps.length && (line.steps[step + 1] as Line['steps'][number]).from <= begins) step++;
      for (let from = begins; from < ends; from = (line.steps[step] as Line['steps'][number]).from) {
        const own = step < 0 ? line : (line.steps[step] as Line['steps'][number]);
        const goesOn = from === begins && own.price === price && own.each === each && begun >= 0;
        if (!goesOn) {
          if (begun >= 0) {
            if (from >= talk) {
              this.end(talk, from, begun, price, first, each);
              return;
            }
            this.sixtieths += price * (from - begun);
          }
          first = begun < 0 && step < 0 ? line.initial : own.each;
          [begun, price, each] = [from, own.price, own.each];
        }
        if (++step >= line.steps.length) break;
      }
    }
    this.end(talk, FOREVER, begun, price, first, each);
  }

  private end(talk: number, until: number, begun: number, price: number, first: number, each: number): void {
    const more = Math.max(0, Math.ceil((talk - begun - first) / each)) * each;
    this.whole = Math.min(begun + first + more, until);
    this.sixtieths += price * (this.whole - begun);
  }
}

/** So many answers to `dearest` are remembered for a call. */
const MOST_KNOWN = 1_000;

/** Seconds before every call, and behind every talk: whole numbers, which are compared faster than infinity. */
const LONG_BEFORE = -(2 ** 30);
const FOREVER = Number.MAX_SAFE_INTEGER;

/** A period in plain numbers; the fee in sixtieths. */
interface Line {
  from: number;
  fee: number;
  minimum: number;
  free: number;
  price: number;
  initial: number;
  each: number;
  steps: readonly { from: number; price: number; each: number }[];
}

const numbersOf = ({ from, tariff }: Period): Line => ({
  from,
  fee: Number(tariff.connectFee) * 60,
  minimum: Number(tariff.minimumCharge),
  free: tariff.freeSeconds,
  price: Number(tariff.pricePerMinute),
  initial: tariff.initialIncrementSeconds,
  each: tariff.incrementSeconds,
  steps: tariff.steps.map(step => ({
    from: step.fromSecond,
    price: Number(step.pricePerMinute),
    each: step.incrementSeconds,
  })),
});

const known = new WeakMap<CallTariff, Answers>();

function answersOf(tariff: CallTariff): Answers {
  const answers = known.get(tariff) ?? new Answers(tariff);
  known.set(tariff, answers);
  return answers;
}

/** The tariff with which the call begins, as if it went on. */
const beginning = ({ times, ...first }: CallTariff): Tariff => first;

/**
 * The money that must be set aside so that `seconds` of talk can never cost more, whenever the call is answered: the most of the costs without
 * grace. For a call that was answered, `tariffAt` its answer has the one cost.
 */
export const costWithoutGrace = (tariff: CallTariff, seconds: number): Micros =>
  isPlain(tariff) ? costOf(tariff, seconds) : answersOf(tariff).dearest(seconds).cost;

/** The least that `seconds` of talk cost without grace, by any answer that the call may have. */
export const leastWithoutGrace = (tariff: CallTariff, seconds: number): Micros =>
  isPlain(tariff) ? costOf(tariff, seconds) : answersOf(tariff).cheapest(seconds);

/** Longest talk for which `available` pays, whenever the call is answered; as `longestSeconds` of one tariff. */
export const longestSeconds = (tariff: CallTariff, available: Micros): number | null =>
  isPlain(tariff) ? longestOf(tariff, available) : answersOf(tariff).longest(available);

/** `costWithoutGrace` of one tariff for many calls, as `costs` of price.ts: a plain number where that is exact. */
export function costs(tariff: CallTariff): (seconds: number) => number | Micros {
  if (isPlain(tariff)) return costsOf(tariff);
  const found = new Map<number, number | Micros>();
  return seconds => {
    const cost = found.get(seconds) ?? shortOf(costWithoutGrace(tariff, seconds));
    found.set(seconds, cost);
    return cost;
  };
}

const shortOf = (cost: Micros): number | Micros => (cost > LARGEST_EXACT ? cost : Number(cost));

/** The talk up to which a call of so many seconds costs the same, whenever it is answered. */
export const wholeIncrements = (tariff: CallTariff, seconds: number): number =>
  isPlain(tariff) ? wholeOf(tariff, seconds) : answersOf(tariff).leastWhole(seconds);

/** The dearest price per minute that the call may meet, with its steps and by the time of day. */
export function highestPrice({ times, ...first }: CallTariff): Micros {
  const tariffs = [first, ...(times?.periods ?? []).map(({ tariff }) => tariff)];
  const prices = tariffs.flatMap(tariff => [tariff, ...tariff.steps].map(({ pricePerMinute }) => pricePerMinute));
  return prices.reduce((one, other) => larger(one, other));
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
