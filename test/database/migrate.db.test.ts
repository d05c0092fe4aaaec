import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { projectRoot } from '../../src/config/project-root';
import { checkSchema, type Migration, migrate, migrations } from '../../src/database/migrate';
import { createEmptyDatabase, engines, type TestDatabase } from './test-database';

const TABLES = [
  'astaccount',
  'astalarm',
  'astapikey',
  'astapproval',
  'astaudit',
  'astauditchain',
  'astauditpending',
  'astbooks',
  'astbrowser',
  'astcaller',
  'astcard',
  'astcashier',
  'astcashierday',
  'astcdr',
  'astcel',
  'astcreditres',
  'astdeckschedule',
  'astdelivery',
  'astfeed',
  'astfence',
  'astholiday',
  'astidempotency',
  'astjob',
  'astlease',
  'astledger',
  'astlogin',
  'astmigration',
  'astnode',
  'astoperator',
  'astoutbox',
  'astpintry',
  'astrate',
  'astratedeck',
  'astratedeckversion',
  'astrecoverycode',
  'astroute',
  'astschedule',
  'astsecondfactor',
  'astsession',
  'astsheet',
  'astswitchcdr',
  'asttrunk',
  'astverify',
  'astvoucher',
  'astwebhook',
];

describe.each(engines)('migrations on %s', engine => {
  let test_: TestDatabase;
  beforeEach(async () => {
    test_ = await createEmptyDatabase(engine);
  });
  afterEach(() => test_.drop());
  const tables = async (): Promise<string[]> =>
    (await test_.database.raw('SHOW TABLES'))[0].map((row: object) => Object.values(row)[0]).sort();

  test('make every table, and a second run makes nothing', async () => {
    const told: string[] = [];
    expect(await migrate(test_.database, migrations(), { onApplied: name => told.push(name) })).toEqual(told);
    expect(told).toHaveLength(migrations().length);
    expect(await tables()).toEqual(TABLES);
    await checkSchema(test_.database);
    expect(await migrate(test_.database)).toEqual([]);
  });

  /** The row of a migrating process. */
  const held = (secondsAgo: number) => ({
    number: 0,
    name: 'vm, pid 7',
    checksum: 'its',
    applied_at: test_.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [secondsAgo]),
  });
  const lockRows = () => test_.database('astmigration').where({ number: 0 });

  test('who migrates is waited for by name, as long as it shows that it is alive', async () => {
    await migrate(test_.database, migrations().slice(0, 1));
    await test_.database('astmigration').insert(held(3));
    const waited: unknown[] = [];
    let done = false;
    const second = migrate(test_.database, migrations(), { onWaiting: waiting => waited.push(waiting) }).then(() => {
      done = true;
    });
    await new Promise(resolve => setTimeout(resolve, 700));
    expect(done).toBe(false);
    expect(waited).toEqual([{ holder: 'vm, pid 7', aliveSecondsAgo: 3, deadAfterSeconds: 30 }]);
    await lockRows().update({ applied_at: held(31).applied_at });
    await second;
    await checkSchema(test_.database);
    expect(await lockRows()).toEqual([]);
  });

  test('who migrates for long shows that it is alive, and takes away no row but its own', async () => {
    await migrate(test_.database, migrations().slice(0, 1));
    const [first] = migrations() as [Migration];
    const slow = { ...first, number: 2, name: '0002-slow', sql: 'SELECT SLEEP(7)' };
    const migrating = migrate(test_.database, [first, slow]);
    await new Promise(resolve => setTimeout(resolve, 6_500));
    const age = 'TIMESTAMPDIFF(SECOND, applied_at, UTC_TIMESTAMP(3)) AS seconds';
    const row = await lockRows().first('name', test_.database.raw(age));
    expect(Number(row.seconds)).toBeLessThan(4);
    expect(row).toEqual({
      name: `${hostname().slice(0, 60)}, pid ${process.pid}`,
      seconds: expect.anything(),
    });
    await lockRows().delete();
    await test_.database('astmigration').insert(held(0));
    await migrating;
    expect(await lockRows().first('name')).toEqual({ name: 'vm, pid 7' });
  });

  test.each([
    ['goes on instead', true, 'vm, pid 7 migrates'],
    ['has gone on, and is done', false, 'another one has migrated'],
  ])('who stood still and was taken for dead does nothing more: another %s', async (_, isThere, told) => {
    await migrate(test_.database, migrations().slice(0, 1));
    const [first] = migrations() as [Migration];
    const slow = { ...first, number: 2, name: '0002-slow', sql: 'SELECT SLEEP(2)' };
    const never = { ...first, number: 3, name: '0003-never', sql: 'CREATE TABLE never (id INT)' };
    const migrating = migrate(test_.database, [first, slow, never]);
    const failing = expect(migrating).rejects.toThrow(`${told} since: run "ringfence migrate" again`);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    await lockRows().delete();
    if (isThere) await test_.database('astmigration').insert(held(0));
    await failing;
    expect(await tables()).not.toContain('never');
    expect(await lockRows().select('name')).toEqual(isThere ? [{ name: 'vm, pid 7' }] : []);
  });

  test('the chain is not begun while a service acts for a switch', async () => {
    await migrate(test_.database, migrations().slice(0, 37));
    const expires_at = test_.database.raw('UTC_TIMESTAMP(3) + INTERVAL 10 SECOND');
    await test_
      .database('astlease')
      .insert({ node: 'ast1', owner: 'vm, pid 7', epoch: 1, expires_at, acquired_at: new Date() });
    await expect(migrate(test_.database)).rejects.toThrow('"vm, pid 7" acts for "ast1": stop it');
    await test_.database('astlease').update({ expires_at: test_.database.raw('UTC_TIMESTAMP(3)') });
    await migrate(test_.database);
    await checkSchema(test_.database);
  });

  test('two at once both succeed', async () => {
    await Promise.all([migrate(test_.database), migrate(test_.database)]);
    await checkSchema(test_.database);
  });

  test('one that was run but not written down is run again', async () => {
    await migrate(test_.database);
    await test_.database('astmigration').where({ number: 5 }).delete();
    expect(await migrate(test_.database)).toEqual(['0005-astcreditres']);
  });

  test('an empty database, an older and a newer schema are told apart, with what to do', async () => {
    await expect(checkSchema(test_.database)).rejects.toThrow('no Ringfence schema: run "ringfence migrate" first');
    await migrate(test_.database, migrations().slice(0, 3));
    await expect(checkSchema(test_.database)).rejects.toThrow(
      /at migration 3, this Ringfence needs \d+: run "ringfence migrate" first/,
    );
    await migrate(test_.database);
    await test_.database('astmigration').insert({ number: 9_999, name: '9999-later', checksum: '' });
    await expect(checkSchema(test_.database)).rejects.toThrow('at migration 9999, this Ringfence knows only');
    await expect(migrate(test_.database)).rejects.toThrow('use a newer Ringfence');
  });

  test('accounts that were blocked with their cards before that was remembered are still opened with them', async () => {
    await migrate(test_.database, migrations().slice(0, 30));
    const times = { created_at: new Date(), activated_at: new Date() };
    for (const [serial, card, account] of [
      [1, 'blocked', 'blocked'],
      [2, 'active', 'blocked'],
      [3, 'blocked', 'active'],
    ] as const) {
      const accountcode = `card-${serial}`;
      const money = { currency: 'EUR', deck: 'retail' };
      await test_.database('astaccount').insert({ accountcode, ...money, status: account });
      const code = { code_hash: Buffer.alloc(32, serial), code_key: 'key' };
      await test_
        .database('astcard')
        .insert({ serial, batch: 'old', ...code, ...money, ...times, value: 0, status: card, accountcode });
    }
    await migrate(test_.database);
    const rows = test_.database('astaccount').where({ is_card_blocked: 1 });
    expect(await rows.pluck('accountcode')).toEqual(['card-1']);
  });

  test('a file that was changed after it was applied is refused', async () => {
    await migrate(test_.database);
    await test_.database('astmigration').where({ number: 1 }).update({ checksum: 'x' });
    await expect(migrate(test_.database)).rejects.toThrow(
      'migration 0001-astratedeck was changed after it was applied',
    );
  });

  test('an earlier text of a file that made the same is good, and no other', async () => {
    await migrate(test_.database);
    const changed = migrations().filter(({ formerly }) => formerly.length > 0);
    expect(changed.map(({ number }) => number)).toEqual([38, 39, 41, 43]);
    for (const { number, formerly } of changed) {
      await test_.database('astmigration').where({ number }).update({ checksum: formerly[0] });
    }
    // The key did not exist, so there is nothing to drop.
    await test_.database('astmigration').where({ name: '0048-astledger-chain-built' }).delete();
    expect(await migrate(test_.database)).toEqual(['0048-astledger-chain-built']);
    await checkSchema(test_.database);
  });

  test('every column says what it holds', async () => {
    await migrate(test_.database);
    const [silent] = await test_.database.raw(
      `SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_COMMENT = ''`,
    );
    expect(silent).toEqual([]);
  });
});

test('sql/schema.sql is what the migrations make', async () => {
  const path = join(projectRoot, 'sql', 'schema.sql');
  const test_ = await createEmptyDatabase('MariaDB');
  await migrate(test_.database);
  const rendered = await render(test_.database);
  await test_.drop();
  if (process.env.RINGFENCE_TEST_WRITE_SCHEMA) writeFileSync(path, rendered);
  expect(rendered).toBe(readFileSync(path, 'utf8'));
});

async function render(database: Knex): Promise<string> {
  const statements: string[] = [];
  for (const table of TABLES) {
    const [[row]] = await database.raw(`SHOW CREATE TABLE ${table}`);
    statements.push(`${row['Create Table'].replace(/ AUTO_INCREMENT=\d+/, '')};\n`);
  }
  return `-- The schema as MariaDB shows it after every migration. Rendered by:\n--   RINGFENCE_TEST_WRITE_SCHEMA=1 npm test -- test/database\n\n${statements.join('\n')}`;
}
