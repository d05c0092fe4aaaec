/** The files of "deck import", "deck load" and "holiday import", with their progress. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HOLIDAY_COLUMNS, MOST_HOLIDAYS, OPTIONAL_HOLIDAY_COLUMNS } from '../decks/holiday-file';
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS } from '../decks/rate-line';
import type { Presented } from './derive';
import { Progress } from './progress';
import { stoppable } from './stopping';

const COLUMNS_HELP = `
The file is CSV in UTF-8 with a header, in any order of columns:
  ${REQUIRED_COLUMNS.join(', ')}
and, if wanted, ${OPTIONAL_COLUMNS.join(', ')}.
Lines end with LF, CRLF or CR, also mixed: a cell ends with its line, so each line is read alone and its number is the editor's.
Prices are decimals with at most six decimals, days are written 2026-12-31. An empty prefix rates any number.`;

const IMPORT_HELP = `${COLUMNS_HELP}
All or nothing: one bad line and the deck stays as it was. Calls in progress keep their rate.
What changes against the version before is told. A file that lacks more than a fifth of its prefixes is refused; to take it
all the same:
  ringfence deck import retail rates.csv --yes`;

const LOAD_HELP = `${COLUMNS_HELP}
All or nothing: one bad line and nothing is loaded. What is loaded changes nothing for calls before "deck publish", and is kept
for a day.`;

const HOLIDAYS_HELP = `
The file is CSV in UTF-8 with a header, in any order of columns: ${HOLIDAY_COLUMNS.join(', ')}
and, if wanted, ${OPTIONAL_HOLIDAY_COLUMNS.join(', ')}: so a list of one calendar that the API answered as CSV can be imported.
Days are written 2026-12-31. A file has at most ${MOST_HOLIDAYS} of them.
All or nothing: one bad line and the calendar stays as it was. Days that the file lacks stay: see "holiday remove".`;

/** A command that reads a file, "-" for standard input. */
const reading = (help: string): Presented => ({
  addOptions: command => command.argument('<file.csv>').addHelpText('after', help),
  lend: async ({ terminal }, { places }, run) => {
    const file = places[0] as string;
    const { input, size } = await openFile(file);
    const progress = new Progress(terminal);
    const bytesRead = () => ('bytesRead' in input ? input.bytesRead : 0);
    try {
      return await stoppable(signal =>
        run({
          file: { name: file === '-' ? 'standard input' : basename(file), input },
          signal,
          onProgress: rates =>
            progress.show(elapsedMs => ({
              share: size ? Math.min(1, bytesRead() / size) : null,
              text: `${rates} rates, ${Math.round((rates * 1000) / elapsedMs)} a second`,
            })),
        }),
      );
    } finally {
      progress.end();
      input.destroy();
    }
  },
});

export const IMPORTING: Record<string, Presented> = {
  'deck import': reading(IMPORT_HELP),
  'deck load': reading(LOAD_HELP),
  'holiday import': reading(HOLIDAYS_HELP),
};

/** The file and its size in bytes; null if the size is not known. @throws Error that names the file and what is wrong. */
async function openFile(
  file: string,
): Promise<{ input: NodeJS.ReadStream | ReturnType<typeof createReadStream>; size: number | null }> {
  if (file === '-') return { input: process.stdin, size: null };
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new Error('it is a folder');
    const input = createReadStream(file, { highWaterMark: 64 * 1024 });
    await new Promise((opened, failed) => input.once('open', opened).once('error', failed));
    return { input, size: found.isFile() ? found.size : null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`file ${JSON.stringify(file)} cannot be read (${code ?? message}): check its name and its rights`);
  }
}
