import type { Knex } from 'knex';
import { createConnection } from 'mysql2/promise';
import { openDatabase } from '../../src/database/connection';
import { copyTemplate } from './template';

/** The engines that every test of SQL runs on. */
export const engines = ['MariaDB', 'MySQL'] as const;
export type Engine = (typeof engines)[number];

const SERVER_URL: Record<Engine, string> = {
  MariaDB: 'RINGFENCE_TEST_MARIADB_URL',
  MySQL: 'RINGFENCE_TEST_MYSQL_URL',
};

export interface TestDatabase {
  /** For anything that takes RINGFENCE_DATABASE_URL. */
  url: string;
  /** A pool on it, closed by `drop`. */
  database: Knex;
  drop(): Promise<void>;
}

let created = 0;

/** A schema of its own on a real server, empty. */
export async function createEmptyDatabase(engine: Engine): Promise<TestDatabase> {
  const server = process.env[SERVER_URL[engine]];
  if (!server) throw new Error(`${SERVER_URL[engine]} is not set: run the tests with npm test`);
  const schema = `rf_${process.pid}_${++created}_${Date.now().toString(36)}`;
  const administrator = await createConnection({ uri: server });
  await administrator.query(`CREATE DATABASE ${schema}`);
  const url = new URL(server);
  url.pathname = `/${schema}`;
  const database = openDatabase(url.toString());
  return {
    url: url.toString(),
    database,
    drop: async () => {
      await database.destroy();
      await administrator.query(`DROP DATABASE ${schema}`);
      await administrator.end();
    },
  };
}

/** The same with Ringfence's tables in it. */
export async function createTestDatabase(engine: Engine): Promise<TestDatabase> {
  const test = await createEmptyDatabase(engine);
  await copyTemplate(process.env[SERVER_URL[engine]] as string, new URL(test.url).pathname.slice(1));
  return test;
}
