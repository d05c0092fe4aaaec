/** What one version of a deck changes against another, prefix by prefix. Pure. */
import { cost } from '../rating/price';
import { type Rate, rateOn } from '../rating/rate';
import { stepsText } from '../rating/steps';

export const CHANGES = ['new', 'changed', 'gone'] as const;

/** For a number that begins with the prefix. `opened`: it had no rate, or was blocked; `closed`: it has no rate any more; `blocked`: it was not. */
export const EFFECTS = ['dearer', 'cheaper', 'same', 'opened', 'closed', 'blocked'] as const;

/** What a list of differences can be reduced to. */
export const DIFFERENCE_KINDS = ['dearer', 'cheaper', 'new', 'gone', 'closed', 'blocked', 'fallback', 'other'] as const;

export type Effect = (typeof EFFECTS)[number];
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** A prefix whose lines differ between two versions of a deck. */
export interface Difference {
  prefix: string;
  /** The name that the later version has for it, else that of the other one. */
  destination: string;
  /** Whether the prefix has lines in the later version alone, in both, or in the earlier one alone. */
  change: (typeof CHANGES)[number];
  effect: Effect;
  /** What rates a number that begins with it, on the day that was asked for; of a shorter prefix if it has no line of that day. null for none. */
  before: Rate | null;
  after: Rate | null;
  /**
   * A shorter prefix rates it in the later version, for less than before, or though it was blocked, or for less than its own line will from a
   * later day on.
   */
  fallsBack: boolean;
}

/** The lines of one prefix, and the rate that numbers with it have by a shorter one. */
export interface Side {
  own: readonly Rate[];
  inherited: Rate | null;
}

/** What is different for a prefix on a day (`2026-12-31`); null for nothing. Two prices are the same only if nothing but the line differs. */
export function differenceOf(prefix: string, day: string, before: Side, after: Side): Difference | null {
  const change = before.own.length === 0 ? 'new' : after.own.length === 0 ? 'gone' : 'changed';
  if (printOf(before.own) === printOf(after.own)) return null;
  const [was, is] = [rateWith(day, before), rateWith(day, after)];
  const always = effectOf(was, is);
  const effect = always === 'same' ? effectOfSchedules(day, before, after) : always;
  const named = after.own.at(-1) ?? before.own.at(-1);
  return {
    prefix,
    destination: named?.destination ?? '',
    change,
    effect,
    before: was,
    after: is,
    fallsBack: is !== null && is.prefix !== prefix && (isCheaper(was, is) || isLess(is, day, after.own)),
  };
}

/** The rate of a number that begins with a prefix: of its own lines, else by a shorter prefix. */
export const rateWith = (day: string, { own, inherited }: Side): Rate | null => rateOn(day, own) ?? inherited;

/** Whether the rate costs less than a line that begins to count later. */
const isLess = (rate: Rate, day: string, own: readonly Rate[]): boolean =>
  !rate.isBlocked &&
  own.some(line => !line.isBlocked && line.validFrom !== null && line.validFrom > day && dearer(rate, line) < 0);

/** By the price per minute; where that is the same by the connect fee, then by the minimum charge, then by what an hour of talk costs. */
export function effectOf(before: Rate | null, after: Rate | null): Effect {
  if (after?.isBlocked) return before?.isBlocked ? 'same' : 'blocked';
  if (before?.isBlocked) return after ? 'opened' : 'closed';
  if (before === null || after === null) return before === after ? 'same' : before === null ? 'opened' : 'closed';
  const sign = dearer(after, before);
  return sign === 0 ? 'same' : sign > 0 ? 'dearer' : 'cheaper';
}

/** Whether a call that costs something by `before`, or was refused by it, costs less by `after`. */
export const isCheaper = (before: Rate | null, after: Rate): boolean =>
  !after.isBlocked && before !== null && (before.isBlocked || dearer(after, before) < 0);

/** Longer than any step that is usual. */
const AN_HOUR = 3_600;

function dearer(one: Rate, other: Rate): number {
  const pairs = [
    [one.pricePerMinute, other.pricePerMinute],
    [one.connectFee, other.connectFee],
    [one.minimumCharge, other.minimumCharge],
    [cost(one, AN_HOUR), cost(other, AN_HOUR)],
  ] as const;
  const [first, second] = pairs.find(([mine, its]) => mine !== its) ?? [0n, 0n];
  return first === second ? 0 : first > second ? 1 : -1;
}

/** What the lines with schedules change, where the one without costs what it did: `dearer` if any of them does. */
function effectOfSchedules(day: string, before: Side, after: Side): Effect {
  const ofSchedule = (side: Side, schedule: string) =>
    rateOn(
      day,
      side.own.filter(line => line.schedule === schedule).map(({ schedule: _, ...line }) => line),
    ) ?? rateWith(day, side);
  const names = new Set([...before.own, ...after.own].flatMap(({ schedule }) => schedule ?? []));
  const effects = [...names].map(name => effectOf(ofSchedule(before, name), ofSchedule(after, name)));
  return effects.find(effect => effect === 'dearer') ?? effects.find(effect => effect !== 'same') ?? 'same';
}

/** Whether a difference is of that kind. */
export function isOfKind(difference: Difference, kind: DifferenceKind): boolean {
  const { change, effect, fallsBack } = difference;
  if (kind === 'fallback') return fallsBack;
  if (kind === 'new' || kind === 'gone') return change === kind;
  if (kind === 'other') return change === 'changed' && (effect === 'same' || effect === 'opened');
  return effect === kind;
}

/** All that the lines of a prefix say, in an order of their own. */
const printOf = (own: readonly Rate[]): string =>
  own
    .map(rate =>
      JSON.stringify([
        rate.destination,
        rate.isBlocked,
        String(rate.pricePerMinute),
        String(rate.connectFee),
        String(rate.minimumCharge),
        rate.initialIncrementSeconds,
        rate.incrementSeconds,
        rate.graceSeconds,
        rate.freeSeconds,
        stepsText(rate.steps),
        rate.schedule ?? '',
        rate.maxSeconds,
        rate.validFrom,
        rate.validUntil,
      ]),
    )
    .sort()
    .join('\n');
