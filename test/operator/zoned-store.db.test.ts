/** Days and hours of zones in SQL, on servers without tables of zones, against luxon's calendar. */
import { DateTime } from 'luxon';
import { ZonedTime } from '../../src/operator/zoned-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const MINUTE_MS = 60_000;
const [FROM, TO] = [Date.parse('2024-01-01T00:00:00Z'), Date.parse('2027-01-01T00:00:00Z')];

/** Spread over three years, and around the clock changes of 2026: of Berlin, Santiago, Lord Howe and Casablanca. */
const INSTANTS = [
  ...Array.from({ length: 400 }, (_, n) => FROM + n * 236_527_913),
  ...[
    '2026-03-29T01:00',
    '2026-10-25T01:00',
    '2026-09-06T04:00',
    '2026-04-04T15:00',
    '2026-10-03T15:30',
    '2026-02-15T02:00',
  ].flatMap(change => Array.from({ length: 41 }, (_, n) => Date.parse(`${change}:00Z`) + (n - 20) * 7 * MINUTE_MS - 1)),
];

/** The first minute with the same hour on the clock, and the same clocks. */
function hourOf(instant: number, zone: string): number {
  const shown = (at: number) => DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH ZZ');
  let at = Math.floor(instant / MINUTE_MS) * MINUTE_MS;
  while (shown(at - MINUTE_MS) === shown(instant)) at -= MINUTE_MS;
  return at;
}

const asSql = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

describe.each(engines)('days and hours of a zone, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await db
      .database('astcdr')
      .insert(
        INSTANTS.map((at, n) => ({ uniqueid: `s-${n}`, accountcode: 'alice', node: 's', start_at: new Date(at) })),
      );
  });
  afterAll(() => db.drop());

  test.each([
    ['UTC', 'no change'],
    ['Europe/Berlin', 'an hour, at whole hours'],
    ['America/Santiago', 'at midnight: a day without a first hour'],
    ['Asia/Kolkata', 'half an hour from UTC'],
    ['Asia/Kathmandu', 'three quarters'],
    ['Australia/Lord_Howe', 'clocks change by half an hour'],
    ['Africa/Casablanca', 'back for a month, and its usual time is the later one'],
  ])('%s: %s', async zone => {
    const time = new ZonedTime(zone, { from: FROM, to: TO });
    const rows = await db
      .database('astcdr')
      .select('start_at')
      .select(db.database.raw(`CAST(${time.hour('start_at')} AS CHAR) AS hour, ${time.day('start_at')} AS day`));
    expect(rows).toHaveLength(INSTANTS.length);
    const wanted = rows.map(({ start_at: at }) => ({
      start_at: at,
      hour: asSql(hourOf(at.getTime(), zone)),
      day: DateTime.fromJSDate(at, { zone }).toISODate(),
    }));
    expect(rows.map(row => ({ ...row, hour: String(row.hour).slice(0, 19) }))).toEqual(wanted);
  });
});
