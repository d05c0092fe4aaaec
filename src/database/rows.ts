import type { Knex } from 'knex';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

/** Anything that runs plain SQL: a connection of a lane, for example. */
export type Sql = Pick<Connection, 'query'>;

export type Row = RowDataPacket;

/** Plain SQL by knex, within a transaction or not. mysql2 fills in the parameters either way, nested lists too. */
export const sqlOf = (database: Knex): Sql =>
  ({ query: (text: string, values: unknown[] = []) => database.raw(text, values as []) }) as unknown as Sql;

/** A value that is written as it stands, not as a parameter: an expression of our own, never input. */
export class Expression {
  constructor(readonly sql: string) {}
  /** mysql2 puts the text in unescaped. */
  toSqlString(): string {
    return this.sql;
  }
}

export async function select(sql: Sql, text: string, values: unknown[] = []): Promise<Row[]> {
  const [rows] = await sql.query<Row[]>(text, values);
  return rows;
}

/** Rows matched by a write. */
export async function write(sql: Sql, text: string, values: unknown[] = []): Promise<number> {
  const [result] = await sql.query<ResultSetHeader>(text, values);
  return result.affectedRows;
}

/** Inserts rows in one statement; nothing for no rows. */
export async function insertRows(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: unknown[][],
): Promise<void> {
  if (rows.length === 0) return;
  await write(sql, `INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [rows]);
}

/**
 * Updates many rows with different values in one statement; nothing for no rows.
 *
 * Written as an INSERT whose every row meets its primary key, the only form that both MariaDB and MySQL run in one pass. `columns` begin
 * with the key and name every column that has no default. Assumes that the caller has seen the rows under their lock: a missing row would
 * be inserted.
 */
export async function updateRows(
  sql: Sql,
  table: string,
  columns: readonly string[],
  changed: readonly string[],
  rows: unknown[][],
): Promise<void> {
  if (rows.length === 0) return;
  const assignments = changed.map(column => `${column} = VALUES(${column})`).join(', ');
  await write(sql, `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${assignments}`, [
    rows,
  ]);
}
