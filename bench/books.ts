import type { Knex } from 'knex';
import { openConnection, openDatabase } from '../src/database/connection';
import { migrate } from '../src/database/migrate';

let books = 0;

/** A schema of its own with all tables and no rows, in place of the one that this function made before. */
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
