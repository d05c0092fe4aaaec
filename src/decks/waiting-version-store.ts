/** Versions of decks that are loaded and wait to become current. */
import type { Knex } from 'knex';
import { inTransaction, urlOf } from '../database/connection';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { Refused } from '../operator/operator-refusal';
import { comparisonsByDatabase } from './comparisons';
import { changesBetween, type DeckChanges, isShrunk, prefixesGone } from './deck-change-store';
import {
  anyNumberLineOf,
  type Compared,
  ensureDeck,
  makeCurrent,
  noVersionOf,
  readCurrentVersion,
  WAITS_HOURS,
} from './deck-store';
import { deckCurrency } from './write-version';

/** What a version that waits would change. */
export interface DeckPreview extends Compared {
  deck: string;
  version: number;
  currency: string;
  rates: number;
  source: string;
  /** Line of the rate for any number (an empty prefix); null if there is none. */
  anyNumberLine: number | null;
  /** It is kept until then at least. */
  waitsUntil: Date;
}

export interface DeckPublished {
  deck: string;
  version: number;
  currency: string;
  rates: number;
  /** The version that was current; 0 if there was none. */
  replaced: number;
}

/** What a version changes against the current one. */
export async function comparedWithCurrent(database: Knex, deck: string, version: number): Promise<Compared> {
  const comparedWith = await readCurrentVersion(database, deck);
  return { comparedWith, changes: await changesAgainst(database, comparedWith, version) };
}

const changesAgainst = async (database: Knex, before: number, version: number): Promise<DeckChanges | null> =>
  before === 0 ? null : changesBetween(database, before, version);

/** A row of astratedeckversion. */
interface Waiting extends Compared {
  currency: string;
  rates: number;
  source: string;
  loadedAt: Date;
  /** The version that some of its prices are from; 0 if all are from its file. */
  keepsOf: number;
  /** `2026-12-31`, UTC. */
  today: string;
}

const TODAY = "DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%d') AS today";

/** The version, if it is complete and was not current yet. Holds its lock until COMMIT if requested. @throws Refused */
async function waitingVersion(database: Knex, deck: string, version: number, lock = false): Promise<Waiting> {
  const query = database('astratedeckversion').where({ deck, version }).first('*', database.raw(TODAY));
  const row = await (lock ? query.forUpdate() : query);
  if (!row) throw await noVersionOf(database, deck, version);
  if (row.imported_at !== null) throw alreadyCurrent(deck, version);
  if (row.loaded_at === null) {
    throw new Refused(
      'version_incomplete',
      `${nameOf(deck, version)} is being loaded or deleted: wait, or load the file again`,
    ).about({ deck, version });
  }
  return {
    currency: row.currency,
    rates: row.rates,
    source: row.source,
    loadedAt: row.loaded_at,
    keepsOf: Number(row.keeps_of),
    today: row.today,
    comparedWith: Number(row.compared_with),
    changes: row.changes && JSON.parse(row.changes),
  };
}

const comparisons = comparisonsByDatabase<DeckChanges>({ mostKept: 100, mostAtOnce: 2 });
const comparisonsIn = (database: Knex) => comparisons(urlOf(database));

/**
 * A comparison's name. When the version was loaded is part of it: a database that is restored gives numbers anew. So is the day: a price may
 * begin or end with it.
 */
const nameOfComparison = (before: number, version: number, { loadedAt, today }: Waiting): string =>
  `${before} ${version} ${loadedAt.getTime()} ${today}`;

/** Whether its load compared it with that version, on this day. What was kept before prefixes could lapse, or be blocked, does not count. */
const isKnownAgainst = (before: number, { comparedWith, changes, loadedAt, today }: Waiting): boolean =>
  before === comparedWith &&
  (changes === null || (changes.blocked !== undefined && loadedAt.toISOString().startsWith(today)));

const alreadyCurrent = (deck: string, version: number): Refused =>
  new Refused('version_current', `${nameOf(deck, version)} is current already, or was: load another one`).about({
    deck,
    version,
  });

const nameOf = (deck: string, version: number): string => `version ${version} of deck ${JSON.stringify(deck)}`;

/**
 * What a version that waits would change against the current one. What it was compared with when it was loaded need not be compared again on
 * that day: a version never changes. With another one it is compared once, however many ask for that at once or one after the other.
 * @throws Refused deck_not_found, version_not_found, version_incomplete, version_current, version_outdated; the reason of `signal`
 */
export async function previewVersion(
  database: Knex,
  deck: string,
  version: number,
  signal?: AbortSignal,
): Promise<DeckPreview> {
  const waiting = await waitingVersion(database, deck, version);
  const current = await readCurrentVersion(database, deck);
  refuseOutdated(deck, version, current, waiting);
  if (isKnownAgainst(current, waiting)) return previewOf(database, deck, version, waiting);
  const changes = await comparisonsIn(database).result(
    nameOfComparison(current, version, waiting),
    stop => changesBetween(database, current, version, stop),
    signal,
  );
  return previewOf(database, deck, version, { ...waiting, comparedWith: current, changes });
}

