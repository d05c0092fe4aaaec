/** Writes a rate file as a version of a deck that no call looks at yet. */
import type { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault } from '../database/fault';
import { currencyField, nameField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { wrong } from './columns';
import { addProblem, badFile } from './csv-file';
import {
  countRates,
  insertRates,
  openVersion,
  ROWS_A_STATEMENT,
  readDeckCurrency,
  removeAbandoned,
  removeVersion,
  showProgress,
  type WrittenVersion,
} from './deck-store';
import { overlapsOf } from './overlap-store';
import { readRateFile } from './rate-file';
import type { RateLine } from './rate-line';
import { noteSchedules } from './schedule-store';

/** Rows in one transaction. */
const ROWS_AT_ONCE = 1_000;

/** A file that shall be a version of a deck. */
export interface DeckFile {
  deck: string;
  /** Required for a deck's first version; later it cannot change. */
  currency?: string;
  /** Name of the file, to be remembered. */
  source: string;
  /** The file, read once from its first byte to its last. */
  input: Readable;
  /** Called after each chunk with the rates written so far. */
  onProgress?: (rates: number) => void;
  /** Gives it up: it ends as if the file were bad. */
  signal?: AbortSignal;
  /** The file names only what changes: all prices of prefixes that it does not name stay. It is a whole list if not given. */
  namesChanges?: boolean | undefined;
}

/** What was written, and what was asked for. */
export interface Written extends WrittenVersion {
  deck: string;
  source: string;
  /** The lines by which a prefix has no price any more: they are no rates. */
  removed: readonly RateLine[];
}

/** Reports that `signal` ended it. */
export class ImportInterrupted extends Error {
  override name = 'ImportInterrupted';
  constructor() {
    super('interrupted: nothing was imported');
  }
}

/**
 * Writes the file as a new version of the deck and hands that to `finish`, which completes it. All or nothing.
 *
 * Writes the lines in chunks, in short transactions. A bad line, a lost database, `signal` or an error of `finish` deletes what was written.
 * What could not be deleted, because the process died, a service or the next file for any deck deletes from a quarter of an hour later on.
 * @throws Refused file_invalid with the bad lines, currency_mismatch, field_invalid; ImportInterrupted; DatabaseFault; what the input or
 * `finish` throws.
 */
export async function withNewVersion<Result>(
  database: Knex,
  file: DeckFile,
  finish: (written: Written) => Promise<Result>,
): Promise<Result> {
  try {
    const deck = nameField('deck', file.deck);
    const given = file.currency === undefined ? null : currencyField(file.currency);
    const currency = await deckCurrency(database, deck, given);
    await removeAbandoned(database);
    const version = await openVersion(database, deck, file.source);
    try {
      const written = await writeRates(database, file, version);
      return await finish({ deck, source: file.source, currency, version, keepsOf: 0, ...written });
    } catch (error) {
      // If the database is away now, the rows are deleted later.
      await removeVersion(database, version).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw asFault(error);
  } finally {
    file.input.destroy();
  }
}

async function writeRates(
  database: Knex,
  { input, onProgress, signal }: DeckFile,
  version: number,
): Promise<Pick<Written, 'rates' | 'longestPrefix' | 'removed'>> {
  let written = 0;
  const removed: RateLine[] = [];
  const unknown = new Map<string, number>();
  let longestPrefix = 0;
  const take = async (batch: RateLine[]) => {
    refuseIfInterrupted(signal);
    for (const { prefix } of batch) longestPrefix = Math.max(longestPrefix, prefix.length);
    removed.push(...batch.filter(({ isRemoved }) => isRemoved));
    if (removed.length > MOST_REMOVED) throw tooManyRemoved();
    await inTransaction(database, async transaction => {
      if (!(await showProgress(transaction, version, written + batch.length))) throw takenForDead(version);
      for (let at = 0; at < batch.length; at += ROWS_A_STATEMENT) {
        await insertRates(transaction, version, batch.slice(at, at + ROWS_A_STATEMENT));
      }
      const names = [...new Set(batch.flatMap(({ schedule }) => schedule || []))];
      for (const name of await noteSchedules(transaction, version, names)) {
        const line = batch.find(({ schedule }) => schedule === name)?.line as number;
        unknown.set(name, unknown.get(name) ?? line);
      }
    });
    written += batch.length;
    onProgress?.(written);
  };
  const file = await readRateFile(input, ROWS_AT_ONCE, take);
  if ((await countRates(database, version)) !== file.rows) throw takenForDead(version);
  for (const [name, line] of unknown) {
    const problem = `schedule ${JSON.stringify(name)} does not exist: add it with "schedule set"`;
    addProblem(file, { line, ...wrong('schedule_unknown', problem, { schedule: name }) });
  }
  for await (const bad of overlapsOf(database, version)) addProblem(file, bad);
  if (file.problems > 0) throw badFile(file);
  return { rates: file.rows, longestPrefix, removed };
}

/** Lines that remove a prefix of one file: they are held in memory. */
const MOST_REMOVED = 100_000;

const tooManyRemoved = (): Refused =>
  new Refused(
    'file_invalid',
    `the file removes more than ${MOST_REMOVED} prefixes: load a whole list without them`,
  ).about({ most: MOST_REMOVED });

/** @throws ImportInterrupted */
export function refuseIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ImportInterrupted();
}

export const takenForDead = (version: number): Error =>
  new Error(
    `version ${version} was removed by a service or another import, as this one had stood still for a quarter of an hour: import again`,
  );

/** The currency of the deck, existing or new. @throws Refused field_invalid, currency_mismatch */
export async function deckCurrency(database: Knex, deck: string, given: string | null, lock = false): Promise<string> {
  const known = await readDeckCurrency(database, deck, lock);
  if (known === null && given === null) {
    throw new Refused(
      'field_invalid',
      `currency is missing for the new deck ${JSON.stringify(deck)}: give it, such as EUR`,
    );
  }
  if (known !== null && given !== null && known !== given) {
    throw new Refused(
      'currency_mismatch',
      `currency ${given} is not that of deck ${JSON.stringify(deck)}, ${known}: it cannot change, use another deck`,
    ).about({ currency: given, deck, known });
  }
  return (known ?? given) as string;
}
