/** Deletes versions of decks that are no longer current, or not yet, and that no CDR names: each price can be looked up in its version forever. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import type { Stoppable } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { noDeck, Refused } from '../operator/operator-refusal';
import { noVersionOf, removeVersion } from './deck-store';

export interface VersionRemoved {
  deck: string;
  version: number;
  rates: number;
}

/** How long a version stays after it was current: a call that starts may use a pointer of two seconds ago. */
const MAY_BE_READ_SECONDS = 60;

/**
 * Deletes one version, its rates in short transactions. From the first one on it counts as never imported: the rest of it proves nothing.
 * If this is interrupted, the same again deletes the rest; otherwise a service, or the next import of any deck, does so
 * (`removeAbandoned`).
 * Looks first whether a call names it, without a lock: a version that is not current gets no more calls a moment later.
 * @throws Refused deck_not_found, version_not_found, version_current, version_used; DatabaseFault; the reason of `signal`.
 */
export async function deleteVersion(
  acting: Stoppable,
  deck: string,
  version: number,
  operation: 'deck delete-version' | 'deck prune' = 'deck delete-version',
): Promise<VersionRemoved> {
  const { database } = acting;
  if (await isNamedByCall(database, deck, version)) {
    const detail = `version ${version} of deck ${JSON.stringify(deck)} rated calls that are on record: their prices must be explained forever, and it stays`;
    throw new Refused('version_used', detail).about({ deck, version });
  }
  acting.signal?.throwIfAborted();
  const change = async (transaction: Knex.Transaction) => {
    const row = await removable(transaction, deck, version);
    // Marked before: by a request that was interrupted, or by this one, whose COMMIT was lost.
    if (row.removed_at !== null) return row.rates as number;
    await writeAudit(transaction, acting, {
      operation,
      object: `version ${version} of deck ${deck}`,
      before: { rates: row.rates, source: row.source },
      after: null,
    });
    const now = transaction.raw('UTC_TIMESTAMP(3)');
    await transaction('astratedeckversion')
      .where({ deck, version })
      .update({ imported_at: null, loaded_at: null, progress_at: now, removed_at: now });
    return row.rates as number;
  };
  const rates = await inTransaction(database, change, { idempotent: true });
  await removeVersion(database, version, acting.signal);
  return { deck, version, rates };
}

/**
 * Deletes the versions of a deck that were current, except the current one and the `keep` others that were so last: after a way back, the
 * newest version is not the one with the highest number. Those that any CDR names stay too. Deletes too what an interrupted deletion left of others.
 * @throws Refused deck_not_found, version_current; DatabaseFault; the reason of `signal`.
 */
export async function pruneVersions(acting: Stoppable, deck: string, keep: number): Promise<VersionRemoved[]> {
  const { database } = acting;
  const current = await currentOf(database, deck);
  const old: number[] = (
    await database('astratedeckversion')
      .where({ deck })
      .whereNot('version', current)
      .whereNotNull('imported_at')
      .orderBy([
        { column: 'imported_at', order: 'desc' },
        { column: 'version', order: 'desc' },
      ])
      .pluck('version')
  ).map(Number);
  const begun: Row[] = await database('astratedeckversion')
    .where({ deck })
    .whereNotNull('removed_at')
    .orderBy('version')
    .select('version', 'rates');
  const removed: VersionRemoved[] = [];
  for (const { version, rates } of begun) {
    await removeVersion(database, Number(version), acting.signal);
    removed.push({ deck, version: Number(version), rates });
  }
  for (const version of old.slice(keep)) {
    acting.signal?.throwIfAborted();
    if (await isNamedByCall(database, deck, version)) continue;
    removed.push(await deleteVersion(acting, deck, version, 'deck prune'));
  }
  return removed;
}

/** Whether a CDR names the version, and it is not current. Reads all calls where none does: CDRs have no index of versions, and versions are deleted seldom. */
async function isNamedByCall(database: Knex, deck: string, version: number): Promise<boolean> {
  const isCurrent = await database('astratedeck').where({ deck, version }).first('version');
  if (isCurrent !== undefined) return false;
  const call = await database('astcdr').where({ rate_version: version, rate_deck: deck }).first('uniqueid');
  return call !== undefined;
}

/** The version's row, under its lock and the deck's. @throws Refused */
async function removable(transaction: Knex.Transaction, deck: string, version: number) {
  const row = await transaction('astratedeckversion').where({ deck, version }).forUpdate().first();
  if (!row) throw await noVersionOf(transaction, deck, version);
  if (row.removed_at !== null) return row;
  const isWaiting = row.loaded_at !== null && row.imported_at === null;
  // It was never current, and its deck may not be there yet.
  if (isWaiting) return row;
  const current = await currentOf(transaction, deck, true);
  const name = `version ${version} of deck ${JSON.stringify(deck)}`;
  if (version === current) {
    throw new Refused('version_current', `${name} is current: import another one first`).about({ deck, version });
  }
  const [[fresh]] = await transaction.raw(
    'SELECT version FROM astratedeckversion WHERE version = ? AND imported_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND',
    [current, MAY_BE_READ_SECONDS],
  );
  const isImported = row.imported_at === null;
  if (fresh || isImported) {
    const why = isImported ? 'is being imported' : `was current until less than ${MAY_BE_READ_SECONDS} s ago`;
    throw new Refused('version_current', `${name} ${why}: try again later`).about({ deck, version });
  }
  return row;
}

/** @throws Refused deck_not_found */
async function currentOf(database: Knex, deck: string, lock = false): Promise<number> {
  const query = database('astratedeck').where({ deck }).first('version');
  const row = await (lock ? query.forUpdate() : query);
  if (!row) throw noDeck('deck', deck);
  return Number(row.version);
}
