/** What an operator does with schedules and holidays. Calls that start from then on are priced by them. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import type { Acting } from '../operator/acting';
import { changedFields, writeAudit } from '../operator/audit-store';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import type { Holiday } from './public-holidays';

export interface ScheduleView {
  schedule: string;
  hours: string;
  /** null for none. */
  calendar: string | null;
  priority: number;
  /** Whether a version of a deck names it. */
  isUsed: boolean;
}

export interface ScheduleSettings {
  hours?: string | undefined;
  calendar?: string | null | undefined;
  priority?: number | undefined;
}

const USED = 'EXISTS (SELECT 1 FROM astdeckschedule u WHERE u.schedule = s.schedule) AS is_used';

const viewOf = (row: Row): ScheduleView => ({
  schedule: row.schedule,
  hours: row.hours,
  calendar: row.calendar === '' ? null : row.calendar,
  priority: row.priority,
  isUsed: Number(row.is_used) === 1,
});

const withUse = (database: Knex) => database('astschedule as s').select('s.*', database.raw(USED));

/** In the order of their names. */
export async function listSchedules(database: Knex, { limit, offset }: PageRequest): Promise<Page<ScheduleView>> {
  const [row] = await database('astschedule').count({ total: '*' });
  const rows: Row[] = await withUse(database).orderBy('s.schedule').limit(limit).offset(offset);
  return { items: rows.map(viewOf), total: Number(row?.total) };
}

/** @throws Refused schedule_not_found */
export async function scheduleNamed(database: Knex, schedule: string): Promise<ScheduleView> {
  const row: Row | undefined = await withUse(database).where('s.schedule', schedule).first();
  if (!row) throw noSchedule(schedule);
  return viewOf(row);
}

const noSchedule = (schedule: string): Refused =>
  new Refused(
    'schedule_not_found',
    `schedule ${JSON.stringify(schedule)} does not exist: add it with "schedule set"`,
  ).about({ schedule });

/**
 * Adds a schedule, or changes what is given and nothing else. Calls that start from then on follow it; calls in progress keep their prices.
 * @throws Refused field_invalid if a new one has no hours, or nothing is given
 */
