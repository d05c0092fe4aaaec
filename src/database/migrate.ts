import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { projectRoot } from '../config/project-root';
import { asFault, isFault } from './fault';

export interface Migration {
  /** 1, 2, 3 …, without a gap. */
  number: number;
  /** `0004-astaccount`. */
  name: string;
  /** One statement, with `{{byte_collation}}` in place of the engine's own name. */
  sql: string;
  checksum: string;
  /** Checksums of earlier texts with the same result. */
  formerly: string[];
  /** The rows that it changes, in portions, each a transaction; null for a statement that runs once. */
  portions: Portions | null;
}

/** Rows by their primary key; `undone`: a condition that holds for rows for which it did not run yet. */
interface Portions {
  table: string;
  key: string;
  undone: string;
}

/** Says in one line why the schema cannot be used or moved. */
export class SchemaError extends Error {
  override name = 'SchemaError';
}

/** The migrations of this Ringfence, in order. */
export function migrations(folder = join(projectRoot, 'sql', 'migrations')): Migration[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .sort()
    .map((file, index) => {
      const sql = readFileSync(join(folder, file), 'utf8').trim();
      const number = Number(file.slice(0, 4));
      if (number !== index + 1) throw new SchemaError(`sql/migrations/${file} is not number ${index + 1}`);
      return { number, name: file.slice(0, -4), sql, checksum: checksumOf(sql), ...headOf(sql) };
    });
}

const checksumOf = (sql: string): string => createHash('sha256').update(sql).digest('hex');

/** What the comments at the head of a file say about how to run it. */
export function headOf(sql: string): Pick<Migration, 'formerly' | 'portions'> {
  const [, table, key, undone] = /^-- In portions of (\w+) by (\w+), where (.+)\.$/m.exec(sql) ?? [];
  const formerly = [...sql.matchAll(/^-- Formerly, .*: ([0-9a-f]{64})$/gm)].map(([, checksum]) => checksum as string);
  return { formerly, portions: table && key && undone ? { table, key, undone } : null };
}

/**
 * A collation that compares byte by byte and does not ignore blanks at the end, by each engine's own name for it.
 *
 * utf8mb4_bin would not do: it pads, so `alice` and `alice ` would be one account.
 */
export const byteCollation = (serverVersion: string): string =>
  /mariadb/i.test(serverVersion) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';

const HISTORY = `CREATE TABLE IF NOT EXISTS astmigration (
  number INT UNSIGNED NOT NULL COMMENT 'Number of the file in sql/migrations',
  name VARCHAR(100) NOT NULL COMMENT 'Name of the file',
  checksum CHAR(64) NOT NULL COMMENT 'SHA-256 of the file',
  applied_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'UTC',
  PRIMARY KEY (number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={{byte_collation}} COMMENT='Migrations that were applied'`;

/** Rows of a portion. A cluster bounds what one transaction may write; for Group Replication the default is 150 MB. */
const PORTION_ROWS = 5_000;

export interface MigrateOptions {
  onApplied?: (name: string) => void;
  /** A portion of a migration is durable; `total`: how many rows were not done before. */
  onPortion?: (portion: { name: string; done: number; total: number }) => void;
  /** Rows of a portion. */
  portionRows?: number;
  /** Another process migrates, and this one waits for it; called at once, and then every few seconds. */
  onWaiting?: (waiting: { holder: string; aliveSecondsAgo: number; deadAfterSeconds: number }) => void;
}

interface Applied {
  number: number;
  name: string;
  checksum: string;
}

/**
 * Brings the schema to this Ringfence's version. Returns the names of the migrations that it applied, [] if there were none.
 *
 * Each is one statement, because DDL commits by itself. One that ran but was not written down (the server died in between) runs again: its
 * IF NOT EXISTS allows that, or it finds its column or key there, or gone, already. A migration that changes all rows of a table does so in
 * portions, and goes on with the rest. Of two runs at once the second waits for the first.
 * @throws SchemaError if the database is newer than this Ringfence or an applied file was changed; DatabaseFault.
 */
