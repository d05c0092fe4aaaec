/** Rows of a report: sorted, summed, and made into what is drawn. Amounts stay exact. Pure. */

import { parseAmount } from '../../../../src/money/micros';
import type { ReportRow } from '../../api/operations';
import { shareOf, sumOf } from '../../parts/amounts';
import { instantOf } from '../../parts/times';
import { isSummed, kindOf, OTHERS_ROW, SECONDS_OF } from './catalogue';

export type Value = ReportRow[string];

/** In the order of the report, without seconds that stand there as minutes. */
export function columnsOf(rows: readonly ReportRow[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const hidden = columns.map(column => SECONDS_OF[column]);
  return columns.filter(column => !hidden.includes(column));
}

const EXACT = ['money', 'minutes', 'percent', 'seconds', 'count'];

/** Below 0 if `one` comes before `other`. */
function compare(column: string, one: Value, other: Value): number {
  if (EXACT.includes(kindOf(column) ?? '')) {
    const [a, b] = [parseAmount(String(one)), parseAmount(String(other))];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other));
}

/** Sorted by a column; `isDown`: the largest first. Rows without a value come last either way, and equal ones stay in their order. */
export function sorted(rows: readonly ReportRow[], column: string, isDown: boolean): ReportRow[] {
  const cellOf = (row: ReportRow): Value => row[column] ?? null;
  const [without, having] = [rows.filter(row => cellOf(row) === null), rows.filter(row => cellOf(row) !== null)];
  const inOrder = having.toSorted((one, other) => {
    const order = compare(column, cellOf(one), cellOf(other));
    return isDown ? -order : order;
  });
  return [...inOrder, ...without];
}

/** The sums of the columns that can be summed: of each currency, in the order of the rows; '' where the report names none. */
export function sumsOf(rows: readonly ReportRow[]): { currency: string; sums: ReadonlyMap<string, string> }[] {
  const columns = columnsOf(rows);
  // Amounts of different currencies have no sum, and without that column nothing says which they are.
  const isPriced = columns.includes('currency');
  const summed = columns.filter(column => isSummed(column) && (isPriced || kindOf(column) !== 'money'));
  if (summed.length === 0) return [];
  return [...groupedBy(rows, row => String(row.currency ?? ''))].map(([currency, some]) => ({
    currency,
    sums: new Map(summed.flatMap(column => sumOfColumn(some, column))),
  }));
}

/** Its sum; nothing where no row has a value. Of minutes the seconds are summed, and rounded then. */
function sumOfColumn(rows: readonly ReportRow[], column: string): [string, string][] {
  const seconds = SECONDS_OF[column];
  const isExact = seconds !== undefined && rows.every(row => row[seconds] !== undefined);
  const values = rows
    .map(row => row[isExact ? seconds : column])
    .filter(value => value !== null && value !== undefined);
  if (values.length === 0) return [];
  return [[column, isExact ? minutesOf(values.map(value => BigInt(value))) : sumOf(...values.map(String))]];
}

/** Minutes with two decimals, half a hundredth up, as the reports round them. */
function minutesOf(seconds: readonly bigint[]): string {
  const hundredths = (seconds.reduce((sum, each) => sum + each, 0n) * 100n + 30n) / 60n;
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
}