/** The preview of a version that was loaded and compared in this transaction. @throws Refused */
export const previewOfLoaded = async (
  transaction: Knex.Transaction,
  deck: string,
  version: number,
  compared: Compared,
): Promise<DeckPreview> =>
  previewOf(transaction, deck, version, { ...(await waitingVersion(transaction, deck, version)), ...compared });

/**
 * Compares a version that waits with the current one, for its publication: that then has nothing left to compare. Does nothing for what cannot
 * be published; the publication says why. @throws the reason of `signal`; DatabaseFault
 */
export async function compareBefore(
  database: Knex,
  deck: string,
  version: number,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await previewVersion(database, deck, version, signal);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

async function previewOf(
  database: Knex,
  deck: string,
  version: number,
  { loadedAt, today: _, keepsOf: _its, ...waiting }: Waiting,
): Promise<DeckPreview> {
  const anyNumberLine = await anyNumberLineOf(database, version);
  const waitsUntil = new Date(loadedAt.getTime() + WAITS_HOURS * 3_600_000);
  return { deck, version, ...waiting, anyNumberLine, waitsUntil };
}

export interface Publication {
  deck: string;
  version: number;
  /** The version that the preview compared it with; the one when it was loaded, if not given. */
  comparedWith?: number | undefined;
  /** Lets it replace the deck though more than a fifth of the prefixes are not in it, or have no price today. */
  confirm?: boolean | undefined;
}

/**
 * Makes a version that waits current: calls that start from then on are rated with it. Compares only what neither its load nor a preview nor
 * `compareBefore` in this process has compared.
 * @throws Refused deck_not_found, version_not_found, version_incomplete, version_current, version_outdated, preview_outdated, prefixes_gone,
 * currency_mismatch; DatabaseFault
 */
export async function publishVersion(
  acting: Acting,
  { deck, version, comparedWith, confirm = false }: Publication,
): Promise<DeckPublished> {
  const { database } = acting;
  const waiting = await waitingVersion(database, deck, version);
  const { currency, rates, source } = waiting;
  const before = comparedWith ?? waiting.comparedWith;
  refuseOthers(deck, version, { current: await readCurrentVersion(database, deck), before }, waiting);
  const changes = isKnownAgainst(before, waiting)
    ? waiting.changes
    : (comparisonsIn(database).known(nameOfComparison(before, version, waiting)) ??
      (await changesAgainst(database, before, version)));
  if (changes && isShrunk(changes) && !confirm) {
    const todo = 'and the deck stayed as it was: load a complete file, or confirm that they shall go';
    throw prefixesGone(`version ${version}`, deck, changes, todo);
  }
  const publish = async (transaction: Knex.Transaction, { commitWasLost }: { commitWasLost: boolean }) => {
    if (commitWasLost && (await readCurrentVersion(transaction, deck)) === version) return;
    // Read again under the locks: it may have been deleted, or another one become current.
    await waitingVersion(transaction, deck, version, true);
    await ensureDeck(transaction, deck, currency);
    await deckCurrency(transaction, deck, currency, true);
    refuseOthers(deck, version, { current: await readCurrentVersion(transaction, deck, true), before }, waiting);
    await makeCurrent(transaction, deck, version);
    await writeAudit(transaction, acting, {
      operation: 'deck publish',
      object: `deck ${deck}`,
      before: before === 0 ? null : { version: before },
      after: { version, rates, source },
    });
  };
  await inTransaction(database, publish, { idempotent: true });
  return { deck, version, currency, rates, replaced: before };
}

/** @throws Refused version_current, version_outdated, preview_outdated */
function refuseOthers(
  deck: string,
  version: number,
  { current, before }: { current: number; before: number },
  waiting: Pick<Waiting, 'keepsOf'>,
): void {
  refuseOutdated(deck, version, current, waiting);
  if (current === before) return;
  const now = current === 0 ? 'has no version yet' : `has version ${current} now`;
  throw new Refused(
    'preview_outdated',
    `compared_with ${before} is no longer what ${nameOf(deck, version)} would replace: the deck ${now}. Look at "deck preview" again`,
  ).about({ deck, version, current });
}

/** @throws Refused version_current, version_outdated */
function refuseOutdated(deck: string, version: number, current: number, { keepsOf }: Pick<Waiting, 'keepsOf'>): void {
  if (version > current) {
    if (keepsOf === 0 || keepsOf === current) return;
    throw new Refused(
      'version_outdated',
      `${nameOf(deck, version)} has prices of version ${keepsOf}, and the current one is ${current}: load the file again`,
    ).about({ deck, version, current });
  }
  // Since it was read.
  if (version === current) throw alreadyCurrent(deck, version);
  throw new Refused(
    'version_outdated',
    `${nameOf(deck, version)} is older than the current one, ${current}: load the file again`,
  ).about({ deck, version, current });
}
