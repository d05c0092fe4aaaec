import { DateTime } from 'luxon';
import type { Tariff } from './price';

/** One line of a rate deck, as it stands in one version of that deck. */
export interface Rate extends Tariff {
  deck: string;
  /** The import of the line. A call in progress keeps its rate, even after the deck changes. */
  version: number;
  currency: string;
  /** Digits; the longest that begins the dialled number wins. Empty: any number. */
  prefix: string;
  destination: string;
  /** Calls to its numbers are refused. A shorter prefix does not count in its place. */
  isBlocked: boolean;
  /** First and last day, `2026-12-31`, in the account's time zone; null for no bound. */
  validFrom: string | null;
  validUntil: string | null;
  /** The longest call that this rate allows; null for no limit of its own. */
  maxSeconds: number | null;
}

/**
 * The rate of the longest prefix among those valid on `day` (`2026-12-31`); null if there is none.
 *
 * A longer prefix that is not valid that day gives way to a shorter one that is; a longer one that is blocked does not. Assumes that every candidate's prefix begins the dialled
 * number, and that no prefix is there twice for one day: the deck importer refuses that.
 */
export function rateOn(day: string, candidates: readonly Rate[]): Rate | null {
  let best: Rate | null = null;
  for (const rate of candidates) {
    if (rate.validFrom !== null && rate.validFrom > day) continue;
    if (rate.validUntil !== null && rate.validUntil < day) continue;
    if (best === null || rate.prefix.length > best.prefix.length) best = rate;
  }
  return best;
}

/** The rate of a call that starts at `instant` (ms since 1970), by the calendar day in an IANA time zone; null if none applies. */
export const rateAt = (zone: string, instant: number, candidates: readonly Rate[]): Rate | null =>
  rateOn(dayIn(zone, instant), candidates);

/**
 * The calendar day at `instant` (ms since 1970) in an IANA time zone, as `2026-12-31`.
 *
 * Assumes a zone that `isTimeZone` accepted.
 */
export function dayIn(zone: string, instant: number): string {
  const minute = Math.floor(instant / 60_000);
  const last = lastDay.get(zone);
  if (last?.minute === minute) return last.day;
  const day = DateTime.fromMillis(instant, { zone }).toISODate() as string;
  lastDay.set(zone, { minute, day });
  return day;
}

/** The day of the last minute that was looked up in each zone: luxon takes some 20 µs, and a busy service looks it up for every call. */
const lastDay = new Map<string, { minute: number; day: string }>();

export const isTimeZone = (zone: string): boolean => DateTime.utc().setZone(zone).isValid;

/** Every prefix that could rate a number, the longest first: `4930`, `493`, `49`, `4` and the empty one. */
export function prefixesOf(number: string): string[] {
  return Array.from({ length: number.length + 1 }, (_, cut) => number.slice(0, number.length - cut));
}