function groupedBy(rows: readonly ReportRow[], keyOf: (row: ReportRow) => string): Map<string, ReportRow[]> {
  const groups = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

export interface Bar {
  name: string;
  value: string;
  /** Of the longest one, from 0 to 1. */
  share: number;
  isBelow: boolean;
}

export interface Ranking {
  /** '' for what is no money. */
  currency: string;
  bars: Bar[];
  /** How many more there are, and what they come to; null if that has no sum. */
  rest: { count: number; sum: string | null };
}

const isRatio = (column: string): boolean => column === 'asr_percent' || column === 'acd_seconds';

/**
 * The largest by a column, one ranking for each currency. Of a ratio it is those with the most calls, whose order is the report's: 100 % of one call
 * is no place to be first. Where there are more than `most`, up to half of the places are for the worst of those below zero: a loss needs somebody.
 */
export function rankingsOf(rows: readonly ReportRow[], measure: string, nameIn: string, most: number): Ranking[] {
  // All others together are no place in a ranking.
  const named = rows.filter(row => row[nameIn] !== OTHERS_ROW);
  const having = named.filter(row => row[measure] !== null && row[measure] !== undefined);
  return [...groupedBy(having, row => (columnsOf(rows).includes('currency') ? String(row.currency) : ''))]
    .map(([currency, some]) => {
      const inOrder = isRatio(measure) ? some : sorted(some, measure, true);
      const losses = isRatio(measure) ? 0 : inOrder.filter(row => String(row[measure]).startsWith('-')).length;
      const last = Math.min(losses, Math.floor(most / 2), Math.max(0, inOrder.length - most));
      const others = inOrder.slice(most - last, inOrder.length - last);
      const shown = [...inOrder.slice(0, most - last), ...inOrder.slice(inOrder.length - last)].slice(0, most);
      const sizes = shown.map(row => sizeOf(String(row[measure])));
      const top = measure === 'asr_percent' ? '100' : largest(sizes);
      return {
        currency,
        bars: shown.map((row, index) => ({
          name: String(row[nameIn]),
          value: String(row[measure]),
          share: shareOf(sizes[index] ?? '0', top),
          isBelow: String(row[measure]).startsWith('-'),
        })),
        rest: {
          count: others.length,
          sum: isSummed(measure) ? (sumOfColumn(others, measure)[0]?.[1] ?? null) : null,
        },
      };
    })
    .filter(({ bars }) => bars.some(({ share }) => share > 0));
}

const sizeOf = (value: string): string => value.replace(/^-/, '');
const largest = (values: readonly string[]): string =>
  values.reduce((top, value) => (parseAmount(value) > parseAmount(top) ? value : top), '0');

export interface Point {
  /** ms since 1970. */
  at: number;
  /** null where there is nothing: no call has no duration. */
  value: string | null;
}

export interface Series {
  currency: string;
  points: Point[];
}

/** A day is one of the reader's zone, and stands where it begins there. */
const placeOf = (over: 'hour' | 'minute' | 'day', text: string): number =>
  over === 'day' ? new Date(`${text}T00:00:00`).getTime() : instantOf(text);

/**
 * A column over time, for each currency: all times between the first row and the last one, and from `from` if it is given (ms since 1970). A time
 * without a row has nothing: 0 of what is counted. `isCut`: there are older rows that are not among these, so the oldest time is left out.
 */
export function seriesOf(
  rows: readonly ReportRow[],
  { measure, over, from, isCut }: { measure: string; over: 'hour' | 'minute' | 'day'; from?: number; isCut: boolean },
): Series[] {
  const isPriced = columnsOf(rows).includes('currency') && kindOf(measure) === 'money';
  const places = rows.map(row => placeOf(over, String(row[over]))).sort((one, other) => one - other);
  const oldest = places[0] ?? 0;
  const begin = isCut ? next(over, oldest) : Math.min(oldest, firstOf(over, from ?? oldest));
  const all = [...timesOf(over, begin, places)];
  const empty = isRatio(measure) ? null : '0';
  return [...groupedBy(rows, row => (isPriced ? String(row.currency ?? '') : ''))]
    .filter(([currency]) => !isPriced || currency !== '')
    .map(([currency, some]) => {
      const byPlace = groupedBy(some, row => String(placeOf(over, String(row[over]))));
      const points: Point[] = [];
      for (const at of all) {
        const there = byPlace.get(String(at)) ?? [];
        const [[, value] = [measure, empty] as const] = isRatio(measure)
          ? there.map(row => [measure, row[measure] === null ? null : String(row[measure])] as const)
          : sumOfColumn(there, measure);
        points.push({ at, value });
      }
      return { currency, points };
    })
    .filter(({ points }) => points.some(({ value }) => value !== null && !/^[0.]*$/.test(value)));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The first whole hour of the reader's zone, whole minute, or day from then on. */
function firstOf(over: 'hour' | 'minute' | 'day', at: number): number {
  if (over === 'day') return at;
  const minutes = over === 'hour' ? new Date(at).getMinutes() : 0;
  const past = minutes * MINUTE_MS + (at % MINUTE_MS);
  return past === 0 ? at : at - past + (over === 'hour' ? HOUR_MS : MINUTE_MS);
}

/** Every time from `begin` to the last of these, which are in order. Where clocks change by half an hour an hour is shorter: then one of these is next. */
function* timesOf(over: 'hour' | 'minute' | 'day', begin: number, places: readonly number[]): Generator<number> {
  const end = places.at(-1) ?? begin;
  for (let [at, place] = [begin, 0]; at <= end; ) {
    yield at;
    while ((places[place] ?? Infinity) <= at) place += 1;
    at = Math.min(next(over, at), places[place] ?? Infinity);
  }
}

function next(over: 'hour' | 'minute' | 'day', at: number): number {
  if (over !== 'day') return at + (over === 'hour' ? HOUR_MS : MINUTE_MS);
  const day = new Date(at);
  // Where clocks change at midnight, a day begins at one o'clock: the next one does not.
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}
