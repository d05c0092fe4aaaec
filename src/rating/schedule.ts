/** When lines of a price list count: hours of weekdays and holidays, and which schedule holds at which instant in a time zone. Pure. */
import { Info } from 'luxon';

/** Days as a schedule names them: Monday is the first. `PH` is a public holiday of the schedule's calendar, which is no weekday then. */
export const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su', 'PH'] as const;
const PUBLIC_HOLIDAY = DAYS.indexOf('PH');

const MINUTES_A_DAY = 1_440;
const SECONDS_A_DAY = 86_400;
const MS_A_DAY = SECONDS_A_DAY * 1_000;

/** The longest text of hours. */
export const MOST_HOURS_TEXT = 200;

/** Hours of some days, by the clock on the wall. */
export interface DayHours {
  /** Places in DAYS. */
  days: readonly number[];
  /** From 0; minutes after midnight. */
  fromMinute: number;
  /** Minutes after the same midnight: above 1440 if it ends on the next day. */
  untilMinute: number;
}

export interface Schedule {
  schedule: string;
  /** Of two that cover an instant the higher counts; of equal ones the first by name. */
  priority: number;
  hours: readonly DayHours[];
  /** Days since 1970-01-01 by the calendar on the wall. */
  holidays: ReadonlySet<number>;
}

/** A text that names no hours; its message says what to do. */
export class HoursError extends Error {
  override name = 'HoursError';
}

/** What the text is, for those who read a schedule. */
export const HOURS_HELP =
  'days and hours on the wall: "Mo-Fr 08:00-12:00,14:00-18:00; Sa,Su,PH 00:00-24:00"; PH is a holiday of the calendar and then no weekday; 20:00-06:00 ends the next day';

/**
 * The hours that a person wrote: parts behind `;`, each with days, a blank and spans of hours.
 * @throws HoursError
 */
export function parseHours(text: string): DayHours[] {
  if (text.length > MOST_HOURS_TEXT) {
    throw new HoursError(`has ${text.length} characters: use at most ${MOST_HOURS_TEXT}`);
  }
  if (/[^ -~]/.test(text)) {
    throw new HoursError('has a character that is no letter, digit or blank: write them as Mo-Fr 08:00-20:00');
  }
  const parts = text
    .trim()
    .replace(/;$/, '')
    .split(/\s*;\s*/);
  return parts.flatMap(part => {
    const [names = '', spans = '', ...more] = part.split(/\s+/);
    if (names === '' || spans === '' || more.length > 0) {
      throw new HoursError(`has ${shown(part)}: write days, a blank and hours, such as Mo-Fr 08:00-20:00`);
    }
    const days = daysOf(names);
    return spans.split(',').map(span => ({ days, ...spanOf(span) }));
  });
}

function daysOf(text: string): number[] {
  const days = new Set<number>();
  for (const item of text.split(',')) {
    const [first, last = first, ...more] = item.split('-').map(name => DAYS.indexOf(name as (typeof DAYS)[number]));
    const isRange = item.includes('-');
    const isKnown = first !== undefined && last !== undefined && first >= 0 && last >= 0 && more.length === 0;
    if (!isKnown || (isRange && (first === PUBLIC_HOLIDAY || last === PUBLIC_HOLIDAY))) {
      throw new HoursError(`has days ${shown(item)}: write ${DAYS.join(', ')} or a range such as Mo-Fr`);
    }
    // Sa-Mo is Saturday, Sunday and Monday.
    for (let day = first; ; day = (day + 1) % PUBLIC_HOLIDAY) {
      days.add(day);
      if (day === last || day === PUBLIC_HOLIDAY) break;
    }
  }
  return [...days].sort((one, other) => one - other);
}

