import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { type DeckChanges, isShrunk, prefixesGone } from './deck-change-store';
import {
  anyNumberLineOf,
  type Compared,
  completeVersion,
  countWaiting,
  ensureDeck,
  longestPrefixOf,
  makeCurrent,
  readCurrentVersion,
} from './deck-store';
import { keepPrices } from './kept-price-store';
import { noteKeptSchedules } from './schedule-store';
import { comparedWithCurrent, type DeckPreview, previewOfLoaded } from './waiting-version-store';
import {
  type DeckFile,
  deckCurrency,
  refuseIfInterrupted,
  takenForDead,
  type Written,
  withNewVersion,
} from './write-version';

/** A version, and what it was compared with. */
interface WithKeptPrices {
  written: Written;
  compared: Compared;
}

/**
 * Adds to what a file says what stays of the deck's current version (`keepPrices`), and compares the two. If another version becomes current
 * meanwhile, it does so anew.
 * @throws Refused file_invalid if no rate is left, field_invalid if there is nothing that the changes could change; ImportInterrupted
 */
async function withKeptPrices(
  database: Knex,
  file: Pick<DeckFile, 'namesChanges' | 'signal'>,
  written: Written,
): Promise<WithKeptPrices> {
  const { deck, version, removed } = written;
  for (;;) {
    const current = await readCurrentVersion(database, deck);
    if (current === 0 && file.namesChanges === true) throw nothingToChange(deck);
    const rates = await keepPrices(database, {
      version,
      current,
      namesChanges: file.namesChanges === true,
      removed,
      refuseIfInterrupted: () => refuseIfInterrupted(file.signal),
    });
    if (rates === null) throw takenForDead(version);
    if (rates === 0)
      throw new Refused('file_invalid', 'no rate would be left: write one line for each prefix that has one').about({
        rates: 0,
      });
    const compared = await comparedWithCurrent(database, deck, version);
    if (compared.comparedWith !== current) continue;
    const longestPrefix = Math.max(written.longestPrefix, await longestPrefixOf(database, current));
    const keepsOf = rates > written.rates - removed.length ? current : 0;
    if (keepsOf !== 0) await noteKeptSchedules(database, version, keepsOf);
    return { written: { ...written, rates, longestPrefix, keepsOf }, compared };
  }
}

const nothingToChange = (deck: string): Refused =>
  invalid(
    'changes',
    true,
    `has nothing to change, as deck ${JSON.stringify(deck)} has no version yet: load a whole list`,
  );

export interface DeckImport extends DeckFile {
  /** Lets a file replace the deck though more than a fifth of the prefixes are not in it, or have no price today. */
  mayShrink?: boolean;
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

/**
 * Imports a rate file as the deck's new version, all or nothing: one pointer moves when the version is complete, and calls that start from
 * then on are rated with it. Calls in progress keep their rate. Two imports of one deck at once both succeed, and the one that ends last is
 * current. Source of the columns: rate-line.ts.
 * @throws as withNewVersion; Refused prefixes_gone.
 */
export async function importDeck(acting: Acting, request: DeckImport): Promise<DeckImported> {
  const { database } = acting;
  return withNewVersion(database, request, async ofFile => {
    const { deck, version, source } = ofFile;
    const anyNumberLine = await anyNumberLineOf(database, version);
    for (;;) {
      const { written, compared } = await withKeptPrices(database, request, ofFile);
      const { rates } = written;
      const { comparedWith: before, changes } = compared;
      if (changes && isShrunk(changes) && request.mayShrink !== true) {
        const todo = 'and nothing was imported: complete it, or add --yes to replace the deck all the same';
        throw prefixesGone('the file', deck, changes, todo);
      }
      const publish = async (transaction: Knex.Transaction) => {
        // Comparing takes time: a process that stood still meanwhile may have been taken for dead.
        if (!(await completeVersion(transaction, written, compared))) throw takenForDead(version);
        if (request.currency !== undefined) await ensureDeck(transaction, deck, request.currency);
        // Read again under the lock: another first import may have chosen another currency meanwhile.
        const currency = await deckCurrency(transaction, deck, request.currency ?? null, true);
        // If another import has made a version current meanwhile, that version was not compared. Our own is current after a COMMIT whose
        // answer was lost.
        if (![before, version].includes(await readCurrentVersion(transaction, deck, true))) throw new Overtaken();
        await makeCurrent(transaction, deck, version);
        await writeAudit(transaction, acting, {
          operation: 'deck import',
          object: `deck ${deck}`,
          before: before === 0 ? null : { version: before },
          after: { version, rates, source },
        });
        return currency;
      };
      try {
        const currency = await inTransaction(database, publish, { idempotent: true });
        return { deck, version, currency, rates, anyNumberLine, changes };
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    }
  });
}

/** Another version became current after ours was compared. Nothing of the transaction stays. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

export interface DeckLoad extends DeckFile {
  /** Gets the result in the transaction that completes the version. If it throws, nothing of the version stays. */
  onResult?: (transaction: Knex.Transaction, result: DeckPreview) => Promise<void>;
}

/** Versions that wait, of all decks: each may be as large as a file may be, and stays for a day. */
const MOST_WAITING = 20;

/**
 * Loads a rate file as a version of the deck that is complete and waits to become current (publishVersion). Nothing changes for calls.
 * @throws as withNewVersion; Refused too_many_versions; what `onResult` throws.
 */
export async function loadDeck(acting: Acting, request: DeckLoad): Promise<DeckPreview> {
  const { database } = acting;
  if ((await orFault(() => countWaiting(database))) >= MOST_WAITING) {
    request.input.destroy();
    const todo = 'publish some or delete them ("deck list" names the newest of each deck)';
    throw new Refused('too_many_versions', `${MOST_WAITING} versions wait to become current already: ${todo}`).about({
      most: MOST_WAITING,
    });
  }
  return withNewVersion(database, request, async ofFile => {
    const { written, compared } = await withKeptPrices(database, request, ofFile);
    const { deck, version, rates, source, currency } = written;
    const complete = async (transaction: Knex.Transaction) => {
      refuseIfInterrupted(request.signal);
      if (!(await completeVersion(transaction, written, compared))) throw takenForDead(version);
      await writeAudit(transaction, acting, {
        operation: 'deck load',
        object: `version ${version} of deck ${deck}`,
        before: null,
        after: { rates, currency, source },
      });
      const preview = await previewOfLoaded(transaction, deck, version, compared);
      await request.onResult?.(transaction, preview);
      return preview;
    };
    return inTransaction(database, complete, { idempotent: true });
  });
}
