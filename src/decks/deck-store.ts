import type { Knex } from 'knex';
import type { Page, PageRequest } from '../operator/page';
import type { RateLine } from './rate-line';

/** A deck as an operator sees it. */
export interface DeckView {
  deck: string;
  currency: string;
  version: number;
  /** Rates of the current version. */
  rates: number;
  /** Name of the file it was imported from. */
  source: string;
  importedAt: Date | null;
}

/** Decks in the order of their names. */
export async function listDecks(database: Knex, { limit, offset }: PageRequest): Promise<Page<DeckView>> {
  const [counted] = await database('astratedeck').count({ total: '*' });
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
  return { items, total: Number(counted?.total) };
}

/** The deck's currency; null when there is no such deck. Locks the deck until COMMIT when asked to. */
export async function readDeckCurrency(database: Knex, deck: string, lock = false): Promise<string | null> {
  const query = database('astratedeck').where({ deck }).first('currency');
  const row = await (lock ? query.forUpdate() : query);
  return row?.currency ?? null;
}

/** Named so that one server with several schemas keeps them apart, within MySQL's 64 characters. MySQL 9 has no MD5(). */
const LOCK = "CONCAT('rf-import-', LEFT(SHA2(DATABASE(), 256), 32), '-', ?)";

/**
 * A new version of a deck, not current and without rates, that is known to be worked on as long as the transaction's
 * connection lives: its number is locked by name before anybody can see its row.
 */
export async function openVersion(claim: Knex.Transaction, deck: string, source: string): Promise<number> {
  const [version] = await claim('astratedeckversion').insert({ deck, source: [...source].slice(0, 255).join('') });
  await claim.raw(`SELECT GET_LOCK(${LOCK}, 0)`, [Number(version)]);
  return Number(version);
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

/** Ends the claim that `openVersion` made on this connection. */
export async function closeVersion(database: Knex, connection: unknown, version: number): Promise<void> {
  await database.raw(`DO RELEASE_LOCK(${LOCK})`, [version]).connection(connection);
}

export async function countRates(database: Knex, version: number): Promise<number> {
  const [counted] = await database('astrate').where({ version }).count({ total: '*' });
  return Number(counted?.total);
}

/** Makes the deck where there is none; one that is there keeps its currency. Holds its lock until COMMIT either way. */
export async function ensureDeck(transaction: Knex.Transaction, deck: string, currency: string): Promise<void> {
  await transaction.raw('INSERT INTO astratedeck (deck, currency) VALUES (?, ?) ON DUPLICATE KEY UPDATE deck = deck', [
    deck,
    currency,
  ]);
}

/** Moves the deck's pointer to a version that is complete: the next call that starts is rated with it. */
export async function makeCurrent(
  transaction: Knex.Transaction,
  deck: string,
  version: number,
  rates: number,
): Promise<void> {
  await transaction('astratedeck').where({ deck }).update({ version });
  await transaction('astratedeckversion')
    .where({ version })
    .update({ rates, imported_at: transaction.raw('UTC_TIMESTAMP(3)') });
}

/** Removes a version that is not current, in short transactions: a call that starts never waits for it. */
export async function removeVersion(database: Knex, version: number): Promise<void> {
  const ROWS_AT_ONCE = 5_000;
  for (;;) {
    const [result] = await database.raw('DELETE FROM astrate WHERE version = ? LIMIT ?', [version, ROWS_AT_ONCE]);
    if (result.affectedRows < ROWS_AT_ONCE) break;
  }
  await database('astratedeckversion').where({ version }).whereNull('imported_at').delete();
}

/** Versions whose import was never finished and whose importer is gone: it was killed, or lost the database. */
export async function abandonedVersions(database: Knex): Promise<number[]> {
  const open = await database('astratedeckversion').whereNull('imported_at').select('version');
  const abandoned: number[] = [];
  for (const { version } of open) {
    const [[{ free }]] = await database.raw(`SELECT IS_FREE_LOCK(${LOCK}) AS free`, [Number(version)]);
    if (Number(free) === 1) abandoned.push(Number(version));
  }
  return abandoned;
}
