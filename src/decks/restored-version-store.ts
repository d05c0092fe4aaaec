/** Takes a deck back to a version that was current before. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { Refused } from '../operator/operator-refusal';
import { deckNamed, makeCurrent, noVersionOf, readCurrentVersion, readDeckCurrency } from './deck-store';
import type { DeckPublished } from './waiting-version-store';

export interface Restoration {
  deck: string;
  /** One that was current before, and is not deleted. */
  version: number;
  /** The current version as the caller knows it: it is the one that goes. */
  comparedWith: number;
}

/**
 * Makes a version current that was so before: calls that start from then on are rated with it, and calls in progress keep their price. The
 * version that goes stays, so that this can be taken back, too.
 * @throws Refused deck_not_found, version_not_found, version_incomplete, version_current, preview_outdated; DatabaseFault
 */
export async function restoreVersion(
  acting: Acting,
  { deck, version, comparedWith }: Restoration,
): Promise<DeckPublished> {
  const name = `version ${version} of deck ${JSON.stringify(deck)}`;
  const restore = async (transaction: Knex.Transaction, { commitWasLost }: { commitWasLost: boolean }) => {
    // Locked in the order in which versions are published and deleted.
    const row = await transaction('astratedeckversion').where({ deck, version }).forUpdate().first();
    if (!row) throw await noVersionOf(transaction, deck, version);
    const current = await readCurrentVersion(transaction, deck, true);
    const currency = (await readDeckCurrency(transaction, deck)) ?? (await deckNamed(transaction, deck)).currency;
    const done = { deck, version, currency, rates: Number(row.rates), replaced: comparedWith };
    if (commitWasLost && current === version) return done;
    if (row.imported_at === null) {
      const todo = row.loaded_at === null ? 'it is being loaded or deleted' : 'use "deck publish"';
      throw new Refused('version_incomplete', `${name} was never current: ${todo}`).about({ deck, version });
    }
    if (current === version)
      throw new Refused('version_current', `${name} is current already: take another one`).about({ deck, version });
    if (current !== comparedWith) {
      throw new Refused(
        'preview_outdated',
        `compared_with ${comparedWith} is no longer what ${name} would replace: the deck has version ${current} now. Compare them again`,
      ).about({ deck, version, current });
    }
    await makeCurrent(transaction, deck, version);
    await writeAudit(transaction, acting, {
      operation: 'deck restore',
      object: `deck ${deck}`,
      before: { version: comparedWith },
      after: { version, rates: done.rates, source: row.source },
    });
    return done;
  };
  return inTransaction(acting.database, restore, { idempotent: true });
}
