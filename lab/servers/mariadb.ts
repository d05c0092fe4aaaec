import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureMariadb } from '../parts';
import { commonArguments, type DatabaseOptions, type DatabaseServer, firstStatements, startDatabase } from './database';

const redoLog = '--innodb-log-file-size=64M';

export async function startMariadb(options: DatabaseOptions): Promise<DatabaseServer> {
  return startDatabase('mariadb', options, await mariadbRecipe());
}

/** How a MariaDB is made and started, alone or as a node of a cluster. */
export async function mariadbRecipe(): Promise<Parameters<typeof startDatabase>[2]> {
  const part = await ensureMariadb();
  const { stdout: versionLine } = await promisify(execFile)(part.mariadbd[0]!, ['--version']);
  return {
    versionLine,
    async makeDataFolder(dataFolder, user) {
      await promisify(execFile)(part.installDb, [
        '--no-defaults',
        `--datadir=${dataFolder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        redoLog,
        ...(user ? [`--user=${user.name}`] : []),
      ]);
      await runBootstrap(
        [...part.mariadbd, '--no-defaults', '--bootstrap', `--datadir=${dataFolder}`, redoLog],
        // Bootstrap starts without the grant tables, and account statements are refused until they are loaded.
        ['FLUSH PRIVILEGES;', ...firstStatements],
        user,
      );
    },
    command: ({ dataFolder, socket, port, user }) => [
      ...part.mariadbd,
      '--no-defaults',
      `--datadir=${dataFolder}`,
      // In /tmp a server that starts would delete the temporary tables of every other running one.
      `--tmpdir=${dataFolder}`,
      `--socket=${socket}`,
      `--port=${port}`,
      ...commonArguments,
      redoLog,
      ...(user || process.getuid?.() !== 0 ? [] : ['--user=root']),
    ],
  };
}

async function runBootstrap(
  command: string[],
  statements: string[],
  user: { uid: number; gid: number } | undefined,
): Promise<void> {
  const [program, ...args] = command;
  await new Promise<void>((done, failed) => {
    const asRoot = user || process.getuid?.() !== 0 ? [] : ['--user=root'];
    const child = spawn(program!, [...args, ...asRoot], {
      stdio: ['pipe', 'ignore', 'pipe'],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let errors = '';
    child.stderr.on('data', chunk => {
      errors += chunk;
    });
    child.on('error', failed);
    child.on('exit', code => (code === 0 ? done() : failed(new Error(`${program} --bootstrap failed:\n${errors}`))));
    child.stdin.end(`${statements.join('\n')}\n`);
  });
}
