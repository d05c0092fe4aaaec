/**
 * Each field that an operator may set on an account: its check and help, its column, and how it is shown. A new field that decides nothing
 * is added here and in a migration. A field that decides something is also added where the decision reads it (credit/).
 */
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import type { Row } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { amountFact, instantFact, listFact, orNull, textFact, wholeFact, wordFact } from '../operator/answer-schema';
import {
  amountField,
  amountNotBelowZero,
  announceField,
  barredPrefixesField,
  instantField,
  nameField,
  textField,
  timeZoneField,
  warnSecondsField,
  warnSoundField,
} from '../operator/fields';
import { amount, amountFromZero, instant, listField, oneOf, orNone, textBy, whole } from '../operator/schema';

const A_DAY_SECONDS = 86_400;
const A_YEAR_SECONDS = 31_536_000;

export const ACCOUNT_SCHEMAS = {
  name: textBy((field, text) => textField(field, text, 100), {
    description: "the customer's name, for people",
    unit: 'name',
    example: 'Alice Ltd',
  }),
  deck: textBy(nameField, {
    description: 'the deck that its calls are rated with, in its currency',
    unit: 'deck',
    example: 'retail',
  }),
  credit_limit: amountFromZero({
    description: 'how far below zero calls may take the balance',
    unit: 'amount',
    example: '5.00',
  }),
  max_channels: orNone(
    whole(1, 1_000_000, { description: 'most calls at once, ringing ones counted', unit: 'calls', example: 2 }),
  ),
  max_call_seconds: orNone(
    whole(1, A_DAY_SECONDS, {
      description: "longest call; none for the service's own limit",
      unit: 'seconds',
      example: 3_600,
    }),
  ),
  barred_prefixes: orNone(
    listField<string>(Type.String(), barredPrefixesField, {
      description: 'digits it may not dial, separated by commas',
      unit: 'prefixes',
      example: ['900', '4190'],
    }),
  ),
  expires_at: orNone(
    instant({
      description: 'no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ)',
      unit: 'time',
      example: '2026-12-31T18:00:00Z',
    }),
  ),
  time_zone: textBy((_, text) => timeZoneField(text), {
    description: 'decides on which day a rate is valid, such as Europe/Berlin',
    unit: 'zone',
    example: 'Europe/Berlin',
  }),
  mode: oneOf(['strict', 'shared'], {
    description: 'strict: a call reserves its longest talk; shared: a slice at a time',
    unit: 'mode',
    example: 'shared',
  }),
  // A call extends its slice before the slice runs out. With shorter slices the service would do nothing else.
  slice_seconds: whole(10, 3_600, {
    description: 'talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set',
    unit: 'seconds',
    example: 60,
  }),
  max_time: orNone(
    whole(1, A_YEAR_SECONDS, {
      description: 'most talk of all calls that overlap, together',
      unit: 'seconds',
      example: 7_200,
    }),
  ),
  max_calls_per_second: orNone(
    whole(1, 10_000, { description: 'most calls that start in one second', unit: 'calls', example: 5 }),
  ),
  warn_seconds: orNone(
    listField<number>(whole(5, 3_600, { description: 'before the cut', unit: 'seconds' }), warnSecondsField, {
      description: 'when the caller is warned before the cut, such as 60,20',
      unit: 'seconds',
      example: [60, 20],
    }),
  ),
  warn_repeat_seconds: orNone(
    whole(5, 3_600, {
      description: 'after the first warning, one more every so many seconds',
      unit: 'seconds',
      example: 30,
    }),
  ),
  warn_sound: textBy((_, text) => warnSoundField(text), {
    description: "say (the time left) or a sound such as sound:beep; default for the service's own",
    unit: 'sound',
    example: 'sound:beep',
  }),
  announce: orNone(
    listField<string>(Type.String(), announceField, {
      description: 'what the caller hears before the call: balance, time or balance,time',
      unit: 'what',
      example: ['balance', 'time'],
    }),
  ),
  low_balance: orNone(
    amount({ description: 'an event tells when the balance is below', unit: 'amount', example: '2.00' }),
  ),
  max_spend_hour: orNone(
    amountFromZero({
      description: 'the most that its calls are charged, and hold, in an hour of its time zone',
      unit: 'amount',
      example: '10.00',
    }),
  ),
  max_spend_day: orNone(
    amountFromZero({
      description: 'the most that its calls are charged, and hold, in a day of its time zone',
      unit: 'amount',
      example: '50.00',
    }),
  ),
  max_spend_month: orNone(
    amountFromZero({
      description: 'the most that its calls are charged, and hold, in a calendar month of its time zone',
      unit: 'amount',
      example: '500.00',
    }),
  ),
  spend_limit_action: oneOf(['refuse', 'block'], {
    description:
      'what a call over such a limit meets: refuse refuses it; block blocks the account too, and ends its calls',
    unit: 'action',
    example: 'block',
  }),
  max_call_cost: orNone(
    amountFromZero({
      description: 'the most that one call may cost: longer ones are cut',
      unit: 'amount',
      example: '5.00',
    }),
  ),
  max_price_per_minute: orNone(
    amountFromZero({ description: 'no call starts at a higher price per minute', unit: 'amount', example: '0.50' }),
  ),
} as const;

/** What an operator may set, by the names of the columns. null removes a limit. */
export type AccountSettings = { [Name in keyof typeof ACCOUNT_SCHEMAS]?: Static<(typeof ACCOUNT_SCHEMAS)[Name]> };

type ColumnValue = string | number | Date | null;

