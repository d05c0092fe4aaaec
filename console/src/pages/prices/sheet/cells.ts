/** What stands in the cells of a carrier's sheet: codes, prices, increments, days. Pure. */

/** What is wrong with a cell; the catalogue has the words. */
export type CellProblem =
  | 'exponent'
  | 'noDigits'
  | 'leadingZero'
  | 'halfList'
  | 'tooLong'
  | 'rangeBackwards'
  | 'rangeTooWide'
  | 'noAmount'
  | 'negative'
  | 'tooManyDecimals'
  | 'otherCurrency'
  | 'increments'
  | 'noSeconds'
  | 'noSteps'
  | 'noDay'
  | 'noYear'
  | 'twoPrices'
  | 'noPrice';

export class BadCell extends Error {
  constructor(
    readonly problem: CellProblem,
    readonly cell: string,
  ) {
    super(problem);
  }
}

/** How a hyphen between digits is meant: `99976-99979` is a range, `999-71` a country and an area. */
export type Hyphen = 'range' | 'pair';

const MOST_IN_RANGE = 10_000;
const MOST_DIGITS = 15;

const PAIR = /^(\d+)-(\d+)$/;
const itemsIn = (cell: string): string[] =>
  cell
    .split(/[,;|\n\r]+/)
    .map(item => item.trim())
    .filter(item => item !== '');

/** What the hyphens of a whole column mean; null if they could mean both, or there are both kinds. */
export function hyphenIn(cells: readonly string[], hasCountry: boolean): Hyphen | null {
  const pairs = cells.flatMap(itemsIn).flatMap(item => {
    const [, from, to] = PAIR.exec(item.replace(/[ +]/g, '')) ?? [];
    return from !== undefined && to !== undefined ? [[from, to] as const] : [];
  });
  const isRange = pairs.every(([from, to]) => from.length === to.length && from <= to);
  if (isRange || pairs.length === 0) {
    // `999-999` is no range that anybody writes, and `425-530` beside a country is one.
    const couldBePair = !hasCountry && pairs.length > 0 && pairs.every(([from]) => from.length <= 3);
    return couldBePair ? null : 'range';
  }
  return pairs.every(([from]) => from.length <= 3) ? 'pair' : null;
}

/** The prefixes that a cell names, each once. `country`: digits before each of them. @throws BadCell */
export function prefixesIn(cell: string, hyphen: Hyphen, country = ''): string[] {
  const items = itemsIn(cell);
  const first = items[0] ?? '';
  // `999 71,74`: the country's code stands once, before the list.
  const [, once = ''] =
    (country === '' &&
      items.length > 1 &&
      items.slice(1).every(item => /^\d+(-\d+)?$/.test(item)) &&
      /^\+?(\d{1,3}) \d+(-\d+)?$/.exec(first)) ||
    [];
  // `1 876 2,3`: 18763, or 3? `999 71,99974`: 99974, or 99999974?
  const couldBeWhole = (item: string) => item.startsWith(once) && item.length >= first.replace(/[ +]/g, '').length;
  const hasBlanks = (item: string) => /\d +\d/.test(item);
  const isHalf = (item: string) => (once === '' ? !hasBlanks(item) && !/^(\+|00)/.test(item) : couldBeWhole(item));
  if (hasBlanks(first) && items.slice(1).some(isHalf)) throw new BadCell('halfList', cell);
  const before = digitsOf(country, country, true);
  const found = items.flatMap((item, at) => {
    const own = once !== '' && at > 0 ? once : before;
    return expanded(item, hyphen).map(digits => own + digits);
  });
  if (items.length === 0 && before !== '') found.push(before);
  for (const prefix of found) {
    if (prefix.length > MOST_DIGITS) throw new BadCell('tooLong', cell);
    // Numbers that are rated begin with the code of a country, and none of those begins with 0.
    if (prefix.startsWith('0')) throw new BadCell('leadingZero', cell);
  }
  return [...new Set(found)];
}

function expanded(item: string, hyphen: Hyphen): string[] {
  const [, from, to] = PAIR.exec(item.replace(/[ +]/g, '')) ?? [];
  if (from === undefined || to === undefined) return [digitsOf(item, item)];
  return hyphen === 'pair' ? [withoutZeros(from) + to] : prefixesOfRange(withoutZeros(from), withoutZeros(to), item);
}

