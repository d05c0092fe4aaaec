import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isSameProcess, processStamp } from './servers/process';

/**
 * The real parts on which the lab and the tests run: MariaDB from this machine's own Debian, MySQL and Asterisk with SIPp from later
 * suites, each unpacked in a folder of its own. Installs what is missing; uses silently what is there.
 */

/** Reports progress to a person, one line at a time. */
export type Say = (line: string) => void;

export interface MariadbPart {
  /** The command line that starts the server; arguments are appended. */
  mariadbd: string[];
  installDb: string;
}

export interface MysqlPart {
  mysqld: string[];
  /** The value of `--basedir`: error messages and character sets are found under it. */
  baseFolder: string;
}

export interface AsteriskPart {
  asterisk: string[];
  sipp: string[];
  modulesFolder: string;
  /** `/usr/share/asterisk` of the part: documentation, REST descriptions and sounds. */
  dataFolder: string;
  /** `/etc/asterisk` of the package, for the files that have nothing to do with billing (indications). */
  packageConfigFolder: string;
  /** The ODBC driver by which Asterisk writes to MySQL or MariaDB. */
  odbcDriver: string;
  /** Where that driver finds its ways to log in (caching_sha2_password and so on). */
  odbcPluginFolder: string;
}

/** The checkout: the same for lab/parts.ts and for dist/lab/parts.js. */
export const projectFolder = findProjectFolder(__dirname);

function findProjectFolder(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('the project folder (the one with package.json) was not found');
  return findProjectFolder(parent);
}

export const labFolder = join(projectFolder, '.lab');

