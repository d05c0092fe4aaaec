/** What an attacker with the rights of the database's owner does to the audit trail by hand, and what `ringfence verify` tells of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { Connection } from 'mysql2/promise';
import { setAccount } from '../../src/accounts/manage-account';
import { moveMoney } from '../../src/accounts/move-money';
import { inTransaction, openConnection, openDatabase } from '../../src/database/connection';
import { migrate, migrations } from '../../src/database/migrate';
import { actingAs } from '../../src/operator/acting';
import { AUDIT_COLUMNS } from '../../src/operator/audit-chain';
import { CHAINED_AT_ONCE, chainAudit, verifyAudit } from '../../src/operator/audit-chain-store';
import { writeAudit } from '../../src/operator/audit-store';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createEmptyDatabase, createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('the chain of the audit trail, %s', engine => {
  let db: TestDatabase;
  let connection: Connection;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    connection = await openConnection(db.url);
  });
  afterEach(async () => {
    connection.destroy();
    await db.drop();
  });

  const run = (statement: string) => db.database.raw(statement);
  const audit = (transaction: Knex.Transaction, number: number, from: string | null = '10.0.0.7') =>
    writeAudit(
      transaction,
      { ...actingAs('key:crm', db.database), from },
      {
        operation: 'account set',
        object: `account ${number}`,
        before: { name: `Größe ${number}` },
        after: null,
      },
    );
  const change = (number: number) => inTransaction(db.database, transaction => audit(transaction, number));
  /** Six chained changes with the numbers 1 to 6. */
  const sixChanges = async () => {
    for (let number = 1; number <= 6; number++) await change(number);
    expect(await chainAudit(db.database)).toBe(6);
  };
  const told = async (since?: Parameters<typeof verifyAudit>[1]) =>
    (await verifyAudit(connection, since)).differences.map(({ rule, audit_id }) => `${rule} ${audit_id}`);
  const ids = () => db.database('astaudit').orderBy('audit_id').pluck('audit_id');

  test('has a place for each change, in the order of their numbers, and is what verify says', async () => {
    await sixChanges();
    expect(await db.database('astauditchain').orderBy('chain_number').pluck('audit_id')).toEqual(await ids());
    expect(await db.database('astauditpending')).toEqual([]);
    const proof = await verifyAudit(connection);
    expect(proof).toMatchObject({ changes: 6, end: { number: 6 }, differences: [] });
    expect(await chainAudit(db.database)).toBe(0);
    expect(await verifyAudit(connection, proof.end)).toEqual({ ...proof, changes: 0 });
  });

  test('SQL finds the same hash', async () => {
    await sixChanges();
    await inTransaction(db.database, transaction => audit(transaction, 7, null));
    await chainAudit(db.database);
    const column = (name: string) => `COALESCE(LOWER(HEX(a.${name})), 'NULL')`;
    const texts = AUDIT_COLUMNS.map(name =>
      name === 'audit_id'
        ? 'LOWER(HEX(CAST(a.audit_id AS CHAR)))'
        : name === 'created_at'
          ? "LOWER(HEX(CONCAT(DATE_FORMAT(a.created_at, '%Y-%m-%dT%H:%i:%s.'), LPAD(FLOOR(MICROSECOND(a.created_at) / 1000), 3, '0'), 'Z')))"
          : column(name),
    );
    const [wrong] = await run(`SELECT c.chain_number FROM astauditchain c JOIN astaudit a ON a.audit_id = c.audit_id
      LEFT JOIN astauditchain p ON p.chain_number = c.chain_number - 1
      WHERE BINARY c.chain_hash <> SHA2(CONCAT_WS('|', COALESCE(p.chain_hash, ''), c.chain_number, ${texts.join(', ')}), 256)`);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['request_id', "'other'"],
    ['actor', "'cli:root'"],
    ['address', "'10.0.0.8'"],
    ['address', 'NULL'],
    ['operation', "'account get'"],
    ['object', "'account 33'"],
    ['state_before', "'{}'"],
    ['state_after', "''"],
    ['created_at', 'created_at + INTERVAL 1000 MICROSECOND'],
  ])('a row whose %s became %s is told', async (column, value) => {
    await sixChanges();
    const third = (await ids())[2];
    await run(`UPDATE astaudit SET ${column} = ${value} WHERE audit_id = ${third}`);
    expect(await told()).toEqual([`change_follows_the_one_before ${third}`]);
  });

  test.each([
    ['first', 0],
    ['middle', 3],
    ['last', 5],
  ])('the %s row that was deleted is told, and with its place too', async (which, place) => {
    await sixChanges();
    const { end } = await verifyAudit(connection);
    const all = await ids();
    await run(`DELETE FROM astaudit WHERE audit_id = ${all[place]}`);
    expect(await told()).toEqual([`change_follows_the_one_before ${all[place]}`]);
    await run(`DELETE FROM astauditchain WHERE audit_id = ${all[place]}`);
    // Nothing inside the database tells that there were six: a proof that was kept does.
    expect(await told()).toEqual(which === 'last' ? [] : [`change_follows_the_one_before ${all[place + 1]}`]);
    if (which === 'last') expect(await told(end)).toEqual(['change_follows_the_one_before null']);
  });

  test('a row whose place alone was deleted is told, the last one too', async () => {
    await sixChanges();
    const last = (await ids())[5];
    await run(`DELETE FROM astauditchain WHERE audit_id = ${last}`);
    expect(await told()).toEqual([`change_is_chained ${last}`]);
  });

  test('a row that was inserted by hand is told; announced as Ringfence does, it is told if it is dated back', async () => {
    await sixChanges();
    const insert = (id: number, at: string) =>
      run(`INSERT INTO astaudit (audit_id, request_id, actor, operation, object, created_at)
        VALUES (${id}, 'forged-${id}', 'key:crm', 'account set', 'account alice', ${at})`);
    await insert(100, 'UTC_TIMESTAMP(3)');
    expect(await told()).toEqual(['change_is_chained 100']);
    await chainAudit(db.database);
    expect(await told()).toEqual(['change_is_chained 100']);
    await insert(101, 'UTC_TIMESTAMP(3) - INTERVAL 1 DAY');
    await run('INSERT INTO astauditpending (audit_id) VALUES (101)');
    await chainAudit(db.database);
    expect(await told()).toEqual(['change_is_in_time 101', 'change_is_chained 100']);
  });

  test('a row that nobody chains is told after a minute, and one that was deleted before that at once', async () => {
    await change(1);
    await change(2);
    await change(3);
    const [first, second, third] = await ids();
    expect(await told()).toEqual([]);
    await run(
      `UPDATE astauditpending SET since_at = UTC_TIMESTAMP(3) - INTERVAL 61 SECOND WHERE audit_id IN (${first}, ${second})`,
    );
    await run(`DELETE FROM astaudit WHERE audit_id = ${third}`);
    const { differences } = await verifyAudit(connection);
    expect(differences.map(({ audit_id, text }) => `${audit_id} ${text.split(':')[0]}`)).toEqual([
      `${third} it was deleted before it had its place in the chain`,
      `${first} it waits for its place in the chain for more than 60 s, and so do 1 others`,
    ]);
    await chainAudit(db.database);
    expect(await told()).toEqual([`change_is_chained ${third}`]);
  });

  test('a number that is announced although it has its place does not stop the chain', async () => {
    await sixChanges();
    const [first] = await ids();
    await run(`INSERT INTO astauditpending (audit_id) VALUES (${first})`);
    await change(7);
    expect(await chainAudit(db.database)).toBe(1);
    expect(await told()).toEqual([]);
  });

  test('a change that commits late comes late in the chain; one that is rolled back is missing nowhere', async () => {
    const late = await db.database.transaction();
    await audit(late, 1);
    const lost = await db.database.transaction();
    await audit(lost, 2);
    await change(3);
    expect(await chainAudit(db.database)).toBe(1);
    await lost.rollback();
    await late.commit();
    await change(4);
    expect(await chainAudit(db.database)).toBe(2);
    const objects = db.database('astauditchain as c').join('astaudit as a', 'a.audit_id', 'c.audit_id');
    expect(await objects.orderBy('c.chain_number').pluck('a.object')).toEqual(['account 3', 'account 1', 'account 4']);
    expect(await told()).toEqual([]);
  });

  test('8 writers at once and 3 that chain: no change waits for another one, each has one place', async () => {
    await addDeck(db, 'retail', [{}]);
    for (let writer = 0; writer < 8; writer++) await addAccount(db, `account-${writer}`, '1.00');
    const pools = Array.from({ length: 8 }, () => openDatabase(db.url, { most: 1 }));
    let writing = true;
    const chaining = [0, 1, 2].map(async () => {
      let chained = 0;
      while (writing) chained += await chainAudit(db.database);
      return chained;
    });
    await Promise.all(
      pools.map(async (pool, writer) => {
        const acting = () => ({ ...actingAs(`key:${writer}`, pool), from: '10.0.0.7' });
        for (let number = 0; number < 15; number++) {
          const movement = {
            accountcode: `account-${writer}`,
            kind: 'top_up',
            amount: '1',
            reference: `${number}`,
          } as const;
          await moveMoney(acting(), movement);
          // Rolled back: its number is a gap.
          await inTransaction(pool, async transaction => {
            await audit(transaction, number);
            throw new Error('rolled back');
          }).catch(() => undefined);
          await setAccount(acting(), `account-${writer}`, { max_channels: number + 1 });
        }
      }),
    );
    writing = false;
    const before = (await Promise.all(chaining)).reduce((sum, count) => sum + count, 0);
    const rest = await chainAudit(db.database);
    await Promise.all(pools.map(pool => pool.destroy()));
    expect(before + rest).toBe(8 * 30);
    expect(await verifyAudit(connection)).toMatchObject({ changes: 8 * 30, differences: [] });
  });

  test('more rows than are chained at once, or read at a time, and since a time only the late ones', async () => {
    const most = 5_600;
    const rows = Array.from({ length: most }, (_, number) => ({
      request_id: `r-${number}`,
      actor: 'main',
      operation: 'account set',
      object: `account ${number}`,
      created_at: new Date(Date.UTC(2026, 0, 1) + number * 1_000),
    }));
    await db.database.batchInsert('astaudit', rows, 1_000);
    await run('INSERT INTO astauditpending (audit_id) SELECT audit_id FROM astaudit');
    expect(await chainAudit(db.database)).toBe(CHAINED_AT_ONCE);
    while ((await chainAudit(db.database)) > 0);
    expect(await verifyAudit(connection)).toMatchObject({ changes: most, differences: [] });
    const all = await ids();
    const since = new Date(Date.UTC(2026, 0, 1) + 5_000_000);
    // Ten minutes more than asked for.
    expect(await verifyAudit(connection, since)).toMatchObject({ changes: most - 4_400, differences: [] });
    await run(`UPDATE astaudit SET actor = 'other' WHERE audit_id IN (${all[100]}, ${all[5_500]})`);
    expect(await told(since)).toEqual([`change_follows_the_one_before ${all[5_500]}`]);
    expect(await told()).toEqual([all[100], all[5_500]].map(id => `change_follows_the_one_before ${id}`));
    expect(await verifyAudit(connection, new Date(Date.UTC(2027, 0, 1)))).toMatchObject({
      changes: 0,
      differences: [],
    });
  });

  test('the command line chains what it changed, and verify tells what was changed by hand, with exit code 1', async () => {
    await addDeck(db, 'retail', [{}]);
    await json(db.url, ['account', 'create', 'alice', '--deck', 'retail', '--balance', '3']);
    await json(db.url, ['account', 'topup', 'alice', '1', '--reference', 'paid']);
    expect(await db.database('astauditpending')).toEqual([]);
    expect(await json(db.url, ['verify'])).toMatchObject({ balanced: true, changes: 2 });
    const last = (await ids())[1];
    await run(`UPDATE astaudit SET actor = 'key:crm' WHERE audit_id = ${last}`);
    const words = [['verify'], ['verify', '--since', '2026-01-01T00:00:00Z']];
    for (const each of words) {
      const { exitCode, out } = await ringfence(db.url, each);
      expect({ exitCode, first: out.split('\n')[0] }).toEqual({
        exitCode: 1,
        first: `audit trail row ${last}: it does not have the hash of what it says and of place 1: it was changed (change_follows_the_one_before)`,
      });
    }
    const asJson = JSON.parse((await ringfence(db.url, ['verify', '--json'])).out);
    expect(asJson).toMatchObject({ balanced: false, differences: [{ audit_id: String(last) }] });
  });

  test('a proof that is kept has the end of the chain: one written anew as a whole, or cut short, is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-audit-'));
    const kept = join(folder, 'proof.txt');
    const since = async () => {
      const { exitCode, out } = await ringfence(db.url, ['verify', '--since', kept]);
      return { exitCode, first: out.split('\n')[0] };
    };
    await sixChanges();
    expect((await ringfence(db.url, ['verify', '--proof', kept])).exitCode).toBe(0);
    const { end } = await verifyAudit(connection);
    const text = readFileSync(kept, 'utf8');
    expect(text.split('\n')[1]).toBe(`audit 6 ${end.hash}`);
    await change(7);
    expect((await since()).exitCode).toBe(0);
    await run("UPDATE astaudit SET actor = 'cli:nobody' WHERE object = 'account 2'");
    await run('INSERT INTO astauditpending (audit_id) SELECT audit_id FROM astaudit');
    await run('DELETE FROM astauditchain');
    await chainAudit(db.database);
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    const sixth = (await ids())[5];
    const anew = `audit trail row ${sixth}: place 6 of the chain is not the one that was proven: the chain was written anew`;
    expect(await since()).toEqual({ exitCode: 1, first: `${anew} (change_follows_the_one_before)` });
    await run('DELETE FROM astauditchain WHERE chain_number > 5');
    await run(`DELETE FROM astaudit WHERE audit_id >= ${sixth}`);
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    const cut = 'audit trail: place 6 of the chain was proven, and is gone (change_follows_the_one_before)';
    expect(await since()).toEqual({ exitCode: 1, first: cut });
    // The proof of an older version says nothing of it.
    writeFileSync(kept, text.replace(/^audit .*\n/m, ''));
    expect((await since()).exitCode).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test('changes that are older than the chain are chained from the first one on', async () => {
    const older = await createEmptyDatabase(engine);
    const known = migrations();
    const first = known.findIndex(({ name }) => name.endsWith('-astaudit-address'));
    await migrate(older.database, known.slice(0, first));
    const rows = Array.from({ length: 25 }, (_, number) => ({
      request_id: `r-${number}`,
      actor: 'main',
      operation: 'account set',
      object: `account ${number}`,
    }));
    await older.database('astaudit').insert(rows);
    await migrate(older.database, known, { portionRows: 10 });
    expect(await chainAudit(older.database)).toBe(25);
    const its = await openConnection(older.url);
    expect(await verifyAudit(its)).toMatchObject({ changes: 25, differences: [] });
    its.destroy();
    await older.drop();
  });

  test('the address from which a change came is shown, and found', async () => {
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1.00');
    const over = { ...actingAs('key:crm', db.database), from: '2001:db8::7' };
    await moveMoney(over, { accountcode: 'alice', kind: 'top_up', amount: '1', reference: 'http' });
    await json(db.url, ['account', 'topup', 'alice', '1', '--reference', 'cli']);
    const shown = async (...words: string[]) =>
      (await json(db.url, ['audit', 'list', ...words])).items.map((item: { address: unknown }) => item.address);
    expect(await shown()).toEqual([null, '2001:db8::7']);
    expect(await shown('--address', '2001:db8::7')).toEqual(['2001:db8::7']);
    expect(await shown('--address', '10.0.0.1')).toEqual([]);
  });
});