function spanOf(text: string): Pick<DayHours, 'fromMinute' | 'untilMinute'> {
  const [, from = '', until = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  const [fromMinute, untilMinute] = [minuteOf(from), minuteOf(until)];
  if (fromMinute === null || untilMinute === null || fromMinute === MINUTES_A_DAY || untilMinute === 0) {
    throw new HoursError(`has hours ${shown(text)}: write them as 08:00-20:00, the last until 24:00`);
  }
  if (fromMinute === untilMinute) {
    throw new HoursError(`has hours ${shown(text)} without length: write 00:00-24:00 for a whole day`);
  }
  return { fromMinute, untilMinute: untilMinute > fromMinute ? untilMinute : untilMinute + MINUTES_A_DAY };
}

function minuteOf(text: string): number | null {
  const [hour, minute] = text.split(':').map(Number);
  if (hour === undefined || minute === undefined || minute > 59) return null;
  const minutes = hour * 60 + minute;
  return minutes <= MINUTES_A_DAY ? minutes : null;
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A day such as `2026-12-25` as days since 1970-01-01. Assumes a day that exists. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / MS_A_DAY;

/** What holds from an instant on. */
export interface Spell {
  /** Whole seconds since 1970. */
  from: number;
  /** null where none of the schedules holds. */
  schedule: Schedule | null;
}

/**
 * Which of the schedules holds from `from` up to `until` (seconds since 1970; `until` does not count) in an IANA time zone: in the order of time, the
 * first from `from` on, neighbours differ.
 *
 * By the clock on the wall: an hour that the clocks repeat is in a schedule both times, an hour that they leave out is in none, and a schedule
 * that begins in it begins when it is over. What begins on a day and ends on the next is of the first, also if the next is a holiday. Assumes a
 * zone that `isTimeZone` accepted.
 */
export function spellsOf(schedules: readonly Schedule[], zone: string, from: number, until: number): Spell[] {
  const ordered = [...schedules].sort(byPriority);
  const spells: Spell[] = [];
  for (const { at, end, offset } of clockSpans(zone, from, until)) {
    for (const local of changesBetween(ordered, at + offset, end + offset)) {
      const schedule = ordered.find(each => holdsAt(each, local)) ?? null;
      if (spells.at(-1)?.schedule !== schedule || spells.length === 0) spells.push({ from: local - offset, schedule });
    }
  }
  return spells;
}

/** The one that counts of two that hold comes first. */
export const byPriority = (one: Schedule, other: Schedule): number =>
  other.priority - one.priority || (one.schedule < other.schedule ? -1 : 1);

/** Seconds on the wall at which a schedule may begin or end, `from` first. */
function changesBetween(schedules: readonly Schedule[], from: number, until: number): number[] {
  const changes = new Set([from]);
  // What began on the day before may end today.
  for (let day = Math.floor(from / SECONDS_A_DAY) - 1; day * SECONDS_A_DAY < until; day++) {
    for (const { hours } of schedules) {
      for (const { fromMinute, untilMinute } of hours) {
        for (const minute of [fromMinute, untilMinute]) {
          const change = day * SECONDS_A_DAY + minute * 60;
          if (change > from && change < until) changes.add(change);
        }
      }
    }
  }
  return [...changes].sort((one, other) => one - other);
}

/** Whether a schedule holds at a second on the wall. */
function holdsAt({ hours, holidays }: Schedule, local: number): boolean {
  const day = Math.floor(local / SECONDS_A_DAY);
  const minute = Math.floor((local - day * SECONDS_A_DAY) / 60);
  const [today, yesterday] = [kindOf(day, holidays), kindOf(day - 1, holidays)];
  return hours.some(
    ({ days, fromMinute, untilMinute }) =>
      (minute >= fromMinute && minute < untilMinute && days.includes(today)) ||
      (minute + MINUTES_A_DAY < untilMinute && days.includes(yesterday)),
  );
}

/** The place in DAYS of a day since 1970-01-01, which was a Thursday. */
const kindOf = (day: number, holidays: ReadonlySet<number>): number =>
  holidays.has(day) ? PUBLIC_HOLIDAY : (((day + 3) % 7) + 7) % 7;

/** A span in which the clocks of a zone are not changed; seconds since 1970, and what the wall is ahead of UTC. */
interface ClockSpan {
  at: number;
  end: number;
  offset: number;
}

function clockSpans(zone: string, from: number, until: number): ClockSpan[] {
  const spans: ClockSpan[] = [];
  for (let day = Math.floor(from / SECONDS_A_DAY); day * SECONDS_A_DAY < until; day++) {
    for (const { at, end, offset } of spansOfDay(zone, day)) {
      const [begin, stop] = [Math.max(at, from), Math.min(end, until)];
      if (begin < stop) spans.push({ at: begin, end: stop, offset });
    }
  }
  return spans;
}

/** Days that were looked up in each zone: luxon takes some µs an instant, and a busy service needs the same two days for every call. */
const known = new Map<string, ClockSpan[]>();
const MOST_KNOWN = 2_000;

/** Clocks change at most once within this time. */
const CHANGE_APART_SECONDS = 3_600;

/** The spans of a day in UTC. */
function spansOfDay(zone: string, day: number): ClockSpan[] {
  const key = `${day} ${zone}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const rules = Info.normalizeZone(zone);
  const offsetAt = (second: number) => Math.round(rules.offset(second * 1_000) * 60);
  const [begin, end] = [day * SECONDS_A_DAY, (day + 1) * SECONDS_A_DAY];
  const spans: ClockSpan[] = [{ at: begin, end, offset: offsetAt(begin) }];
  for (let second = begin + CHANGE_APART_SECONDS; second <= end; second += CHANGE_APART_SECONDS) {
    const last = spans.at(-1) as ClockSpan;
    if (offsetAt(second) === last.offset) continue;
    let [before, after] = [second - CHANGE_APART_SECONDS, second];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === last.offset) before = middle;
      else after = middle;
    }
    if (after === end) break;
    last.end = after;
    spans.push({ at: after, end, offset: offsetAt(after) });
  }
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, spans);
  return spans;
}
