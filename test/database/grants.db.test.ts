import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { moveMoney } from '../../src/accounts/move-money';
import { projectRoot } from '../../src/config/project-root';
import { openConnection, openDatabase } from '../../src/database/connection';
import { checkSchema } from '../../src/database/migrate';
import { checkPrivileges, servicesNeeds } from '../../src/database/privileges';
import { actingAs } from '../../src/operator/acting';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, differencesIn, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { usersOf } from './service-user';
import { createTestDatabase, engines, type TestDatabase } from './test-database';

const file = readFileSync(join(projectRoot, 'sql', 'grants.sql'), 'utf8');

describe.each(engines)('the grants of sql/grants.sql, %s', engine => {
  let db: TestDatabase;
  let service: Connection;
  let serviceUrl: string;

  beforeEach(async () => {
    db = await createTestDatabase(engine);
    serviceUrl = (await usersOf(db)).service;
    service = await openConnection(serviceUrl);
  });
  afterEach(async () => {
    service.destroy();
    await db.drop();
  });

  test('every table of the schema is named in it, and nothing else', async () => {
    const [tables] = await db.database.raw(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1',
    );
    const granted = [...file.matchAll(/^GRANT .* ON ringfence\.(\w+) TO 'ringfence'@/gm)].map(([, table]) => table);
    expect(granted.toSorted()).toEqual(tables.map(({ name }: { name: string }) => name).toSorted());
  });

  test.each([
    ['UPDATE astledger SET amount = 6', 'astledger'],
    ['DELETE FROM astledger', 'astledger'],
    [
      "INSERT INTO astledger (accountcode, kind, reference, amount, balance_after, entry_number, entry_hash) VALUES ('alice', 'top_up', 'opening', 9, 9, 1, '') ON DUPLICATE KEY UPDATE amount = 9",
      'astledger',
    ],
    ['TRUNCATE TABLE astledger', 'astledger'],
    ['DROP TABLE astledger', 'astledger'],
    ['ALTER TABLE astledger ADD COLUMN x INT', 'astledger'],
    ["UPDATE astaudit SET actor = 'x'", 'astaudit'],
    ['DELETE FROM astaudit', 'astaudit'],
    ["UPDATE astauditchain SET chain_hash = 'x'", 'astauditchain'],
    ['DELETE FROM astauditchain', 'astauditchain'],
    ['UPDATE astauditpending SET since_at = UTC_TIMESTAMP()', 'astauditpending'],
    ['DELETE FROM astcdr', 'astcdr'],
    ['DELETE FROM astaccount', 'astaccount'],
    ['UPDATE astrate SET price_per_minute = 0', 'astrate'],
    ['DELETE FROM astmigration', 'astmigration'],
  ])('%s is refused by the server', async (statement, table) => {
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4.00');
    await expect(service.query(statement)).rejects.toMatchObject({
      errno: 1142,
      message: expect.stringContaining(table),
    });
    expect(await db.database('astledger').select('amount')).toEqual([{ amount: '4.000000' }]);
  });

  describe('are asked for when the service starts', () => {
    const schema = () => new URL(db.url).pathname.slice(1);
    const revoke = (privilege: string, table: string) =>
      db.database.raw(`REVOKE ${privilege} ON ${schema()}.${table} FROM 'ringfence'@'127.0.0.1'`);
    const serve = () => ringfence(serviceUrl, ['serve'], { RINGFENCE_SEMS_LISTEN: '127.0.0.1:9' });

    test('all of them are enough', async () => {
      const pool = openDatabase(serviceUrl);
      await expect(checkPrivileges(pool)).resolves.toBeNull();
      await pool.destroy();
    });

    test.each([
      ['SELECT', 'astfence'],
      ['INSERT', 'astledger'],
      ['INSERT', 'astaudit'],
      ['UPDATE', 'astaccount'],
      ['DELETE', 'astcreditres'],
    ])('one that lacks %s on %s is told the GRANT, and nothing is changed by asking', async (privilege, table) => {
      await addDeck(db, 'retail', [{}]);
      await addAccount(db, 'alice', '4.00');
      await revoke(privilege, table);
      expect(await serve()).toEqual({
        exitCode: 1,
        out: '',
        err: `the database user 'ringfence'@'127.0.0.1' may not do all that Ringfence does: run as the server's administrator: GRANT ${privilege} ON \`${schema()}\`.${table} TO 'ringfence'@'127.0.0.1'\n`,
      });
      expect(await differencesIn(db.url)).toEqual([]);
      await db.database.raw(`GRANT ${privilege} ON ${schema()}.${table} TO 'ringfence'@'127.0.0.1'`);
      const pool = openDatabase(serviceUrl);
      await expect(checkPrivileges(pool)).resolves.toBeNull();
      await pool.destroy();
    });

    test('one that lacks many is told the part of sql/grants.sql', async () => {
      for (const table of ['astcel', 'astcdr', 'astnode', 'astcard']) await revoke('SELECT', table);
      expect(await serve()).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('run the part "Service" of sql/'),
      });
    });

    test('one that lacks only what operators’ commands do is let serve, and told', async () => {
      await revoke('INSERT', 'astvoucher');
      const pool = openDatabase(serviceUrl);
      expect(await checkPrivileges(pool)).toContain(`GRANT INSERT ON \`${schema()}\`.astvoucher TO`);
      await pool.destroy();
    });

    test('the file is read whatever schema it names, and one without a GRANT is none', () => {
      const folder = mkdtempSync(join(tmpdir(), 'ringfence-grants-'));
      const path = join(folder, 'grants.sql');
      writeFileSync(path, file.replaceAll('ringfence.', '`my-billing`.'));
      expect(servicesNeeds(path)).toEqual(servicesNeeds());
      writeFileSync(path, '-- Service\n\n-- Asterisk\n');
      expect(() => servicesNeeds(path)).toThrow('has no GRANT in its part "Service"');
    });

    test('a table that a dump did not have is told by its name', async () => {
      await db.database.raw('DROP TABLE astpintry');
      const pool = openDatabase(db.url);
      await expect(checkPrivileges(pool)).rejects.toThrow('the table astpintry is missing');
      await pool.destroy();
    });
  });

  test('calls start, are answered and end, and money moves', async () => {
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4.00');
    const pool = openDatabase(serviceUrl);
    await checkSchema(pool);
    await moveMoney(actingAs('test', pool), { accountcode: 'alice', kind: 'top_up', amount: '5', reference: 'tu' });
    await pool.destroy();
    const ledger = openLedger({ url: serviceUrl });
    const [first, second] = [callOf('alice'), callOf('alice')];
    expect(await ledger.start(first)).toHaveProperty('granted');
    await ledger.answered({ ...first, answerAt: first.startAt + 2_000, trunk: '' });
    expect(await ledger.end(endOf(first, talked(60)))).toMatchObject({ cost: 1_000_000n });
    expect(await ledger.start(second)).toHaveProperty('granted');
    await ledger.close();
    expect(await differencesIn(serviceUrl)).toEqual([]);
  });
});
