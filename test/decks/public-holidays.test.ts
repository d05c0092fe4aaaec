import { HOLIDAY_PLACES, type HolidayPlace, publicHolidays } from '../../src/decks/public-holidays';

const told = (place: HolidayPlace, year: number): string[] =>
  publicHolidays(place, year, year).map(({ day, name }) => `${day.slice(5)} ${name}`);

test('Germany, 2026', () => {
  expect(told('DE', 2026)).toEqual([
    '01-01 Neujahr',
    '04-03 Karfreitag',
    '04-06 Ostermontag',
    '05-01 Tag der Arbeit',
    '05-14 Christi Himmelfahrt',
    '05-25 Pfingstmontag',
    '10-03 Tag der Deutschen Einheit',
    '12-25 Erster Weihnachtstag',
    '12-26 Zweiter Weihnachtstag',
  ]);
});

test.each([
  [2024, '2024-04-01'],
  [2025, '2025-04-21'],
  [2026, '2026-04-06'],
  [2038, '2038-04-26'],
  [2285, '2285-03-23'],
])('Easter Monday of %d is %s', (year, day) => {
  expect(publicHolidays('DE', year, year)[2]?.day).toBe(day);
});

test.each([
  ['DE-SN', 2026, '11-18 Buß- und Bettag'],
  ['DE-SN', 2028, '11-22 Buß- und Bettag'],
  ['DE-BY', 2026, '06-04 Fronleichnam'],
  ['AT', 2026, '10-26 Nationalfeiertag'],
  ['FR', 2026, '05-14 Ascension'],
  ['GB-ENG', 2026, '12-28 Boxing Day'],
  ['GB-ENG', 2027, '12-27 Christmas Day'],
  ['GB-ENG', 2027, '12-28 Boxing Day'],
  ['GB-ENG', 2022, '12-27 Christmas Day'],
  ['GB-ENG', 2022, '12-26 Boxing Day'],
  ['GB-ENG', 2028, '01-03 New Year’s Day'],
  ['GB-ENG', 2026, '08-31 Summer bank holiday'],
  ['US', 2026, '07-03 Independence Day'],
  ['US', 2026, '11-26 Thanksgiving Day'],
  ['US', 2027, '12-24 Christmas Day'],
  ['US', 2027, '12-31 New Year’s Day'],
  ['US', 2026, '05-25 Memorial Day'],
] as const)('%s has in %d: %s', (place, year, holiday) => {
  expect(told(place, year)).toContain(holiday);
});

test('every place has its days of all years in order, each once', () => {
  for (const place of HOLIDAY_PLACES) {
    const days = publicHolidays(place, 2026, 2060).map(({ day }) => day);
    expect(days).toEqual([...new Set(days)].sort());
    expect(days.length).toBeGreaterThanOrEqual(35 * 8 - 1);
    expect([days[0]?.slice(0, 4), days.at(-1)?.slice(0, 4)]).toEqual(['2026', '2060']);
  }
});
