import { Readable } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import { openWire, type Wire } from '../../lab/servers/wire';
import { accountNamed, createAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { inTransaction, openConnection, openDatabase } from '../../src/database/connection';
import { removeVersion } from '../../src/decks/deck-store';
import { importDeck } from '../../src/decks/import-deck';
import { actingAs } from '../../src/operator/acting';
import { EVERYTHING } from '../../src/operator/visible';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { LATE_MS } from '../eventually';
import { createTestDatabase, engines, type TestDatabase } from './test-database';

/** The URL with other hosts before its own. */
const withHosts = (url: string, ...hosts: string[]): string => url.replace('@', `@${hosts.join(',')},`);
const hostOf = (url: string): string => new URL(url).host;

describe.each(engines)('several hosts on %s', engine => {
  let db: TestDatabase;
  let wire: Wire;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    wire = await openWire(db.url);
    await addDeck(db, 'retail', [{}]);
  });
  afterAll(async () => {
    await wire.close();
    await db.drop();
  });

  const answerOf = async (url: string): Promise<unknown> => {
    const connection = await openConnection(url);
    try {
      return (await connection.query("SELECT 'yes' AS answer"))[0];
    } finally {
      connection.destroy();
    }
  };

  test('a host that refuses is passed over, by a lane and by the pool', async () => {
    const url = withHosts(db.url, '127.0.0.1:1', 'nowhere.invalid');
    expect(await answerOf(url)).toEqual([{ answer: 'yes' }]);
    expect((await json(url, ['deck', 'list'])).total).toBe(1);
  });

  test('a host that is silent is given up after a second', async () => {
    wire.freeze();
    try {
      const startedAt = performance.now();
      expect(await answerOf(withHosts(db.url, hostOf(wire.url)))).toEqual([{ answer: 'yes' }]);
      expect(performance.now() - startedAt).toBeLessThan(1_000 + LATE_MS);
    } finally {
      wire.thaw();
    }
  });

  test('when no host can be used the command names each and why', async () => {
    const { exitCode, err } = await ringfence(withHosts(db.url, '127.0.0.1:1').replace(hostOf(db.url), '127.0.0.1:2'), [
      'account',
      'list',
    ]);
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err:
        'database cannot be written to on any host (127.0.0.1:1 ECONNREFUSED, 127.0.0.1:2 ECONNREFUSED): ' +
        'check that they are running, or correct RINGFENCE_DATABASE_URL\n',
    });
  });

  test('a wrong password is told and no other host is tried', async () => {
    const wrong = withHosts(db.url, hostOf(wire.url)).replace(/:[^:@]+@/, ':secret@');
    const { err } = await ringfence(wrong, ['account', 'list']);
    expect(err).toContain('refused the user: correct user and password in RINGFENCE_DATABASE_URL');
    expect(err).not.toContain('secret');
  });

  test('a connection that broke while it was idle in the pool is not used again', async () => {
    const pool = openDatabase(wire.url, { most: 1 });
    const [[{ id }]] = await pool.raw('SELECT CONNECTION_ID() AS id');
    const administrator = await createConnection(db.url);
    await administrator.query(`KILL ${id}`);
    await administrator.end();
    await new Promise(resolve => setTimeout(resolve, 50));
    const [[again]] = await pool.raw('SELECT CONNECTION_ID() AS id');
    expect(again.id).not.toBe(id);
    await pool.destroy();
  });

  test('a top-up whose COMMIT was done and never answered moves the money once, and says that it did', async () => {
    await addAccount(db, 'lost-topup', '0');
    wire.loseNextCommitReply();
    const moved = await json(wire.url, ['account', 'topup', 'lost-topup', '5.00', '--reference', 'r1']);
    expect(moved).toMatchObject({ moved: true, balance: '5.00' });
    const rows = await db.database('astledger').where({ accountcode: 'lost-topup' });
    expect(rows).toHaveLength(1);
    const trail = await db.database('astaudit').where({ object: 'account lost-topup' });
    expect(trail).toMatchObject([{ operation: 'account topup', actor: rows[0].actor }]);
  });

  test('an account whose COMMIT was done and never answered is there once, with its opening balance', async () => {
    const pool = openDatabase(wire.url);
    wire.loseNextCommitReply();
    const account = await createAccount(actingAs('test', pool), {
      accountcode: 'lost-account',
      deck: 'retail',
      balance: '2.50',
    });
    expect(account).toMatchObject({ accountcode: 'lost-account', balance: 2_500_000n });
    wire.loseNextCommitReply();
    expect(await setAccountStatus(actingAs('test', pool), 'lost-account', 'blocked')).toEqual([]);
    expect(await accountNamed(pool, EVERYTHING, 'lost-account')).toMatchObject({ status: 'blocked' });
    await expect(
      createAccount(actingAs('test', pool), { accountcode: 'lost-account', deck: 'retail' }),
    ).rejects.toMatchObject({
      refusal: 'account_exists',
    });
    await pool.destroy();
  });

  test('a top-up says that it may be done or not when the database stays away after COMMIT', async () => {
    await addAccount(db, 'unknown', '0');
    const away = await openWire(db.url);
    away.loseNextCommitReply({ andStayAway: true });
    const words = ['account', 'topup', 'unknown', '5.00', '--reference', 'r1'];
    const { exitCode, err } = await ringfence(away.url, words);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^database \w+ at 127\.0\.0\.1:\d+ was lost during COMMIT: it may be done or not; look .*\n$/);
    await away.restore();
    expect(await json(away.url, words)).toMatchObject({ moved: false, balance: '5.00' });
    await away.close();
  });

  test('a use-case that is not idempotent is not run again after a lost COMMIT, but is after a loss before it', async () => {
    const pool = openDatabase(wire.url);
    let runs = 0;
    const once = (lose: () => unknown) =>
      inTransaction(pool, async transaction => {
        runs++;
        if (runs === 1) await lose();
        await transaction.raw('SELECT 1');
      });
    await expect(once(() => void wire.loseNextCommitReply())).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' });
    expect(runs).toBe(1);
    runs = 0;
    await once(async () => {
      await wire.cut();
      await wire.restore();
    });
    expect(runs).toBe(2);
    await pool.destroy();
  });

  test('a transaction of a process that says nothing any more is ended by the server within a minute', async () => {
    const pool = openDatabase(db.url);
    const [[seconds]] = await inTransaction(pool, transaction => transaction.raw('SELECT @@wait_timeout AS silence'));
    expect(Number(seconds.silence)).toBeLessThanOrEqual(60);
    await pool.destroy();
  });

  test('an import whose last COMMIT was done and never answered is done, and nothing removes its rates', async () => {
    const pool = openDatabase(wire.url);
    const { version } = await importDeck(actingAs('test', pool), {
      deck: 'lost-deck',
      currency: 'EUR',
      source: 'lost.csv',
      input: Readable.from([
        'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n49,Germany,0.10,0,60,60\n',
      ]),
      // After the only chunk of lines comes the transaction that makes them current.
      onProgress: () => void wire.loseNextCommitReply(),
    });
    expect(await db.database('astratedeck').where({ deck: 'lost-deck' }).first('version')).toEqual({
      version: String(version),
    });
    // Like an import that has given up.
    await removeVersion(pool, version);
    expect(await db.database('astrate').where({ version })).toHaveLength(1);
    await pool.destroy();
  });
});
