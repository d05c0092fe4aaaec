/** Prices of a deck's current version that stay in the next one: until a later price begins, and what a sheet of changes does not name. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { countRates, FIRST_KEPT_LINE, insertRates, ROWS_A_STATEMENT, showProgress } from './deck-store';
import type { RateLine } from './rate-line';

/** Rows of the current version of one transaction. */
const KEPT_AT_ONCE = 2_000;
const ROWS_AT_ONCE = 5_000;

/** What a price says besides its version and its line. */
const PRICE = `prefix, destination, price_per_minute, connect_fee, minimum_charge, initial_increment_seconds, increment_seconds, grace_seconds,
  max_seconds, is_blocked, free_seconds, steps, schedule`;
const OF_CURRENT = PRICE.replace(/\w+/g, 'c.$&');

/** A new line: each prefix counts its own, so that a price which is kept again and again keeps a small number. */
const KEPT_LINE = `${FIRST_KEPT_LINE} + ROW_NUMBER() OVER (PARTITION BY c.prefix ORDER BY c.line)`;

/** Zones in the west are a day behind UTC: there a price of yesterday counts still. */
const COUNTS_STILL = '(c.valid_until IS NULL OR c.valid_until >= UTC_DATE() - INTERVAL 1 DAY)';

export interface KeptPrices {
  version: number;
  /** The deck's current version; 0 if it has none. */
  current: number;
  /** Whether all prices of prefixes that the file does not name stay. */
  namesChanges: boolean;
  /** The lines by which a prefix has no price any more. */
  removed: readonly RateLine[];
  /** Gives it up: throws. */
  refuseIfInterrupted: () => void;
}

/**
 * Adds to a version, whose file is written, what stays of the current one. Where all prices of a prefix begin today or later (UTC), its
 * prices of the current version count until the day before; so they do until the day before a line that removes them. Returns how many
 * rates the version has then.
 *
 * Again it does the same anew, perhaps with another current version. The lines that remove are no rates, and are gone then. Assumes that no
 * two lines of the file rate a prefix on one day: then none of the version do.
 * @throws DatabaseFault; what `refuseIfInterrupted` throws; null is returned if the version counted as dead and is gone
 */
export async function keepPrices(database: Knex, kept: KeptPrices): Promise<number | null> {
  const { version, current, namesChanges, removed, refuseIfInterrupted } = kept;
  await deleteSome(database, version, 'line >= ?', [FIRST_KEPT_LINE]);
  for (let at = 0; at < removed.length; at += ROWS_A_STATEMENT) {
    await insertRates(database, version, removed.slice(at, at + ROWS_A_STATEMENT), { again: true });
  }
  if (current > 0) {
    for (let last: string | null = null; ; ) {
      refuseIfInterrupted();
      const end: string | null = await prefixBehind(database, current, last);
      const part = { behind: last, to: end };
      const isThere = await inTransaction(
        database,
        async transaction => {
          if (!(await showProgress(transaction, version))) return false;
          await keepUntilLater(transaction, kept, part);
          if (namesChanges) await keepUnnamed(transaction, kept, part);
          return true;
        },
        { idempotent: true },
      );
      if (!isThere) return null;
      if (end === null) break;
      last = end;
    }
  }
  await deleteSome(database, version, 'valid_until < valid_from', []);
  return countRates(database, version);
}

/** Prefixes of a part: those behind `behind` (null: from the first) up to `to` (null: to the last). */
interface Part {
  behind: string | null;
  to: string | null;
}

const within = (column: string, { behind, to }: Part): { sql: string; values: string[] } => ({
  sql: `${behind === null ? '' : `AND ${column} > ?`} ${to === null ? '' : `AND ${column} <= ?`}`,
  values: [behind, to].filter(bound => bound !== null),
});

/** The prefix at which a part ends that begins behind `last`; null for the last part. */
async function prefixBehind(database: Knex, version: number, last: string | null): Promise<string | null> {
  const { sql, values } = within('prefix', { behind: last, to: null });
  const [rows] = await database.raw(
    `SELECT prefix FROM astrate WHERE version = ? ${sql} ORDER BY prefix LIMIT 1 OFFSET ?`,
    [version, ...values, KEPT_AT_ONCE],
  );
  return rows[0]?.prefix ?? null;
}

async function keepUntilLater(database: Knex, { version, current }: KeptPrices, part: Part): Promise<void> {
  const [ofNew, ofCurrent] = [within('prefix', part), within('c.prefix', part)];
  await database.raw(
    `INSERT INTO astrate (version, line, ${PRICE}, valid_from, valid_until)
     SELECT ?, ${KEPT_LINE}, ${OF_CURRENT}, c.valid_from, LEAST(COALESCE(c.valid_until, '9999-12-31'), n.begins - INTERVAL 1 DAY)
     FROM astrate c
     JOIN (SELECT prefix, MIN(COALESCE(valid_from, '1000-01-01')) AS begins FROM astrate
       WHERE version = ? AND line < ${FIRST_KEPT_LINE} ${ofNew.sql} GROUP BY prefix) n
       ON n.prefix = c.prefix
     WHERE c.version = ? ${ofCurrent.sql} AND n.begins >= UTC_DATE() AND (c.valid_from IS NULL OR c.valid_from < n.begins) AND ${COUNTS_STILL}
     ON DUPLICATE KEY UPDATE astrate.line = astrate.line`,
    [version, version, ...ofNew.values, current, ...ofCurrent.values],
  );
}

async function keepUnnamed(database: Knex, { version, current }: KeptPrices, part: Part): Promise<void> {
  const { sql, values } = within('c.prefix', part);
  await database.raw(
    `INSERT INTO astrate (version, line, ${PRICE}, valid_from, valid_until)
     SELECT ?, ${KEPT_LINE}, ${OF_CURRENT}, c.valid_from, c.valid_until FROM astrate c
     WHERE c.version = ? ${sql} AND ${COUNTS_STILL}
       AND NOT EXISTS (SELECT 1 FROM astrate n WHERE n.version = ? AND n.prefix = c.prefix)`,
    [version, current, ...values, version],
  );
}

/** In short transactions, as no call waits for a version that is not current. */
async function deleteSome(database: Knex, version: number, which: string, values: number[]): Promise<void> {
  for (;;) {
    const [result] = await database.raw(`DELETE FROM astrate WHERE version = ? AND ${which} LIMIT ?`, [
      version,
      ...values,
      ROWS_AT_ONCE,
    ]);
    if (result.affectedRows < ROWS_AT_ONCE) return;
  }
}
