import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { listDecks } from '../decks/deck-store';
import { importDeck } from '../decks/import-deck';
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS } from '../decks/rate-line';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import { Progress } from './progress';
import { printable, type Terminal } from './terminal';

const FILE_HELP = `
The file is CSV in UTF-8 with a header, in any order of columns:
  ${REQUIRED_COLUMNS.join(', ')}
and, if wanted, ${OPTIONAL_COLUMNS.join(', ')}.
Prices are decimals with at most six decimals, days are written 2026-12-31. An empty prefix rates any number.
All or nothing: one bad line and the deck stays as it was. Calls in progress keep their rate.`;

export function addDeckCommands(program: Command, terminal: Terminal): void {
  const deck = program.command('deck').description('rate decks: what calls cost');
  addCommand(
    deck,
    'import <deck> <file.csv>',
    'import a rate file as the deck; "-" reads standard input',
    'deck import retail rates.csv --currency EUR',
  )
    .option('--currency <code>', "the deck's currency: needed for its first import, fixed from then on")
    .addHelpText('after', FILE_HELP)
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, name: string, file: string, { currency }: { currency?: string }) => {
          const { input, size } = await openFile(file);
          const progress = new Progress(terminal);
          const bytesRead = () => ('bytesRead' in input ? input.bytesRead : 0);
          const interrupted = new AbortController();
          const interrupt = () => interrupted.abort();
          process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
          try {
            const imported = await importDeck(database, {
              deck: name,
              currency,
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
            const { deck, rates, version, anyNumberLine } = imported;
            const anyNumber = anyNumberLine === null ? '' : `; line ${anyNumberLine} rates any number`;
            print.done(
              `${printable(deck)}: ${rates} rates in ${imported.currency} are current as version ${version}${anyNumber}`,
              { deck, version, currency: imported.currency, rates, any_number_line: anyNumberLine },
            );
          } finally {
            progress.end();
            process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
          }
        },
      ),
    );

  addPaging(addCommand(deck, 'list', 'decks and where they came from', 'deck list')).action(
    withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const { items, total } = await listDecks(database, request);
      const facts = items.map(view => ({
        deck: view.deck,
        currency: view.currency,
        rates: view.rates,
        version: view.version,
        imported_at: view.importedAt,
        source: view.source,
      }));
      print.list({ items: facts, total }, request, 'no deck yet: see "deck import --help"');
    }),
  );
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
