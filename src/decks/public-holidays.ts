/**
 * Public holidays of some countries by their laws, as days of any year. Pure: nothing is fetched, and what a law changes is changed here.
 *
 * Those of the whole country alone; `DE-BY` and the like add those of a German Land. What a law moves from a weekend to a weekday is on the day
 * on which offices are closed. One-time holidays, such as a coronation, are added by hand ("holiday set", "holiday import").
 */

export interface Holiday {
  /** `2026-12-25`. */
  day: string;
  name: string;
}

const MS_A_DAY = 86_400_000;

const dateOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day);
const textOf = (date: number): string => new Date(date).toISOString().slice(0, 10);
/** 0 is Sunday. */
const weekdayOf = (date: number): number => new Date(date).getUTCDay();
const later = (date: number, days: number): number => date + days * MS_A_DAY;

/** Easter Sunday of the Gregorian calendar: J. Meeus, Astronomical Algorithms, chapter 8. */
function easterOf(year: number): number {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const [d, e] = [Math.floor(b / 4), b % 4];
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const [i, k] = [Math.floor(c / 4), c % 4];
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return dateOf(year, Math.floor(sum / 31), (sum % 31) + 1);
}

type Rule = (year: number) => number;

const on =
  (month: number, day: number): Rule =>
  year =>
    dateOf(year, month, day);
/** So many days after Easter Sunday. */
const easter =
  (days: number): Rule =>
  year =>
    later(easterOf(year), days);
/** The nth such weekday of a month. */
const nth =
  (place: number, weekday: number, month: number): Rule =>
  year => {
    const first = dateOf(year, month, 1);
    return later(first, ((weekday - weekdayOf(first) + 7) % 7) + (place - 1) * 7);
  };
/** The last such weekday of a month. */
const lastOf =
  (weekday: number, month: number): Rule =>
  year => {
    const last = later(dateOf(year, month + 1, 1), -1);
    return later(last, -((weekdayOf(last) - weekday + 7) % 7));
  };
/** Saturday to Friday, Sunday to Monday: 5 U.S.C. 6103(b) and Executive Order 11582. */
const observed =
  (rule: Rule): Rule =>
  year => {
    const date = rule(year);
    return later(date, weekdayOf(date) === 6 ? -1 : weekdayOf(date) === 0 ? 1 : 0);
  };
/** The next Monday, where it is on a weekend. */
const orMonday =
  (rule: Rule): Rule =>
  year => {
    const date = rule(year);
    return later(date, weekdayOf(date) === 6 ? 2 : weekdayOf(date) === 0 ? 1 : 0);
  };

type Rules = readonly (readonly [name: string, rule: Rule])[];

const [GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI] = [-2, 1, 39, 50, 60].map(easter) as [
  Rule,
  Rule,
  Rule,
  Rule,
  Rule,
];

const GERMANY: Rules = [
  ['Neujahr', on(1, 1)],
  ['Karfreitag', GOOD_FRIDAY],
  ['Ostermontag', EASTER_MONDAY],
  ['Tag der Arbeit', on(5, 1)],
  ['Christi Himmelfahrt', ASCENSION],
  ['Pfingstmontag', WHIT_MONDAY],
  ['Tag der Deutschen Einheit', on(10, 3)],
  ['Erster Weihnachtstag', on(12, 25)],
  ['Zweiter Weihnachtstag', on(12, 26)],
];

const EPIPHANY = ['Heilige Drei Könige', on(1, 6)] as const;
const WOMENS_DAY = ['Internationaler Frauentag', on(3, 8)] as const;
const FRONLEICHNAM = ['Fronleichnam', CORPUS_CHRISTI] as const;
const ASSUMPTION = ['Mariä Himmelfahrt', on(8, 15)] as const;
const REFORMATION = ['Reformationstag', on(10, 31)] as const;
const ALL_SAINTS = ['Allerheiligen', on(11, 1)] as const;
/** The Wednesday before November 23. */
const REPENTANCE = [
  'Buß- und Bettag',
  (year: number) => {
    const date = dateOf(year, 11, 22);
    return later(date, -((weekdayOf(date) - 3 + 7) % 7));
  },
] as const;

const inGermany = (...more: Rules): Rules => [...GERMANY, ...more];