export async function setSchedule(
  acting: Acting,
  schedule: string,
  { hours, calendar, priority }: ScheduleSettings,
): Promise<ScheduleView> {
  const given = {
    ...(hours !== undefined && { hours }),
    ...(calendar !== undefined && { calendar: calendar ?? '' }),
    ...(priority !== undefined && { priority }),
  };
  const change = async (transaction: Knex.Transaction) => {
    const row = () => transaction('astschedule').where({ schedule });
    const before = await row().forUpdate().first('hours', 'calendar', 'priority');
    if (!before && hours === undefined) {
      throw invalid('hours', '', 'is missing for a new schedule: give it, such as "Mo-Fr 08:00-20:00"');
    }
    if (Object.keys(given).length === 0) throw invalid('hours', '', 'is missing, and there is nothing else to change');
    const fresh = { schedule, hours: '', ...given };
    await transaction('astschedule').insert(fresh).onConflict('schedule').merge(Object.keys(given));
    const after = await row().first('hours', 'calendar', 'priority');
    const changed = before ? changedFields(before, after) : { before: null, after };
    const object = scheduleObject(schedule);
    if (changed) await writeAudit(transaction, acting, { operation: 'schedule set', object, ...changed });
    return scheduleNamed(transaction, schedule);
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

/** Removes a schedule that no version of a deck names. @throws Refused schedule_not_found, schedule_used */
export async function removeSchedule(acting: Acting, schedule: string): Promise<ScheduleView> {
  return inTransaction(acting.database, async transaction => {
    const row: Row | undefined = await transaction('astschedule').where({ schedule }).forUpdate().first();
    if (!row) throw noSchedule(schedule);
    const use = await transaction('astdeckschedule as u')
      .join('astratedeckversion as v', 'v.version', 'u.version')
      .where('u.schedule', schedule)
      .orderBy('u.version', 'desc')
      .first('v.deck', 'v.version');
    if (use) {
      const detail = `schedule ${JSON.stringify(schedule)} is named by version ${use.version} of deck ${JSON.stringify(use.deck)}: calls may be priced by it. Delete the versions that name it first`;
      throw new Refused('schedule_used', detail).about({ schedule, deck: use.deck, version: Number(use.version) });
    }
    await transaction('astdeckschedule').where({ schedule }).delete();
    await transaction('astschedule').where({ schedule }).delete();
    const { hours, calendar, priority } = row;
    const before = { hours, calendar, priority };
    const object = scheduleObject(schedule);
    await writeAudit(transaction, acting, { operation: 'schedule remove', object, before, after: null });
    return viewOf({ ...row, is_used: 0 });
  });
}

const scheduleObject = (schedule: string): string => `schedule ${schedule}`;

export interface HolidayView extends Holiday {
  calendar: string;
}

const DAY = "DATE_FORMAT(day, '%Y-%m-%d') AS day";

/** The holidays of a calendar, or of all, in the order of their days. */
export async function listHolidays(
  database: Knex,
  { calendar, year }: { calendar?: string | undefined; year?: number | undefined },
  { limit, offset }: PageRequest,
): Promise<Page<HolidayView>> {
  const query = database('astholiday');
  if (calendar !== undefined) query.where({ calendar });
  if (year !== undefined) query.whereBetween('day', [`${year}-01-01`, `${year}-12-31`]);
  const [row] = await query.clone().count({ total: '*' });
  const rows: Row[] = await query
    .orderBy(['calendar', 'astholiday.day'])
    .limit(limit)
    .offset(offset)
    .select('calendar', 'name', database.raw(DAY));
  return { items: rows.map(({ calendar: of, day, name }) => ({ calendar: of, day, name })), total: Number(row?.total) };
}

/** Adds a day to a calendar, or names it anew. */
export async function setHoliday(acting: Acting, holiday: HolidayView): Promise<HolidayView> {
  const { calendar, day, name } = holiday;
  const change = async (transaction: Knex.Transaction) => {
    const before = await transaction('astholiday').where({ calendar, day }).forUpdate().first('name');
    if (before?.name === name) return;
    await transaction('astholiday').insert(holiday).onConflict(['calendar', 'day']).merge(['name']);
    await writeAudit(transaction, acting, {
      operation: 'holiday set',
      object: holidayObject(holiday),
      before: before ? { name: before.name } : null,
      after: { name },
    });
  };
  await inTransaction(acting.database, change, { idempotent: true });
  return holiday;
}

/** @throws Refused holiday_not_found */
export async function removeHoliday(
  acting: Acting,
  { calendar, day }: Pick<HolidayView, 'calendar' | 'day'>,
): Promise<HolidayView> {
  return inTransaction(acting.database, async transaction => {
    const row = await transaction('astholiday').where({ calendar, day }).forUpdate().first('name');
    if (!row) {
      const detail = `calendar ${JSON.stringify(calendar)} has no holiday on ${day}: see "holiday list"`;
      throw new Refused('holiday_not_found', detail).about({ calendar, day });
    }
    await transaction('astholiday').where({ calendar, day }).delete();
    const removed = { calendar, day, name: row.name as string };
    await writeAudit(transaction, acting, {
      operation: 'holiday remove',
      object: holidayObject(removed),
      before: { name: row.name },
      after: null,
    });
    return removed;
  });
}

/** Adds holidays to a calendar; days that it has stay as they are named. Returns how many were added. */
export async function fillHolidays(acting: Acting, calendar: string, holidays: readonly Holiday[]): Promise<number> {
  const fill = async (transaction: Knex.Transaction) => {
    const known: Row[] = await transaction('astholiday').where({ calendar }).forUpdate().select(transaction.raw(DAY));
    const days = new Set(known.map(({ day }) => day as string));
    const added = new Map<string, Holiday>();
    for (const holiday of holidays) if (!days.has(holiday.day)) added.set(holiday.day, holiday);
    if (added.size === 0) return 0;
    await transaction('astholiday').insert([...added.values()].map(({ day, name }) => ({ calendar, day, name })));
    await writeAudit(transaction, acting, {
      operation: 'holiday fill',
      object: `calendar ${calendar}`,
      before: null,
      after: { days: [...added.keys()] },
    });
    return added.size;
  };
  return inTransaction(acting.database, fill, { idempotent: true });
}

/** How a file changed a calendar: numbers of days. */
export interface HolidaysImported {
  calendar: string;
  added: number;
  /** Those that the calendar had by another name. */
  renamed: number;
  /** Those that it had by the same name. */
  unchanged: number;
}

/**
 * Adds the holidays of a file to a calendar, and names anew those that it has by another name; its other days stay. All in one transaction, and
 * `onResult` gets the result in it.
 * @throws what `onResult` throws
 */
export async function importHolidays(
  acting: Acting,
  { calendar, source, holidays }: { calendar: string; source: string; holidays: readonly Holiday[] },
  onResult?: (transaction: Knex.Transaction, result: HolidaysImported) => Promise<void>,
): Promise<HolidaysImported> {
  const change = async (transaction: Knex.Transaction) => {
    const known: Row[] = await transaction('astholiday')
      .where({ calendar })
      .forUpdate()
      .select('name', transaction.raw(DAY));
    const names = new Map(known.map(({ day, name }) => [day as string, name as string]));
    const added = holidays.filter(({ day }) => !names.has(day));
    const renamed = holidays.filter(({ day, name }) => names.has(day) && names.get(day) !== name);
    const rows = [...added, ...renamed].map(({ day, name }) => ({ calendar, day, name }));
    // Another request may add one of them meanwhile: it is then named anew.
    if (rows.length > 0) await transaction('astholiday').insert(rows).onConflict(['calendar', 'day']).merge(['name']);
    const operation = 'holiday import';
    if (added.length > 0) {
      const after = { source, days: added.map(({ day }) => day) };
      await writeAudit(transaction, acting, { operation, object: `calendar ${calendar}`, before: null, after });
    }
    for (const { day, name } of renamed) {
      const [object, was] = [holidayObject({ calendar, day }), names.get(day) as string];
      await writeAudit(transaction, acting, { operation, object, before: { name: was }, after: { name } });
    }
    const unchanged = holidays.length - rows.length;
    const imported = { calendar, added: added.length, renamed: renamed.length, unchanged };
    await onResult?.(transaction, imported);
    return imported;
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

const holidayObject = ({ calendar, day }: Pick<HolidayView, 'calendar' | 'day'>): string =>
  `holiday ${day} of calendar ${calendar}`;

/** Notes those of another version's schedules that lines of this one name, because it keeps lines of that one. */
export async function noteKeptSchedules(database: Knex, version: number, of: number): Promise<void> {
  const names: string[] = await database('astdeckschedule').where({ version: of }).pluck('schedule');
  const named: string[] = [];
  for (const schedule of names) {
    if (await database('astrate').where({ version, schedule }).first('line')) named.push(schedule);
  }
  await inTransaction(database, transaction => noteSchedules(transaction, version, named), { idempotent: true });
}

/**
 * Notes the schedules that lines of a version name, and keeps them from being removed. Returns those that are not there.
 */
export async function noteSchedules(
  transaction: Knex.Transaction,
  version: number,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  // Locked: one could be removed at the same time.
  const rows: Row[] = await transaction('astschedule').whereIn('schedule', names).forShare().select('schedule');
  const known = rows.map(({ schedule }) => schedule as string);
  if (known.length > 0) {
    await transaction('astdeckschedule')
      .insert(known.map(schedule => ({ version, schedule })))
      .onConflict(['version', 'schedule'])
      .ignore();
  }
  return names.filter(name => !known.includes(name));
}
