/** Holidays of one calendar from a file. */
import type { Readable } from 'node:stream';
import { type LineProblem, Refused, type WrongLine } from '../operator/operator-refusal';
import { cut, dayOf, layoutIn, nameOf, shown, wrong, wrongCount } from './columns';
import { addProblem, badFile, type CsvReader, readCsvFile } from './csv-file';
import type { Holiday } from './public-holidays';

export const HOLIDAY_COLUMNS = ['day', 'name'] as const;

/** As in the list of holidays that the API answers as CSV, which can be imported. */
export const OPTIONAL_HOLIDAY_COLUMNS = ['calendar'] as const;

type Column = (typeof HOLIDAY_COLUMNS)[number] | (typeof OPTIONAL_HOLIDAY_COLUMNS)[number];

interface HolidayLine extends Holiday {
  line: number;
}

/** Holidays of one file: more than a century of any country. They are held in memory, and written in one transaction. */
export const MOST_HOLIDAYS = 2_000;

/**
 * The holidays of a file, in its order, each day once. Source of the format: `readCsvFile`.
 * @throws Refused file_invalid with the bad lines; whatever the input throws.
 */
export async function readHolidayFile(input: Readable, calendar: string): Promise<Holiday[]> {
  const lines: HolidayLine[] = [];
  const take = async (batch: HolidayLine[]) => {
    lines.push(...batch);
    if (lines.length > MOST_HOLIDAYS) throw tooMany();
  };
  const file = await readCsvFile(input, columnsOf(calendar), MOST_HOLIDAYS, take);
  const first = new Map<string, number>();
  for (const { line, day } of lines) {
    const earlier = first.get(day);
    if (earlier === undefined) first.set(day, line);
    else {
      const problem = `day ${day} is in line ${earlier} already: keep one of the two`;
      addProblem(file, { line, ...wrong('day_twice', problem, { value: day, earlier }) });
    }
  }
  if (file.problems > 0) throw badFile(file);
  return lines.map(({ day, name }) => ({ day, name }));
}

const tooMany = (): Refused =>
  new Refused(
    'file_invalid',
    `the file has more than ${MOST_HOLIDAYS} holidays, and nothing was imported: import some years at a time`,
  );

const columnsOf = (calendar: string) => ({
  readerOf: (header: string[]): CsvReader<HolidayLine> | { problems: LineProblem[] } => {
    const found = layoutIn<Column>(header, HOLIDAY_COLUMNS, OPTIONAL_HOLIDAY_COLUMNS);
    if ('problems' in found) return found;
    const { layout } = found;
    return { read: (line, cells) => holidayOf(line, cells, { layout, width: header.length, calendar }) };
  },
  none: 'the file holds no holiday: write one line for each day',
});

function holidayOf(
  line: number,
  cells: string[],
  { layout, width, calendar }: { layout: Record<Column, number>; width: number; calendar: string },
): HolidayLine | WrongLine[] {
  if (cells.length !== width) return [{ line, ...wrongCount(cells, width) }];
  const problems: LineProblem[] = [];
  const cell = (column: Column): string => cells[layout[column]] ?? '';
  const day = dayOf('day', cell('day'), problems);
  if (cell('day') === '') {
    problems.push(wrong('missing', 'day "" is empty: write it as 2026-12-31', { column: 'day', value: '' }));
  }
  const name = nameOf('name', cell('name'), problems);
  const of = cell('calendar');
  if (of !== '' && of !== calendar) {
    const problem = `calendar ${shown(of)} is not ${JSON.stringify(calendar)}, into which the file is imported: import the lines of each calendar by themselves`;
    problems.push(wrong('calendar_other', problem, { value: cut(of), calendar }));
  }
  return problems.length === 0 ? { line, day: day as string, name } : problems.map(each => ({ line, ...each }));
}
