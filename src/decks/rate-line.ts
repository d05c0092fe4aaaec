import { decimalOf } from '../database/values';
import { AmountError, parseAmount, ZERO } from '../money/micros';
import type { LineProblem, WrongLine } from '../operator/operator-refusal';
import { parseSteps, StepError, stepsText } from '../rating/steps';
import { cut, dayOf, layoutIn, nameOf, shown, wrong, wrongCount } from './columns';

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
  'schedule',
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
  /** The schedule by which it counts; empty for none. */
  schedule: string;
  maxSeconds: number | null;
  validFrom: string | null;
  validUntil: string | null;
  /** It is no rate: from its first day on its prefix has none. */
  isRemoved: boolean;
}

/** The header as a layout, or what is wrong with it: every unknown, repeated and missing column. */
export const layoutOf = (header: string[]): { layout: Layout } | { problems: LineProblem[] } =>
  layoutIn(header, REQUIRED_COLUMNS, OPTIONAL_COLUMNS);

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
  read(line: number, cells: string[]): RateLine | WrongLine[] {
    if (cells.length !== this.width) return [{ line, ...wrongCount(cells, this.width) }];
    const problems: LineProblem[] = [];
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
      destination: nameOf('destination', cell('destination'), problems),
      isBlocked,
      pricePerMinute: this.amount('price_per_minute', priced('price_per_minute', '0'), problems),
      connectFee: this.amount('connect_fee', priced('connect_fee', '0'), problems),
      minimumCharge: this.amount('minimum_charge', cell('minimum_charge') || '0', problems),
      initialIncrementSeconds: secondsOf('initial_increment', priced('initial_increment', '1'), 1, problems),
      incrementSeconds: secondsOf('increment', priced('increment', '1'), 1, problems),
      graceSeconds: secondsOf('grace_seconds', cell('grace_seconds') || '0', 0, problems),
      freeSeconds,
      steps: stepsIn(cell('steps'), freeSeconds, problems),
      schedule: scheduleOf(cell('schedule'), problems),
      maxSeconds: cell('max_seconds') === '' ? null : secondsOf('max_seconds', cell('max_seconds'), 1, problems),
      validFrom: dayOf('valid_from', cell('valid_from'), problems),
      validUntil: dayOf('valid_until', cell('valid_until'), problems),
      isRemoved,
    };
    const { validFrom: from, validUntil: until } = rate;
    if (isRemoved && isBlocked) {
      const problem = 'removed and blocked are both yes: a prefix without a price is not blocked';
      problems.push(wrong('blocked_and_removed', problem));
    }
    if (rate.schedule !== '' && (isBlocked || isRemoved)) {
      const what = isBlocked ? 'is of a blocked line' : 'is of a line that removes its prefix';
      const problem = `schedule ${shown(rate.schedule)} ${what}: leave it out, it holds at all times`;
      problems.push(wrong('schedule_of_blocked', problem, { value: cut(rate.schedule) }));
    }
    if (isRemoved && until !== null) {
      const problem = `valid_until ${until} is of a line that removes its prefix: leave it out, valid_from is the day`;
      problems.push(wrong('last_day_of_removed', problem, { value: until }));
    }
    if (from !== null && until !== null && from > until) {
      const problem = `valid_from ${from} is after valid_until ${until}: exchange or correct them`;
      problems.push(wrong('days_exchanged', problem, { from, until }));
    }
    return problems.length === 0 ? rate : problems.map(each => ({ line, ...each }));
  }

  private amount(column: RateColumn, text: string, problems: LineProblem[]): string {
    const known = this.decimals.get(text);
    if (known !== undefined) return known;
    try {
      const amount = parseAmount(text);
      // -0 too: a sign is no part of a price.
      if (amount < ZERO || text.startsWith('-')) {
        const problem = `${column} ${shown(text)} is negative: write 0 or more`;
        problems.push(wrong('below_zero', problem, { column, value: cut(text) }));
        return '';
      }
      const decimal = decimalOf(amount);
      if (this.decimals.size < 100_000) this.decimals.set(text, decimal);
      return decimal;
    } catch (error) {
      if (!(error instanceof AmountError)) throw error;
      problems.push(wrong(error.rule, `${column} ${error.message}`, { column, value: cut(text) }));
      return '';
    }
  }
}

function prefixOf(text: string, problems: LineProblem[]): string {
  const value = cut(text);
  if (!/^[0-9]*$/.test(text)) {
    const problem = `prefix ${shown(text)} is not digits: write digits only, without + and blanks`;
    problems.push(wrong('prefix_not_digits', problem, { value }));
  } else if (text.length > 32) {
    const problem = `prefix ${shown(text)} has ${text.length} digits: use at most 32`;
    problems.push(wrong('prefix_too_long', problem, { value, length: text.length, most: 32 }));
  } else if (text.startsWith('00')) {
    // Such a line would never rate a call: numbers are looked up without their 00.
    const problem = `prefix ${shown(text)} begins with 00: leave the 00 out`;
    problems.push(wrong('prefix_begins_00', problem, { value }));
  }
  return text;
}

/** `true` and `false` are how a list is exported. */
function yesOf(column: RateColumn, text: string, problems: LineProblem[]): boolean {
  if (text === '' || text === 'no' || text === 'false') return false;
  if (text !== 'yes' && text !== 'true') {
    const problem = `${column} ${shown(text)} is neither yes nor no: write one of them`;
    problems.push(wrong('not_yes_or_no', problem, { column, value: cut(text) }));
  }
  return true;
}

function secondsOf(column: RateColumn, text: string, least: number, problems: LineProblem[]): number {
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= least && seconds <= MOST_SECONDS) return seconds;
  const problem = `${column} ${shown(text)} is not a whole number of seconds from ${least} to ${MOST_SECONDS}`;
  problems.push(wrong('not_seconds', problem, { column, value: cut(text), least, most: MOST_SECONDS }));
  return 0;
}

function stepsIn(text: string, freeSeconds: number, problems: LineProblem[]): string {
  try {
    return text === '' ? '' : stepsText(parseSteps(text, freeSeconds));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const { rule, facts, message } = error;
    problems.push(wrong(rule, `steps ${shown(text)} ${message}`, { column: 'steps', ...facts }));
    return '';
  }
}

function scheduleOf(text: string, problems: LineProblem[]): string {
  if (text !== '' && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) {
    const problem = `schedule ${shown(text)} is not the name of a schedule: see "schedule list"`;
    problems.push(wrong('schedule_not_name', problem, { value: cut(text) }));
  }
  return text;
}
