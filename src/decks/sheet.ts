/** How a carrier's sheets are read: what an operator may keep of it. Pure. */
import { invalid, textField } from '../operator/fields';

/** What a column of a sheet may mean, by name. `out`: it is left out. */
export const SHEET_MEANINGS = [
  'code',
  'countryCode',
  'name',
  'price',
  'secondPrice',
  'fee',
  'increments',
  'initial',
  'next',
  'minimum',
  'grace',
  'free',
  'steps',
  'longest',
  'from',
  'until',
  'change',
  'blocked',
  'removed',
  'out',
] as const;

export type SheetMeaning = (typeof SHEET_MEANINGS)[number];

export const SHEET_SEPARATORS = ['comma', 'semicolon', 'tab', 'bar'] as const;
export const SHEET_HYPHENS = ['range', 'pair'] as const;
export const SHEET_MARKS = ['point', 'comma'] as const;
export const SHEET_ORDERS = ['dmy', 'mdy'] as const;

/** How the sheets of a carrier are read. */
export interface SheetReading {
  /** In the order of the sheet; a name is empty where the sheet has none. */
  columns: readonly { name: string; meaning: SheetMeaning }[];
  separator: (typeof SHEET_SEPARATORS)[number];
  /** `60/1`, where the sheet has none; null if it has some. */
  increments: string | null;
  /** What `425-426` means; null where the sheet says it. */
  hyphen: (typeof SHEET_HYPHENS)[number] | null;
  /** The decimal mark; null where the sheet says it. */
  mark: (typeof SHEET_MARKS)[number] | null;
  /** In which order a day stands; null where the sheet says it. */
  order: (typeof SHEET_ORDERS)[number] | null;
}

const MOST_COLUMNS = 100;
const LONGEST_NAME = 100;

/** The names of a sheet's columns. @throws Refused field_invalid */
export function columnNamesField(names: readonly string[]): readonly string[] {
  const { length } = names;
  if (length === 0 || length > MOST_COLUMNS) {
    throw invalid('names', length, `is how many there are: name 1 to ${MOST_COLUMNS} columns`);
  }
  for (const name of names) textField('names', name, LONGEST_NAME);
  return names;
}

/** Increments such as `60/1`. @throws Refused field_invalid */
export function incrementsField(field: string, text: string): string {
  if (/^[1-9]\d{0,4}\/[1-9]\d{0,4}$/.test(text)) return text;
  throw invalid(field, text, 'are no increments: write seconds such as 60/1');
}

/** Each column with its meaning. @throws Refused field_invalid */
export function columnsOf(names: readonly string[], meanings: readonly SheetMeaning[]): SheetReading['columns'] {
  if (names.length !== meanings.length) {
    throw invalid(
      'meanings',
      meanings.length,
      `is how many there are: write one for each of the ${names.length} names`,
    );
  }
  return names.map((name, at) => ({ name, meaning: meanings[at] as SheetMeaning }));
}