/** The same as they are shown. An unset limit is shown as null. */
export const SETTING_FACTS = {
  name: textFact("the customer's name, for people; empty where it was not set"),
  deck: textFact('the rate deck of its calls'),
  credit_limit: amountFact('how far below zero calls may take the balance'),
  max_channels: orNull(wholeFact('most calls at once, ringing ones counted; null for no limit')),
  max_call_seconds: orNull(wholeFact("longest call; null for the service's own limit")),
  barred_prefixes: listFact(textFact(), 'digits that dialled numbers may not begin with'),
  expires_at: orNull(instantFact('no call starts from then on; null for never')),
  time_zone: textFact('IANA name; decides on which day a rate is valid'),
  mode: wordFact(['strict', 'shared'], 'strict: a call reserves its longest talk; shared: a slice at a time'),
  slice_seconds: wholeFact('talk that a call of mode shared reserves at a time'),
  max_time: orNull(wholeFact('most talk of all calls that overlap, together; seconds, null for no limit')),
  max_calls_per_second: orNull(wholeFact('most calls that start in one second; null for no limit')),
  warn_seconds: listFact(textFact(), 'how long before the cut the caller is warned'),
  warn_repeat_seconds: orNull(wholeFact('after the first warning, one more every so many seconds; null for none')),
  warn_sound: textFact("what the warned caller hears; empty for the service's own"),
  announce: listFact(textFact(), 'what the caller hears before the call: balance, time'),
  low_balance: orNull(amountFact('an event tells when the balance is below; null for never')),
  max_spend_hour: orNull(amountFact('the most that its calls are charged, and hold, in an hour; null for no limit')),
  max_spend_day: orNull(amountFact('the same in a day of its time zone; null for no limit')),
  max_spend_month: orNull(amountFact('the same in a calendar month of its time zone; null for no limit')),
  spend_limit_action: wordFact(
    ['refuse', 'block'],
    'block: a call over such a limit blocks the account, and its calls are ended',
  ),
  max_call_cost: orNull(amountFact('the most that one call may cost; null for no limit')),
  max_price_per_minute: orNull(amountFact('no call starts at a higher price per minute; null for no limit')),
} as const satisfies Record<keyof AccountSettings, TSchema>;

export type ShownSettings = Static<TObject<typeof SETTING_FACTS>>;

/** An amount of 0 or more, or no limit. */
const amountLimit = (name: string) => ({
  write: (value: string | null): ColumnValue => (value === null ? null : decimalOf(amountNotBelowZero(name, value))),
  show: (row: Row) => (row[name] === null ? null : amountOf(row[name])),
});

/** How a field is written into its column, and how it is shown. Some columns hold 0 for a limit that is not set. */
const COLUMNS: {
  [Name in keyof Required<AccountSettings>]: {
    write(value: NonNullable<AccountSettings[Name]> | null): ColumnValue;
    show(row: Row): ShownSettings[Name];
  };
} = {
  name: { write: value => value, show: row => row.name },
  deck: { write: value => value, show: row => row.deck },
  credit_limit: {
    write: value => decimalOf(amountNotBelowZero('credit_limit', value ?? '0')),
    show: row => amountOf(row.credit_limit),
  },
  max_channels: { write: value => value ?? 0, show: row => row.max_channels || null },
  max_call_seconds: { write: value => value, show: row => row.max_call_seconds },
  barred_prefixes: { write: value => barredPrefixesField(value ?? []), show: row => wordsIn(row.barred_prefixes) },
  expires_at: {
    write: value => (value === null ? null : instantField('expires_at', Date.parse(value))),
    show: row => row.expires_at,
  },
  time_zone: { write: value => value, show: row => row.time_zone },
  mode: { write: value => value, show: row => row.mode },
  slice_seconds: { write: value => value, show: row => row.slice_seconds },
  max_time: { write: value => value, show: row => row.max_time },
  max_calls_per_second: { write: value => value ?? 0, show: row => row.max_calls_per_second || null },
  warn_seconds: { write: value => warnSecondsField(value ?? []), show: row => wordsIn(row.warn_seconds) },
  warn_repeat_seconds: { write: value => value ?? 0, show: row => row.warn_repeat_seconds || null },
  warn_sound: { write: value => warnSoundField(value ?? ''), show: row => row.warn_sound },
  announce: { write: value => announceField(value ?? []), show: row => wordsIn(row.announce) },
  low_balance: {
    write: value => (value === null ? null : decimalOf(amountField('low_balance', value))),
    show: row => (row.low_balance === null ? null : amountOf(row.low_balance)),
  },
  max_spend_hour: amountLimit('max_spend_hour'),
  max_spend_day: amountLimit('max_spend_day'),
  max_spend_month: amountLimit('max_spend_month'),
  spend_limit_action: { write: value => value, show: row => row.spend_limit_action },
  max_call_cost: amountLimit('max_call_cost'),
  max_price_per_minute: amountLimit('max_price_per_minute'),
};

const NAMES = Object.keys(COLUMNS) as (keyof AccountSettings)[];

const wordsIn = (text: string): string[] => (text ? text.split(',') : []);

/** The columns of the given settings. @throws Refused field_invalid if a value cannot be written. */
export function columnsOf(settings: AccountSettings): Record<string, ColumnValue> {
  const given = NAMES.filter(name => settings[name] !== undefined);
  return Object.fromEntries(
    given.map(name => [name, (COLUMNS[name].write as (value: unknown) => ColumnValue)(settings[name])]),
  );
}

/** All settings of an account, as they are shown. */
export const settingsIn = (row: Row): ShownSettings =>
  Object.fromEntries(NAMES.map(name => [name, COLUMNS[name].show(row)])) as ShownSettings;
