/** What an operator may do with schedules, by which lines of price lists count, and with their holidays. */
import { type Static, Type } from 'typebox';
import { readHolidayFile } from '../decks/holiday-file';
import { HOLIDAY_PLACES, type HolidayPlace, publicHolidays } from '../decks/public-holidays';
import {
  fillHolidays,
  type HolidayView,
  importHolidays,
  listHolidays,
  listSchedules,
  removeHoliday,
  removeSchedule,
  type ScheduleView,
  scheduleNamed,
  setHoliday,
  setSchedule,
} from '../decks/schedule-store';
import { refuseIfInterrupted } from '../decks/write-version';
import { dayFact, factsOf, flagFact, orNull, textFact, wholeFact, wordFact } from '../operator/answer-schema';
import { dayField, hoursField, invalid, nameField, textField } from '../operator/fields';
import { fields, operation, optionalOf, PAGE, rowsOf } from '../operator/operation';
import { oneOf, orNone, textBy, whole } from '../operator/schema';
import { HOURS_HELP } from '../rating/schedule';

const schedule = textBy(nameField, { description: 'the schedule', unit: 'schedule', example: 'peak' });

const calendar = textBy(nameField, { description: 'the calendar of holidays', unit: 'calendar', example: 'germany' });

const SCHEDULE = factsOf('Schedule', {
  schedule: textFact('as price lists name it'),
  hours: textFact(HOURS_HELP),
  calendar: orNull(textFact('whose holidays are PH and no weekday; null for none')),
  priority: wholeFact('of two that hold at an instant the higher counts; of equal ones the first by name'),
  is_used: flagFact('whether a version of a deck names it: then it cannot be removed'),
});

const scheduleFacts = (view: ScheduleView): Static<typeof SCHEDULE> => ({
  schedule: view.schedule,
  hours: view.hours,
  calendar: view.calendar,
  priority: view.priority,
  is_used: view.isUsed,
});

const scheduleSet = operation({
  name: 'schedule set',
  help: 'add a schedule, or change what is given of it; calls that start from then on are priced by it',
  example: "schedule set peak --hours 'Mo-Fr 08:00-20:00' --calendar germany",
  roles: ['prices', 'admin'],
  fields: fields({
    schedule,
    ...optionalOf({
      hours: textBy(hoursField, { description: HOURS_HELP, unit: 'hours', example: 'Mo-Fr 08:00-20:00' }),
      calendar: orNone(calendar),
      priority: whole(0, 1_000, {
        description: 'of two that hold at an instant the higher counts; 0 if not given',
        unit: 'number',
        example: 1,
      }),
    }),
  }),
  arguments: ['schedule'],
  refusals: [],
  changes: 'at once',
  run: (acting, { schedule: name, ...settings }) => setSchedule(acting, name, settings),
  answer: { kind: 'record', schema: SCHEDULE, facts: scheduleFacts },
});

const scheduleRemove = operation({
  name: 'schedule remove',
  help: 'forget a schedule that no version of a deck names',
  example: 'schedule remove peak',
  roles: ['prices', 'admin'],
  fields: fields({ schedule }),
  arguments: ['schedule'],
  refusals: ['schedule_not_found', 'schedule_used'],
  changes: 'at once',
  run: (acting, input) => removeSchedule(acting, input.schedule),
  answer: {
    kind: 'record',
    schema: SCHEDULE,
    facts: scheduleFacts,
    says: view => `schedule ${view.schedule} is removed`,
  },
});

const scheduleShow = operation({
  name: 'schedule show',
  help: 'a schedule, its hours and its calendar',
  example: 'schedule show peak',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ schedule }),
  arguments: ['schedule'],
  refusals: ['schedule_not_found'],
  run: ({ database }, input) => scheduleNamed(database, input.schedule),
  answer: { kind: 'record', schema: SCHEDULE, facts: scheduleFacts },
});

const scheduleList = operation({
  name: 'schedule list',
  help: 'schedules in the order of their names',
  example: 'schedule list',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listSchedules(database, rowsOf(page)),
  answer: { kind: 'list', schema: SCHEDULE, facts: scheduleFacts, none: 'no schedule yet: see "schedule set --help"' },
});

const day = textBy(dayField, { description: 'the day on the wall', unit: 'day', example: '2026-12-25' });

const HOLIDAY = factsOf('Holiday', {
  calendar: textFact('the calendar that it is in'),
  day: dayFact('on the wall of an account'),
  name: textFact('for people'),
});

const holidayFacts = (view: HolidayView): Static<typeof HOLIDAY> => ({
  calendar: view.calendar,
  day: view.day,
  name: view.name,
});

