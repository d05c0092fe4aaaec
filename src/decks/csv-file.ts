/** Reads a file of comma separated values whose lines are checked one by one. */
import type { Readable } from 'node:stream';
import { type LineProblem, Refused, type WrongLine } from '../operator/operator-refusal';
import { cellsOf, QuoteError } from './cells';
import { wrong } from './columns';
import { type Line, linesOf } from './lines';

/** Far more than the longest correct line: a file without line ends would otherwise fill the memory. */
const MOST_BYTES_A_LINE = 64 * 1024;
/** How many bad lines are reported in full. */
export const MOST_TOLD = 50;

/** How a workbook begins, xlsx and ods as packed files and xls in its own way, as UTF-8 shows it. */
const WORKBOOKS = ['PK\x03\x04', '\uFFFD\uFFFD\x11\u0871'] as const;

/** What reading a file found. */
export interface CsvFileResult {
  /** Correct lines below the header. */
  rows: number;
  /** The first 50 problems in the order of the file. */
  bad: WrongLine[];
  /** The number of all problems, also those beyond the first 50. */
  problems: number;
}

/** A header of UTF-16 as UTF-8 shows it: with a byte 0 beside each letter, or with UTF-16's mark at the beginning. */
const IS_UTF_16 = /\0|^\uFFFD\uFFFD/;

/** What the lines of a file are. */
export interface CsvColumns<Row> {
  /** Reads the lines below this header, or what is wrong with the header. */
  readerOf(header: string[]): CsvReader<Row> | { problems: LineProblem[] };
  /** Where a correct file has no line below its header: what is missing, and what to do. */
  none: string;
}

export interface CsvReader<Row> {
  /** The line, or everything that is wrong with it. */
  read(line: number, cells: string[]): Row | WrongLine[];
}

/**
 * Reads a file line by line and hands on its correct lines in batches of `batchSize`, also of a file with bad ones. Comma separated, UTF-8 with or
 * without a BOM, lines end with LF, CRLF or CR; blank ones are skipped. A cell ends with its line, so that a quote that is never closed hides no
 * other line.
 *
 * Waits for `take` before it reads on beyond one more batch, so that memory holds two batches. Does not compare lines with each other.
 * @throws whatever the input or `take` throws.
 */
export async function readCsvFile<Row extends object>(
  input: Readable,
  columns: CsvColumns<Row>,
  batchSize: number,
  take: (batch: Row[]) => Promise<void>,
): Promise<CsvFileResult> {
  const result: CsvFileResult = { rows: 0, bad: [], problems: 0 };
  const blame = (line: number, problem: LineProblem) => addProblem(result, { ...problem, line });
  let batch: Row[] = [];
  let taken: Promise<void> = Promise.resolve();
  const handOn = async () => {
    const full = batch;
    batch = [];
    // One batch is written while the next is being read.
    await taken;
    taken = take(full);
    taken.catch(() => undefined);
  };
  let reader: CsvReader<Row> | null = null;
  let lastLine = 1;
  /** The cells of a line. null if they cannot be separated, and then the line has a problem. */
  const cellsIn = ({ line, text }: Line): string[] | null => {
    if (text.length * 3 > MOST_BYTES_A_LINE && Buffer.byteLength(text) > MOST_BYTES_A_LINE) {
      const problem = `the line is longer than ${MOST_BYTES_A_LINE} bytes: look for a line end that is missing`;
      blame(line, wrong('line_too_long', problem, { most: MOST_BYTES_A_LINE }));
      return null;
    }
    try {
      return cellsOf(text);
    } catch (error) {
      if (!(error instanceof QuoteError)) throw error;
      blame(line, wrong(error.rule, error.message));
      return null;
    }
  };
  /** The reader of the lines below the header. null if it is no header, and then the header has a problem. */
  const readerFor = (header: Line): CsvReader<Row> | null => {
    if (WORKBOOKS.some(beginning => header.text.startsWith(beginning))) {
      const problem = 'the file is a workbook or packed, not text: save its sheet as CSV, and import that';
      blame(header.line, wrong('file_not_text', problem));
      return null;
    }
    if (IS_UTF_16.test(header.text)) {
      blame(header.line, wrong('file_utf_16', 'the file is UTF-16, not UTF-8: save it as UTF-8'));
      return null;
    }
    const cells = cellsIn(header);
    if (!cells) return null;
    const found = columns.readerOf(cells);
    if ('read' in found) return found;
    for (const problem of found.problems) blame(header.line, problem);
    return null;
  };
  try {
    reading: for await (const lines of linesOf(input, MOST_BYTES_A_LINE)) {
      for (const whole of lines) {
        if (whole.text.trim() === '') continue;
        const { line } = whole;
        lastLine = line;
        if (!reader) {
          reader = readerFor(whole);
          // Without a header nothing below it can be checked.
          if (!reader) break reading;
          continue;
        }
        const cells = cellsIn(whole);
        if (!cells) continue;
        const row = reader.read(line, cells);
        if (Array.isArray(row)) {
          for (const problem of row) blame(line, problem);
          continue;
        }
        result.rows += 1;
        batch.push(row);
        if (batch.length >= batchSize) await handOn();
      }
    }
  } finally {
    input.destroy();
    await taken;
  }
  if (result.problems === 0 && result.rows === 0) blame(lastLine, wrong('file_empty', columns.none));
  if (batch.length > 0) {
    await handOn();
    await taken;
  }
  return result;
}

/** Counts a problem, and keeps it if it is one of the first. */
export function addProblem(result: CsvFileResult, bad: WrongLine): void {
  result.problems += 1;
  const place = result.bad.findLastIndex(({ line }) => line <= bad.line) + 1;
  result.bad.splice(place, 0, bad);
  result.bad.length = Math.min(result.bad.length, MOST_TOLD);
}

/** The refusal of a file with problems, when nothing of it was taken. */
export function badFile({ bad, problems }: CsvFileResult): Refused {
  const lines = bad.map(({ line, problem }) => `line ${line}: ${problem}`);
  if (problems > bad.length) lines.push(`and ${problems - bad.length} more problems`);
  const count = problems === 1 ? '1 problem' : `${problems} problems`;
  return new Refused(
    'file_invalid',
    `the file has ${count} and nothing was imported: correct it and import it again`,
    lines,
    bad,
  ).about({ problems });
}
