/**
 * Days and hours of a zone in SQL, without the server's own tables of zones, which few servers have: the query is told when the zone's clocks
 * changed.
 */
import { DateTime, IANAZone } from 'luxon';
import { timeZoneField } from './fields';
import { textBy } from './schema';

/** The field of a zone by whose hours and days something is summed. */
export const zone = textBy((_, text) => timeZoneField(text), {
  description: 'the hours and days are those of this zone; UTC if not given',
  unit: 'zone',
  example: 'Europe/Berlin',
});

/** When the day begins that was `days` before the one of an instant (ms since 1970) in a zone. */
export const zonedDay = (zone: string, instant: number, days: number): Date =>
  DateTime.fromMillis(instant, { zone }).minus({ days }).startOf('day').toJSDate();

/** So many days of a zone, the last one that of an instant (ms since 1970), the oldest first: `2026-12-31`. */
export function daysTo(zone: string, instant: number, count: number): string[] {
  const last = DateTime.fromMillis(instant, { zone });
  return Array.from({ length: count }, (_, n) => last.minus({ days: count - 1 - n }).toISODate() as string);
}

/** A time in which a zone's clocks keep their distance from UTC. */
interface Era {
  /** ms since 1970; of the first one, when the time that was asked for begins. */
  from: number;
  offsetSeconds: number;
}

/** No zone has changed its clocks and changed them back within so short a time since 1970. */
const STEP_MS = 7 * 86_400_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** No call is older: Asterisk was not. */
const FIRST_CALL_MS = Date.UTC(2000, 0, 1);

/** SQL for the days and hours of one zone. */
export class ZonedTime {
  private readonly eras: readonly Era[];

  /**
   * For times from `from` to `to` (ms since 1970); what is older has the clocks of `from`, or those of the year 2000 if it is not given.
   * Assumes a zone that `timeZoneField` accepted.
   */
  constructor(zone: string, { from = FIRST_CALL_MS, to }: { from?: number; to: number }) {
    this.eras = erasOf(IANAZone.create(zone), Math.max(from, FIRST_CALL_MS), to);
  }

  /** The day of a DATETIME in UTC, as `2026-12-31`; `at` is an SQL expression. */
  day(at: string): string {
    return this.byEra(at, ({ offsetSeconds }) => `DATE_FORMAT(${at} + INTERVAL ${offsetSeconds} SECOND, '%Y-%m-%d')`);
  }

  /** What a clock on the wall shows at a DATETIME in UTC, as a DATETIME. */
  wall(at: string): string {
    return this.byEra(at, ({ offsetSeconds }) => `${at} + INTERVAL ${offsetSeconds} SECOND`);
  }

  /** When the hour of a DATETIME in UTC begins, as a DATETIME in UTC: at half past where the zone is half an hour off. */
  hour(at: string): string {
    return this.byEra(at, ({ from, offsetSeconds }, index) => {
      const base = Math.floor((from + offsetSeconds * SECOND_MS) / HOUR_MS) * HOUR_MS - offsetSeconds * SECOND_MS;
      const hour = `TIMESTAMPADD(HOUR, TIMESTAMPDIFF(HOUR, ${stamp(base)}, ${at}), ${stamp(base)})`;
      // Clocks that change by half an hour begin an hour in its midst.
      return index === 0 || base === from ? hour : `GREATEST(${hour}, ${stamp(from)})`;
    });
  }

  /** The newest first: most calls are of now. */
  private byEra(at: string, term: (era: Era, index: number) => string): string {
    const [first, ...later] = this.eras.map(term);
    if (later.length === 0) return first as string;
    const cases = later.map(
      (each, index) => `WHEN ${at} >= ${stamp(this.eras[index + 1]?.from as number)} THEN ${each}`,
    );
    return `CASE ${cases.toReversed().join(' ')} ELSE ${first} END`;
  }
}

const stamp = (at: number): string => `TIMESTAMP '${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}'`;

function erasOf(zone: IANAZone, from: number, to: number): Era[] {
  const offsetAt = (at: number) => Math.round(zone.offset(at) * 60);
  let offsetSeconds = offsetAt(from);
  const eras = [{ from, offsetSeconds }];
  for (let at = from; at < to; at += STEP_MS) {
    const next = offsetAt(at + STEP_MS);
    if (next === offsetSeconds) continue;
    eras.push({ from: changeWithin(at, at + STEP_MS, offsetAt), offsetSeconds: next });
    offsetSeconds = next;
  }
  return eras;
}

/** The first second, between two instants whose offsets differ, that has the later one's. */
function changeWithin(before: number, after: number, offsetAt: (at: number) => number): number {
  const wanted = offsetAt(after);
  let [low, high] = [Math.floor(before / SECOND_MS), Math.ceil(after / SECOND_MS)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === wanted) high = middle;
    else low = middle;
  }
  return high * SECOND_MS;
}
