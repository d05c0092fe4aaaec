/** Makes a file of ours of a carrier's sheet, by what its columns mean. Pure. */
import {
  amountIn,
  BadCell,
  type CellProblem,
  type DayOrder,
  dayIn,
  type Hyphen,
  hyphenIn,
  incrementsIn,
  type Mark,
  markIn,
  orderIn,
  prefixesIn,
  secondsIn,
  stepsIn,
} from './cells';
import type { Meaning } from './columns';
import type { SheetRow } from './rows';
import { otherUnitsIn } from './units';

/** What a sheet leaves open, and a person decides. */
export type Question = 'code' | 'price' | 'hyphen' | 'mark' | 'order' | 'increments' | Doubt['about'];

/** What a sheet says that does not fit how it is read: a person confirms the reading, or changes it. */
export interface Doubt {
  about: 'currency' | 'unit' | 'status';
  /** As it stands in the sheet. */
  found: string[];
  /** The same as long as the same is in doubt, for a deck in the same currency. */
  id: string;
}

export interface Choices {
  hyphen?: Hyphen;
  mark?: Mark;
  order?: DayOrder;
  /** For lines that have none, `60/1`. */
  increments?: string;
  /** The doubts that were confirmed, by their ids. */
  confirmed?: readonly string[];
}

