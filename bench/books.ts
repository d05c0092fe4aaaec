import type { Knex } from 'knex';
import { openConnection, openDatabase } from '../src/database/connection';
import { migrate } from '../src/database/migrate';

let books = 0;

/** A schema of its own with all tables and no rows, in place of the one that this function made before. */
export async function emptyBooks(serverUrl: string): Promise<{ url: string; database: Knex }> {
  await dropBooks(serverUrl, `bench_${books}`);
  return booksNamed(serverUrl, `bench_${++books}`);
}

/** The schema of that name with all tables; made if it does not exist. */
export async function booksNamed(serverUrl: string, schema: string): Promise<{ url: string; database: Knex }> {
  await administer(serverUrl, `CREATE DATABASE IF NOT EXISTS ${schema}`);
  const url = `${serverUrl.replace(/\/$/, '')}/${schema}`;
  const database = openDatabase(url);
  await migrate(database);
  return { url, database };
}

export const dropBooks = (serverUrl: string, schema: string): Promise<void> =>
  administer(serverUrl, `DROP DATABASE IF EXISTS ${schema}`);

/** Runs one statement that belongs to no schema. */
export async function administer(serverUrl: string, statement: string): Promise<void> {
  const administrator = await openConnection(`${serverUrl.replace(/\/$/, '')}/mysql`);
  try {
    await administrator.query(statement);
  } finally {
    await administrator.end();
  }
}

/** A deck "retail" in which every number has one price, by the second, and no fee; an amount a minute. */
export async function onePrice(database: Knex, pricePerMinute: string): Promise<void> {
  const [version] = await database('astratedeckversion').insert({ deck: 'retail', source: 'bench', rates: 1 });
  await database('astratedeck').insert({ deck: 'retail', currency: 'EUR', version });
  const everywhere = { version, prefix: '', line: 2, destination: 'Anywhere', price_per_minute: pricePerMinute };
  const increments = { initial_increment_seconds: 1, increment_seconds: 1, grace_seconds: 0 };
  await database('astrate').insert({ ...everywhere, ...increments, connect_fee: 0, minimum_charge: 0 });
}

/** A schema of its own with one deck of 1,000 prefixes, a trunk, and accounts that hold more than the load can spend. */
export async function richBooks(serverUrl: string, accounts: number): Promise<string> {
  const { url, database } = await emptyBooks(serverUrl);
  const [version] = await database('astratedeckversion').insert({
    deck: 'retail',
    source: 'bench',
    rates: 1_000,
    longest_prefix: 3,
  });
  await database('astratedeck').insert({ deck: 'retail', currency: 'EUR', version });
  await database.batchInsert(
    'astrate',
    Array.from({ length: 1_000 }, (_, index) => ({
      version,
      prefix: String(index).padStart(3, '0'),
      line: index + 2,
      destination: `Destination ${index}`,
      price_per_minute: '0.0125',
      connect_fee: '0',
      minimum_charge: '0',
      initial_increment_seconds: 1,
      increment_seconds: 1,
      grace_seconds: 0,
    })),
    500,
  );
  await database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier', cost_deck: 'retail' });
  await database.batchInsert(
    'astaccount',
    Array.from({ length: accounts }, (_, index) => ({
      accountcode: `account-${index}`,
      currency: 'EUR',
      deck: 'retail',
      balance: '1000000',
    })),
    1_000,
  );
  await database.destroy();
  return url;
}
