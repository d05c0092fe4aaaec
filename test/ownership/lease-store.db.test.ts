import { openWire } from '../../lab/servers/wire';
import { decideBatch } from '../../src/credit/call-batch';
import { openBooks } from '../../src/credit/sql-books';
import { openConnection } from '../../src/database/connection';
import { LeaseTable } from '../../src/ownership/lease-store';
import { ownName } from '../../src/ownership/process-identity';
import { RateStore } from '../../src/rating/rate-store';
import { json, ringfence } from '../cli/cli-fixture';
import { accountRow, addAccount, addDeck, callOf, endOf, LIMITS, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

describe.each(engines)('leases on %s', engine => {
  let db: TestDatabase;
  const tables: LeaseTable[] = [];
  const process_ = (name: string): LeaseTable => {
    const table = new LeaseTable(db.url, name);
    tables.push(table);
    return table;
  };
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
  });
  afterAll(async () => {
    for (const table of tables) table.close();
    await db.drop();
  });
  const expire = (node: string) =>
    db
      .database('astlease')
      .where({ node })
      .update({ expires_at: db.database.raw('UTC_TIMESTAMP(3)') });

  test('are one process’s at a time; the next gets one number more when it ran out', async () => {
    const [one, other] = [process_('one'), process_('other')];
    const first = await one.acquire('n1');
    expect(first).toEqual({ node: 'n1', epoch: 1 });
    expect(await other.acquire('n1')).toEqual({ owner: 'one' });
    expect(await one.renew({ node: 'n1', epoch: 1 })).toBe(true);
    await expire('n1');
    // No other process took it: the owner may go on.
    expect(await one.renew({ node: 'n1', epoch: 1 })).toBe(true);
    await expire('n1');
    expect(await other.acquire('n1')).toEqual({ node: 'n1', epoch: 2 });
    expect(await one.renew({ node: 'n1', epoch: 1 })).toBe(false);
    await one.release({ node: 'n1', epoch: 1 });
    expect(await one.acquire('n1')).toEqual({ owner: 'other' });
  });

  test('that are let go of are free at once', async () => {
    const [one, other] = [process_('one'), process_('other')];
    await one.acquire('n2');
    await one.release({ node: 'n2', epoch: 1 });
    expect(await other.acquire('n2')).toEqual({ node: 'n2', epoch: 2 });
  });

  test('of a process of this machine that is gone are free at once; of one elsewhere they have to run out', async () => {
    const name = ownName().split(' ');
    const dead = [name[0], 999_999, ...name.slice(2)].join(' ');
    const elsewhere = ['another-host', ...name.slice(1)].join(' ');
    await process_(dead).acquire('n3');
    expect(await process_('other').acquire('n3')).toEqual({ node: 'n3', epoch: 2 });
    await process_(elsewhere).acquire('n4');
    expect(await process_('other').acquire('n4')).toEqual({ owner: elsewhere });
    await process_(ownName()).acquire('n5');
    expect(await process_('other').acquire('n5')).toEqual({ owner: ownName() });
  });

  test('taken at once by ten processes are one’s', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => process_(`racer-${index}`).acquire('n6')),
    );
    const won = answers.filter(answer => answer.status === 'fulfilled' && 'epoch' in answer.value);
    expect(won).toHaveLength(1);
  });

  test('fence a former owner: his starts are refused by name, his ends count', async () => {
    const [one, other] = [process_('one'), process_('other')];
    await addAccount(db, 'fenced', '10');
    const lease = await one.acquire('ast1');
    const ledger = openLedger(db, { leaseOf: () => lease as { node: string; epoch: number } });
    const [call, later] = [callOf('fenced'), callOf('fenced')];
    expect(await ledger.start(call)).toMatchObject({ granted: {} });
    await expire('ast1');
    await other.acquire('ast1');
    expect(await ledger.start(later)).toEqual({ refusal: 'lease_lost' });
    expect(await accountRow(db, 'fenced')).toMatchObject({ active_calls: 1 });
    expect(await ledger.end(endOf(call, talked(60)))).toMatchObject({ billsec: 60 });
    expect(await accountRow(db, 'fenced')).toMatchObject({ active_calls: 0, reserved: '0.000000' });
    await ledger.close();
  });

  test('are not taken over while a transaction of the owner is under way, and then none of his can follow', async () => {
    const [one, other] = [process_('one'), process_('other')];
    const lease = (await one.acquire('n7')) as { node: string; epoch: number };
    const owner = await openConnection(db.url);
    await owner.beginTransaction();
    await owner.query('UPDATE astfence SET seq = seq + 1 WHERE node = ? AND lane = 0 AND epoch = ?', [
      'n7',
      lease.epoch,
    ]);
    await expire('n7');
    const taken = eventually(async () => {
      const answer = await other.acquire('n7').catch(() => null);
      return answer && 'epoch' in answer ? answer : null;
    }, 'the take-over');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await db.database('astlease').where({ node: 'n7' }).first('owner')).toEqual({ owner: 'one' });
    await owner.commit();
    expect(await taken).toEqual({ node: 'n7', epoch: 2 });
    const [result] = await owner.query('UPDATE astfence SET seq = seq + 1 WHERE node = ? AND lane = 0 AND epoch = ?', [
      'n7',
      lease.epoch,
    ]);
    expect(result).toMatchObject({ affectedRows: 0 });
    await owner.end();
  });

  test('a process without its lease starts nothing, but an emergency call', async () => {
    await addAccount(db, 'lost', '10');
    const ledger = openLedger(db, { leaseOf: () => null });
    expect(await ledger.start(callOf('lost'))).toEqual({ refusal: 'lease_lost' });
    expect(await ledger.start(callOf('lost', { emergency: true }))).toMatchObject({ granted: {} });
    await ledger.close();
  });

  test('a frozen process does not keep its accounts locked for longer than a lease lasts', async () => {
    await addAccount(db, 'frozen', '10');
    const frozen = await openBooks(db.url, new RateStore(), 0);
    const request = callOf('frozen');
    const { uniqueid, accountcode } = request;
    await decideBatch(frozen, [{ kind: 'start', uniqueid, accountcode, request, lease: null }], { limits: LIMITS });
    const startedAt = Date.now();
    const ledger = openLedger(db, { startDeadlineMs: 15_000, batchDeadlineMs: 15_000 });
    expect(await ledger.start(callOf('frozen'))).toMatchObject({ granted: {} });
    expect(Date.now() - startedAt).toBeLessThan(13_000);
    frozen.destroy();
    await ledger.close();
  });

  test('are had from the third host while two are silent, though one question alone would not wait for it', async () => {
    const silent = await Promise.all([openWire(db.url), openWire(db.url)]);
    for (const wire of silent) wire.freeze();
    const hosts = silent.map(({ url }) => new URL(url).host).join(',');
    const table = new LeaseTable(db.url.replace('@', `@${hosts},`), 'far');
    tables.push(table);
    const lease = await eventually(() => table.acquire('n8').catch(() => null), 'a lease', 10_000);
    expect(lease).toEqual({ node: 'n8', epoch: 1 });
    for (const wire of silent) {
      wire.thaw();
      await wire.close();
    }
  });

  test('are asked over a connection that the server ends after 8 s of silence: a frozen process keeps no lease locked', async () => {
    const wire = await openWire(db.url);
    const table = new LeaseTable(wire.url, 'silent');
    await table.acquire('n9');
    expect(wire.connections).toBe(1);
    await eventually(async () => (wire.connections === 0 ? true : null), 'the end of the connection', 12_000);
    table.close();
    await wire.close();
  });

  test('status shows owners, leases and calls', async () => {
    await process_(`host1 4711 1 pid:[1] boot`).acquire('switch1');
    const { items } = await json(db.url, ['status']);
    const seen = items.find(({ node }: { node: string }) => node === 'switch1');
    expect(seen).toMatchObject({
      owner: 'host1 4711 1 pid:[1] boot',
      epoch: 1,
      live_calls: 0,
      talking: 0,
      seen_at: null,
    });
    expect(seen.lease_seconds).toBeGreaterThan(5);
    expect(items.find(({ node }: { node: string }) => node === 'ast1')).toMatchObject({ live_calls: 2 });
    const { out } = await ringfence(db.url, ['status']);
    expect(out).toMatch(/switch1 +host1, pid 4711 .* s left +0 +0 +0 +0 +-/);
  });
});
