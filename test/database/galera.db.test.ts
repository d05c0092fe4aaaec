import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type GaleraCluster, startGalera } from '../../lab/servers/galera';
import { openWire } from '../../lab/servers/wire';
import { moveMoney } from '../../src/accounts/move-money';
import type { Ledger } from '../../src/credit/ledger';
import { openLaneConnection } from '../../src/credit/sql-books';
import { verify } from '../../src/credit/verify';
import { openConnection, openDatabase } from '../../src/database/connection';
import { distanceOf } from '../../src/database/distance';
import { migrate, migrations } from '../../src/database/migrate';
import { inOnePacket } from '../../src/database/packet';
import { type Sql, select, write } from '../../src/database/rows';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { json, ringfence } from '../cli/cli-fixture';
import { accountRow, addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { eventually } from '../eventually';
import type { TestDatabase } from './test-database';

/** One cluster for the whole file, which the tests leave intact: three nodes need 10 s to start. */
describe('a Galera cluster of three nodes', () => {
  let cluster: GaleraCluster;
  /** Every host, the first node preferred. */
  let url: string;
  let test_: TestDatabase;

  beforeAll(async () => {
    cluster = await startGalera({ dir: mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, 'galera-')) });
    await onNode(0, 'CREATE DATABASE ringfence');
    // Not root: a server that is read-only lets root write.
    await onNode(0, "CREATE USER ring@'127.0.0.1' IDENTIFIED BY 'fence'");
    await onNode(0, "GRANT ALL ON ringfence.* TO ring@'127.0.0.1'");
    url = urlOf(0, 1, 2);
    expect((await ringfence(url, ['migrate'])).exitCode).toBe(0);
    const database = openDatabase(url);
    test_ = { url, database, drop: () => database.destroy() };
    await addDeck(test_, 'retail', [{}]);
  });
  afterAll(async () => {
    await test_?.drop();
    await cluster?.stop();
  });

  const urlOf = (...nodes: number[]): string =>
    `mysql://ring:fence@${nodes.map(node => `127.0.0.1:${cluster.nodes[node]!.port}`).join(',')}/ringfence`;

  /** `caughtUp`: once the node has done what the others had done before the question. */
  async function onNode(node: number, sql: string, { caughtUp = false } = {}): Promise<RowDataPacket[]> {
    const connection = await createConnection(cluster.nodes[node]!.url);
    try {
      if (caughtUp) await connection.query('SET SESSION wsrep_sync_wait = 1');
      return (await connection.query<RowDataPacket[]>(sql))[0];
    } finally {
      connection.destroy();
    }
  }

  const portOf = async (database: Knex): Promise<number> => {
    const [[{ port }]] = await database.raw('SELECT @@port AS port');
    return Number(port);
  };

  /** Calls one after the other in `lines` at once until stopped; resolves with those whose start was acknowledged. */
  function load(ledger: Ledger, accounts: string[], lines: number) {
    const state = { stopped: false, granted: [] as string[], ended: [] as string[], lastGrantAt: 0, longestGapMs: 0 };
    const line = async (index: number) => {
      for (let turn = index; !state.stopped; turn++) {
        const call = callOf(accounts[turn % accounts.length]!, { dst: '33123' });
        const outcome = await ledger.start(call);
        if ('refusal' in outcome) {
          await new Promise(resolve => setTimeout(resolve, 20));
          continue;
        }
        const now = performance.now();
        if (state.lastGrantAt) state.longestGapMs = Math.max(state.longestGapMs, now - state.lastGrantAt);
        state.lastGrantAt = now;
        state.granted.push(call.uniqueid);
        await ledger.end(endOf(call, talked(30)));
        state.ended.push(call.uniqueid);
      }
    };
    const done = Promise.all(Array.from({ length: lines }, (_, index) => line(index)));
    return {
      state,
      async stop() {
        state.stopped = true;
        await done;
      },
    };
  }

  /** The books, read on the third node: nothing is wrong in them. */
  async function expectBooksToBalance(): Promise<void> {
    const connection = await openConnection(urlOf(2));
    expect((await verify(connection)).differences).toEqual([]);
    connection.destroy();
  }

  test('migrations reach every node; each table has a primary key and is InnoDB', async () => {
    const tables = await onNode(
      2,
      `SELECT t.TABLE_NAME AS name, t.ENGINE AS engine, COUNT(c.CONSTRAINT_NAME) AS primaryKeys
       FROM information_schema.TABLES t LEFT JOIN information_schema.TABLE_CONSTRAINTS c
         ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY'
       WHERE t.TABLE_SCHEMA = 'ringfence' AND t.TABLE_TYPE = 'BASE TABLE' GROUP BY t.TABLE_NAME, t.ENGINE`,
      { caughtUp: true },
    );
    expect(tables.length).toBeGreaterThan(8);
    expect(tables.filter(table => table.engine !== 'InnoDB' || table.primaryKeys !== 1)).toEqual([]);
  });

  test('two migrations at once, on two nodes, both succeed', async () => {
    await onNode(0, 'CREATE DATABASE twice');
    // A connection chooses its schema before any statement could wait for what the other node has committed.
    await eventually(async () => (await onNode(1, "SHOW DATABASES LIKE 'twice'"))[0] ?? null, 'the schema on node 1');
    const pools = [0, 1].map(node => openDatabase(cluster.nodes[node]!.url.replace(/\/$/, '/twice')));
    await Promise.all(pools.map(pool => migrate(pool)));
    expect(await pools[0]!('astmigration').count({ count: '*' })).toEqual([{ count: String(migrations().length) }]);
    await Promise.all(pools.map(pool => pool.destroy()));
    await onNode(0, 'DROP DATABASE twice');
  });

  test('what one node has committed is read on another at once, though that one lags behind', async () => {
    const lagging = await createConnection(cluster.nodes[1]!.url);
    const reader = await openConnection(urlOf(1));
    await reader.query('SET autocommit = 0');
    try {
      // It applies nothing until it is unlocked.
      await lagging.query('FLUSH TABLES WITH READ LOCK');
      await addAccount(test_, 'seen', '1.00');
      const read = reader.query<RowDataPacket[]>(
        "SELECT balance FROM astaccount WHERE accountcode = 'seen' FOR UPDATE",
      );
      const early = await Promise.race([read, new Promise(resolve => setTimeout(() => resolve('waits'), 300))]);
      expect(early).toBe('waits');
      await lagging.query('UNLOCK TABLES');
      expect((await read)[0]).toEqual([{ balance: '1.000000' }]);
    } finally {
      lagging.destroy();
      reader.destroy();
    }
  });

  test('two services that write on two nodes grant the same money once', async () => {
    await addAccount(test_, 'shared', '30', { max_call_seconds: 60 });
    const services = [openLedger({ ...test_, url: urlOf(0) }), openLedger({ ...test_, url: urlOf(1) })];
    const calls = Array.from({ length: 80 }, () => callOf('shared', { dst: '33123' }));
    const outcomes = await Promise.all(calls.map((call, index) => services[index % 2]!.start(call)));
    const granted = calls.filter((_, index) => 'granted' in outcomes[index]!);
    const refusals = outcomes.flatMap(outcome => ('refusal' in outcome ? [outcome.refusal] : []));
    expect({ granted: granted.length, refusals: [...new Set(refusals)] }).toEqual({
      granted: 30,
      refusals: ['insufficient_balance'],
    });
    // Each call is ended by the service that did not start it.
    const ended = await Promise.all(
      calls.map((call, index) =>
        'granted' in outcomes[index]! ? services[1 - (index % 2)]!.end(endOf(call, talked(60))) : null,
      ),
    );
    expect(ended.filter(call => call?.cost === parseAmount('1'))).toHaveLength(30);
    expect(await accountRow(test_, 'shared')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
    await Promise.all(services.map(service => service.close()));
    await expectBooksToBalance();
  });

  test('two writers under load on accounts that can pay for 40 calls each spend exactly that', async () => {
    const accounts = ['spend-1', 'spend-2', 'spend-3'];
    for (const account of accounts) await addAccount(test_, account, '40', { max_call_seconds: 60 });
    const services = [0, 1].map(node => openLedger({ ...test_, url: urlOf(node) }));
    const loads = services.map(service => load(service, accounts, 6));
    const ended = () => loads.reduce((sum, { state }) => sum + state.ended.length, 0);
    await eventually(async () => (ended() >= 120 ? true : null), '120 calls that were paid for', 30_000);
    await new Promise(resolve => setTimeout(resolve, 500));
    await Promise.all(loads.map(({ stop }) => stop()));
    await Promise.all(services.map(service => service.close()));
    expect(ended()).toBe(120);
    for (const account of accounts) {
      expect(await accountRow(test_, account)).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
    }
    await expectBooksToBalance();
  });

  test('the writer is killed under load: the next node carries on, and nothing that was acknowledged is lost', async () => {
    const accounts = ['kill-1', 'kill-2', 'kill-3'];
    for (const account of accounts) await addAccount(test_, account, '100000');
    const services = [openLedger({ ...test_, url }), openLedger({ ...test_, url })];
    await Promise.all(services.map(service => service.open()));
    const loads = services.map(service => load(service, accounts, 8));
    const ends = () => Math.min(...loads.map(({ state }) => state.ended.length));
    await eventually(async () => (ends() > 100 ? true : null), '100 calls a service');
    await cluster.nodes[0]!.kill();
    const before = Math.max(...loads.map(({ state }) => state.ended.length));
    await eventually(async () => (ends() > before + 100 ? true : null), '100 calls more a service', 30_000);
    await Promise.all(loads.map(({ stop }) => stop()));
    await Promise.all(services.map(service => service.close()));
    const stored = await test_.database('astcdr').select('uniqueid', 'cost').whereIn('accountcode', accounts);
    const costs = new Map(stored.map(({ uniqueid, cost }) => [uniqueid, cost]));
    const granted = loads.flatMap(({ state }) => state.granted);
    const ended = loads.flatMap(({ state }) => state.ended);
    expect(granted.filter(uniqueid => !costs.has(uniqueid))).toEqual([]);
    expect(ended.filter(uniqueid => costs.get(uniqueid) !== '1.000000')).toEqual([]);
    await expectBooksToBalance();
    // What an operator sees meanwhile: the command goes to the second node.
    expect(await json(url, ['account', 'show', 'kill-1'])).toMatchObject({ active_calls: 0 });

    await cluster.nodes[0]!.restart();
    const connection = await openConnection(urlOf(0));
    expect((await verify(connection)).differences).toEqual([]);
    connection.destroy();
    expect(Math.max(...loads.map(({ state }) => state.longestGapMs))).toBeLessThan(15_000);
  });

  test('its distance is told with ten round trips for a start', async () => {
    const database = openDatabase(url);
    const { roundTripMs, startMs } = await distanceOf(database);
    await database.destroy();
    expect(startMs).toBeCloseTo(10 * roundTripMs);
  });

  test('a batch that another node undoes while it is being written is undone whole', async () => {
    await addAccount(test_, 'undone', '1.00');
    await addAccount(test_, 'beside', '1.00');
    const connection = await openLaneConnection(urlOf(0));
    const setChannels = (sql: Sql, accountcode: string, maxChannels: number) =>
      write(sql, 'UPDATE astaccount SET max_channels = ? WHERE accountcode = ?', [maxChannels, accountcode]);
    const batch = inOnePacket(connection, sql => [
      setChannels(sql, 'undone', 7),
      // Meanwhile the other node commits: between two statements, where most of the time is.
      ...Array.from({ length: 20_000 }, () => select(sql, 'SELECT 1')),
      setChannels(sql, 'beside', 7),
      sql.query('COMMIT'),
    ]);
    const other = await openConnection(urlOf(1));
    setTimeout(() => void setChannels(other, 'undone', 5), 100);
    await expect(batch).rejects.toMatchObject({ errno: 1213 });
    connection.destroy();
    other.destroy();
    const rows = await onNode(
      1,
      "SELECT max_channels FROM ringfence.astaccount WHERE accountcode IN ('undone', 'beside') ORDER BY 1",
    );
    expect(rows.map(({ max_channels }) => max_channels)).toEqual([0, 5]);
  });

  test('a writer that was demoted is left by the pool, within the same command', async () => {
    const pool = openDatabase(url, { most: 1 });
    await addAccount(test_, 'demoted', '1.00');
    expect(await portOf(pool)).toBe(cluster.nodes[0]!.port);
    await onNode(0, 'SET GLOBAL read_only = ON');
    try {
      const request = { accountcode: 'demoted', kind: 'top_up', amount: '2.00', reference: 'r' } as const;
      expect(await moveMoney(actingAs('test', pool), request)).toMatchObject({
        moved: true,
        balance: parseAmount('3'),
      });
      expect(await portOf(pool)).toBe(cluster.nodes[1]!.port);
    } finally {
      await onNode(0, 'SET GLOBAL read_only = OFF');
      await pool.destroy();
    }
  });

  test('a node that lost its cluster is left and passed over, though it is alive', async () => {
    const pool = openDatabase(url, { most: 1 });
    expect(await portOf(pool)).toBe(cluster.nodes[0]!.port);
    await onNode(0, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
    try {
      const isOut = async () => {
        const [ready] = await onNode(0, "SHOW GLOBAL STATUS LIKE 'wsrep_ready'");
        return ready!.Value === 'OFF' ? true : null;
      };
      await eventually(isOut, 'the node being out of its cluster', 20_000);
      await addAccount({ ...test_, url }, 'elsewhere', '1.00');
      const request = { accountcode: 'elsewhere', kind: 'top_up', amount: '2.00', reference: 'r' } as const;
      expect(await moveMoney(actingAs('test', pool), request)).toMatchObject({
        moved: true,
        balance: parseAmount('3'),
      });
      expect(await portOf(pool)).toBe(cluster.nodes[1]!.port);
    } finally {
      await onNode(0, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
      await pool.destroy();
    }
    await cluster.nodes[0]!.restart();
  });

  test('a top-up whose COMMIT was done and never answered moves the money once', async () => {
    await addAccount(test_, 'lost-topup', '0');
    const wire = await openWire(urlOf(0));
    wire.loseNextCommitReply();
    const moved = await json(wire.url, ['account', 'topup', 'lost-topup', '5.00', '--reference', 'r1']);
    expect(moved).toMatchObject({ moved: true, balance: '5.00' });
    expect(await test_.database('astledger').where({ accountcode: 'lost-topup' })).toHaveLength(1);
    await wire.close();
    await expectBooksToBalance();
  });
});
