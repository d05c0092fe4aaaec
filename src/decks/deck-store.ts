import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import type { Row } from '../database/rows';
import { amountOf } from '../database/values';
import type { Micros } from '../money/micros';
import type { ListOrder } from '../operator/cursor';
import { noDeck, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import type { Rate } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
import type { DeckChanges } from './deck-change-store';
import type { RateLine } from './rate-line';

/** A deck as an operator sees it. */
export interface DeckView {
  deck: string;
  currency: string;
  version: number;
  /** Rates of the current version. */
  rates: number;
  /** The name of the imported file. */
  source: string;
  importedAt: Date | null;
  /** The deck that it stands on; null for none. */
  parent: string | null;
  /** Added to each amount of a line of `parent`; millionths of a per cent. */
  markupPercent: Micros;
  /** Added to each of its prices per minute. */
  markupAmount: Micros;
  /** The newest version that is loaded and waits to become current; null for none. */
  waiting: number | null;
}

/** The decks, and those that a version which waits would make. */
const DECKS = `(SELECT deck FROM astratedeck
  UNION SELECT deck FROM astratedeckversion WHERE loaded_at IS NOT NULL AND imported_at IS NULL) AS n`;

/** Decks in the order of their names. One that only a version which waits would make has the version 0. */
export async function listDecks(database: Knex, { limit, offset }: PageRequest): Promise<Page<DeckView>> {
  const [[count]] = await database.raw(`SELECT COUNT(*) AS total FROM ${DECKS}`);
  const [rows] = await database.raw(
    `SELECT n.deck, COALESCE(d.currency, w.currency) AS currency, COALESCE(d.version, 0) AS version,
       d.parent, COALESCE(d.markup_percent, 0) AS markup_percent, COALESCE(d.markup_amount, 0) AS markup_amount,
       v.rates, v.source, v.imported_at, w.version AS waiting
     FROM ${DECKS}
     LEFT JOIN astratedeck d ON d.deck = n.deck
     LEFT JOIN astratedeckversion v ON v.version = d.version
     LEFT JOIN astratedeckversion w ON w.version = (
       SELECT MAX(o.version) FROM astratedeckversion o
       WHERE o.deck = n.deck AND o.loaded_at IS NOT NULL AND o.imported_at IS NULL AND o.version > COALESCE(d.version, 0))
     ORDER BY n.deck LIMIT ? OFFSET ?`,
    [limit, offset],
  );
  const items = (rows as Row[]).map(row => ({
    deck: row.deck,
    currency: row.currency,
    version: Number(row.version),
    rates: row.rates ?? 0,
    source: row.source ?? '',
    importedAt: row.imported_at,
    parent: row.parent,
    markupPercent: amountOf(row.markup_percent),
    markupAmount: amountOf(row.markup_amount),
    waiting: row.waiting === null ? null : Number(row.waiting),
  }));
  return { items, total: Number(count.total) };
}

/** The deck's currency; null if there is no such deck. Locks the deck until COMMIT if requested. */
export async function readDeckCurrency(database: Knex, deck: string, lock = false): Promise<string | null> {
  const query = database('astratedeck').where({ deck }).first('currency');
  const row = await (lock ? query.forUpdate() : query);
  return row?.currency ?? null;
}

/** The deck's current version; 0 if it was never imported. Locks the deck until COMMIT if requested. */
export async function readCurrentVersion(database: Knex, deck: string, lock = false): Promise<number> {
  const query = database('astratedeck').where({ deck }).first('version');
  const row = await (lock ? query.forUpdate() : query);
  return Number(row?.version ?? 0);
}

/** Digits of a version's longest prefix, or more; 0 if there is no such version. */
export async function longestPrefixOf(database: Knex, version: number): Promise<number> {
  const row = await database('astratedeckversion').where({ version }).first('longest_prefix');
  return Number(row?.longest_prefix ?? 0);
}

/** A new version of a deck, not current and without rates. */
export async function openVersion(database: Knex, deck: string, source: string): Promise<number> {
  const [version] = await database('astratedeckversion').insert({ deck, source: [...source].slice(0, 255).join('') });
  return Number(version);
}

/** How many versions of all decks are loaded and wait to become current, without those that have waited too long. */
export async function countWaiting(database: Knex): Promise<number> {
  const waiting = database('astratedeckversion')
    .whereNull('imported_at')
    .whereRaw('loaded_at > UTC_TIMESTAMP(3) - INTERVAL ? HOUR', [WAITS_HOURS]);
  const [row] = await waiting.count({ total: '*' });
  return Number((row as { total?: unknown }).total);
}

/** Shows that a version is still written, until `abandonedVersions` next looks; false if it counted as dead and is gone. */
export async function showProgress(transaction: Knex, version: number, rates?: number): Promise<boolean> {
  const progress = { ...(rates !== undefined && { rates }), progress_at: transaction.raw('UTC_TIMESTAMP(3)') };
  return (await transaction('astratedeckversion').where({ version }).update(progress)) === 1;
}

/** Rows in one INSERT, far below any max_allowed_packet: a service that carries calls stands still while it is written out. */
export const ROWS_A_STATEMENT = 250;

/** The days of a line that is no rate, but ends those of its prefix: its last day is before its first, so it counts on none. */
const daysOf = ({ isRemoved, validFrom, validUntil }: RateLine): [string | null, string | null] => {
  if (!isRemoved) return [validFrom, validUntil];
  const first = validFrom ?? '1000-01-02';
  return [first, new Date(Date.parse(`${first}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)];
};

/** `again`: those that are there already stay. */
export async function insertRates(
  database: Knex,
  version: number,
  rates: RateLine[],
  { again = false } = {},
): Promise<void> {
  await database.raw(
    `INSERT INTO astrate (version, prefix, line, destination, price_per_minute, connect_fee, minimum_charge,
       initial_increment_seconds, increment_seconds, grace_seconds, max_seconds, valid_from, valid_until, is_blocked, free_seconds, steps, schedule) VALUES ?
     ${again ? 'ON DUPLICATE KEY UPDATE line = VALUES(line)' : ''}`,
    [
      rates.map(rate => [
        version,
        rate.prefix,
        rate.line,
        rate.destination,
        rate.pricePerMinute,
        rate.connectFee,
        rate.minimumCharge,
        rate.initialIncrementSeconds,
        rate.incrementSeconds,
        rate.graceSeconds,
        rate.maxSeconds,
        ...daysOf(rate),
        rate.isBlocked,
        rate.freeSeconds,
        rate.steps,
        rate.schedule,
      ]),
    ] as never,
  );
}

/** Lines from here on stood in no file of this version: its prices are those of the version before. */
export const FIRST_KEPT_LINE = 1_000_000_000;

export async function countRates(database: Knex, version: number): Promise<number> {
  const [row] = await database('astrate').where({ version }).count({ total: '*' });
  return Number(row?.total);
}

/** The first line of a version's file that rates any number; null if none does. */
export async function anyNumberLineOf(database: Knex, version: number): Promise<number | null> {
  const lines = database('astrate').where({ version, prefix: '' }).where('line', '<', FIRST_KEPT_LINE);
  const row = await lines.orderBy('line').first('line');
  return row?.line ?? null;
}

/** Makes the deck if it does not exist; an existing one keeps its currency. Holds its lock until COMMIT either way. */
export async function ensureDeck(transaction: Knex.Transaction, deck: string, currency: string): Promise<void> {
  await transaction.raw('INSERT INTO astratedeck (deck, currency) VALUES (?, ?) ON DUPLICATE KEY UPDATE deck = deck', [
    deck,
    currency,
  ]);
}

/** A version whose file was read to its end. */
export interface WrittenVersion {
  version: number;
  rates: number;
  longestPrefix: number;
  currency: string;
  /** The version that some of its prices are from; 0 if all are from its file. */
  keepsOf: number;
}

/** What a version changes against the one that was current. */
export interface Compared {
  /** 0 if there was none. */
  comparedWith: number;
  /** null if there was none. */
  changes: DeckChanges | null;
}

/**
 * Notes that all rates of a version are there: from here on they stay. Holds the version's lock until COMMIT. False if some are not, because
 * the version counted as dead meanwhile.
 */
export async function completeVersion(
  transaction: Knex.Transaction,
  { version, rates, longestPrefix, currency, keepsOf }: WrittenVersion,
  { comparedWith, changes }: Compared,
): Promise<boolean> {
  if (!(await showProgress(transaction, version, rates))) return false;
  if ((await countRates(transaction, version)) !== rates) return false;
  await transaction('astratedeckversion')
    .where({ version })
    .update({
      longest_prefix: longestPrefix,
      currency,
      compared_with: comparedWith,
      keeps_of: keepsOf,
      changes: changes && JSON.stringify(changes),
      // After a COMMIT whose answer was lost it is there already.
      loaded_at: transaction.raw('COALESCE(loaded_at, UTC_TIMESTAMP(3))'),
    });
  return true;
}

/** Moves the deck's pointer to a complete version: the next call that starts is rated with it. */
export async function makeCurrent(transaction: Knex.Transaction, deck: string, version: number): Promise<void> {
  await transaction('astratedeck').where({ deck }).update({ version });
  await transaction('astratedeckversion')
    .where({ version })
    .update({ imported_at: transaction.raw('UTC_TIMESTAMP(3)') });
}

/**
 * Deletes a version that is not complete, in short transactions, so that a call that starts never waits for it.
 *
 * Leaves a complete one as it is: its load may have ended with a COMMIT whose answer was lost.
 */
export async function removeVersion(database: Knex, version: number, signal?: AbortSignal): Promise<void> {
  const ROWS_AT_ONCE = 5_000;
  const incomplete = (transaction: Knex) =>
    transaction('astratedeckversion').where({ version }).whereNull('imported_at').whereNull('loaded_at');
  const deleteSome = async (transaction: Knex.Transaction) => {
    // Locked: a load that stood still may complete it at this moment.
    if (!(await incomplete(transaction).forUpdate().first('version'))) return 0;
    const [result] = await transaction.raw('DELETE FROM astrate WHERE version = ? LIMIT ?', [version, ROWS_AT_ONCE]);
    return result.affectedRows as number;
  };
  for (;;) {
    signal?.throwIfAborted();
    if ((await inTransaction(database, deleteSome, { idempotent: true })) < ROWS_AT_ONCE) break;
  }
  await inTransaction(
    database,
    async transaction => {
      if ((await incomplete(transaction).delete()) > 0)
        await transaction('astdeckschedule').where({ version }).delete();
    },
    { idempotent: true },
  );
}

/** How long a version that is loaded is kept, at least, if it does not become current. */
export const WAITS_HOURS = 24;

/**
 * Versions that may be removed: those that were not completed and have not been written for a quarter of an hour, because their process was
 * killed or lost the database, and those that have waited for a day. No such one becomes current from now on.
 */
async function abandonedVersions(database: Knex): Promise<number[]> {
  await database('astratedeckversion')
    .whereNull('imported_at')
    .whereRaw('loaded_at < UTC_TIMESTAMP(3) - INTERVAL ? HOUR', [WAITS_HOURS])
    .update({ loaded_at: null });
  const dead = await database('astratedeckversion')
    .whereNull('imported_at')
    .whereNull('loaded_at')
    .whereRaw('progress_at < UTC_TIMESTAMP(3) - INTERVAL 15 MINUTE')
    .select('version');
  return dead.map(({ version }) => Number(version));
}

/** Deletes the versions that may be removed, with their rates. @throws DatabaseFault */
export async function removeAbandoned(database: Knex): Promise<void> {
  for (const version of await abandonedVersions(database)) await removeVersion(database, version);
}

/** A version of a deck as an operator sees it. */
export interface VersionView {
  version: number;
  deck: string;
  isCurrent: boolean;
  /** Whether it is loaded, and may become current. */
  isWaiting: boolean;
  rates: number;
  source: string;
  /** When all its rates were there; null before that, and of old versions. */
  loadedAt: Date | null;
  /** When it became current, the last time; null if it did not yet. */
  importedAt: Date | null;
}

/** The versions of a deck, the newest first. */
export async function listVersions(
  database: Knex,
  deck: string,
  { limit, offset }: PageRequest,
): Promise<Page<VersionView>> {
  // A deck is made when its first version becomes current.
  const versions = database('astratedeckversion as v')
    .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
    .where('v.deck', deck);
  const [row] = await versions.clone().count({ total: '*' });
  const rows = await versions
    .select('v.*', { current: 'd.version' })
    .orderBy('v.version', 'desc')
    .limit(limit)
    .offset(offset);
  const items = rows.map(row => ({
    version: Number(row.version),
    deck: row.deck,
    isCurrent: Number(row.version) === Number(row.current),
    isWaiting: row.loaded_at !== null && row.imported_at === null && Number(row.version) > Number(row.current ?? 0),
    rates: row.rates,
    source: row.source,
    loadedAt: row.loaded_at,
    importedAt: row.imported_at,
  }));
  return { items, total: Number(row?.total) };
}

/** A cursor names the version, too: a deck that is read on stays the one that was begun, though another version is current now. */
export const RATES_ORDER: ListOrder = {
  name: 'rates',
  columns: [
    { column: 'r.version', kind: 'number' },
    { column: 'r.prefix', kind: 'text' },
    { column: 'r.line', kind: 'number' },
  ],
};

/** The rates of a version in the order of their prefixes: those that begin with `prefix`, and whose name has `destination` in it. */
export async function listRates(
  database: Knex,
  version: number,
  { prefix = '', destination }: { prefix?: string; destination?: string | undefined },
  request: PageRequest,
): Promise<Page<Rate>> {
  const rates = database('astrate as r').where('r.version', version);
  // Digits sort like texts: all that begin so lie between the prefix and the prefix followed by a character after the last digit.
  if (prefix !== '') rates.where('r.prefix', '>=', prefix).where('r.prefix', '<', `${prefix}:`);
  const show = (query: Knex.QueryBuilder) =>
    void query
      .join('astratedeckversion as v', 'v.version', 'r.version')
      .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
      .select(database.raw(RATE_COLUMNS), 'r.line');
  const named = (query: Knex.QueryBuilder) =>
    void query.whereRaw('LOCATE(LOWER(?), LOWER(r.destination)) > 0', [destination as string]);
  const narrow = destination === undefined ? null : named;
  const { rows, ...part } = await partOf(database, { rows: rates, order: RATES_ORDER, narrow, show }, request);
  return { items: rows.map(rateOf), ...part };
}

/** The deck's currency and current version. @throws Refused deck_not_found */
export async function deckNamed(database: Knex, deck: string): Promise<{ currency: string; version: number }> {
  const row = await database('astratedeck').where({ deck }).first();
  if (!row) throw noDeck('deck', deck);
  return { currency: row.currency, version: Number(row.version) };
}

/** The requested version of the deck: its current one if none is named. @throws Refused deck_not_found, version_not_found */
export async function versionOf(database: Knex, deck: string, named: number | undefined): Promise<number> {
  if (named === undefined) return (await deckNamed(database, deck)).version;
  if (await database('astratedeckversion').where({ deck, version: named }).first('version')) return named;
  throw await noVersionOf(database, deck, named);
}

/** The refusal of a version that is not there: its deck may be missing, too. */
export async function noVersionOf(database: Knex, deck: string, version: number): Promise<Refused> {
  return (await database('astratedeck').where({ deck }).first('deck'))
    ? noVersion(deck, version)
    : noDeck('deck', deck);
}

const noVersion = (deck: string, version: number): Refused =>
  new Refused(
    'version_not_found',
    `version ${version} of deck ${JSON.stringify(deck)} does not exist: see "deck show"`,
  ).about({ deck, version });
