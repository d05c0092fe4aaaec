import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type DatabaseServer, rootPassword } from '../../lab/servers/database';
import { startMariadb } from '../../lab/servers/mariadb';
import { startMysql } from '../../lab/servers/mysql';

const engines = [
  { engine: 'mariadb', start: startMariadb, version: /^1\d\.\d+\.\d+-MariaDB/ },
  { engine: 'mysql', start: startMysql, version: /^9\.\d+\.\d+/ },
] as const;

describe.each(engines)('$engine', ({ engine, start, version }) => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await start({ dir: mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, `${engine}-`)) });
  });
  afterAll(() => server?.kill());

  const query = async (sql: string): Promise<unknown> => {
    const connection = await createConnection({ uri: server.url, connectTimeout: 500 });
    try {
      return (await connection.query(sql))[0];
    } finally {
      connection.destroy();
    }
  };

  test('says its version and asks for the password', async () => {
    expect(server.version).toMatch(version);
    await expect(query('SELECT CURRENT_USER() AS me')).resolves.toEqual([{ me: 'root@127.0.0.1' }]);
    const wrong = server.url.replace(rootPassword, 'wrong');
    await expect(createConnection(wrong)).rejects.toThrow('Access denied');
  });

  test('what was committed before a SIGKILL is there after a restart on the same port', async () => {
    await query('CREATE DATABASE kept');
    await query('CREATE TABLE kept.rows_kept (id INT PRIMARY KEY)');
    await query('INSERT INTO kept.rows_kept VALUES (42)');
    await server.kill();
    await expect(query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    await expect(query('SELECT id FROM kept.rows_kept')).resolves.toEqual([{ id: 42 }]);
  });

  test('frozen it accepts connections and answers nothing; thawed it goes on', async () => {
    server.freeze();
    await expect(query('SELECT 1')).rejects.toThrow('ETIMEDOUT');
    server.thaw();
    await expect(query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  test('extra arguments win over our own: a second server beside it writes a binary log', async () => {
    const second = await start({
      dir: mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, `${engine}-binlog-`)),
      extraArgs: ['--log-bin=binlog', '--server-id=7', '--sync-binlog=1'],
    });
    try {
      const connection = await createConnection(second.url);
      const [rows] = await connection.query('SELECT @@log_bin AS logBin, @@sync_binlog AS syncBinlog');
      connection.destroy();
      expect(rows).toEqual([{ logBin: 1, syncBinlog: 1 }]);
    } finally {
      await second.kill();
    }
  });
});