/** RINGFENCE_LAB_PARTS keeps it outside of one checkout, so that several checkouts share the 1.1 GB. */
export function partsFolder(): string {
  const elsewhere = process.env.RINGFENCE_LAB_PARTS;
  return elsewhere ? resolve(elsewhere) : join(labFolder, 'parts');
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Only the server's core package: the full `mariadb-server` would also start a database of its own on port 3306, which a user of the lab
 * has not asked for.
 */
export async function ensureMariadb(tell: Say = say): Promise<MariadbPart> {
  const part = { mariadbd: ['/usr/sbin/mariadbd'], installDb: '/usr/bin/mariadb-install-db' };
  if (!existsSync(part.mariadbd[0]!) || !existsSync(part.installDb)) {
    await installPackages(['mariadb-server-core', 'mariadb-client-core'], tell);
  }
  return part;
}

export interface GaleraPart {
  /** The write-set replication library that a MariaDB server loads. */
  provider: string;
  /** Where `wsrep_sst_rsync` is, which copies a whole data folder to a node that joins. */
  scriptsFolder: string;
}

/**
 * What makes MariaDB servers a cluster. Only the full `mariadb-server` has the copying scripts, and it would start a database of its own.
 * So they are taken out of the package without installing it.
 */
export async function ensureGalera(tell: Say = say): Promise<GaleraPart> {
  const provider = '/usr/lib/galera/libgalera_smm.so';
  const needed = [provider, '/usr/bin/rsync', '/usr/bin/lsof'];
  if (!needed.every(path => existsSync(path))) await installPackages(['galera-4', 'rsync', 'lsof'], tell);
  if (existsSync('/usr/bin/wsrep_sst_rsync')) return { provider, scriptsFolder: '/usr/bin' };
  const folder = join(partsFolder(), 'galera');
  const part = { provider, scriptsFolder: join(folder, 'usr/bin') };
  if (existsSync(folder)) return part;
  mkdirSync(partsFolder(), { recursive: true });
  const unlock = await lock(join(partsFolder(), '.making-galera'), tell);
  try {
    if (existsSync(folder)) return part;
    const unfinished = join(partsFolder(), '.galera-unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished);
    const script = 'apt-get download mariadb-server && dpkg-deb -x mariadb-server_*.deb . && rm mariadb-server_*.deb';
    await run('sh', ['-c', `cd "$1" && ${script}`, 'sh', unfinished], 'galera', tell);
    renameSync(unfinished, folder);
    return part;
  } finally {
    unlock();
  }
}

/** MySQL 9.7 is only in Debian's `sid`. 717 MB; 20 s on 2 CPUs. */
export async function ensureMysql(tell: Say = say): Promise<MysqlPart> {
  const folder = await ensureSuite({ name: 'mysql', suite: 'sid', packages: ['mysql-server'], seconds: 20 }, tell);
  return { mysqld: programIn(folder, 'usr/sbin/mysqld'), baseFolder: join(folder, 'usr') };
}

/**
 * Asterisk 22.10.1, SIPp 3.8 and the ODBC driver by which Asterisk writes to MySQL or MariaDB are in Debian's `forky`; Debian 12
 * has no Asterisk at all. 392 MB; 24 s on 2 CPUs.
 */
export async function ensureAsterisk(tell: Say = say): Promise<AsteriskPart> {
  const folder = await ensureSuite(
    { name: 'asterisk-odbc', suite: 'forky', packages: ['asterisk', 'sip-tester', 'odbc-mariadb'], seconds: 25 },
    tell,
  );
  return {
    asterisk: programIn(folder, 'usr/sbin/asterisk'),
    sipp: programIn(folder, 'usr/bin/sipp'),
    modulesFolder: join(libraryFolderOf(folder), 'asterisk/modules'),
    dataFolder: join(folder, 'usr/share/asterisk'),
    packageConfigFolder: join(folder, 'etc/asterisk'),
    odbcDriver: join(libraryFolderOf(folder), 'odbc/libmaodbc.so'),
    odbcPluginFolder: join(libraryFolderOf(folder), 'libmariadb3/plugin'),
  };
}

export interface KamailioPart {
  kamailio: string[];
  modulesFolder: string;
}

/** Kamailio 6.1 with call_control, dialog, jsonrpcs and htable, and http_client, is in Debian's `forky`. 218 MB; 16 s on 2 CPUs. */
export async function ensureKamailio(tell: Say = say): Promise<KamailioPart> {
  const folder = await ensureSuite(
    { name: 'kamailio', suite: 'forky', packages: ['kamailio', 'kamailio-utils-modules'], seconds: 16 },
    tell,
  );
  return {
    kamailio: programIn(folder, 'usr/sbin/kamailio'),
    modulesFolder: join(libraryFolderOf(folder), 'kamailio/modules'),
  };
}

/** The programs for the documented clients of the REST door: curl, openssl, and the language of FreeSWITCH's scripts. */
export async function ensureRestClients(tell: Say = say): Promise<void> {
  const packages = { curl: '/usr/bin/curl', openssl: '/usr/bin/openssl', 'lua5.2': '/usr/bin/lua5.2' };
  const missing = Object.entries(packages).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length > 0) await installPackages(missing, tell);
}

/** Where Debian's Chromium is. */
export const chromiumPath = (): string => '/usr/bin/chromium-headless-shell';

/** The browser of the console's tests, with a font that has Greek, Cyrillic, Hebrew and Arabic letters too. */
export async function ensureChromium(tell: Say = say): Promise<void> {
  if (!existsSync(chromiumPath())) await installPackages(['chromium-headless-shell', 'fonts-dejavu-core'], tell);
}

interface Suite {
  name: string;
  suite: string;
  packages: string[];
  /** How long it took when it was measured, for the person who waits. */
  seconds: number;
}

/**
 * The folder with the suite's packages unpacked. It is made beside its final name and renamed when complete, and has a marker with its
 * recipe: a half-made folder, or one made by an older recipe, is never used.
 */
async function ensureSuite(wanted: Suite, tell: Say): Promise<string> {
  const folder = join(partsFolder(), wanted.name);
  const marker = join(folder, '.complete');
  const recipe = `${wanted.suite} ${wanted.packages.join(' ')}\n`;
  const complete = (): boolean => existsSync(marker) && readFileSync(marker, 'utf8') === recipe;
  if (complete()) return folder;

  mkdirSync(partsFolder(), { recursive: true });
  const unlock = await lock(join(partsFolder(), `.making-${wanted.name}`), tell);
  try {
    if (complete()) return folder;
    if (!existsSync('/usr/bin/mmdebstrap')) await installPackages(['mmdebstrap'], tell);
    requireRoot(`making ${folder}`);
    const unfinished = join(partsFolder(), `.${wanted.name}-unfinished`);
    await unmountBelow(unfinished, wanted.name, tell);
    rmSync(unfinished, { recursive: true, force: true });
    tell(
      `${wanted.name}: getting ${wanted.packages.join(' and ')} from Debian ${wanted.suite} (about ${wanted.seconds} s)`,
    );
    await run(
      'mmdebstrap',
      [
        '--variant=minbase',
        `--include=${wanted.packages.join(',')}`,
        // On a mirror that lags behind, a Release file of these moving suites may be past its date.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=APT::Install-Recommends "false"',
        wanted.suite,
        unfinished,
      ],
      wanted.name,
      tell,
    );
    writeFileSync(join(unfinished, '.complete'), recipe);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    tell(`${wanted.name}: ready`);
    return folder;
  } finally {
    unlock();
  }
}

/** A killed mmdebstrap leaves /dev and /proc of this machine mounted there: deleting the folder would delete through them. */
async function unmountBelow(folder: string, name: string, tell: Say): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const paths = mounts.map(line => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  const below = paths.filter(path => path.startsWith(`${folder}/`));
  for (const path of below.reverse()) await run('umount', [path], name, tell);
}

/**
 * A program of a part is started through the part's own dynamic loader with the part's own libraries, not through chroot. So it needs no
 * root, and it reads and writes this machine's files by their ordinary absolute names.
 */
function programIn(folder: string, program: string): string[] {
  const loaders = join(folder, 'usr/lib64');
  const loaderFolder = existsSync(loaders) ? loaders : libraryFolderOf(folder);
  const loader = readdirSync(loaderFolder).find(file => file.startsWith('ld-linux'));
  if (!loader) throw new Error(`no dynamic loader in ${loaderFolder}`);
  return [join(loaderFolder, loader), '--library-path', libraryFolderOf(folder), join(folder, program)];
}

/** `usr/lib/x86_64-linux-gnu`, or its like on another architecture. */
function libraryFolderOf(folder: string): string {
  const architecture = readdirSync(join(folder, 'usr/lib')).find(name => /-linux-gnu\w*$/.test(name));
  if (!architecture) throw new Error(`no libraries in ${folder}`);
  return join(folder, 'usr/lib', architecture);
}

async function installPackages(packages: string[], tell: Say): Promise<void> {
  requireRoot(`installing ${packages.join(' ')}`);
  tell(`installing ${packages.join(' ')}`);
  const patient = ['-o', 'DPkg::Lock::Timeout=300'];
  // A fresh machine or container often has no package lists at all.
  await run('apt-get', [...patient, 'update'], 'apt', tell);
  await run('apt-get', [...patient, 'install', '--yes', '--no-install-recommends', ...packages], 'apt', tell);
}

function requireRoot(what: string): void {
  if (process.getuid?.() !== 0) throw new Error(`${what} needs root: run the same command once as root`);
}

/** Runs an installer with its output in a file. Reports that it is still alive, and shows the file's end only if it failed. */
async function run(command: string, args: string[], name: string, tell: Say): Promise<void> {
  const logFolder = join(labFolder, 'log');
  mkdirSync(logFolder, { recursive: true });
  const logPath = join(logFolder, `install-${name}.log`);
  const log = openSync(logPath, 'a');
  const startedAt = Date.now();
  const stillAlive = setInterval(
    () => tell(`${name}: ${basename(command)} still works (${Math.round((Date.now() - startedAt) / 1000)} s)`),
    10_000,
  );
  try {
    await new Promise<void>((done, failed) => {
      const child = spawn(command, args, {
        stdio: ['ignore', log, log],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      });
      child.on('error', failed);
      child.on('exit', (code, signal) => {
        if (code === 0) return done();
        const lastLines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
        failed(new Error(`${command} ended with ${code ?? signal}; the end of ${logPath}:\n${lastLines}`));
      });
    });
  } finally {
    clearInterval(stillAlive);
  }
}

/** Waits while another living process makes the same part; takes over from a dead one. */
async function lock(path: string, tell: Say): Promise<() => void> {
  for (let attempts = 0; ; attempts++) {
    try {
      writeFileSync(path, processStamp(process.pid) ?? '', { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (attempts === 0) tell(`waiting for another process that makes the same part (${path})`);
    if (existsSync(path) && !isSameProcess(readFileSync(path, 'utf8'))) rmSync(path, { force: true });
    await new Promise(done => setTimeout(done, 500));
  }
}
