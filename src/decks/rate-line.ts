import { decimalOf } from '../database/values';
import { AmountError, parseAmount, ZERO } from '../money/micros';
import { isDay } from '../operator/fields';
import { parseSteps, StepError, stepsText } from '../rating/steps';

/** The columns of a rate file; the first six are required. */
export const REQUIRED_COLUMNS = [
  'prefix',
  'destination',
  'price_per_minute',
  'connect_fee',
  'initial_increment',
  'increment',
] as const;
export const OPTIONAL_COLUMNS = [
  'minimum_charge',
  'grace_seconds',
  'max_seconds',
  'valid_from',
  'valid_until',
  'blocked',
  'free_seconds',
  'steps',
  'removed',
] as const;

export type RateColumn = (typeof REQUIRED_COLUMNS)[number] | (typeof OPTIONAL_COLUMNS)[number];

/** The position of each column in a line; -1 for a missing optional one. */
export type Layout = Record<RateColumn, number>;

/** One line of a rate file, checked, in the form of astrate: amounts as decimals. */
export interface RateLine {
  line: number;
  prefix: string;
  destination: string;
  isBlocked: boolean;
  pricePerMinute: string;
  connectFee: string;
  minimumCharge: string;
  initialIncrementSeconds: number;
  incrementSeconds: number;
  graceSeconds: number;
  freeSeconds: number;
  /** In the form of the column: `180:0.05/6`. */
  steps: string;
  maxSeconds: number | null;
  validFrom: string | null;
  validUntil: string | null;
  /** It is no rate: from its first day on its prefix has none. */
  isRemoved: boolean;
}

/** Says what is wrong with a line: its number, the field, the value and what to do. */
export interface BadLine {
  line: number;
  problem: string;
}

/** The header as a layout, or what is wrong with it: every unknown, repeated and missing column. */
export function layoutOf(header: string[]): { layout: Layout } | { problems: string[] } {
  const known = [...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS] as const;
  const problems: string[] = [];
  if (header.length === 1 && /[;\t|]/.test(header[0] ?? '')) {
    return { problems: [`${shown(header[0])} is one column: separate the columns with commas`] };
  }
  header.forEach((name, index) => {
    if (!(known as readonly string[]).includes(name)) {
      problems.push(`column ${shown(name)} is unknown: the columns are ${known.join(', ')}`);
    } else if (header.indexOf(name) !== index) {
      problems.push(`column ${name} is there twice: leave one out`);
    }
  });
  for (const name of REQUIRED_COLUMNS) {
    if (!header.includes(name)) problems.push(`column ${name} is missing: add it`);
  }
  if (problems.length > 0) return { problems };
  return { layout: Object.fromEntries(known.map(name => [name, header.indexOf(name)])) as Layout };
}

/** Longest block, grace and call: a day. */
const MOST_SECONDS = 86_400;

/** Checks the lines of one file. Keeps prices that it has seen, because a deck repeats few prices and may have a million lines. */
export class RateLineReader {
  private readonly decimals = new Map<string, string>();

  constructor(
    private readonly layout: Layout,
    private readonly width: number,
  ) {}

