import type { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { currencyField, nameField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { changesBetween, type DeckChanges, isShrunk, prefixesBefore } from './deck-change-store';
import {
  abandonedVersions,
  countRates,
  ensureDeck,
  insertRates,
  makeCurrent,
  openVersion,
  readCurrentVersion,
  readDeckCurrency,
  removeVersion,
  showProgress,
} from './deck-store';
import { overlapsOf } from './overlap-store';
import { addProblem, type RateFileResult, readRateFile } from './rate-file';
import type { RateLine } from './rate-line';

/** Rows in one INSERT and one transaction: 100 kB, far below any max_allowed_packet. */
const ROWS_AT_ONCE = 1_000;

export interface DeckImport {
  deck: string;
  /** Required for a deck's first import; later it cannot change. */
  currency?: string;
  /** Name of the file, to be remembered. */
  source: string;
  /** The file, read once from its first byte to its last. */
  input: Readable;
  /** Lets a file replace the deck though more than a fifth of the prefixes are not in it. */
  mayShrink?: boolean;
  /** Called after each chunk with the rates written so far. */
  onProgress?: (rates: number) => void;
  /** Gives the import up: it ends as if the file were bad. */
  signal?: AbortSignal;
}

export interface DeckImported {
  deck: string;
  version: number;
  currency: string;
  rates: number;
  /** Line of the rate for any number (an empty prefix); null if there is none. */
  anyNumberLine: number | null;
  /** Compared with the version that it replaced; null for the deck's first. */
  changes: DeckChanges | null;
}

/** Reports that `signal` ended an import. */
export class ImportInterrupted extends Error {
  override name = 'ImportInterrupted';
  constructor() {
    super('interrupted: nothing was imported');
  }
}

/**
 * Imports a rate file as the deck's new version, all or nothing.
 *
 * Writes the lines in chunks, in short transactions, where no call looks yet. Then one pointer moves, and calls that start from then on are
 * rated with them. Calls in progress keep their rate. A bad line, a lost database or `signal` leaves the deck as it was and deletes what
 * was written. What could not be deleted, because the process died, an import of any deck deletes a quarter of an hour later. Two imports
 * of one deck at once both succeed, and the one that ends last is current. Source of the columns: rate-line.ts.
 * @throws Refused file_invalid with the bad lines, currency_mismatch, field_invalid, prefixes_gone; ImportInterrupted; DatabaseFault;
 * whatever the input throws.
 */
export async function importDeck(acting: Acting, request: DeckImport): Promise<DeckImported> {
  const { database } = acting;
  try {
    const deck = nameField('deck', request.deck);
    const given = request.currency === undefined ? null : currencyField(request.currency);
    await deckCurrency(database, deck, given);
    for (const version of await abandonedVersions(database)) await removeVersion(database, version);
    const version = await openVersion(database, deck, request.source);
    try {
      return await importVersion(acting, { ...request, deck }, given, version);
    } catch (error) {
      // If the database is away now, a later import deletes the rows.
      await removeVersion(database, version).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw asFault(error);
  } finally {
    request.input.destroy();
  }
}

async function importVersion(
  acting: Acting,
  { deck, input, source, mayShrink, onProgress, signal }: DeckImport,
  given: string | null,
  version: number,
): Promise<DeckImported> {
  const { database } = acting;
  let written = 0;
  let anyNumberLine: number | null = null;
  let longestPrefix = 0;
  const take = async (batch: RateLine[]) => {
    if (signal?.aborted) throw new ImportInterrupted();
    anyNumberLine ??= batch.find(rate => rate.prefix === '')?.line ?? null;
    for (const { prefix } of batch) longestPrefix = Math.max(longestPrefix, prefix.length);
    await inTransaction(database, async transaction => {
      if (!(await showProgress(transaction, version, written + batch.length))) throw new Error(takenForDead(version));
      await insertRates(transaction, version, batch);
    });
    written += batch.length;
    onProgress?.(written);
  };
  const file = await readRateFile(input, ROWS_AT_ONCE, take);
  if ((await countRates(database, version)) !== file.rates) throw new Error(takenForDead(version));
  for await (const bad of overlapsOf(database, version)) addProblem(file, bad);
  if (file.problems > 0) throw badFile(file);
  for (;;) {
    const before = await readCurrentVersion(database, deck);
    const changes = before === 0 ? null : await changesBetween(database, before, version);
    if (changes && isShrunk(changes) && mayShrink !== true) throw shrunk(deck, changes);
    const publish = async (transaction: Knex.Transaction) => {
      // Comparing takes time: a process that stood still meanwhile may have been taken for dead. From here on its rows stay.
      if (!(await showProgress(transaction, version, file.rates))) throw new Error(takenForDead(version));
      if ((await countRates(transaction, version)) !== file.rates) throw new Error(takenForDead(version));
      if (given !== null) await ensureDeck(transaction, deck, given);
      // Read again under the lock: another first import may have chosen another currency meanwhile.
      const currency = await deckCurrency(transaction, deck, given, true);
      // If another import has made a version current meanwhile, that version was not compared. Our own is current after a COMMIT whose
      // answer was lost.
      if (![before, version].includes(await readCurrentVersion(transaction, deck, true))) return null;
      await makeCurrent(transaction, deck, version, file.rates, longestPrefix);
      await writeAudit(transaction, acting, {
        operation: 'deck import',
        object: `deck ${deck}`,
        before: before === 0 ? null : { version: before },
        after: { version, rates: file.rates, source },
      });
      return currency;
    };
    const currency = await inTransaction(database, publish, { idempotent: true });
    if (currency !== null) return { deck, version, currency, rates: file.rates, anyNumberLine, changes };
  }
}

function shrunk(deck: string, changes: DeckChanges): Refused {
  const { count, examples } = changes.gone;
  const such = examples.map(prefix => prefix || 'any number').join(', ');
  return new Refused(
    'prefixes_gone',
    `the file lacks ${count} of the ${prefixesBefore(changes)} prefixes of deck ${JSON.stringify(deck)} (${such}${count > examples.length ? ', …' : ''}), more than a fifth, and nothing was imported: complete it, or add --yes to replace the deck all the same`,
  );
}

const takenForDead = (version: number): string =>
  `version ${version} was removed by another import, as this one had stood still for a quarter of an hour: import again`;

/** The currency of the deck, existing or new. @throws Refused */
async function deckCurrency(database: Knex, deck: string, given: string | null, lock = false): Promise<string> {
  const known = await readDeckCurrency(database, deck, lock);
  if (known === null && given === null) {
    throw new Refused(
      'field_invalid',
      `currency is missing for the new deck ${JSON.stringify(deck)}: add --currency EUR`,
    );
  }
  if (known !== null && given !== null && known !== given) {
    throw new Refused(
      'currency_mismatch',
      `currency ${given} is not that of deck ${JSON.stringify(deck)}, ${known}: it cannot change, use another deck`,
    );
  }
  return (known ?? given) as string;
}

function badFile({ bad, problems }: RateFileResult): Refused {
  const lines = bad.map(({ line, problem }) => `line ${line}: ${problem}`);
  if (problems > bad.length) lines.push(`and ${problems - bad.length} more problems`);
  const count = problems === 1 ? '1 problem' : `${problems} problems`;
  return new Refused(
    'file_invalid',
    `the file has ${count} and nothing was imported: correct it and import it again`,
    lines,
  );
}
