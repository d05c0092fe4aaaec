import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { ensureMysql } from '../parts';
import { commonArguments, type DatabaseOptions, type DatabaseServer, firstStatements, startDatabase } from './database';

/** Real MySQL. Its binary log is off, as MariaDB's is, unless `extraArgs` turns it on. */
export async function startMysql(options: DatabaseOptions): Promise<DatabaseServer> {
  const part = await ensureMysql();
  const [program, ...loaderArguments] = part.mysqld;
  const { stdout: versionLine } = await promisify(execFile)(program!, [...loaderArguments, '--version']);
  const basics = [...part.mysqld, '--no-defaults', `--basedir=${part.baseFolder}`];
  const redoLog = '--innodb-redo-log-capacity=64M';
  return startDatabase('mysql', options, {
    versionLine,
    async makeDataFolder(dataFolder, user) {
      const statements = `${dataFolder}.first.sql`;
      writeFileSync(statements, `${firstStatements.join('\n')}\n`);
      const [command, ...args] = [
        ...basics,
        '--initialize-insecure',
        `--datadir=${dataFolder}`,
        `--init-file=${statements}`,
        '--disable-log-bin',
        redoLog,
        ...asRoot(user),
      ];
      try {
        await promisify(execFile)(command!, args, user && { uid: user.uid, gid: user.gid });
      } finally {
        rmSync(statements, { force: true });
      }
    },
    command: ({ dataFolder, socket, port, user }) => [
      ...basics,
      `--datadir=${dataFolder}`,
      `--socket=${socket}`,
      `--pid-file=${dataFolder}/mysqld.pid-file`,
      `--port=${port}`,
      // The X protocol would listen on a fixed port (33060), where two instances would collide.
      '--mysqlx=OFF',
      '--disable-log-bin',
      '--performance-schema=OFF',
      // The package's default folder belongs to its own machine, and does not exist without its chroot.
      '--secure-file-priv=NULL',
      ...commonArguments,
      redoLog,
      ...asRoot(user),
    ],
  });
}

/** mysqld refuses to run as root unless it is told to. */
function asRoot(user: unknown): string[] {
  return user || process.getuid?.() !== 0 ? [] : ['--user=root'];
}