/** Why a line makes no rate, though nothing is wrong with it. */
export const LEFT_OUT = ['noCode', 'noPrice', 'removed', 'over'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

export interface Problem {
  line: number;
  problem: CellProblem;
  /** The cell that is wrong. */
  cell: string;
  /** The whole row, as it was read. */
  row: string;
}

export interface Read {
  /** What must be decided before the rest says anything. */
  questions: Question[];
  /** Those that were confirmed too. */
  doubts: Doubt[];
  /** Our file: its header, then a line for each rate. */
  csv: string[];
  /** The line of the sheet for each line of `csv`. */
  lineOf: number[];
  /** The first of them. */
  problems: Problem[];
  problemCount: number;
  leftOut: Record<LeftOut, SheetRow[]>;
  /** Lines that make blocked rates. */
  blocked: SheetRow[];
  /** How many prices begin on a later day. */
  later: number;
  /** How many lines of `csv` end the price of their prefix: they are no rates. */
  removed: number;
}

const HEADER =
  'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,minimum_charge,grace_seconds,max_seconds,valid_from,valid_until,blocked';

/** Columns of our file that only some sheets fill. */
const MORE = {
  free: { name: 'free_seconds', read: secondsIn },
  steps: { name: 'steps', read: stepsIn },
} as const satisfies Partial<Record<Meaning, { name: string; read: (cell: string) => string }>>;

const MOST_PROBLEMS = 50;

const CLOSED =
  /^\W*(clos|(code |rate )?(remov|delet)|discontinu|withdraw|cancel|block|barr|bar\b|suspend|suspension|terminat|inactive|disabled|not available|gesperrt|geschlossen|geloscht|entfall)/i;
/** Those of them whose code is no longer on the list: its numbers are priced by a shorter one. */
const REMOVED = /^\W*((code |rate )?(remov|delet)|geloscht|entfall)/i;
const SAYS_CLOSED = new RegExp(CLOSED.source.replace('^\\W*', ''), 'i');
/** What stands in such a column of a line whose price counts. */
const OPEN =
  /^\W*((price |rate |code |cost )?(change[sd]?|increas|decreas|addition|added|update)|new|no change|unchanged|not changed|same|current|stable|active|open|ok|up|down|higher|lower|effective|[inu]$|mobile|fixed|landline|special|premium|satellite|erhoh|senk|neu|unverandert|aumento|diminu|nuov|nuev|invariat|sin cambio)/i;
const YES = /^(1|true|yes|y|x|ja|j|si|s)$/i;
const NO = /^(0|false|no|n|nein|-|)$/i;

/** What a word says of its line; null for a line that counts. */
function closingOf(cell: string): 'blocked' | 'removed' | null {
  const text = withoutAccents(cell);
  return CLOSED.test(text) ? (REMOVED.test(text) ? 'removed' : 'blocked') : null;
}
/** Neither clearly closed nor clearly open. "Unblocked" and "new: barred" are neither. */
const isUnclear = (cell: string): boolean => {
  const text = withoutAccents(cell);
  return /\w/.test(text) && !CLOSED.test(text) && (!OPEN.test(text) || SAYS_CLOSED.test(text));
};
const withoutAccents = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');

/** What is known beside the rows and the meanings of their columns. */
export interface Known {
  /** Of the deck. */
  currency: string;
  /** `2026-12-31`. */
  today: string;
  /** Names of the columns; none without a header. */
  names?: readonly string[];
  /** Rows above the header. */
  notices?: readonly SheetRow[];
}

interface Entry {
  row: SheetRow;
  prefix: string;
  rest: string;
  /** What of `MORE` the sheet has, each behind a comma. */
  more: string;
  from: string | null;
  until: string | null;
  isBlocked: boolean;
  /** It is no price: from its day on the prefix has none. */
  isRemoved: boolean;
}

/** Destination, price, fee, increments, minimum, grace and longest call of a line without a price: its name alone. */
const unpriced = (name: string): string => `${quoted(name)},,,,,,,`;

/**
 * Reads the rows below the header. `today` (`2026-12-31`): a price that began before it counts always, and one that ended before it is left
 * out. Of two prices of a prefix with different first days the earlier one ends when the later one begins.
 */
export function read(
  rows: readonly SheetRow[],
  meanings: readonly (Meaning | null)[],
  choices: Choices,
  { currency, today, names = [], notices = [] }: Known,
): Read {
  const column = (meaning: Meaning) => meanings.indexOf(meaning);
  const all = (meaning: Meaning) => meanings.flatMap((each, at) => (each === meaning ? [at] : []));
  const cellsOf = (meaning: Meaning) => all(meaning).flatMap(at => rows.map(({ cells }) => cells[at] ?? ''));
  const hasCountry = column('countryCode') >= 0;
  const hyphen = choices.hyphen ?? hyphenIn(cellsOf('code'), hasCountry);
  // Each column by itself: carriers write prices with a point and fees with a comma. What is chosen counts for those that are unclear.
  const markOf = (meaning: Meaning) => markIn(cellsOf(meaning).filter(cell => /\d/.test(cell))) ?? choices.mark ?? null;
  const marks = {
    price: markOf('price'),
    secondPrice: markOf('secondPrice'),
    fee: markOf('fee'),
    minimum: markOf('minimum'),
  };
  const order = choices.order ?? orderIn([...cellsOf('from'), ...cellsOf('until')]);
  const hasNoCode = ({ cells }: SheetRow) =>
    /^#/.test(cells[0] ?? '') ||
    ((cells[column('code')] ?? '') === '' && (!hasCountry || (cells[column('countryCode')] ?? '') === ''));
  const priceRows = rows.filter(row => !hasNoCode(row));
  const otherUnits = otherUnitsIn(
    { names, meanings, notices: [...notices, ...rows.filter(hasNoCode)], rows: priceRows },
    currency,
  );
  const flagOf = ({ cells }: SheetRow, meaning: 'blocked' | 'removed') =>
    all(meaning).map(at => (YES.test(cells[at] ?? '') ? meaning : closingOf(cells[at] ?? '')));
  const flagsOf = (row: SheetRow) =>
    [...flagOf(row, 'blocked'), ...flagOf(row, 'removed')].filter(flag => flag !== null);
  /** Blocked goes first: a line that is left out leaves its numbers to a shorter prefix, which may be cheaper. */
  const statusOf = (row: SheetRow) => {
    const said = [...flagsOf(row), closingOf(row.cells[column('change')] ?? '')];
    return said.includes('blocked') ? 'blocked' : said.includes('removed') ? 'removed' : null;
  };
  const unclear = priceRows
    .filter(({ cells }) => (cells[column('price')] ?? '') !== '')
    .flatMap(row => [
      row.cells[column('change')] ?? '',
      ...(flagsOf(row).length > 0 ? [] : [...all('blocked'), ...all('removed')].map(at => row.cells[at] ?? '')).filter(
        cell => !NO.test(cell),
      ),
    ])
    .filter(isUnclear);
  const doubts = [
    doubtOf('currency', otherUnits.currencies, currency),
    doubtOf('unit', otherUnits.units, currency),
    doubtOf('status', [...new Set(unclear)], currency),
  ].filter(({ found }) => found.length > 0);
  const hasIncrements = column('increments') >= 0 || column('initial') >= 0;
  const questions: Question[] = [
    ...(column('code') < 0 ? (['code'] as const) : []),
    ...(column('price') < 0 ? (['price'] as const) : []),
    ...(hyphen === null ? (['hyphen'] as const) : []),
    ...(Object.values(marks).includes(null) ? (['mark'] as const) : []),
    ...(order === null ? (['order'] as const) : []),
    ...doubts.filter(({ id }) => !choices.confirmed?.includes(id)).map(({ about }) => about),
  ];
  const leftOut: Read['leftOut'] = { noCode: [], noPrice: [], removed: [], over: [] };
  const result: Read = {
    questions,
    doubts,
    csv: [HEADER],
    lineOf: [1],
    problems: [],
    problemCount: 0,
    leftOut,
    blocked: [],
    later: 0,
    removed: 0,
  };
  if (questions.length > 0 || hyphen === null || order === null) return result;
  const byDefault = defaultIncrements(choices.increments);
  const more = (Object.keys(MORE) as (keyof typeof MORE)[]).filter(meaning => column(meaning) >= 0);
  const noMore = ','.repeat(more.length);
  let entries: Entry[] = [];
  for (const row of rows) {
    const cell = (meaning: Meaning) => row.cells[column(meaning)] ?? '';
    const problem = (error: unknown) => {
      if (!(error instanceof BadCell)) throw error;
      result.problemCount++;
      if (result.problems.length >= MOST_PROBLEMS) return;
      result.problems.push({ line: row.line, problem: error.problem, cell: error.cell, row: row.cells.join(' · ') });
    };
    if (hasNoCode(row)) {
      leftOut.noCode.push(row);
      continue;
    }
    const status = statusOf(row);
    if (status === 'removed') {
      leftOut.removed.push(row);
      try {
        const from = dayIn(cell('from'), order);
        for (const prefix of prefixesIn(cell('code'), hyphen, cell('countryCode')))
          entries.push({
            row,
            prefix,
            rest: unpriced(prefix),
            more: noMore,
            from,
            until: null,
            isBlocked: false,
            isRemoved: true,
          });
      } catch (error) {
        problem(error);
      }
      continue;
    }
    if (status === null && cell('price') === '') {
      leftOut.noPrice.push(row);
      continue;
    }
    try {
      const prefixes = prefixesIn(cell('code'), hyphen, cell('countryCode'));
      const name = all('name')
        .map(at => row.cells[at] ?? '')
        .filter(text => text !== '')
        .join(' ')
        .replace(/\s+/g, ' ');
      const from = dayIn(cell('from'), order);
      if (status === 'blocked') {
        // Its last day, if it has one, is that of its price.
        for (const prefix of prefixes)
          entries.push({
            row,
            prefix,
            rest: unpriced(name || prefix),
            more: noMore,
            from,
            until: null,
            isBlocked: true,
            isRemoved: false,
          });
        result.blocked.push(row);
        continue;
      }
      const amount = (meaning: keyof typeof marks) => amountIn(cell(meaning), marks[meaning] ?? '.', currency);
      const price = amount('price');
      const second = cell('secondPrice');
      if (second !== '' && amount('secondPrice') !== price)
        throw new BadCell('twoPrices', `${cell('price')} / ${second}`);
      const increments = incrementsOf(cell, byDefault);
      if (increments === null) {
        if (!questions.includes('increments')) questions.push('increments');
        continue;
      }
      const until = dayIn(cell('until'), order);
      if (until !== null && until < today) {
        leftOut.over.push(row);
        continue;
      }
      const others = more.map(meaning => `,${cell(meaning) === '' ? '' : MORE[meaning].read(cell(meaning))}`).join('');
      for (const prefix of prefixes) {
        const rest = [
          quoted(name || prefix),
          price,
          cell('fee') === '' ? '0' : amount('fee'),
          increments.initial,
          increments.next,
          cell('minimum') === '' ? '0' : amount('minimum'),
          cell('grace') === '' ? '0' : secondsIn(cell('grace')),
          cell('longest') === '' ? '' : secondsIn(cell('longest')),
        ].join(',');
        entries.push({ row, prefix, rest, more: others, from, until, isBlocked: false, isRemoved: false });
      }
    } catch (error) {
      problem(error);
    }
  }
  entries = withoutReplaced(entries, today);
  endedByLater(entries);
  const isOver = ({ until }: Entry) => until !== null && until < today;
  const counting = new Set(entries.filter(entry => !isOver(entry)).map(({ row }) => row));
  leftOut.over.push(...new Set(entries.map(({ row }) => row).filter(row => !counting.has(row))));
  const hasRemoved = entries.some(({ isRemoved }) => isRemoved);
  result.csv[0] += more.map(meaning => `,${MORE[meaning].name}`).join('') + (hasRemoved ? ',removed' : '');
  for (const entry of entries) {
    if (isOver(entry)) continue;
    const { row, prefix, rest, more: others, from, until, isBlocked, isRemoved } = entry;
    // Only now: of two prices that both began in the past the later one counts.
    const isLater = from !== null && from > today;
    const days = `${isLater ? from : ''},${isRemoved ? '' : (until ?? '')}`;
    const removed = hasRemoved ? `,${isRemoved ? 'yes' : ''}` : '';
    result.csv.push(`${prefix},${rest},${days},${isBlocked ? 'yes' : ''}${others}${removed}`);
    result.lineOf.push(row.line);
    if (isRemoved) result.removed++;
    else if (isLater) result.later++;
  }
  // Asked first where no line has any: then nothing else is to be seen of them.
  if (!hasIncrements && byDefault === null && !questions.includes('increments')) questions.push('increments');
  return result;
}

const doubtOf = (about: Doubt['about'], found: string[], currency: string): Doubt => ({
  about,
  found,
  id: JSON.stringify([about, currency, found]),
});

/** null for a text that says none. */
export function defaultIncrements(text: string | undefined): { initial: string; next: string } | null {
  try {
    return text === undefined || text.trim() === '' ? null : incrementsIn(text);
  } catch {
    return null;
  }
}

/** Of one column or two, else those that were chosen for all; null if none were. @throws BadCell */
function incrementsOf(cell: (meaning: Meaning) => string, byDefault: { initial: string; next: string } | null) {
  if (cell('increments') !== '') return incrementsIn(cell('increments'));
  const [initial, next] = [cell('initial'), cell('next')];
  if (initial === '' && next === '') return byDefault;
  const both = { initial: secondsIn(initial || next), next: secondsIn(next || initial) };
  if (both.initial === '0' || both.next === '0') throw new BadCell('increments', `${initial}/${next}`);
  return both;
}

/** Without lines that end a price on the very day on which another line begins one: a code that is closed under one name and opened under another. */
function withoutReplaced(entries: Entry[], today: string): Entry[] {
  const dayOf = ({ prefix, from }: Entry) => `${prefix} ${from !== null && from > today ? from : ''}`;
  const priced = new Set(entries.filter(({ isRemoved }) => !isRemoved).map(dayOf));
  return entries.filter(entry => !entry.isRemoved || !priced.has(dayOf(entry)));
}

/** Of several prices of a prefix each ends on the day before the next one begins. */
function endedByLater(entries: readonly Entry[]): void {
  const byPrefix = new Map<string, Entry[]>();
  for (const entry of entries) {
    const own = byPrefix.get(entry.prefix);
    if (own) own.push(entry);
    else byPrefix.set(entry.prefix, [entry]);
  }
  for (const own of byPrefix.values()) {
    if (own.length < 2) continue;
    own.sort((one, other) => (one.from ?? '').localeCompare(other.from ?? ''));
    own.forEach((entry, at) => {
      const next = own[at + 1]?.from;
      if (next != null && (entry.from ?? '') < next && (entry.until === null || entry.until >= next))
        entry.until = dayBefore(next);
    });
  }
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