/** By ISO 3166: a country, or a part of one. */
const RULES = {
  AT: [
    ['Neujahr', on(1, 1)],
    EPIPHANY,
    ['Ostermontag', EASTER_MONDAY],
    ['Staatsfeiertag', on(5, 1)],
    ['Christi Himmelfahrt', ASCENSION],
    ['Pfingstmontag', WHIT_MONDAY],
    FRONLEICHNAM,
    ASSUMPTION,
    ['Nationalfeiertag', on(10, 26)],
    ALL_SAINTS,
    ['Mariä Empfängnis', on(12, 8)],
    ['Christtag', on(12, 25)],
    ['Stefanitag', on(12, 26)],
  ],
  DE: GERMANY,
  'DE-BB': inGermany(['Ostersonntag', easter(0)], ['Pfingstsonntag', easter(49)], REFORMATION),
  'DE-BE': inGermany(WOMENS_DAY),
  'DE-BW': inGermany(EPIPHANY, FRONLEICHNAM, ALL_SAINTS),
  'DE-BY': inGermany(EPIPHANY, FRONLEICHNAM, ALL_SAINTS),
  'DE-HB': inGermany(REFORMATION),
  'DE-HE': inGermany(FRONLEICHNAM),
  'DE-HH': inGermany(REFORMATION),
  'DE-MV': inGermany(WOMENS_DAY, REFORMATION),
  'DE-NI': inGermany(REFORMATION),
  'DE-NW': inGermany(FRONLEICHNAM, ALL_SAINTS),
  'DE-RP': inGermany(FRONLEICHNAM, ALL_SAINTS),
  'DE-SH': inGermany(REFORMATION),
  'DE-SL': inGermany(FRONLEICHNAM, ASSUMPTION, ALL_SAINTS),
  'DE-SN': inGermany(REFORMATION, REPENTANCE),
  'DE-ST': inGermany(EPIPHANY, REFORMATION),
  'DE-TH': inGermany(['Weltkindertag', on(9, 20)], REFORMATION),
  FR: [
    ['Jour de l’An', on(1, 1)],
    ['Lundi de Pâques', EASTER_MONDAY],
    ['Fête du Travail', on(5, 1)],
    ['Victoire de 1945', on(5, 8)],
    ['Ascension', ASCENSION],
    ['Lundi de Pentecôte', WHIT_MONDAY],
    ['Fête nationale', on(7, 14)],
    ['Assomption', on(8, 15)],
    ['Toussaint', on(11, 1)],
    ['Armistice de 1918', on(11, 11)],
    ['Noël', on(12, 25)],
  ],
  'GB-ENG': [
    ['New Year’s Day', orMonday(on(1, 1))],
    ['Good Friday', GOOD_FRIDAY],
    ['Easter Monday', EASTER_MONDAY],
    ['Early May bank holiday', nth(1, 1, 5)],
    ['Spring bank holiday', lastOf(1, 5)],
    ['Summer bank holiday', lastOf(1, 8)],
    ['Christmas Day', christmasInEngland(25)],
    ['Boxing Day', christmasInEngland(26)],
  ],
  US: [
    ['New Year’s Day', observed(on(1, 1))],
    ['Birthday of Martin Luther King, Jr.', nth(3, 1, 1)],
    ['Washington’s Birthday', nth(3, 1, 2)],
    ['Memorial Day', lastOf(1, 5)],
    ['Juneteenth National Independence Day', observed(on(6, 19))],
    ['Independence Day', observed(on(7, 4))],
    ['Labor Day', nth(1, 1, 9)],
    ['Columbus Day', nth(2, 1, 10)],
    ['Veterans Day', observed(on(11, 11))],
    ['Thanksgiving Day', nth(4, 4, 11)],
    ['Christmas Day', observed(on(12, 25))],
  ],
} as const satisfies Record<string, Rules>;

/** December 25 and 26, each of a weekend two days later: so on Monday and Tuesday both. Banking and Financial Dealings Act 1971. */
function christmasInEngland(day: 25 | 26): Rule {
  return year => {
    const date = dateOf(year, 12, day);
    const isWeekend = weekdayOf(date) === 6 || weekdayOf(date) === 0;
    return isWeekend ? later(date, 2) : date;
  };
}

export type HolidayPlace = keyof typeof RULES;

export const HOLIDAY_PLACES = Object.keys(RULES) as HolidayPlace[];

/** The holidays of a country, or of a part of one, from the first to the last of these years, in the order of their days. */
export function publicHolidays(place: HolidayPlace, fromYear: number, untilYear: number): Holiday[] {
  const years = Array.from({ length: untilYear - fromYear + 1 }, (_, at) => fromYear + at);
  const rules: Rules = RULES[place];
  // A New Year's Day on a Saturday is observed in the year before.
  const all = [...years, untilYear + 1].flatMap(year =>
    rules.map(([name, rule]): Holiday => ({ day: textOf(rule(year)), name })),
  );
  const byDay = new Map<string, string[]>();
  for (const { day, name } of all) {
    const isWanted = Number(day.slice(0, 4)) >= fromYear && Number(day.slice(0, 4)) <= untilYear;
    if (isWanted) byDay.set(day, [...(byDay.get(day) ?? []), name]);
  }
  return [...byDay]
    .map(([day, names]) => ({ day, name: names.join(', ') }))
    .sort((one, other) => (one.day < other.day ? -1 : 1));
}
