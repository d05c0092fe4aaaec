import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { DatabaseServer } from '../../lab/servers/database';
import { startMariadb } from '../../lab/servers/mariadb';
import { startMysql } from '../../lab/servers/mysql';
import { openConnection } from '../../src/database/connection';
import { ringfence } from '../cli/cli-fixture';

const STARTS = { MariaDB: startMariadb, MySQL: startMysql };

/** An authority of its own in a new folder, and what it signs; paths. */
class Authority {
  readonly folder = mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER as string, 'tls-'));
  readonly ca = join(this.folder, 'ca.pem');

  constructor(name: string) {
    chmodSync(this.folder, 0o755);
    this.openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
  }

  signed(name: string): { cert: string; key: string } {
    this.openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    writeFileSync(join(this.folder, 'names'), `subjectAltName=DNS:${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    this.openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
    // The server runs as a user of its own.
    chmodSync(join(this.folder, `${name}.key`), 0o644);
    return { cert: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
  }

  private openssl(...words: string[]): void {
    execFileSync('openssl', words, { cwd: this.folder, stdio: 'pipe' });
  }
}

describe.each(['MariaDB', 'MySQL'] as const)('TLS to %s', engine => {
  let authority: Authority;
  let stranger: Authority;
  const servers: Record<string, DatabaseServer> = {};

  beforeAll(async () => {
    [authority, stranger] = [new Authority('ours'), new Authority('stranger')];
    for (const name of ['localhost', 'db.example']) {
      const { cert, key } = authority.signed(name);
      const server = await STARTS[engine]({
        dir: mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER as string, 'tls-server-')),
        extraArgs: [`--ssl-ca=${authority.ca}`, `--ssl-cert=${cert}`, `--ssl-key=${key}`],
      });
      servers[name] = server;
      const administrator = await createConnection(server.url);
      for (const statement of [
        'CREATE DATABASE ringfence',
        "CREATE USER 'needs_tls'@'127.0.0.1' IDENTIFIED BY 'x' REQUIRE SSL",
        "CREATE USER 'needs_certificate'@'127.0.0.1' IDENTIFIED BY 'x' REQUIRE X509",
        "GRANT ALL PRIVILEGES ON ringfence.* TO 'needs_tls'@'127.0.0.1'",
        "GRANT ALL PRIVILEGES ON ringfence.* TO 'needs_certificate'@'127.0.0.1'",
      ])
        await administrator.query(statement);
      await administrator.end();
    }
  }, 120_000);
  afterAll(() => Promise.all(Object.values(servers).map(server => server.kill())));

  /** `options` behind the `?`; the server whose certificate is for `certified`, by the name localhost. */
  const urlOf = (options: string, user = 'needs_tls', certified = 'localhost'): string =>
    `mysql://${user}:x@localhost:${servers[certified]?.port}/ringfence?${options}`;

  async function cipherOf(url: string): Promise<string> {
    const connection = await openConnection(url);
    const [[row]] = (await connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")) as unknown as [
      [{ Value: string }],
    ];
    connection.destroy();
    return row.Value;
  }

  test.each([
    ['REQUIRED', () => 'ssl-mode=REQUIRED'],
    ['VERIFY_CA', () => `ssl-mode=VERIFY_CA&ssl-ca=${authority.ca}`],
    ['VERIFY_IDENTITY', () => `ssl-mode=VERIFY_IDENTITY&ssl-ca=${authority.ca}`],
  ])('%s: what is said is encrypted, by a lane and by the pool', async (_, options) => {
    expect(await cipherOf(urlOf(options()))).toMatch(/AES|CHACHA/);
    expect(await ringfence(urlOf(options()), ['migrate'])).toMatchObject({ exitCode: 0, err: '' });
  });

  test('a certificate of ours is shown where the server asks for one', async () => {
    const { cert, key } = authority.signed('service');
    const verified = `ssl-mode=VERIFY_IDENTITY&ssl-ca=${authority.ca}`;
    expect(await cipherOf(urlOf(`${verified}&ssl-cert=${cert}&ssl-key=${key}`, 'needs_certificate'))).not.toBe('');
    await expect(cipherOf(urlOf(verified, 'needs_certificate'))).rejects.toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
    });
  });

  test('a certificate for another name is good for VERIFY_CA and refused by VERIFY_IDENTITY', async () => {
    const of = (mode: string) => urlOf(`ssl-mode=${mode}&ssl-ca=${authority.ca}`, 'needs_tls', 'db.example');
    expect(await cipherOf(of('VERIFY_CA'))).not.toBe('');
    const { exitCode, err } = await ringfence(of('VERIFY_IDENTITY'), ['account', 'list']);
    expect({ exitCode, lines: err.split('\n').length }).toEqual({ exitCode: 1, lines: 2 });
    expect(err).toContain('cannot be trusted over TLS');
  });

  test.each(['VERIFY_CA', 'VERIFY_IDENTITY'])('a server that a stranger vouches for is refused by %s', async mode => {
    const { exitCode, err } = await ringfence(urlOf(`ssl-mode=${mode}&ssl-ca=${stranger.ca}`), ['account', 'list']);
    expect(exitCode).toBe(1);
    expect(err).toContain('cannot be trusted over TLS');
  });

  test('a user who needs TLS is not let in without, and it is said what may be wrong', async () => {
    const { exitCode, err } = await ringfence(urlOf(''), ['account', 'list']);
    expect(exitCode).toBe(1);
    expect(err).toContain('ssl-mode where the user needs TLS');
  });
});

test('where a server has no TLS nothing is said in clear text', async () => {
  const url = Object.assign(new URL(process.env.RINGFENCE_TEST_MARIADB_URL as string), { pathname: '/mysql' });
  const { exitCode, err } = await ringfence(`${url}?ssl-mode=REQUIRED`, ['account', 'list']);
  expect(exitCode).toBe(1);
  expect(err).toContain('cannot be trusted over TLS (HANDSHAKE_NO_SSL_SUPPORT)');
});
