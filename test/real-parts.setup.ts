import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureAsterisk,
  ensureChromium,
  ensureKamailio,
  ensureMariadb,
  ensureMysql,
  ensureRestClients,
  labFolder,
} from '../lab/parts';
import type { DatabaseServer } from '../lab/servers/database';
import { startMariadb } from '../lab/servers/mariadb';
import { startMysql } from '../lab/servers/mysql';
import { killServersUnder, processStamp } from '../lab/servers/process';
import { makeTemplate } from './database/template';

/** Where the teardown, which jest loads as a module of its own, finds what it must stop. */
export interface RealParts {
  folder: string;
  databases: DatabaseServer[];
}
export const realPartsKey = Symbol.for('ringfence.real-parts');

/**
 * One MariaDB and one MySQL for the whole run; each test file makes databases of its own in them. Everything of a run lies in one folder,
 * also the Asterisk instances that tests start themselves (in `RINGFENCE_TEST_FOLDER`).
 */
export default async function setUp(): Promise<void> {
  mkdirSync(labFolder, { recursive: true });
  await sweepCrashedRuns();
  const folder = join(labFolder, `test-${process.pid}`);
  mkdirSync(folder);
  const parts: RealParts = { folder, databases: [] };
  (globalThis as Record<symbol, unknown>)[realPartsKey] = parts;
  try {
    // One after the other: two installers at once would wait for each other's package lock anyway.
    await ensureMariadb();
    await ensureMysql();
    await ensureAsterisk();
    await ensureKamailio();
    await ensureRestClients();
    await ensureChromium();
    const [mariadb, mysql] = await Promise.all([
      startMariadb({ dir: join(folder, 'mariadb') }),
      startMysql({ dir: join(folder, 'mysql') }),
    ]);
    parts.databases = [mariadb, mysql];
    await Promise.all(parts.databases.map(({ url }) => makeTemplate(url)));
    process.env.RINGFENCE_TEST_FOLDER = folder;
    process.env.RINGFENCE_TEST_MARIADB_URL = mariadb.url;
    process.env.RINGFENCE_TEST_MYSQL_URL = mysql.url;
  } catch (error) {
    await killServersUnder(folder);
    rmSync(folder, { recursive: true, force: true });
    // A missing real part skips nothing: the run fails, and says which part is missing.
    const failure = new Error(`the tests need their real parts: ${error instanceof Error ? error.message : error}`);
    // jest prints the stack, which does not help a person who lacks a package.
    failure.stack = failure.message;
    throw failure;
  }
}

async function sweepCrashedRuns(): Promise<void> {
  for (const name of readdirSync(labFolder)) {
    const pid = Number(/^test-(\d+)$/.exec(name)?.[1]);
    if (!pid || processStamp(pid)) continue;
    const leftover = join(labFolder, name);
    await killServersUnder(leftover);
    rmSync(leftover, { recursive: true, force: true });
  }
}
