/** What a line of Asterisk's files means: of its journal (dialplan/cel_custom.conf) and its call records (dialplan/cdr_custom.conf). No clock, no file. */
import type { JournalEvent, LegRecord } from './written-call';

/** A row with the time at which it was written, near enough. */
export type Parse<Row> = (line: string) => { row: Row; at: number } | null;

/** How late a line may come after younger ones: a database that hangs delays the journal's writer. Ms. */
export const LATE_MS = 60_000;

/** Far longer than any line of ours; a longer line is not read. */
export const MOST_LINE_BYTES = 64 * 1024;

export const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;

/**
 * Whether a row begins here, after a line break.
 *
 * A cell may contain a line break, for example in a dialled text. But within a cell a quote is doubled, and the quote that closes the cell
 * is followed by a comma or a line break. So only the first line of a row begins with a quote and something else.
 */
export function beginsLine(text: Buffer, start: number): boolean {
  const next = text[start + 1];
  return text[start] === QUOTE && next !== undefined && ![QUOTE, COMMA, NEWLINE].includes(next);
}

/** Hands over each row behind which another one begins, with its line break. Returns where the last one begins, which may not be whole. */
export function eachLine(text: Buffer, take: (line: string) => void): number {
  let begin = 0;
  for (let newline = text.indexOf(NEWLINE); newline >= 0; newline = text.indexOf(NEWLINE, newline + 1)) {
    if (!beginsLine(text, newline + 1)) continue;
    take(text.toString('utf8', begin, newline + 1));
    begin = newline + 1;
  }
  return begin;
}

/** Where the last row in the text begins; -1 if none is seen. */
export function lastLineStart(text: Buffer): number {
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf(NEWLINE, end - 1) + 1;
    if (beginsLine(text, start)) return start;
    end = start - 1;
  }
  return -1;
}

const CELL = /"((?:[^"]|"")*)"([,\n])/y;

/** The cells of a whole row, whatever comes after it; null for a torn row, or a row of another program. */
function cellsOf(line: string, count: number): string[] | null {
  const cells: string[] = [];
  CELL.lastIndex = 0;
  while (cells.length <= count) {
    const match = CELL.exec(line);
    if (match === null) return null;
    cells.push((match[1] as string).replaceAll('""', '"'));
    if (match[2] !== ',') return cells.length === count ? cells : null;
  }
  return null;
}

/** Seconds with six digits, as ms with three decimals; NaN for anything else. */
export function instantOf(cell: string | undefined): number {
  const match = /^(\d{1,10})\.(\d{6})$/.exec(cell ?? '');
  return match ? Number(`${match[1]}${match[2]}`) / 1000 : Number.NaN;
}

/**
 * When a channel was made, by its switch's clock, to the whole second before: `switch1-1732195261.42`. ms since 1970; null for a name that
 * another program has chosen. All rows of a call are younger than its caller's channel.
 */
export function bornAt(channel: string): number | null {
  const match = /^(?:[^"]*-)?(\d{1,10})\.\d+$/.exec(channel);
  return match ? Number(match[1]) * 1000 : null;
}

/** See dialplan/cel_custom.conf. */
export function eventOf(line: string): { row: JournalEvent; at: number } | null {
  const cells = cellsOf(line, 7);
  const at = instantOf(cells?.[1]);
  if (cells === null || Number.isNaN(at)) return null;
  const [event = '', , uniqueid = '', linkedid = '', accountcode = '', channel = '', extra = ''] = cells;
  return { at, row: { event, at, uniqueid, linkedid, accountcode, channel, extra } };
}

/**
 * The first four cells of a row of the journal: Asterisk's own words, without a quote in them. To cut up the whole row takes many times as
 * long. NaN and '' for what a torn row lacks.
 */
export function headOf(line: string): { event: string; at: number; uniqueid: string; linkedid: string } {
  const [event = '', time, uniqueid = '', linkedid = ''] = line.split('","', 4);
  return { event: event.slice(1), at: instantOf(time), uniqueid, linkedid };
}

/** The same as `eventOf`, but of a call that is not sought only the time: nearly all rows are of others. */
export const eventAmong =
  (linkedids: ReadonlySet<string>): Parse<JournalEvent | null> =>
  line => {
    const { at, linkedid } = headOf(line);
    const isOthers = !Number.isNaN(at) && linkedid !== '' && !linkedids.has(linkedid);
    return isOthers ? { row: null, at } : eventOf(line);
  };

/** See dialplan/cdr_custom.conf. */
export function recordOf(line: string): { row: LegRecord; at: number } | null {
  const cells = cellsOf(line, 13);
  const [startAt, answer, endAt] = [cells?.[7], cells?.[8], cells?.[9]].map(cell => Math.floor(instantOf(cell))) as [
    number,
    number,
    number,
  ];
  if (cells === null || Number.isNaN(startAt + answer + endAt)) return null;
  const [uniqueid = '', linkedid = ''] = cells;
  return { at: endAt, row: { uniqueid, linkedid, startAt, answerAt: answer === 0 ? null : answer, endAt } };
}
