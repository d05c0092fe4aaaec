import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { DeckChanges } from '../decks/deck-change-store';
import { importDeck } from '../decks/import-deck';
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS } from '../decks/rate-line';
import { addCommand, withDatabase } from './command';
import { nounOf } from './derive';
import { Progress } from './progress';
import { printable, type Terminal } from './terminal';

const FILE_HELP = `
The file is CSV in UTF-8 with a header, in any order of columns:
  ${REQUIRED_COLUMNS.join(', ')}
and, if wanted, ${OPTIONAL_COLUMNS.join(', ')}.
Lines end with LF, CRLF or CR, also mixed: a cell ends with its line, so each line is read alone and its number is the editor's.
Prices are decimals with at most six decimals, days are written 2026-12-31. An empty prefix rates any number.
All or nothing: one bad line and the deck stays as it was. Calls in progress keep their rate.
What changes against the version before is told. A file that lacks more than a fifth of its prefixes is refused; to take it
all the same:
  ringfence deck import retail rates.csv --yes`;

export function addDeckCommands(program: Command, terminal: Terminal): void {
  const deck = nounOf(program, 'deck');
  addCommand(
    deck,
    'import <deck> <file.csv>',
    'import a rate file as the deck; "-" reads standard input',
    'deck import retail rates.csv --currency EUR',
  )
    .option('--currency <code>', "the deck's currency: needed for its first import, fixed from then on")
    .option('--yes', 'replace the deck though the file lacks more than a fifth of its prefixes')
    .addHelpText('after', FILE_HELP)
    .action(
      withDatabase(
        terminal,
        async (
          { acting, print },
          name: string,
          file: string,
          { currency, yes }: { currency?: string; yes?: boolean },
        ) => {
          const { input, size } = await openFile(file);
          const progress = new Progress(terminal);
          const bytesRead = () => ('bytesRead' in input ? input.bytesRead : 0);
          const interrupted = new AbortController();
          const interrupt = () => interrupted.abort();
          process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
          try {
            const imported = await importDeck(acting, {
              deck: name,
              currency,
              mayShrink: yes,
              source: file === '-' ? 'standard input' : basename(file),
              input,
              onProgress: rates =>
                progress.show(elapsedMs => ({
                  share: size ? Math.min(1, bytesRead() / size) : null,
                  text: `${rates} rates, ${Math.round((rates * 1000) / elapsedMs)} a second`,
                })),
              signal: interrupted.signal,
            });
            progress.end();
            const { deck, rates, version, anyNumberLine, changes } = imported;
            const anyNumber = anyNumberLine === null ? '' : `; line ${anyNumberLine} rates any number`;
            print.done(
              `${printable(deck)}: ${rates} rates in ${imported.currency} are current as version ${version}${anyNumber}${changesText(changes)}`,
              { deck, version, currency: imported.currency, rates, any_number_line: anyNumberLine, changes },
            );
          } finally {
            progress.end();
            process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
          }
        },
      ),
    );
}

/** `…: new 1 (49), changed 0, gone 0, unchanged 5 (30, 31, 32, …)`; '' for a deck's first version. */
function changesText(changes: DeckChanges | null): string {
  if (changes === null) return '';
  const counts = Object.entries(changes).map(([fate, { count, examples }]) => {
    const names = examples.map(prefix => prefix || 'any number');
    if (count > examples.length) names.push('…');
    return names.length === 0 ? `${fate} ${count}` : `${fate} ${count} (${names.join(', ')})`;
  });
  return `; prefixes against the version before: ${counts.join(', ')}`;
}

/** The file and its size in bytes; null where that is not known. @throws Error naming the file and what is wrong. */
async function openFile(
  file: string,
): Promise<{ input: NodeJS.ReadStream | ReturnType<typeof createReadStream>; size: number | null }> {
  if (file === '-') return { input: process.stdin, size: null };
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new Error('it is a folder');
    const input = createReadStream(file, { highWaterMark: 256 * 1024 });
    await new Promise((opened, failed) => input.once('open', opened).once('error', failed));
    return { input, size: found.isFile() ? found.size : null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`file ${JSON.stringify(file)} cannot be read (${code ?? message}): check its name and its rights`);
  }
}
