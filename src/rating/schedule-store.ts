/** Reads schedules as prices need them. */
import { type Sql, select } from '../database/rows';
import { type DayHours, dayNumber, HoursError, parseHours, type Schedule } from './schedule';

/** Schedules by name, and the instants between which they are looked at; ms since 1970. */
export interface ScheduleQuestion {
  names: readonly string[];
  from: number;
  until: number;
}

const NONE: ReadonlyMap<string, Schedule> = new Map();

const MS_A_DAY = 86_400_000;

/** A wall may be a day ahead of UTC or behind it, and hours of the day before may last. */
const MARGIN_DAYS = 2;

/**
 * The schedules of these names with their holidays of those days; without a query if there is no name. One that is not there is missing, and one
 * whose hours were made unreadable by hand never holds: the line without a schedule counts, and calls go on.
 */
export async function readSchedules(
  sql: Sql,
  { names, from, until }: ScheduleQuestion,
): Promise<ReadonlyMap<string, Schedule>> {
  if (names.length === 0) return NONE;
  const [first, last] = [from - MARGIN_DAYS * MS_A_DAY, until + MARGIN_DAYS * MS_A_DAY].map(dayOf);
  const rows = await select(
    sql,
    `SELECT s.schedule, s.hours, s.priority, DATE_FORMAT(h.day, '%Y-%m-%d') AS day
     FROM astschedule s LEFT JOIN astholiday h ON h.calendar = s.calendar AND h.day BETWEEN ? AND ?
     WHERE s.schedule IN (?)`,
    [first, last, [...new Set(names)]],
  );
  const found = new Map<string, Schedule & { holidays: Set<number> }>();
  for (const { schedule, hours, priority, day } of rows) {
    const known = found.get(schedule) ?? {
      schedule,
      priority,
      hours: readableHours(hours),
      holidays: new Set<number>(),
    };
    found.set(schedule, known);
    if (day !== null) known.holidays.add(dayNumber(day));
  }
  return found;
}

/** [] for a text that is none: such a schedule never holds. */
function readableHours(text: string): DayHours[] {
  try {
    return parseHours(text);
  } catch (error) {
    if (error instanceof HoursError) return [];
    throw error;
  }
}

const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
