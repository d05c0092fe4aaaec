import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { partsFolder } from '../parts';
import { findFreePort } from './ports';
import { comesUp, ServerProcess, type ServiceUser, serviceUser } from './process';

export type Engine = 'mariadb' | 'mysql';

/** A database server of its own, on loopback, that no other program uses. */
export interface DatabaseServer {
  readonly engine: Engine;
  /** In the server's own words: `10.11.19-MariaDB-…`, `9.7.4-2`. */
  readonly version: string;
  /** `mysql://root:…@127.0.0.1:port/`, with no database in it. */
  readonly url: string;
  readonly port: number;
  readonly socket: string;
  readonly dir: string;
  readonly logPath: string;
  readonly process: ServerProcess;
  /** As an operator would: flushed and closed. */
  stop(): Promise<void>;
  /** As a crash would; `SIGKILL` unless another signal is given. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Keeps its connections and answers nothing until thaw(). */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port with the same data, after stopping it if it still runs. */
  restart(): Promise<void>;
}

export interface DatabaseOptions {
  /** Its data, log, socket and pid file. Kept, and used again if it holds data. */
  dir: string;
  /** A free one is found if not given. */
  port?: number;
  /** After our own arguments, so that they win: `['--log-bin=binlog', '--sync-binlog=1']`. */
  extraArgs?: string[];
}

/** Loopback only, and the same for every instance: it makes the tests use passwords; it protects nothing. */
export const rootPassword = 'fence-lab';

/** Statements for a new data folder; run once, when the template is made. */
export const firstStatements = [
  `ALTER USER 'root'@'localhost' IDENTIFIED BY '${rootPassword}';`,
  `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '${rootPassword}';`,
  `ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '${rootPassword}';`,
  "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;",
];

/** Both engines understand these. A commit is on disk when it is answered: tests that kill the server rely on it. */
export const commonArguments = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=256M',
  '--max-connections=400',
  '--character-set-server=utf8mb4',
];

/** The places that a server gets as arguments. */
export interface Whereabouts {
  dataFolder: string;
  socket: string;
  port: number;
  user: ServiceUser | undefined;
}

export async function startDatabase(
  engine: Engine,
  options: DatabaseOptions,
  how: {
    /** Names the template: a newer server gets a new one. */
    versionLine: string;
    makeDataFolder(dataFolder: string, user: ServiceUser | undefined): Promise<void>;
    /** Called before every start: a node of a cluster starts differently when it comes back. */
    command(where: Whereabouts): string[] | Promise<string[]>;
    env?: NodeJS.ProcessEnv;
    /** Whether it can be used: when it answers a query, unless a server of this kind answers earlier than that. */
    isReady?(url: string): Promise<boolean>;
  },
): Promise<DatabaseServer> {
  const { dir } = options;
  mkdirSync(dir, { recursive: true });
  mkdirSync(partsFolder(), { recursive: true });
  const user = serviceUser(dir, partsFolder());
  const dataFolder = join(dir, 'data');
  if (!existsSync(dataFolder)) await copyTemplate(engine, how, dataFolder, user);
  if (user) await promisify(execFile)('chown', [`${user.uid}:${user.gid}`, dir]);

  const port = options.port ?? (await findFreePort());
  const socket = socketPath(dir, port);
  const url = `mysql://root:${rootPassword}@127.0.0.1:${port}/`;
  const logPath = join(dir, `${engine}.log`);
  const isReady = how.isReady ?? (async (at: string) => (await versionOf(at)) !== null);

  let server = await launch();
  async function up(): Promise<void> {
    // A database that was killed under load must recover first.
    await comesUp(server, () => isReady(url), { timeoutMs: 60_000, logPath });
  }
  async function launch(): Promise<ServerProcess> {
    const command = [...(await how.command({ dataFolder, socket, port, user })), ...(options.extraArgs ?? [])];
    const env = how.env && { env: how.env };
    return ServerProcess.start({ name: engine, dir, command, logPath, ...env, ...(user && { user }) });
  }
  await up();

  return {
    engine,
    version: (await versionOf(url)) ?? '',
    url,
    port,
    socket,
    dir,
    logPath,
    get process() {
      return server;
    },
    stop: () => server.stop(30_000),
    kill: signal => server.kill(signal),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    async restart() {
      await server.stop(30_000);
      server = await launch();
      await up();
    },
  };
}

/** Initialising a data folder takes seconds; copying an initialised one takes a fraction of one. */
async function copyTemplate(
  engine: Engine,
  how: Parameters<typeof startDatabase>[2],
  dataFolder: string,
  user: ServiceUser | undefined,
): Promise<void> {
  const owner = user?.name ?? `uid-${process.getuid?.()}`;
  const version = /\d+\.\d+\.\d+/.exec(how.versionLine)?.[0] ?? 'unknown';
  const template = join(partsFolder(), `template-${engine}-${version}-${owner}`);
  if (!existsSync(template)) {
    const unfinished = join(partsFolder(), `.template-${engine}-${process.pid}`);
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    if (user) await promisify(execFile)('chown', [`${user.uid}:${user.gid}`, unfinished]);
    try {
      await how.makeDataFolder(unfinished, user);
      // Fails if another process was quicker, and then that one's template is as good.
      if (!existsSync(template)) renameSync(unfinished, template);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  await promisify(execFile)('cp', ['-a', '--reflink=auto', '--sparse=always', template, dataFolder]);
}

/** In the server's own folder, unless that makes the path longer than the 107 characters that Linux allows. */
function socketPath(dir: string, port: number): string {
  const path = join(dir, 'server.sock');
  return path.length <= 100 ? path : `/tmp/ringfence-${port}.sock`;
}

async function versionOf(url: string): Promise<string | null> {
  try {
    const connection = await createConnection({ uri: url, connectTimeout: 1000 });
    try {
      const [rows] = await connection.query('SELECT VERSION() AS version');
      return (rows as { version: string }[])[0]!.version;
    } finally {
      connection.destroy();
    }
  } catch {
    return null;
  }
}
