import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenRows } from './record-store';
import type { JournalEvent, LegRecord } from './written-call';

/**
 * The two files that an Asterisk on this machine writes below its log folder, by dialplan/cel_custom.conf and
 * dialplan/cdr_custom.conf. They are read from their ends, where the calls asked for are.
 */

const CHUNK_BYTES = 256 * 1024;
/** Far longer than any line of ours; whatever is longer is not read. */
const MOST_LINE_BYTES = 64 * 1024;
/** A switch of 50 calls a second writes this in half an hour. */
const MOST_BYTES = 256 * 1024 * 1024;
/** A line may come after younger ones: the journal's writer is held up by a database that hangs. */
const LATE_MS = 60_000;

/**
 * What Asterisk wrote of these calls, of which the earliest began at `since` (ms since 1970), into the files of `folder`, its log
 * folder; also into `….1`, where they were rotated meanwhile. Torn and foreign lines are passed over.
 * @throws the file system's error when there is no file that can be read.
 */
export async function rowsInFiles(folder: string, uniqueids: ReadonlySet<string>, since: number): Promise<WrittenRows> {
  const journal = rowsOf(join(folder, 'cel-custom/ringfence.csv'), since, eventOf, uniqueids);
  const records = rowsOf(join(folder, 'cdr-custom/ringfence.csv'), since, recordOf, uniqueids);
  const [journalRead, recordsRead] = await Promise.allSettled([journal, records]);
  if (journalRead.status === 'rejected' && recordsRead.status === 'rejected') throw journalRead.reason;
  return {
    journal: journalRead.status === 'fulfilled' ? journalRead.value : [],
    records: recordsRead.status === 'fulfilled' ? recordsRead.value : [],
  };
}

interface Line<Row> {
  row: Row;
  linkedid: string;
  /** When it was written, near enough. */
  at: number;
}

async function rowsOf<Row>(
  path: string,
  since: number,
  parse: (line: string) => Line<Row> | null,
  uniqueids: ReadonlySet<string>,
): Promise<Row[]> {
  const rows: Row[] = [];
  /** False when this line is older than all that is asked for. */
  const take = (text: string): boolean => {
    const line = parse(text);
    if (line === null) return true;
    if (uniqueids.has(line.linkedid)) rows.push(line.row);
    return line.at >= since - LATE_MS;
  };
  const reachedStart = await readBackwards(path, take);
  if (reachedStart) {
    await readBackwards(`${path}.1`, take).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  return rows;
}

/** Hands over the lines from the last to the first until one is declined; true when the first was reached. */
async function readBackwards(path: string, take: (line: string) => boolean): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    let position = (await file.stat()).size;
    const stopAt = Math.max(0, position - MOST_BYTES);
    let rest = Buffer.alloc(0);
    while (position > stopAt) {
      const size = Math.min(CHUNK_BYTES, position - stopAt);
      position -= size;
      let text = Buffer.concat([await readAt(file, position, size), rest]);
      for (let start = lineStart(text, text.length); start >= 0; start = lineStart(text, text.length)) {
        if (start === 0 && position > 0) break;
        if (!take(text.toString('utf8', start))) return false;
        text = text.subarray(0, start);
        if (start === 0) break;
      }
      rest = text.length > MOST_LINE_BYTES ? Buffer.alloc(0) : Buffer.from(text);
    }
    return stopAt === 0;
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, position);
  return buffer.subarray(0, bytesRead);
}

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;

/**
 * Where the last line begins that begins before `end`; -1 when none is seen.
 *
 * A cell may hold a line break, as what was dialled may. But within a cell a quote is doubled, and the quote that closes it
 * is followed by a comma or a line break: so only the first line of a row begins with a quote and something else.
 */
function lineStart(text: Buffer, end: number): number {
  for (let at = end; at >= 0; ) {
    const newline = at === 0 ? -1 : text.lastIndexOf(NEWLINE, at - 1);
    const start = newline + 1;
    const next = text[start + 1];
    const begins = text[start] === QUOTE && next !== undefined && ![QUOTE, COMMA, NEWLINE].includes(next);
    if (begins && start < end) return start;
    if (newline < 0) return -1;
    at = newline;
  }
  return -1;
}

const CELL = /"((?:[^"]|"")*)"([,\n])/y;

/** The cells of a whole row, whatever comes after it; null for one that is torn, or that somebody else wrote. */
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

/** Seconds with six digits, as ms truncated; NaN for anything else. */
function instantOf(cell: string | undefined): number {
  const match = /^(\d{1,12})\.(\d{3})\d{3}$/.exec(cell ?? '');
  return match ? Number(match[1]) * 1000 + Number(match[2]) : Number.NaN;
}

/** See dialplan/cel_custom.conf. */
function eventOf(line: string): Line<JournalEvent> | null {
  const cells = cellsOf(line, 7);
  const at = instantOf(cells?.[1]);
  if (cells === null || Number.isNaN(at)) return null;
  const [event, , uniqueid, linkedid, , channel, extra] = cells as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { at, linkedid, row: { event, at, uniqueid, linkedid, channel, extra } };
}

/** See dialplan/cdr_custom.conf. */
function recordOf(line: string): Line<LegRecord> | null {
  const cells = cellsOf(line, 13);
  const [startAt, answer, endAt] = [instantOf(cells?.[7]), instantOf(cells?.[8]), instantOf(cells?.[9])];
  if (cells === null || Number.isNaN(startAt + answer + endAt)) return null;
  const [uniqueid, linkedid] = cells as [string, string];
  return { at: endAt, linkedid, row: { uniqueid, linkedid, startAt, answerAt: answer === 0 ? null : answer, endAt } };
}