export async function migrate(
  database: Knex,
  known = migrations(),
  {
    onApplied = () => undefined,
    onPortion = () => undefined,
    onWaiting = () => undefined,
    portionRows = PORTION_ROWS,
  }: MigrateOptions = {},
) {
  try {
    const [[version]] = await database.raw('SELECT VERSION() AS version');
    const collation = byteCollation(version.version);
    const run = (sql: string) => database.raw(sql.replaceAll('{{byte_collation}}', collation));
    await run(HISTORY);
    return await alone(
      database,
      async goOn => {
        const pending = pendingOf(known, await applied(database));
        for (const migration of pending) {
          await goOn();
          if (STOPPED_FOR.has(migration.number)) await checkStopped(database);
          try {
            if (migration.portions === null) await run(migration.sql);
            else await inPortions(database, migration, { portionRows, onPortion, goOn });
          } catch (error) {
            // In MySQL, ALTER TABLE has no IF NOT EXISTS and no IF EXISTS.
            if (!DONE_ALREADY.has(String((asFault(error) as { code?: unknown }).code))) throw error;
          }
          try {
            await database('astmigration').insert({
              number: migration.number,
              name: migration.name,
              checksum: migration.checksum,
            });
          } catch (error) {
            if (!isFault(asFault(error), 'duplicate')) throw error;
          }
          onApplied(migration.name);
        }
        return pending.map(({ name }) => name);
      },
      onWaiting,
    );
  } catch (error) {
    throw asFault(error);
  }
}

const DONE_ALREADY: ReadonlySet<string> = new Set(['ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME', 'ER_CANT_DROP_FIELD_OR_KEY']);

/**
 * Runs a migration for the rows for which it has not run yet, in the order of their primary key: `:first` and `:last` of a portion, each a
 * transaction of its own.
 */
export async function inPortions(
  database: Knex,
  { name, sql, portions }: Pick<Migration, 'name' | 'sql' | 'portions'>,
  {
    portionRows = PORTION_ROWS,
    onPortion = () => undefined,
    goOn = async () => undefined,
  }: Pick<MigrateOptions, 'portionRows' | 'onPortion'> & { goOn?: () => Promise<void> } = {},
): Promise<void> {
  const { table, key, undone } = portions as Portions;
  const left = () => database(table).whereRaw(undone);
  const [{ total }] = (await left().count({ total: '*' })) as unknown as [{ total: string }];
  let done = 0;
  for (let last: string | null = null; ; ) {
    const rest = last === null ? left() : left().where(key, '>', last);
    const keys = (await rest.orderBy(key).limit(portionRows).pluck(key)).map(String);
    const [first] = keys;
    if (first === undefined) return;
    last = keys.at(-1) as string;
    await goOn();
    await database.raw(sql, { first, last });
    done += keys.length;
    onPortion({ name, done, total: Number(total) });
  }
}

/** After these migrations a service of an older version writes wrong data, or nothing: those of the chains of ledger and audit trail. */
const STOPPED_FOR: ReadonlySet<number> = new Set([38, 39, 40, 62, 63]);

/** @throws SchemaError that names a service which still acts for a switch. */
async function checkStopped(database: Knex): Promise<void> {
  const held = await database('astlease').whereRaw('expires_at > UTC_TIMESTAMP(3)').first('node', 'owner');
  if (!held) return;
  const who = `${JSON.stringify(held.owner)} acts for ${JSON.stringify(held.node)}`;
  throw new SchemaError(
    `this migration needs every "ringfence serve" to be stopped, and ${who}: stop it, and try again`,
  );
}

/** The row of astmigration that exists while a process migrates, and names it: no migration has this number. */
const LOCK_NUMBER = 0;

/** How often a migrating process shows that it is alive. Ms. */
const RENEWED_EVERY_MS = 5_000;

/** A row that was not renewed for this long belongs to a process that died. */
const DEAD_AFTER_SECONDS = 30;

/** How often a waiting process is told for which one it waits. Ms. */
const TOLD_EVERY_MS = 5_000;

/**
 * Does the work while no other process migrates. The work must call `goOn` before each step, which rejects with SchemaError if this process
 * stood still for so long that it counts as dead. A row and not a lock, because a cluster's nodes do not see each other's locks, and
 * because MariaDB's Galera (10.11) hangs forever when one node makes a view of a table that another alters.
 */