function digitsOf(text: string, cell: string, canBeEmpty = false): string {
  const digits = text.replace(/[ +]/g, '');
  if (digits === '' && canBeEmpty) return '';
  if (/^\d+([.,]\d+)?e\+?\d+$/i.test(digits)) throw new BadCell('exponent', cell);
  if (!/^\d+$/.test(digits)) throw new BadCell('noDigits', cell);
  // "00" alone would rate any number.
  if (withoutZeros(digits) === '') throw new BadCell('noDigits', cell);
  return withoutZeros(digits);
}

const withoutZeros = (digits: string): string => digits.replace(/^00/, '');

/** The fewest prefixes that fit all numbers of a range: 99970 to 99979 is 9997. */
function prefixesOfRange(from: string, to: string, cell: string): string[] {
  if (from.length !== to.length || from > to) throw new BadCell('rangeBackwards', cell);
  const [first, last] = [Number(from), Number(to)];
  if (last - first >= MOST_IN_RANGE) throw new BadCell('rangeTooWide', cell);
  const prefixes: string[] = [];
  for (let at = first; at <= last; ) {
    let [step, cut] = [1, 0];
    while (cut < from.length - 1 && at % (step * 10) === 0 && at + step * 10 - 1 <= last)
      [step, cut] = [step * 10, cut + 1];
    prefixes.push(
      String(at)
        .padStart(from.length, '0')
        .slice(0, from.length - cut),
    );
    at += step;
  }
  return prefixes;
}

export type Mark = '.' | ',';

const SIGNS: Record<string, string> = { $: 'USD', '€': 'EUR', '£': 'GBP' };

const CODE = /(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])/;

/** The number of a price, and the currency beside it. */
function amountParts(cell: string): { number: string; currency: string | null } {
  const [code] = CODE.exec(cell) ?? [];
  const [sign] = /[$€£]/.exec(cell) ?? [];
  const number = cell.replace(CODE, '').replace(/[$€£\s]/g, '');
  return { number, currency: code?.toUpperCase() ?? (sign === undefined ? null : (SIGNS[sign] ?? null)) };
}

/** The decimal mark of a whole column; null if it could be both. */
export function markIn(cells: readonly string[]): Mark | null {
  const marks = new Set<Mark>();
  let isUnclear = false;
  for (const cell of cells) {
    const { number } = amountParts(cell);
    const found = [...number.matchAll(/[.,]/g)];
    const last = found.at(-1);
    if (!last) continue;
    const mark = last[0] as Mark;
    const behind = number.length - (last.index + 1);
    const isBoth = new Set(found.map(([each]) => each)).size === 2;
    if (isBoth || behind !== 3 || /^0[.,]/.test(number)) {
      // `1.234.567` has no decimals.
      if (!isBoth && found.length > 1) marks.add(mark === '.' ? ',' : '.');
      else marks.add(mark);
    } else isUnclear = true;
  }
  if (marks.size === 1) return [...marks][0] as Mark;
  return marks.size === 0 && !isUnclear ? '.' : null;
}

/** A price as the API takes it. Never by way of a float. @throws BadCell */
export function amountIn(cell: string, mark: Mark, currency: string): string {
  const parts = amountParts(cell);
  if (parts.currency !== null && parts.currency !== currency) throw new BadCell('otherCurrency', cell);
  const other = mark === '.' ? ',' : '.';
  const [whole = '', decimals = '', ...more] = parts.number.split(mark);
  const digits = whole.replaceAll(other, '');
  if (/^[-−]/.test(digits)) throw new BadCell('negative', cell);
  const isGrouped = !whole.includes(other) || /^[1-9]\d{0,2}([.,]\d{3})+$/.test(whole);
  if (
    more.length > 0 ||
    !isGrouped ||
    !/^\d{0,14}$/.test(digits) ||
    !/^\d*$/.test(decimals) ||
    digits + decimals === ''
  ) {
    throw new BadCell('noAmount', cell);
  }
  const needed = decimals.replace(/0+$/, '');
  if (needed.length > 6) throw new BadCell('tooManyDecimals', cell);
  return `${digits.replace(/^0+(?=\d)/, '') || '0'}${needed === '' ? '' : `.${needed}`}`;
}

