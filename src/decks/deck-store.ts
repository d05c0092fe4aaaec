import type { Knex } from 'knex';
import type { ListOrder } from '../operator/cursor';
import { noDeck, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import type { Rate } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
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
}

/** Decks in the order of their names. */
export async function listDecks(database: Knex, { limit, offset }: PageRequest): Promise<Page<DeckView>> {
  const [row] = await database('astratedeck').count({ total: '*' });
  const rows = await database('astratedeck as d')
    .leftJoin('astratedeckversion as v', 'v.version', 'd.version')
    .select('d.deck', 'd.currency', 'd.version', 'v.rates', 'v.source', 'v.imported_at')
    .orderBy('d.deck')
    .limit(limit)
    .offset(offset);
  const items = rows.map(row => ({
    deck: row.deck,
    currency: row.currency,
    version: Number(row.version),
    rates: row.rates ?? 0,
    source: row.source ?? '',
    importedAt: row.imported_at,
  }));
  return { items, total: Number(row?.total) };
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

/** A new version of a deck, not current and without rates. */
export async function openVersion(database: Knex, deck: string, source: string): Promise<number> {
  const [version] = await database('astratedeckversion').insert({ deck, source: [...source].slice(0, 255).join('') });
  return Number(version);
}

/** Shows that the import of a version is alive, until `abandonedVersions` next looks; false if it already counts as dead. */
export async function showProgress(transaction: Knex, version: number, rates: number): Promise<boolean> {
  const progress = { rates, progress_at: transaction.raw('UTC_TIMESTAMP(3)') };
  return (await transaction('astratedeckversion').where({ version }).update(progress)) === 1;
}

export async function insertRates(database: Knex, version: number, rates: RateLine[]): Promise<void> {
  await database.raw(
    `INSERT INTO astrate (version, prefix, line, destination, price_per_minute, connect_fee, minimum_charge,
       initial_increment_seconds, increment_seconds, grace_seconds, max_seconds, valid_from, valid_until) VALUES ?`,
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
        rate.validFrom,
        rate.validUntil,
      ]),
    ] as never,
  );
}

export async function countRates(database: Knex, version: number): Promise<number> {
  const [row] = await database('astrate').where({ version }).count({ total: '*' });
  return Number(row?.total);
}

/** Makes the deck if it does not exist; an existing one keeps its currency. Holds its lock until COMMIT either way. */
export async function ensureDeck(transaction: Knex.Transaction, deck: string, currency: string): Promise<void> {
  await transaction.raw('INSERT INTO astratedeck (deck, currency) VALUES (?, ?) ON DUPLICATE KEY UPDATE deck = deck', [
    deck,
    currency,
  ]);
}

/** Moves the deck's pointer to a complete version: the next call that starts is rated with it. */
export async function makeCurrent(
  transaction: Knex.Transaction,
  deck: string,
  version: number,
  rates: number,
  longestPrefix: number,
): Promise<void> {
  await transaction('astratedeck').where({ deck }).update({ version });
  await transaction('astratedeckversion')
    .where({ version })
    .update({ rates, longest_prefix: longestPrefix, imported_at: transaction.raw('UTC_TIMESTAMP(3)') });
}

/**
 * Deletes a version that was never current, in short transactions, so that a call that starts never waits for it.
 *
 * Leaves a published version as it is: its import may have ended with a COMMIT whose answer was lost.
 */
export async function removeVersion(database: Knex, version: number): Promise<void> {
  const ROWS_AT_ONCE = 5_000;
  for (;;) {
    const [result] = await database.raw(
      `DELETE FROM astrate WHERE version = ?
       AND version IN (SELECT version FROM astratedeckversion WHERE imported_at IS NULL) LIMIT ?`,
      [version, ROWS_AT_ONCE],
    );
    if (result.affectedRows < ROWS_AT_ONCE) break;
  }
  await database('astratedeckversion').where({ version }).whereNull('imported_at').delete();
}

/** Versions whose import was never finished and has not written for a quarter of an hour: it was killed, or lost the database. */
export async function abandonedVersions(database: Knex): Promise<number[]> {
  const dead = await database('astratedeckversion')
    .whereNull('imported_at')
    .whereRaw('progress_at < UTC_TIMESTAMP(3) - INTERVAL 15 MINUTE')
    .select('version');
  return dead.map(({ version }) => Number(version));
}

/** A version of a deck as an operator sees it. */
export interface VersionView {
  version: number;
  deck: string;
  isCurrent: boolean;
  rates: number;
  source: string;
  /** null while its import is in progress, or if it was interrupted. */
  importedAt: Date | null;
}

/** The versions of a deck, the newest first. */
export async function listVersions(
  database: Knex,
  deck: string,
  { limit, offset }: PageRequest,
): Promise<Page<VersionView>> {
  const versions = database('astratedeckversion as v')
    .join('astratedeck as d', 'd.deck', 'v.deck')
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
    rates: row.rates,
    source: row.source,
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

/** The rates of a version in the order of their prefixes: those that begin with `prefix`. */
export async function listRates(
  database: Knex,
  version: number,
  prefix: string,
  request: PageRequest,
): Promise<Page<Rate>> {
  const rates = database('astrate as r').where('r.version', version);
  // Digits sort like texts: all that begin so lie between the prefix and the prefix followed by a character after the last digit.
  if (prefix !== '') rates.where('r.prefix', '>=', prefix).where('r.prefix', '<', `${prefix}:`);
  const show = (query: Knex.QueryBuilder) =>
    void query
      .join('astratedeckversion as v', 'v.version', 'r.version')
      .join('astratedeck as d', 'd.deck', 'v.deck')
      .select(database.raw(RATE_COLUMNS), 'r.line');
  const { rows, ...part } = await partOf(database, { rows: rates, order: RATES_ORDER, narrow: null, show }, request);
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
  const { version } = await deckNamed(database, deck);
  if (named === undefined) return version;
  if (await database('astratedeckversion').where({ deck, version: named }).first('version')) return named;
  throw noVersion(deck, named);
}

export const noVersion = (deck: string, version: number): Refused =>
  new Refused(
    'version_not_found',
    `version ${version} of deck ${JSON.stringify(deck)} does not exist: see "deck show"`,
  );