const holidaySet = operation({
  name: 'holiday set',
  help: 'add a day to a calendar, or name it anew',
  example: 'holiday set germany 2026-12-24 --name Heiligabend',
  roles: ['prices', 'admin'],
  fields: fields({
    calendar,
    day,
    name: textBy((field, text) => textField(field, text, 100, 1), {
      description: 'its name, for people',
      unit: 'text',
      example: 'Heiligabend',
    }),
  }),
  arguments: ['calendar', 'day'],
  refusals: [],
  changes: 'at once',
  run: setHoliday,
  answer: { kind: 'record', schema: HOLIDAY, facts: holidayFacts },
});

const holidayRemove = operation({
  name: 'holiday remove',
  help: 'take a day out of a calendar',
  example: 'holiday remove germany 2026-12-24',
  roles: ['prices', 'admin'],
  fields: fields({ calendar, day }),
  arguments: ['calendar', 'day'],
  refusals: ['holiday_not_found'],
  changes: 'at once',
  run: removeHoliday,
  answer: {
    kind: 'record',
    schema: HOLIDAY,
    facts: holidayFacts,
    says: view => `${view.day} is no holiday of ${view.calendar} any more`,
  },
});

const year = (description: string) => whole(1900, 2999, { description, unit: 'year', example: 2026 });

const holidayList = operation({
  name: 'holiday list',
  help: 'holidays by calendar, in the order of their days',
  example: 'holiday list --calendar germany --year 2026',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ ...optionalOf({ calendar, year: year('only those of this year') }), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { calendar: of, year: in_year, ...page }) =>
    listHolidays(database, { calendar: of, year: in_year }, rowsOf(page)),
  answer: { kind: 'list', schema: HOLIDAY, facts: holidayFacts, none: 'no holiday: see "holiday fill --help"' },
});

/** Holidays that are filled in at once. */
const MOST_YEARS = 50;

const FILLED = factsOf('HolidaysFilled', {
  calendar: textFact(),
  country: wordFact(HOLIDAY_PLACES, 'the country, or a part of one, by ISO 3166'),
  from_year: wholeFact(),
  until_year: wholeFact(),
  added: wholeFact('days that the calendar had not yet; the others stay as they are named'),
});

const holidayFill = operation({
  name: 'holiday fill',
  help: 'add the public holidays of a country, by its laws as this version knows them, to a calendar; days that it has stay',
  example: 'holiday fill germany --country DE --from-year 2026 --until-year 2030',
  roles: ['prices', 'admin'],
  fields: fields({
    calendar,
    country: oneOf(HOLIDAY_PLACES, {
      description: 'the country, or a part of one, by ISO 3166',
      unit: 'country',
      example: 'DE',
    }),
    from_year: year('the first year'),
    until_year: Type.Optional(year(`the last year, at most ${MOST_YEARS - 1} later; the first if not given`)),
  }),
  arguments: ['calendar'],
  refusals: [],
  changes: 'at once',
  run: async (acting, { calendar: name, country, from_year, until_year = from_year }) => {
    refuseYears(from_year, until_year);
    const holidays = publicHolidays(country as HolidayPlace, from_year, until_year);
    const added = await fillHolidays(acting, name, holidays);
    return { calendar: name, country, from_year, until_year, added };
  },
  answer: { kind: 'record', schema: FILLED, facts: filled => filled },
});

const IMPORTED = factsOf('HolidaysImported', {
  calendar: textFact(),
  added: wholeFact('days that the calendar had not yet'),
  renamed: wholeFact('days that it had by another name'),
  unchanged: wholeFact('days that it had by the same name'),
});

const holidayImport = operation({
  name: 'holiday import',
  help: 'add the days of a file to a calendar, or name them anew; its other days stay; "-" reads standard input',
  example: 'holiday import germany holidays.csv',
  roles: ['prices', 'admin'],
  fields: fields({ calendar }),
  arguments: ['calendar'],
  refusals: ['file_invalid'],
  changes: 'in steps',
  takesFile: true,
  run: async (acting, { calendar: name }) => {
    const { file, onResult, signal } = acting;
    if (file === undefined) throw new Error('holiday import needs a file');
    const holidays = await readHolidayFile(file.input, name);
    refuseIfInterrupted(signal);
    return importHolidays(acting, { calendar: name, source: file.name, holidays }, onResult);
  },
  answer: {
    kind: 'record',
    schema: IMPORTED,
    facts: ({ calendar: name, added, renamed, unchanged }) => ({ calendar: name, added, renamed, unchanged }),
    says: ({ calendar: name, added, renamed, unchanged }) =>
      `${name}: ${added} days are new, ${renamed} have another name, ${unchanged} were there`,
  },
});

export const SCHEDULE_OPERATIONS = [
  scheduleSet,
  scheduleRemove,
  scheduleShow,
  scheduleList,
  holidaySet,
  holidayRemove,
  holidayList,
  holidayFill,
  holidayImport,
];

/** @throws Refused field_invalid */
function refuseYears(from: number, until: number): void {
  if (until >= from && until - from < MOST_YEARS) return;
  throw invalid('until_year', until, `is not from ${from} to ${from + MOST_YEARS - 1}: write the last year`);
}