  /** The line, or everything that is wrong with it. A single line cannot show whether its prefix is there twice. */
  read(line: number, cells: string[]): RateLine | BadLine[] {
    if (cells.length !== this.width) {
      return [{ line, problem: `${cells.length} cells, the header has ${this.width}: make them equal, quote commas` }];
    }
    const problems: string[] = [];
    const cell = (column: RateColumn): string => cells[this.layout[column]] ?? '';
    const isBlocked = yesOf('blocked', cell('blocked'), problems);
    const isRemoved = yesOf('removed', cell('removed'), problems);
    /** A line by which no call is priced need not have a price. */
    const priced = (column: RateColumn, without: string): string =>
      cell(column) || (isBlocked || isRemoved ? without : '');
    const freeSeconds = secondsOf('free_seconds', cell('free_seconds') || '0', 0, problems);
    const rate: RateLine = {
      line,
      prefix: prefixOf(cell('prefix'), problems),
      destination: destinationOf(cell('destination'), problems),
      isBlocked,
      pricePerMinute: this.amount('price_per_minute', priced('price_per_minute', '0'), problems),
      connectFee: this.amount('connect_fee', priced('connect_fee', '0'), problems),
      minimumCharge: this.amount('minimum_charge', cell('minimum_charge') || '0', problems),
      initialIncrementSeconds: secondsOf('initial_increment', priced('initial_increment', '1'), 1, problems),
      incrementSeconds: secondsOf('increment', priced('increment', '1'), 1, problems),
      graceSeconds: secondsOf('grace_seconds', cell('grace_seconds') || '0', 0, problems),
      freeSeconds,
      steps: stepsIn(cell('steps'), freeSeconds, problems),
      maxSeconds: cell('max_seconds') === '' ? null : secondsOf('max_seconds', cell('max_seconds'), 1, problems),
      validFrom: dayOf('valid_from', cell('valid_from'), problems),
      validUntil: dayOf('valid_until', cell('valid_until'), problems),
      isRemoved,
    };
    if (isRemoved && isBlocked)
      problems.push('removed and blocked are both yes: a prefix without a price is not blocked');
    if (isRemoved && rate.validUntil !== null) {
      problems.push(
        `valid_until ${rate.validUntil} is of a line that removes its prefix: leave it out, valid_from is the day`,
      );
    }
    if (rate.validFrom !== null && rate.validUntil !== null && rate.validFrom > rate.validUntil) {
      problems.push(`valid_from ${rate.validFrom} is after valid_until ${rate.validUntil}: exchange or correct them`);
    }
    return problems.length === 0 ? rate : problems.map(problem => ({ line, problem }));
  }

  private amount(column: RateColumn, text: string, problems: string[]): string {
    const known = this.decimals.get(text);
    if (known !== undefined) return known;
    try {
      const amount = parseAmount(text);
      // -0 too: a sign is no part of a price.
      if (amount < ZERO || text.startsWith('-')) {
        problems.push(`${column} ${shown(text)} is negative: write 0 or more`);
        return '';
      }
      const decimal = decimalOf(amount);
      if (this.decimals.size < 100_000) this.decimals.set(text, decimal);
      return decimal;
    } catch (error) {
      if (!(error instanceof AmountError)) throw error;
      problems.push(`${column} ${error.message}`);
      return '';
    }
  }
}

function prefixOf(text: string, problems: string[]): string {
  if (/^[0-9]*$/.test(text)) {
    if (text.length > 32) problems.push(`prefix ${shown(text)} has ${text.length} digits: use at most 32`);
    // Such a line would never rate a call: numbers are looked up without their 00.
    else if (text.startsWith('00')) problems.push(`prefix ${shown(text)} begins with 00: leave the 00 out`);
    return text;
  }
  problems.push(`prefix ${shown(text)} is not digits: write digits only, without + and blanks`);
  return text;
}

function destinationOf(text: string, problems: string[]): string {
  if (text === '') problems.push('destination "" is empty: name it');
  else if (text.length > 100 && [...text].length > 100) {
    problems.push(`destination ${shown(text)} has ${[...text].length} characters: use at most 100`);
  } else if (/[\p{Cc}\p{Cs}]/u.test(text)) {
    problems.push(`destination ${shown(text)} holds a control character: leave it out`);
  } else if (text.includes('\uFFFD')) problems.push(`destination ${shown(text)} is not UTF-8: save the file as UTF-8`);
  return text;
}

/** `true` and `false` are how a list is exported. */
function yesOf(column: RateColumn, text: string, problems: string[]): boolean {
  if (text === '' || text === 'no' || text === 'false') return false;
  if (text !== 'yes' && text !== 'true') {
    problems.push(`${column} ${shown(text)} is neither yes nor no: write one of them`);
  }
  return true;
}

function secondsOf(column: RateColumn, text: string, least: number, problems: string[]): number {
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= least && seconds <= MOST_SECONDS) return seconds;
  problems.push(`${column} ${shown(text)} is not a whole number of seconds from ${least} to ${MOST_SECONDS}`);
  return 0;
}

function stepsIn(text: string, freeSeconds: number, problems: string[]): string {
  try {
    return text === '' ? '' : stepsText(parseSteps(text, freeSeconds));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    problems.push(`steps ${shown(text)} ${error.message}`);
    return '';
  }
}

function dayOf(column: RateColumn, text: string, problems: string[]): string | null {
  if (text === '') return null;
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  // DATE begins with the year 1000.
  if (match && text >= '1000' && isDay(text)) return text;
  problems.push(`${column} ${shown(text)} is not a day: write it as 2026-12-31`);
  return null;
}

/** A cell as a message shows it: quoted, cut to 40 characters. */
const shown = (text = ''): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
