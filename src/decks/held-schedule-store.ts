/** Which schedules held when calls started, in SQL: so a month of calls is summed where it is. */
import type { Knex } from 'knex';
import { sqlOf } from '../database/rows';
import { ZonedTime } from '../operator/zoned-store';
import { knownZone } from '../rating/rate';
import { byPriority, type DayHours, type Schedule } from '../rating/schedule';
import { readSchedules } from '../rating/schedule-store';

/** Instants between which calls started; ms since 1970. */
export interface Span {
  from: number;
  until: number;
}

/** The schedules that lines of these versions name, in the order in which they count. Most decks have none. */
export async function schedulesIn(database: Knex, versions: readonly number[], span: Span): Promise<Schedule[]> {
  const names: string[] = await database('astdeckschedule').whereIn('version', versions).distinct().pluck('schedule');
  const found = await readSchedules(sqlOf(database), { names, ...span });
  return [...found.values()].sort(byPriority);
}

/**
 * SQL for a text with a 1 for each schedule that held at `c.start_at` of a call c, else a 0, in their order; with its values. The hours are those of the
 * account `payer`, and UTC where `isCarriers` holds: so carriers charge.
 */
export async function heldSql(
  database: Knex,
  isCarriers: { sql: string; values: readonly unknown[] },
  schedules: readonly Schedule[],
  { from, until: to }: Span,
): Promise<{ sql: string; values: unknown[] }> {
  const zones: string[] = await database('astaccount').where({ kind: 'account' }).distinct().pluck('time_zone');
  const others = zones.filter(zone => knownZone(zone) !== 'UTC');
  const cases = others.map(zone => `WHEN ? THEN ${new ZonedTime(zone, { from, to }).wall('c.start_at')}`);
  const wall =
    others.length === 0
      ? 'c.start_at'
      : `(CASE WHEN ${isCarriers.sql} THEN c.start_at ELSE CASE payer.time_zone ${cases.join(' ')} ELSE c.start_at END END)`;
  const terms = schedules.map(each => `IF(${holdsSql(each)}, '1', '0')`).join(', ');
  const sql = `CONCAT(${terms})`;
  const parts = sql.split(WALL);
  const own = others.length === 0 ? [] : [...isCarriers.values, ...others];
  return { sql: parts.join(wall), values: parts.slice(1).flatMap(() => own) };
}

/** Stands for what the wall shows. */
const WALL = '@wall@';

const MINUTE = `(HOUR(${WALL}) * 60 + MINUTE(${WALL}))`;

const MINUTES_A_DAY = 1_440;

/** Hours that cannot be read hold never. */
function holdsSql({ hours, holidays }: Schedule): string {
  const days = [...holidays].map(day => `'${new Date(day * 86_400_000).toISOString().slice(0, 10)}'`).join(', ');
  const isOf = ({ days: of }: DayHours, date: string) => {
    const weekday = `WEEKDAY(${date})`;
    const kind = days === '' ? weekday : `IF(DATE(${date}) IN (${days}), 7, ${weekday})`;
    return `${kind} IN (${of.join(', ')})`;
  };
  const spans = hours.flatMap(span => {
    const { fromMinute, untilMinute } = span;
    const today = `(${MINUTE} >= ${fromMinute} AND ${MINUTE} < ${untilMinute} AND ${isOf(span, WALL)})`;
    if (untilMinute <= MINUTES_A_DAY) return [today];
    const before = `${WALL} - INTERVAL 1 DAY`;
    return [today, `(${MINUTE} < ${untilMinute - MINUTES_A_DAY} AND ${isOf(span, before)})`];
  });
  return spans.length === 0 ? 'FALSE' : spans.join(' OR ');
}