async function alone<Result>(
  database: Knex,
  work: (goOn: () => Promise<void>) => Promise<Result>,
  onWaiting: NonNullable<MigrateOptions['onWaiting']>,
): Promise<Result> {
  const ours = { number: LOCK_NUMBER, name: `${hostname().slice(0, 60)}, pid ${process.pid}`, checksum: randomUUID() };
  const now = () => database.raw('UTC_TIMESTAMP(3)');
  const rows = () => database('astmigration').where({ number: LOCK_NUMBER });
  for (let toldAt = Number.NEGATIVE_INFINITY; ; ) {
    try {
      await database('astmigration').insert({ ...ours, applied_at: now() });
      break;
    } catch (error) {
      if (!isFault(asFault(error), 'duplicate', 'again')) throw error;
    }
    await rows().whereRaw(`applied_at < UTC_TIMESTAMP(3) - INTERVAL ${DEAD_AFTER_SECONDS} SECOND`).delete();
    const age = 'TIMESTAMPDIFF(SECOND, applied_at, UTC_TIMESTAMP(3)) AS seconds';
    const holder = await rows().first('name', database.raw(age));
    if (holder && performance.now() - toldAt >= TOLD_EVERY_MS) {
      toldAt = performance.now();
      onWaiting({ holder: holder.name, aliveSecondsAgo: Number(holder.seconds), deadAfterSeconds: DEAD_AFTER_SECONDS });
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  const renew = () => rows().where({ checksum: ours.checksum }).update({ applied_at: now() });
  const renewing = setInterval(() => void renew().catch(() => undefined), RENEWED_EVERY_MS);
  const goOn = async () => {
    if ((await renew()) === 1) return;
    const other = await rows().first('name');
    throw new SchemaError(
      `this process was not heard of for ${DEAD_AFTER_SECONDS} s, and ${other ? `${other.name} migrates` : 'another one has migrated'} since: run "ringfence migrate" again`,
    );
  };
  try {
    return await work(goOn);
  } finally {
    clearInterval(renewing);
    await rows()
      .where({ checksum: ours.checksum })
      .delete()
      .catch(() => undefined);
  }
}

/** Resolves if the schema is exactly this Ringfence's. @throws SchemaError that names both versions and what to do; DatabaseFault. */
export async function checkSchema(database: Knex, known = migrations()): Promise<void> {
  const rows = await appliedIfAny(database);
  if (rows === null) throw new SchemaError('the database has no Ringfence schema: run "ringfence migrate" first');
  const pending = pendingOf(known, rows);
  if (pending.length > 0) {
    throw new SchemaError(
      `the database is at migration ${rows.length}, this Ringfence needs ${known.length}: run "ringfence migrate" first`,
    );
  }
}

/**
 * Whether every migration of this Ringfence, `known` in number, was applied. Newer ones may have been too: services go on while the next
 * version is installed. @throws DatabaseFault
 */
export async function isMigrated(database: Knex, known: number): Promise<boolean> {
  const rows = await appliedIfAny(database);
  return (rows?.at(-1)?.number ?? 0) >= known;
}

/** null if the database has no schema of ours. @throws DatabaseFault */
async function appliedIfAny(database: Knex): Promise<Applied[] | null> {
  try {
    return await applied(database);
  } catch (error) {
    const fault = asFault(error);
    if (isFault(fault, 'refused') && fault.code === 'ER_NO_SUCH_TABLE') return null;
    throw fault;
  }
}

const applied = (database: Knex): Promise<Applied[]> =>
  database('astmigration').select('number', 'name', 'checksum').where('number', '>', LOCK_NUMBER).orderBy('number');

function pendingOf(known: Migration[], rows: Applied[]): Migration[] {
  const newest = rows.at(-1)?.number ?? 0;
  if (newest > known.length) {
    throw new SchemaError(
      `the database is at migration ${newest}, this Ringfence knows only ${known.length}: use a newer Ringfence`,
    );
  }
  for (const row of rows) {
    const migration = known[row.number - 1];
    if (migration && migration.checksum !== row.checksum && !migration.formerly.includes(row.checksum)) {
      throw new SchemaError(
        `migration ${row.name} was changed after it was applied: restore sql/migrations/${migration.name}.sql`,
      );
    }
  }
  const done = new Set(rows.map(row => row.number));
  return known.filter(migration => !done.has(migration.number));
}