/** `60/1`, `60+1`, `60-1`, `1/1/1` (minimum, first, next), `60`, `per second`, `per minute`. Seconds. @throws BadCell */
export function incrementsIn(cell: string): { initial: string; next: string } {
  const text = cell.toLowerCase().trim();
  if (/^(per second|pro sekunde|second|sec)$/.test(text)) return { initial: '1', next: '1' };
  if (/^(per minute|pro minute|minute|min)$/.test(text)) return { initial: '60', next: '60' };
  const parts = text.split(/[/+-]/).map(part => part.trim());
  if (parts.length > 3 || parts.some(part => !/^\d{1,5}$/.test(part) || Number(part) === 0))
    throw new BadCell('increments', cell);
  const [one = '', two, three] = parts.map(part => String(Number(part)));
  if (three !== undefined) return { initial: String(Math.max(Number(one), Number(two))), next: three };
  return { initial: one, next: two ?? one };
}

/** Whole seconds, `30` or `30s`. @throws BadCell */
export function secondsIn(cell: string): string {
  const [, digits] = /^(\d{1,5})(?:\.0+)? ?s?$/.exec(cell) ?? [];
  if (digits === undefined) throw new BadCell('noSeconds', cell);
  return String(Number(digits));
}

const STEP = /^\d{1,5}:\d+(\.\d{1,6})?\/\d{1,5}$/;

/** `180:0.05/6 600:0.02/1`, as our own files have it: each with the second from which on it counts, its price a minute and its increment. @throws BadCell */
export function stepsIn(cell: string): string {
  const steps = cell.split(/[;\s]+/).filter(step => step !== '');
  if (!steps.every(step => STEP.test(step))) throw new BadCell('noSteps', cell);
  return steps.join(' ');
}

/** In which order day and month stand: `1/12/2026`. */
export type DayOrder = 'dmy' | 'mdy';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const AMBIGUOUS = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b/;
/** At once. */
const NOW = /^(asap|now|immediate(ly)?|0|-|)$/i;

/** The order of a whole column; null if every day could be both. */
export function orderIn(cells: readonly string[]): DayOrder | null {
  const pairs = cells.flatMap(cell => {
    const [, one, two] = AMBIGUOUS.exec(cell) ?? [];
    return one === undefined ? [] : [[Number(one), Number(two)] as const];
  });
  if (pairs.some(([one]) => one > 12)) return 'dmy';
  if (pairs.some(([, two]) => two > 12)) return 'mdy';
  return pairs.every(([one, two]) => one === two) ? 'dmy' : null;
}

/** `2026-12-31`; null for at once. @throws BadCell */
export function dayIn(cell: string, order: DayOrder): string | null {
  if (NOW.test(cell)) return null;
  const [, isoYear, isoMonth, isoDay] = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?$/.exec(cell) ?? [];
  if (isoYear !== undefined) return dayOf(isoYear, isoMonth, isoDay, cell);
  const [, one, two, year] = AMBIGUOUS.exec(cell) ?? [];
  if (one !== undefined) return order === 'dmy' ? dayOf(year, two, one, cell) : dayOf(year, one, two, cell);
  const [, dotDay, dotMonth, dotYear] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})\b/.exec(cell) ?? [];
  if (dotDay !== undefined) return dayOf(dotYear, dotMonth, dotDay, cell);
  const [, day, name, named] = /^(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})\b/.exec(cell) ?? [];
  if (day !== undefined) return dayOf(named, String(MONTHS.indexOf((name ?? '').toLowerCase()) + 1), day, cell);
  // A spreadsheet counts days from 1899-12-30.
  if (/^[45]\d{4}$/.test(cell))
    return new Date(Date.UTC(1899, 11, 30) + Number(cell) * 86_400_000).toISOString().slice(0, 10);
  throw new BadCell(/^\d{1,2}[ -][A-Za-z]{3}/.test(cell) ? 'noYear' : 'noDay', cell);
}

function dayOf(year = '', month = '', day = '', cell: string): string {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)) throw new BadCell('noDay', cell);
  return text;
}
