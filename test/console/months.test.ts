/** Months of the customer's time zone, compared with those of luxon. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { boundsOf, isMonth, monthAt, monthName, monthsOn } from '../../console/src/parts/statement/month';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
];
const month = fc
  .tuple(fc.integer({ min: 1990, max: 2040 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, number]) => `${year}-${String(number).padStart(2, '0')}`);

test('a month begins and ends where the calendar of its zone says', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), month, (zone, of) => {
      const begins = DateTime.fromISO(`${of}-01T00:00:00`, { zone });
      expect(boundsOf(of, zone)).toEqual({
        from: begins.startOf('month').toMillis(),
        to: begins.plus({ months: 1 }).startOf('month').toMillis(),
      });
    }),
  );
});

test('an instant is in the month between whose bounds it is', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) }),
      (zone, instant) => {
        const { from, to } = boundsOf(monthAt(instant, zone), zone);
        expect(from <= instant && instant < to).toBe(true);
      },
    ),
  );
});

test('Berlin: November 2026 begins at 23:00 UTC, and October, in which the clocks go back, has 745 hours', () => {
  expect(new Date(boundsOf('2026-11', 'Europe/Berlin').from).toISOString()).toBe('2026-10-31T23:00:00.000Z');
  const { from, to } = boundsOf('2026-10', 'Europe/Berlin');
  expect((to - from) / 3_600_000).toBe(745);
});

test.each([
  // The clocks went forward at 03:00 there, which is 00:00 UTC: midnight still had the other offset.
  ['2000-04', 'Asia/Baghdad', '2000-03-31T21:00:00.000Z'],
  // They went forward at midnight: the month began with 01:00.
  ['1999-07', 'Asia/Amman', '1999-06-30T22:00:00.000Z'],
  ['2023-10', 'America/Asuncion', '2023-10-01T04:00:00.000Z'],
  // Midnight comes twice: the month begins with the first one.
  ['2026-11', 'America/Havana', '2026-11-01T04:00:00.000Z'],
])('%s in %s begins at %s', (of, zone, begins) => {
  expect(new Date(boundsOf(of, zone).from).toISOString()).toBe(begins);
});

test('months are counted over the year', () => {
  expect([monthsOn('2026-12', 1), monthsOn('2026-01', -1), monthsOn('2026-11', 0)]).toEqual([
    '2027-01',
    '2025-12',
    '2026-11',
  ]);
  expect([monthName('2026-03', 'en'), monthName('2026-03', 'de')]).toEqual(['March 2026', 'März 2026']);
});

test.each(['2026-13', '2026-00', '2026-1', '0026-01', '2026-01-01', '', '2026-01 '])('%j is no month', text => {
  expect(isMonth(text)).toBe(false);
});
