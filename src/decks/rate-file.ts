import type { Readable } from 'node:stream';
import { type CsvFileResult, readCsvFile } from './csv-file';
import { layoutOf, type RateLine, RateLineReader } from './rate-line';

/**
 * Reads a rate file as `readCsvFile` reads any. Does not compare lines with each other: overlap-store.ts does.
 * @throws whatever the input or `take` throws.
 */
export const readRateFile = (
  input: Readable,
  batchSize: number,
  take: (batch: RateLine[]) => Promise<void>,
): Promise<CsvFileResult> => readCsvFile(input, RATE_FILE, batchSize, take);

const RATE_FILE = {
  readerOf: (header: string[]) => {
    const found = layoutOf(header);
    return 'layout' in found ? new RateLineReader(found.layout, header.length) : found;
  },
  none: 'the file holds no rate: write one line for each prefix',
};
