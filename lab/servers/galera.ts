import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { ensureGalera, type GaleraPart, partsFolder } from '../parts';
import { type DatabaseServer, rootPassword, startDatabase, type Whereabouts } from './database';
import { mariadbRecipe } from './mariadb';
import { findFreePort } from './ports';
import { serviceUser } from './process';

export interface GaleraOptions {
  /** Every node has a folder of its own in it: `n1`, `n2`, `n3`. */
  dir: string;
  nodes?: number;
  /** For every node, after our own arguments, so that they win. */
  extraArgs?: string[];
}

/** MariaDB servers that hold one database together: what one has committed, all have, or none. */
export interface GaleraCluster {
  /** `stop` leaves the cluster, `kill` is a crash, `restart` joins again and resolves when the node has all data. */
  readonly nodes: DatabaseServer[];
  /** `mysql://root:…@127.0.0.1:a,127.0.0.1:b,127.0.0.1:c/`, in the order of `nodes`, with no database in it. */
  readonly url: string;
  /** Ends every node at once; their data must not be used again. */
  stop(): Promise<void>;
}

interface Ports {
  sql: number;
  group: number;
  /** The changes that a node missed arrive here; a whole data folder arrives at the other. */
  increment: number;
  snapshot: number;
}

/**
 * Starts a cluster of real Galera nodes on loopback; resolves when all of them have joined.
 *
 * The group's timeouts are Galera's own: after a crash of a node the others agree on it within about 5 s, and commit nothing meanwhile. It
 * does not recover from a crash of all nodes at once: then an operator must choose the newest.
 */
export async function startGalera({ dir, nodes: size = 3, extraArgs = [] }: GaleraOptions): Promise<GaleraCluster> {
  const part = await ensureGalera();
  const recipe = await mariadbRecipe();
  mkdirSync(dir, { recursive: true });
  const ports: Ports[] = [];
  for (let node = 0; node < size; node++) {
    const [sql, group, increment, snapshot] = [await port(), await port(), await port(), await port()];
    ports.push({ sql, group, increment, snapshot });
  }
  const { method, env } = copying(dir, part);

  const nodes: DatabaseServer[] = [];
  try {
    for (const [index, own] of ports.entries()) {
      let starts = 0;
      nodes.push(
        await startDatabase(
          'mariadb',
          { dir: join(dir, `n${index + 1}`), port: own.sql, extraArgs },
          {
            ...recipe,
            env,
            isReady: hasJoined,
            async command(where) {
              const server = await recipe.command(where);
              const first = starts++ === 0;
              const beginning = first ? (index === 0 ? ['--wsrep-new-cluster'] : []) : await positionOf(server, where);
              return [...server, ...clusterArguments(part, method, ports, index), ...beginning];
            },
          },
        ),
      );
    }
  } catch (error) {
    await Promise.all(nodes.map(node => node.kill()));
    throw error;
  }
  return {
    nodes,
    url: `mysql://root:${rootPassword}@${ports.map(({ sql }) => `127.0.0.1:${sql}`).join(',')}/`,
    stop: async () => {
      await Promise.all(nodes.map(node => node.kill()));
    },
  };
}

const port = (): Promise<number> => findFreePort();

function clusterArguments(part: GaleraPart, method: string, ports: Ports[], index: number): string[] {
  const own = ports[index]!;
  // A donor stands still while it is copied, so the last node first: clients write to the first one.
  const donors = ports.map((_, node) => `n${node + 1}`).filter((_, node) => node !== index);
  return [
    '--wsrep-on=ON',
    `--wsrep-provider=${part.provider}`,
    '--wsrep-cluster-name=ringfence',
    `--wsrep-cluster-address=gcomm://${ports.map(({ group }) => `127.0.0.1:${group}`).join(',')}`,
    `--wsrep-node-name=n${index + 1}`,
    `--wsrep-node-address=127.0.0.1:${own.group}`,
    `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${own.group};ist.recv_addr=127.0.0.1:${own.increment};gcache.size=32M`,
    `--wsrep-sst-method=${method}`,
    `--wsrep-sst-receive-address=127.0.0.1:${own.snapshot}`,
    `--wsrep-sst-donor=${donors.reverse().join(',')},`,
    // Galera demands these: it replicates rows, and ids are assigned without a table lock.
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
    '--innodb-buffer-pool-size=128M',
  ];
}

/**
 * How far the node's own data goes. The packaged service asks for it before it starts a node that crashed, so that the node gets what it
 * missed and not a whole data folder. [] if its data does not say.
 */
async function positionOf(server: string[], where: Whereabouts): Promise<string[]> {
  const [program, ...args] = server;
  const { stderr } = await promisify(execFile)(program!, [...args, '--wsrep-recover', '--disable-log-error'], {
    cwd: dirname(where.dataFolder),
    ...(where.user && { uid: where.user.uid, gid: where.user.gid }),
  });
  const position = /Recovered position: (\S+:\d+)/.exec(stderr)?.[1];
  return position ? [`--wsrep-start-position=${position}`] : [];
}

/**
 * The copying script's name and the environment in which it is found. It has a name of its own if mariadbd runs as root (a checkout below
 * /root, see serviceUser): there rsync's daemon would become `nobody`, which may not write in root's folders.
 */
function copying(dir: string, { scriptsFolder }: GaleraPart): { method: string; env: NodeJS.ProcessEnv } {
  const asRoot = process.getuid?.() === 0 && !serviceUser(dir, partsFolder());
  if (!asRoot) return { method: 'rsync', env: withPath(scriptsFolder) };
  const folder = join(dir, 'scripts');
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'wsrep_sst_rsync_as_root');
  writeFileSync(
    script,
    `#!/bin/bash
rsync() {
  # In the background, so exec ends nothing but its own copy of this shell.
  if [ "$1" = --daemon ]; then exec rsync "$@" --dparam=uid=0 --dparam=gid=0; fi
  command rsync "$@"
}
. ${scriptsFolder}/wsrep_sst_rsync
`,
  );
  chmodSync(script, 0o755);
  // Searched beside the script that runs.
  const common = join(folder, 'wsrep_sst_common');
  if (!existsSync(common)) symlinkSync(join(scriptsFolder, 'wsrep_sst_common'), common);
  return { method: 'rsync_as_root', env: withPath(folder) };
}

const withPath = (folder: string): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env.PATH}:${folder}` });

/** True if the node is in the cluster and has all its data: before that it answers some questions and refuses others. */
async function hasJoined(url: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri: url, connectTimeout: 1000 });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state_comment')",
      );
      const status = new Map(rows.map(row => [row.Variable_name, row.Value]));
      return status.get('wsrep_ready') === 'ON' && status.get('wsrep_local_state_comment') === 'Synced';
    } finally {
      connection.destroy();
    }
  } catch {
    return false;
  }
}
