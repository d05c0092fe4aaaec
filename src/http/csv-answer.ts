/** Lists as CSV, however long they are: page after page is read while the client takes it. */
import { type TObject, Type } from 'typebox';
import type { RowStream } from '../database/row-stream';
import { type Cell, type CsvStyle, CsvWriter } from '../operator/csv';
import type { Facts } from '../operator/facts';
import { invalid, timeZoneField } from '../operator/fields';
import { fields, isReadByKey, type Operation } from '../operator/operation';
import type { Page } from '../operator/page';
import { oneOf, textBy } from '../operator/schema';

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** Rows that are read, and written, at once. */
const ROWS_AT_ONCE = 1_000;

/** What is asked of a list besides its own fields. */
const CSV_FIELDS = {
  format: Type.Optional(
    oneOf(['json', 'csv'], { description: 'csv: all rows, for a spreadsheet', unit: 'format', example: 'csv' }),
  ),
  time_zone: Type.Optional(
    textBy((_, text) => timeZoneField(text), {
      description: 'of the times in CSV; UTC if not given',
      unit: 'zone',
      example: 'Europe/Berlin',
    }),
  ),
  date_format: Type.Optional(
    oneOf(['iso', 'spreadsheet'], {
      description:
        'of the times in CSV: iso with the offset, or spreadsheet: 2026-11-30 18:00:00, behind a byte order mark',
      unit: 'format',
      example: 'spreadsheet',
    }),
  ),
  separator: Type.Optional(
    oneOf(['comma', 'semicolon', 'tab'], {
      description: 'between the columns of CSV: comma, semicolon or tab',
      unit: 'separator',
      example: 'semicolon',
    }),
  ),
  decimal_mark: Type.Optional(
    oneOf(['point', 'comma'], { description: 'of the numbers in CSV: point or comma', unit: 'mark', example: 'comma' }),
  ),
};

/** The fields of a request: those of its operation, and for a list how it is written. */
export const askedFields = ({ fields: own, answer }: Pick<Operation, 'fields' | 'answer'>): TObject =>
  answer.kind === 'record' ? own : fields({ ...own.properties, ...CSV_FIELDS });

/** What was asked, without how it is written. `style`: null for JSON. */
export interface Asked {
  input: Record<string, unknown>;
  style: CsvStyle | null;
}

const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t' } as const;

/** Whether a list is asked for as CSV. `query`: what its request has. */
export const isCsv = (query: unknown, accept = ''): boolean => {
  const { format } = query as { format?: unknown };
  return format === 'csv' || (format !== 'json' && /^\s*text\/csv\b/i.test(accept));
};

/** Assumes that `askedFields` accepts the input. @throws Refused field_invalid */
export function askedOf(given: Record<string, unknown>, accept = ''): Asked {
  const { format, time_zone, date_format, separator, decimal_mark, ...input } = given;
  const told = { time_zone, date_format, separator, decimal_mark };
  if (!isCsv(given, accept)) {
    const stray = Object.entries(told).find(([, value]) => value !== undefined);
    if (stray) throw invalid(stray[0], stray[1], 'is of CSV: add format=csv');
    return { input, style: null };
  }
  const style: CsvStyle = {
    separator: SEPARATORS[(separator ?? 'comma') as keyof typeof SEPARATORS],
    decimalMark: decimal_mark === 'comma' ? ',' : '.',
    dateFormat: (date_format ?? 'iso') as CsvStyle['dateFormat'],
    timeZone: (time_zone ?? 'UTC') as string,
  };
  return { input, style };
}

/** Runs the operation with such an input. */
type Ask = (input: Record<string, unknown>) => Promise<unknown>;

/** A part of an answer that is as long as it is. */
export interface Piece {
  text: string;
  /** How many rows it has. */
  rows: number;
}

/**
 * The lines, in pieces. Nothing is read before the first piece is taken, and no page before the last one was. Of a table `ask` gives the rows
 * one after another (Operation.read).
 * @throws what `ask` throws, and what a stream does
 */
export async function* csvPieces(
  declared: Operation,
  { input, style }: { input: Record<string, unknown>; style: CsvStyle },
  ask: Ask,
): AsyncGenerator<Piece> {
  const { answer } = declared;
  const writer = new CsvWriter(style);
  const names = Object.keys((answer.schema as unknown as Pick<TObject, 'properties'>).properties);
  const lineOf = (facts: Facts): string => writer.line(names.map(name => facts[name] ?? null));
  // By it a spreadsheet knows UTF-8.
  const mark = style.dateFormat === 'spreadsheet' ? '\ufeff' : '';
  const heading = mark + writer.line(names);
  if (answer.kind === 'stream') {
    const items = (await ask(input)) as AsyncIterable<never>;
    yield* gathered(heading, items, item => lineOf(answer.facts(item)));
    return;
  }
  if (answer.kind === 'rows') {
    const { columns, rows } = (await ask(input)) as RowStream<Cell>;
    yield* gathered(mark + writer.line(columns), rows, row => writer.line(row));
    return;
  }
  if (answer.kind !== 'list') throw new Error(`${declared.name} is no list`);
  let start = heading;
  for await (const items of pagesOf(input, isReadByKey(declared), ask)) {
    yield { text: start + items.map(item => lineOf(answer.facts(item as never))).join(''), rows: items.length };
    start = '';
  }
}

/** Lines behind a heading, many at once. The first piece has rows, if there are any: what fails before is no answer yet. */
async function* gathered<Item>(
  heading: string,
  items: AsyncIterable<Item>,
  lineOf: (item: Item) => string,
): AsyncGenerator<Piece> {
  let piece = { text: heading, rows: 0 };
  for await (const item of items) {
    piece.text += lineOf(item);
    piece.rows += 1;
    if (piece.rows < ROWS_AT_ONCE) continue;
    yield piece;
    piece = { text: '', rows: 0 };
  }
  yield piece;
}

/** Page after page, at least one. `limit` is the most rows of them all. @throws Refused field_invalid for a page */
async function* pagesOf(
  { limit, page, ...filters }: Record<string, unknown>,
  isKeyed: boolean,
  ask: Ask,
): AsyncGenerator<unknown[]> {
  if (page !== undefined) throw invalid('page', page, 'is of JSON: CSV has all rows');
  const most = typeof limit === 'number' ? limit : Infinity;
  let place: Record<string, unknown> = isKeyed ? { count: false } : { page: 1 };
  for (let rows = 0; ; ) {
    const asked = isKeyed ? Math.min(ROWS_AT_ONCE, most - rows) : ROWS_AT_ONCE;
    const { items, nextCursor } = (await ask({ ...filters, ...place, limit: asked })) as Page<unknown>;
    yield items.slice(0, most - rows);
    rows += items.length;
    const isLast = isKeyed ? nextCursor === undefined : items.length < ROWS_AT_ONCE;
    if (isLast || rows >= most) return;
    place = isKeyed ? { cursor: nextCursor } : { page: (place.page as number) + 1 };
  }
}
