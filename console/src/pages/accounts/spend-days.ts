/** What calls were charged, day by day. Pure. */
import { sumOf } from '../../parts/amounts';
import { localDay } from '../../parts/days';

export interface Day {
  /** `2026-11-30`, in the reader's zone. */
  day: string;
  amount: string;
}

interface Charge {
  created_at: string;
  /** Added to the balance: below zero for a charge. */
  amount: string;
}

/**
 * Each day of `days`, the oldest first, with what was charged on it: nothing where nothing was. `charges`: the newest first.
 * `isCut`: there are older charges that are not among these. Then the days begin behind the oldest charge's, as that one may be incomplete.
 */
export function spendOf(
  charges: readonly Charge[],
  { days, dayOf, isCut }: { days: readonly string[]; dayOf: (instant: string) => string; isCut: boolean },
): Day[] {
  const dated = charges.map(({ created_at: at, amount }) => ({ day: dayOf(at), amount }));
  const cut = isCut ? (dated.at(-1)?.day ?? '9999') : '';
  return days
    .filter(day => day > cut)
    .map(day => ({ day, amount: positive(sumOf(...dated.filter(each => each.day === day).map(each => each.amount))) }));
}

/** What was taken, as an amount of 0 or more. */
const positive = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : amount);

/** The last `count` days up to that instant (ms since 1970), the oldest first. Noon stands for a day: no summer time moves it to another. */
export function lastDays(now: number, count: number): string[] {
  const noon = new Date(now).setHours(12, 0, 0, 0);
  return Array.from({ length: count }, (_, index) => localDay(noon - (count - 1 - index) * 86_400_000));
}
