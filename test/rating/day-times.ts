/**
 * Prices by the time of day, anew and another way: the clock on the wall by Intl instead of luxon, one minute after the other, and the talk one
 * second after the other in exact sixtieths. It shares no code with what it checks.
 */
import fc from 'fast-check';
import { micros } from '../../src/money/micros';
import type { Tariff } from '../../src/rating/price';
import type { Beginning, Rate } from '../../src/rating/rate';
import { dayNumber, parseHours, type Schedule } from '../../src/rating/schedule';
import { anyAmount, withSteps } from './tariffs';

export { walkedAt } from '../../simulation/walked-price';

/** Hours as they are drawn, and as a person writes them. */
export interface DrawnSchedule {
  name: string;
  priority: number;
  hours: { days: string[]; from: string; until: string }[];
  /** Days such as `2026-12-25`. */
  holidays: string[];
}

const WEEKDAYS: Record<string, string> = {
  Mon: 'Mo',
  Tue: 'Tu',
  Wed: 'We',
  Thu: 'Th',
  Fri: 'Fr',
  Sat: 'Sa',
  Sun: 'Su',
};

const clocks = new Map<string, Intl.DateTimeFormat>();

export interface Wall {
  day: string;
  time: string;
}

const QUARTER = 900;
const quarters = new Map<string, Wall>();

