import { DateTime } from 'luxon';
import type { Tariff } from './price';
import { type Schedule, spellsOf } from './schedule';
import { MOST_TIMES_TEXT, type Period, type Times, timesText } from './timed';

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
  /** The schedule by which it counts; absent for a line that counts where no schedule of its prefix holds. */
  schedule?: string | undefined;
  /** What the decks that stand on its own added to its amounts (`markupsText`); absent for a line of the account's own deck. */
  markups?: string | undefined;
}

/** The rate of a call: the line with which it begins, and what may follow it by the time of day. */
export interface CallRate extends Omit<Rate, 'times'> {
  times?: Times | undefined;
}

/**
 * The rate of the longest prefix among those valid on `day` (`2026-12-31`), without lines of schedules; null if there is none.
 *
 * A longer prefix that is not valid that day gives way to a shorter one that is; a longer one that is blocked does not. Assumes that every candidate's prefix begins the dialled
 * number, that no prefix is there twice for one day in one deck (the deck importer refuses that), and that lines of a nearer deck come first.
 */
export function rateOn(day: string, candidates: readonly Rate[]): Rate | null {
  let best: Rate | null = null;
  for (const rate of candidates) {
    if (rate.schedule !== undefined || !isValidOn(day, rate)) continue;
    if (best === null || rate.prefix.length > best.prefix.length) best = rate;
  }
  return best;
}

const isValidOn = (day: string, { validFrom, validUntil }: Rate): boolean =>
  (validFrom === null || validFrom <= day) && (validUntil === null || validUntil >= day);

/** The rate of a call that starts at `instant` (ms since 1970), by the calendar day in an IANA time zone; null if none applies. */
export const rateAt = (zone: string, instant: number, candidates: readonly Rate[]): Rate | null =>
  rateOn(dayIn(zone, instant), candidates);

/** A call that begins. */
export interface Beginning {
  /** IANA time zone of schedules and days. */
  zone: string;
  /** Ms since 1970. */
  startAt: number;
  /** The longest that it may ring; seconds. */
  ringSeconds: number;
  /** The longest that it may talk; seconds. */
  mostSeconds: number;
}

/** The schedules by which lines of the prefix that rates the call may count; none for most calls. */
export function schedulesAt({ zone, startAt }: Beginning, candidates: readonly Rate[]): string[] {
  return candidates.some(isScheduled) ? scheduledLines(dayIn(zone, startAt), candidates).map(nameOf) : [];
}

/**
 * The rate of a call: as `rateAt`, but with the line whose schedule holds when it begins, and with those that follow as long as it may ring and talk.
 *
 * The day of the start decides on the validity of all of them, and the first line's `maxSeconds` counts. A prefix whose line without a schedule is blocked is
 * blocked at all times. A line whose schedule is not among `schedules` does not count. A call that would meet more changes than its record can
 * keep is so short that it does not.
 */
export function callRateAt(
  beginning: Beginning,
  candidates: readonly Rate[],
  schedules: ReadonlyMap<string, Schedule>,
): CallRate | null {
  const { zone, startAt, ringSeconds } = beginning;
  const always = rateAt(zone, startAt, candidates);
  if (always === null || always.isBlocked || !candidates.some(isScheduled)) return always;
  const lines = new Map<Schedule, Rate>();
  for (const line of scheduledLines(dayIn(zone, startAt), candidates)) {
    const schedule = schedules.get(nameOf(line));
    if (schedule !== undefined) lines.set(schedule, line);
  }
  if (lines.size === 0) return always;
  const from = Math.floor(startAt / 1_000);
  // The increment in which the longest call ends may be cut by what begins then.
  const blocks = [always, ...lines.values()].flatMap(incrementsOf);
  const ring = Math.ceil(ringSeconds) + DIALLED_AFTER_SECONDS;
  const until = from + ring + Math.min(beginning.mostSeconds, LONGEST_SECONDS) + Math.max(...blocks);
  const [first, ...later] = spellsOf([...lines.keys()], zone, from, until).map(spell => ({
    from: spell.from,
    rate: (spell.schedule && lines.get(spell.schedule)) ?? always,
  }));
  const rate = (first as { rate: Rate }).rate;
  if (later.length === 0) return rate;
  const periods = later.map(each => ({ from: each.from, tariff: tariffOf(each.rate) }));
  return kept({ ...rate, times: { from, ringSeconds: ring, periods } });
}

/** By then a call that may be dialled has been dialled, and begins to ring. */
const DIALLED_AFTER_SECONDS = 10;

/** No call is longer: a day. */
const LONGEST_SECONDS = 86_400;

const isScheduled = ({ schedule }: Rate): boolean => schedule !== undefined;

const nameOf = ({ schedule }: Rate): string => schedule as string;

const incrementsOf = ({ initialIncrementSeconds, incrementSeconds, steps }: Tariff): number[] => [
  initialIncrementSeconds,
  incrementSeconds,
  ...steps.map(step => step.incrementSeconds),
];

/** The lines with a schedule of the prefix that rates the number on that day; none if it is blocked. */
export function scheduledLines(day: string, candidates: readonly Rate[]): Rate[] {
  const always = rateOn(day, candidates);
  if (always === null || always.isBlocked) return [];
  return candidates.filter(line => isScheduled(line) && isOfSamePrefix(line, always) && isValidOn(day, line));
}

/** A prefix has the lines of one deck only: those of the decks beneath it do not count. */
const isOfSamePrefix = (line: Rate, { version, prefix }: Rate): boolean =>
  line.version === version && line.prefix === prefix;

const tariffOf = (rate: Rate): Tariff => ({
  pricePerMinute: rate.pricePerMinute,
  connectFee: rate.connectFee,
  minimumCharge: rate.minimumCharge,
  initialIncrementSeconds: rate.initialIncrementSeconds,
  incrementSeconds: rate.incrementSeconds,
  graceSeconds: rate.graceSeconds,
  freeSeconds: rate.freeSeconds,
  steps: rate.steps,
});

/** The rate with as many of its periods as a call's record keeps. With fewer than all, the call ends before the first that is missing. */
function kept(rate: CallRate & { times: Times }): CallRate {
  const excess = timesText(rate).length - MOST_TIMES_TEXT;
  if (excess <= 0) return rate;
  const { times, maxSeconds } = rate;
  const periods = times.periods.slice(0, -Math.ceil(excess / SHORTEST_CHANGE));
  const missing = times.periods[periods.length] as Period;
  const longest = Math.max(1, missing.from - times.from - times.ringSeconds);
  return kept({ ...rate, maxSeconds: Math.min(maxSeconds ?? longest, longest), times: { ...times, periods } });
}

/** Characters of ` 1764579600=1`. */
const SHORTEST_CHANGE = 13;

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

/** The zone, or UTC in place of one that this version of Node.js does not know: a call must not fail for its account's zone. */
export function knownZone(zone: string): string {
  const known = zones.get(zone) ?? (isTimeZone(zone) ? zone : 'UTC');
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(zone, known);
  return known;
}

/** Zones that were looked at: a busy service does it for every call. */
const zones = new Map<string, string>();
const MOST_ZONES = 2_000;

/** Every prefix that could rate a number, the longest first: `4930`, `493`, `49`, `4` and the empty one. */
export function prefixesOf(number: string): string[] {
  return Array.from({ length: number.length + 1 }, (_, cut) => number.slice(0, number.length - cut));
}
