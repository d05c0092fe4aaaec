import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs';
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
 * One MariaDB and one MySQL for the whole run; each test file makes databases of its own in them. Everything of a run lies in one folder, in
 * memory where that has room, also the Asterisk instances that tests start themselves (in `RINGFENCE_TEST_FOLDER`).
 */
export default async function setUp(): Promise<void> {
  mkdirSync(labFolder, { recursive: true });
  const place = hasRoom(IN_MEMORY) ? IN_MEMORY : labFolder;
  await sweepCrashedRuns(IN_MEMORY);
  await sweepCrashedRuns(labFolder);
  const folder = mkdtempSync(join(place, `ringfence-test-${process.pid}-`));
  // Databases run as a user of their own.
  chmodSync(folder, 0o755);
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

/**
 * Files in memory: a schema is made in a tenth of the time that a disk needs. A server that is killed leaves the same files in both; what a
 * machine keeps when its power fails, no test can see.
 */
const IN_MEMORY = '/dev/shm';
/** A run keeps 2 GB at most, and its programs need room too. */
const ROOM_BYTES = 8 * 1_024 ** 3;

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    const availableKb = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
    return bavail * bsize >= ROOM_BYTES && availableKb * 1_024 >= ROOM_BYTES;
  } catch {
    return false;
  }
}

async function sweepCrashedRuns(place: string): Promise<void> {
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    const pid = Number(/^ringfence-test-(\d+)-/.exec(name)?.[1]);
    const leftover = join(place, name);
    // In memory all users of the machine have their files beside each other.
    if (!pid || processStamp(pid) || lstatSync(leftover, { throwIfNoEntry: false })?.uid !== process.getuid?.())
      continue;
    await killServersUnder(leftover);
    rmSync(leftover, { recursive: true, force: true });
  }
}