/** What a clock on the wall shows. Clocks of these years change by whole quarters of an hour, at whole quarters. */
export function wallAt(zone: string, second: number): Wall {
  const quarter = Math.floor(second / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  const known = quarters.get(key) ?? shownAt(zone, quarter);
  if (quarters.size > 200_000) quarters.clear();
  quarters.set(key, known);
  const minute = Number(known.time.slice(3)) + Math.floor((second - quarter) / 60);
  return { day: known.day, time: `${known.time.slice(0, 3)}${String(minute).padStart(2, '0')}` };
}

function shownAt(zone: string, second: number): Wall {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  clocks.set(zone, clock);
  const parts = Object.fromEntries(clock.formatToParts(second * 1_000).map(({ type, value }) => [type, value]));
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}`,
  };
}

const ofDays = (of: (day: string) => string) => {
  const known = new Map<string, string>();
  return (day: string): string => {
    const found = known.get(day) ?? of(day);
    known.set(day, found);
    return found;
  };
};
const dayBefore = ofDays(day => new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10));
const weekdayOf = ofDays(day => WEEKDAYS[new Date(`${day}T12:00:00Z`).toUTCString().slice(0, 3)] as string);

/** Whether a schedule holds when the wall shows that. */
export function covers({ hours, holidays }: DrawnSchedule, { day, time }: Wall): boolean {
  const named = (of: string) => (holidays.includes(of) ? 'PH' : weekdayOf(of));
  return hours.some(({ days, from, until }) => {
    if (from < until) return days.includes(named(day)) && time >= from && time < until;
    return (days.includes(named(day)) && time >= from) || (days.includes(named(dayBefore(day))) && time < until);
  });
}

/** Which line counts in each second of a zone: by the schedules of the lines, or the one without. */
export function lineFinder<Line>(
  zone: string,
  always: Line,
  lines: readonly { schedule: DrawnSchedule; line: Line }[],
) {
  const known = new Map<number, Line>();
  return (second: number): Line => {
    // Clocks change by whole minutes.
    const minute = Math.floor(second / 60);
    const found = known.get(minute);
    if (found !== undefined) return found;
    const wall = wallAt(zone, minute * 60);
    const holding = lines.filter(({ schedule }) => covers(schedule, wall));
    let best: (typeof holding)[number] | null = null;
    for (const each of holding) {
      const [one, other] = [each.schedule, best?.schedule];
      const isBefore =
        other === undefined ||
        one.priority > other.priority ||
        (one.priority === other.priority && one.name < other.name);
      if (isBefore) best = each;
    }
    const line = best?.line ?? always;
    known.set(minute, line);
    return line;
  };
}

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });

export const anyTariff = withSteps(
  fc.record({
    pricePerMinute: anyAmount,
    connectFee: fc.oneof(fc.constant(micros(0n)), anyAmount),
    minimumCharge: fc.oneof(fc.constant(micros(0n)), anyAmount),
    initialIncrementSeconds: seconds(1, 120),
    incrementSeconds: seconds(1, 90),
    graceSeconds: fc.oneof(fc.constant(0), seconds(0, 60)),
  }),
);

/** The same with prices for which a plain number is not exact. */
export const hugeTariff = anyTariff.map(tariff => ({
  ...tariff,
  pricePerMinute: micros(tariff.pricePerMinute * 10n ** 8n + 1n),
  connectFee: micros(tariff.connectFee * 10n ** 8n),
  steps: tariff.steps.map(step => ({ ...step, pricePerMinute: micros(step.pricePerMinute * 10n ** 7n + 7n) })),
}));

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Asia/Kolkata',
  'UTC',
];

/** Instants at which clocks change in 2026, holidays and ends of the year, in UTC. */
const SPECIAL = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-03-08T05:31:00Z',
  '2026-04-04T15:00:00Z',
  '2026-10-03T15:30:00Z',
  '2026-04-04T14:00:00Z',
  '2026-09-26T14:00:00Z',
  '2026-12-24T22:00:00Z',
  '2026-12-31T23:00:00Z',
].map(instant => Date.parse(instant) / 1_000);

const YEAR = { from: Date.parse('2026-01-01T00:00:00Z') / 1_000, until: Date.parse('2027-01-01T00:00:00Z') / 1_000 };

/** A second of the year, half of them near to where something changes. */
export const anySecond = fc.oneof(
  seconds(YEAR.from, YEAR.until),
  fc.tuple(fc.constantFrom(...SPECIAL), seconds(-3 * 3_600, 3 * 3_600)).map(([at, near]) => at + near),
);

const time = fc
  .tuple(seconds(0, 23), fc.constantFrom(0, 0, 0, 30, 15, 59, 1))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const anyHours = fc
  .record({
    days: fc.uniqueArray(fc.constantFrom(...Object.values(WEEKDAYS), 'PH'), { minLength: 1, maxLength: 8 }),
    from: time,
    until: fc.oneof(time, fc.constant('24:00')),
  })
  .filter(({ from, until }) => from !== until && until !== '00:00');

const anySchedule = fc.record({
  priority: seconds(0, 2),
  hours: fc.array(anyHours, { minLength: 1, maxLength: 3 }),
  holidays: fc.subarray(['2026-03-29', '2026-10-25', '2026-12-24', '2026-12-25', '2026-12-26', '2026-01-01']),
});

/** Schedules with different names. */
export const anySchedules = fc
  .array(anySchedule, { minLength: 1, maxLength: 3 })
  .map(all => all.map((each, at): DrawnSchedule => ({ ...each, name: `s${at}` })));

export const scheduleOf = ({ name, priority, hours, holidays }: DrawnSchedule): Schedule => ({
  schedule: name,
  priority,
  hours: parseHours(hours.map(({ days, from, until }) => `${days.join(',')} ${from}-${until}`).join('; ')),
  holidays: new Set(holidays.map(dayNumber)),
});

export const anyZone = fc.constantFrom(...ZONES);

const PLAIN_LINE = {
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix: '49',
  destination: 'Germany',
  isBlocked: false,
  validFrom: null,
  validUntil: null,
  maxSeconds: null,
};

/** A call that begins, its lines, and the same as the oracle looks at it. */
export interface DrawnCall {
  beginning: Beginning;
  candidates: Rate[];
  schedules: Map<string, Schedule>;
  lineAt: (second: number) => Tariff;
}

/** A call near to a boundary or anywhere in the year, of a prefix with a line for each schedule and one without. */
export const anyCall = (tariff: fc.Arbitrary<Tariff> = anyTariff): fc.Arbitrary<DrawnCall> =>
  fc
    .record({
      zone: anyZone,
      drawn: anySchedules,
      tariffs: fc.array(tariff, { minLength: 4, maxLength: 4 }),
      start: anySecond,
      startMs: seconds(0, 999),
      ringSeconds: seconds(0, 15),
      near: fc.option(seconds(0, 400), { freq: 3 }),
    })
    .map(({ zone, drawn, tariffs, start, startMs, ringSeconds, near }) => {
      const always: Rate = { ...PLAIN_LINE, ...(tariffs[3] as Tariff) };
      const lines = drawn.map((schedule, at) => ({
        schedule,
        line: { ...PLAIN_LINE, ...(tariffs[at] as Tariff), schedule: schedule.name } as Rate,
      }));
      const lineAt = lineFinder<Rate>(zone, always, lines);
      const begin = near === null ? start : nextChange(lineAt, start) - near;
      return {
        beginning: { zone, startAt: begin * 1_000 + startMs, ringSeconds, mostSeconds: 3_600 },
        candidates: [always, ...lines.map(({ line }) => line)],
        schedules: new Map(drawn.map(each => [each.name, scheduleOf(each)])),
        lineAt,
      };
    });

/** The next second within a day in which another line counts; the second itself if there is none. */
function nextChange(lineAt: (second: number) => unknown, start: number): number {
  const first = Math.ceil(start / 60) * 60;
  for (let second = first; second < first + 86_400; second += 60) {
    if (lineAt(second) !== lineAt(second - 60)) return second;
  }
  return start;
}
