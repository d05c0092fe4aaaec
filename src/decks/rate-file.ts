import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Overlaps } from './overlaps';
import { type BadLine, layoutOf, type RateLine, RateLineReader } from './rate-line';

/** More than the longest sound line by far: a quote that is never closed would otherwise swallow the file. */
const MOST_BYTES_A_LINE = 64 * 1024;
/** How many bad lines are told in full. */
export const MOST_TOLD = 50;

/** What a file came to. */
export interface RateFileResult {
  /** Sound lines. */
  rates: number;
  /** The first 50 problems in the order of the file. */
  bad: BadLine[];
  /** All problems, those beyond the first 50 too. */
  problems: number;
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

const HOW_QUOTES_FAIL: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote " is opened and never closed: close it, or write "" for a quote within a cell',
  CSV_INVALID_CLOSING_QUOTE: 'a closing quote " is not followed by a comma: write "" for a quote within a cell',
  INVALID_OPENING_QUOTE: 'a quote " stands within a cell: quote the whole cell and write "" for the quote',
  CSV_MAX_RECORD_SIZE: `the line is longer than ${MOST_BYTES_A_LINE} bytes: look for a quote " that is never closed`,
};

/**
 * Reads a rate file line by line and hands on its sound lines in batches of `batchSize`, until the first problem; from then
 * on it only checks. Comma separated, UTF-8 with or without a BOM, LF or CRLF; empty lines are skipped.
 *
 * Waits for `take` before it reads on beyond one more batch, so that memory holds two batches, and the prefixes.
 * @throws whatever the input or `take` throws.
 */
export async function readRateFile(
  input: Readable,
  batchSize: number,
  take: (batch: RateLine[]) => Promise<void>,
): Promise<RateFileResult> {
  const result: RateFileResult = { rates: 0, bad: [], problems: 0 };
  const blame = (line: number, problem: string) => {
    result.problems += 1;
    if (result.bad.length < MOST_TOLD) result.bad.push({ line, problem });
  };
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MOST_BYTES_A_LINE,
  });
  let batch: RateLine[] = [];
  let taken: Promise<void> = Promise.resolve();
  const handOn = async () => {
    const full = batch;
    batch = [];
    // One batch is written while the next is being read.
    await taken;
    taken = take(full);
    taken.catch(() => undefined);
  };
  let reader: RateLineReader | null = null;
  const overlaps = new Overlaps();
  let lastLine = 1;
  input.on('error', error => parser.destroy(error));
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<CsvRecord>) {
      lastLine = info.lines;
      if (!reader) {
        const header = layoutOf(record);
        if ('problems' in header) {
          for (const problem of header.problems) blame(info.lines, problem);
          // Without a header nothing below it can be judged.
          break;
        }
        reader = new RateLineReader(header.layout, record.length);
        continue;
      }
      const rate = reader.read(info.lines, record);
      if (Array.isArray(rate)) {
        for (const { line, problem } of rate) blame(line, problem);
        continue;
      }
      const { line, validFrom: from, validUntil: until } = rate;
      const clash = overlaps.add(rate.prefix, { line, from, until });
      if (clash !== null) {
        blame(line, `prefix ${JSON.stringify(rate.prefix)} is in line ${clash} for the same days: keep one of the two`);
        continue;
      }
      result.rates += 1;
      if (result.problems > 0) continue;
      batch.push(rate);
      if (batch.length >= batchSize) await handOn();
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    blame((error as { lines?: number }).lines ?? lastLine + 1, HOW_QUOTES_FAIL[error.code] ?? error.message);
  } finally {
    input.destroy();
    await taken;
  }
  if (result.problems === 0 && result.rates === 0)
    blame(lastLine, 'the file holds no rate: write one line for each prefix');
  if (result.problems === 0 && batch.length > 0) {
    await handOn();
    await taken;
  }
  return result;
}
