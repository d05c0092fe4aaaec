/** The true prices of a call, some by the time of day: docs/pricing.md, written down a second time. */
import type { CallRecord } from '../src/credit/rules/call';
import { larger } from '../src/money/micros';
import type { Tariff } from '../src/rating/price';
import type { Rate } from '../src/rating/rate';
import type { Schedule } from '../src/rating/schedule';
import type { CallTariff } from '../src/rating/timed';
import type { Scenario } from './scenario';
import type { Call } from './switch';
import { walkedAt } from './walked-price';

export interface Prices {
  /** Whether they follow the time of day. */
  isTimed: boolean;
  /** What must be held for so much talk: its price without grace, at the dearest answer. */
  held(seconds: number): bigint;
  /** What that talk costs. Of a call that is not answered as if it were answered at its start. */
  charged(seconds: number): bigint;
  /** The talk up to which it costs no more, whenever it is answered. */
  whole(seconds: number): number;
}

/** What is known of a call; `tariff`: with which it was let through. */
export type Known = Pick<CallRecord, 'startAt' | 'answerAt'> & { tariff?: CallTariff };

/** Its prices, as the deck or the dialplan says; undefined for a call without a price, and for an emergency call. */
export function pricesOf(scenario: Scenario, call: Call, known: Known): Prices | undefined {
  if (call.plan.emergency) return undefined;
  if (call.plan.pool) return plainPrices(call.plan.pool.tariff);
  const rate = rateOf(scenario, call);
  if (!rate || rate.isBlocked) return undefined;
  const lines = scenario.rates.filter(({ prefix, schedule }) => schedule !== undefined && prefix === rate.prefix);
  if (lines.length === 0) return plainPrices(rate);
  return timedPrices(second => lineAt(scenario.schedules, rate, lines, second), answersOf(scenario, call, known));
}

/** Whether calls to its number are closed. A group of calls has a price of its own, and no deck. */
export const isBlocked = (scenario: Scenario, call: Call): boolean =>
  !call.plan.pool && rateOf(scenario, call)?.isBlocked === true;

/** That of the longest prefix, for the hours in which no schedule holds. */
const rateOf = ({ rates }: Scenario, { plan: { dialled } }: Call): Rate | undefined =>
  rates
    .filter(({ prefix, schedule }) => schedule === undefined && dialled.startsWith(prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length)[0];

/** The line that counts in a second since 1970; the walls of the simulation show UTC, and no day is a holiday. */
function lineAt(schedules: readonly Schedule[], always: Rate, lines: readonly Rate[], second: number): Rate {
  const minute = Math.floor(second / 60) % 1_440;
  const holds = ({ hours }: Schedule) =>
    hours.some(({ fromMinute, untilMinute }) => minute >= fromMinute && minute < untilMinute);
  const [first] = schedules
    .filter(each => holds(each) && lines.some(({ schedule }) => schedule === each.schedule))
    .sort((one, other) => other.priority - one.priority || (one.schedule < other.schedule ? -1 : 1));
  return lines.find(({ schedule }) => schedule === first?.schedule) ?? always;
}

/** By then a call that may be dialled has been dialled; what its caller hears before; and how long a dialplan may let it ring. Seconds. */
const [DIALLED_AFTER, ANNOUNCED, OTHERS_RING] = [10, 30, 300];

/** The seconds in which it was or may be answered. */
function answersOf({ setting }: Scenario, { plan }: Call, { startAt, answerAt, tariff }: Known): number[] {
  if (answerAt !== null) return [Math.floor(answerAt / 1_000)];
  const ring = plan.dialplan ? OTHERS_RING : (setting.ringSeconds + 2) * setting.routes.length;
  // Whether its caller hears anything was decided when it started.
  const within = tariff?.times?.ringSeconds ?? ring + DIALLED_AFTER + ANNOUNCED;
  const from = Math.floor(startAt / 1_000);
  return Array.from({ length: within + 1 }, (_, second) => from + second);
}

function timedPrices(lineIn: (second: number) => Rate, answers: readonly number[]): Prices {
  const minutes = new Map<number, Rate>();
  const line = (second: number): Rate => {
    const minute = Math.floor(second / 60);
    const found = minutes.get(minute) ?? lineIn(second);
    minutes.set(minute, found);
    return found;
  };
  const first = answers[0] as number;
  return {
    isTimed: true,
    held: seconds => answers.map(answer => walkedAt(line, answer, seconds).cost).reduce(larger),
    charged: seconds => (seconds < line(first).graceSeconds ? 0n : walkedAt(line, first, seconds).cost),
    whole: seconds =>
      Math.max(...answers.map(answer => line(answer).freeSeconds + walkedAt(line, answer, seconds).billed)),
  };
}

const plainPrices = (tariff: Tariff): Prices => ({
  isTimed: false,
  held: seconds => priceOf({ ...tariff, graceSeconds: 0 }, seconds),
  charged: seconds => priceOf(tariff, seconds),
  whole: seconds => wholeTalk(tariff, seconds),
});

/** The price and the increment of a second of the talk. */
const stepAt = ({ steps, ...first }: Tariff, second: number): Pick<Tariff, 'pricePerMinute' | 'incrementSeconds'> =>
  steps.findLast(({ fromSecond }) => fromSecond <= second) ?? first;

/** The talk up to the end of its increment, or of the free seconds. */
function wholeTalk(tariff: Tariff, seconds: number): number {
  const { freeSeconds, initialIncrementSeconds, steps } = tariff;
  let whole = freeSeconds;
  while (whole < seconds || whole === 0) {
    const end = whole + (whole === freeSeconds ? initialIncrementSeconds : stepAt(tariff, whole).incrementSeconds);
    const next = steps.find(({ fromSecond }) => fromSecond > whole)?.fromSecond ?? end;
    whole = Math.min(end, next);
  }
  return whole;
}

/** docs/pricing.md §4 and §5, written down a second time. */
function priceOf(tariff: Tariff, seconds: number): bigint {
  if (seconds < tariff.graceSeconds) return 0n;
  const whole = wholeTalk(tariff, seconds);
  let sixtieths = tariff.connectFee * 60n;
  for (let second = tariff.freeSeconds; second < whole; second++) sixtieths += stepAt(tariff, second).pricePerMinute;
  const price = (sixtieths + 59n) / 60n;
  return price < tariff.minimumCharge ? tariff.minimumCharge : price;
}
