import type { Knex } from 'knex';
import { openConnection, openDatabase } from '../src/database/connection';
import { migrate } from '../src/database/migrate';

let books = 0;

/** A schema of its own with all tables and no rows, in place of the one that this made before. */
export async function emptyBooks(serverUrl: string): Promise<{ url: string; database: Knex }> {
  const server = serverUrl.replace(/\/$/, '');
  const schema = `bench_${++books}`;
  const administrator = await openConnection(`${server}/mysql`);
  await administrator.query(`DROP DATABASE IF EXISTS bench_${books - 1}`);
  await administrator.query(`CREATE DATABASE ${schema}`);
  await administrator.end();
  const url = `${server}/${schema}`;
  const database = openDatabase(url);
  await migrate(database);
  return { url, database };
}
