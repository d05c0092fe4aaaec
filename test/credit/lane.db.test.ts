import { openWire, type Wire } from '../../lab/servers/wire';
import type { Ledger } from '../../src/credit/ledger';
import { openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { accountRow, addAccount, addDeck, callOf, endOf, openLedger, talked } from './ledger-fixture';

describe.each(engines)('bad days of the ledger on %s', engine => {
  let test_: TestDatabase;
  let wire: Wire;
  let ledger: Ledger;

  beforeAll(async () => {
    test_ = await createTestDatabase(engine);
    await addDeck(test_, 'retail', [{}]);
  });
  beforeEach(async () => {
    wire = await openWire(test_.url);
  });
  afterEach(async () => {
    await ledger.close();
    await wire.close();
  });
  afterAll(() => test_.drop());

  const open = (options: Parameters<typeof openLedger>[1] = {}) => {
    ledger = openLedger(test_, { databaseUrl: wire.url, ...options });
  };
  const openCalls = (accountcode: string) => test_.database('astcreditres').where({ accountcode }).select('uniqueid');
  /** Somebody else decides about this account and takes his time. */
  const lockedElsewhere = (accountcode: string) =>
    rowLockedElsewhere('SELECT balance FROM astaccount WHERE accountcode = ? FOR UPDATE', accountcode);
  const rowLockedElsewhere = async (select: string, key: string) => {
    const other = await openConnection(test_.url);
    await other.beginTransaction();
    await other.query(select, [key]);
    return async () => {
      await other.commit();
      await other.end();
    };
  };

  test('a connection that died of idleness costs no caller his call', async () => {
    open();
    await addAccount(test_, 'idle', '10');
    await ledger.start(callOf('idle'));
    const [connections] = await test_.database.raw('SHOW PROCESSLIST');
    const schema = new URL(test_.url).pathname.slice(1);
    for (const { Id, db, Command } of connections) {
      if (db === schema && Command === 'Sleep') await test_.database.raw(`KILL ${Id}`).catch(() => undefined);
    }
    await addAccount(test_, 'after-idle', '1');
    expect(await ledger.start(callOf('after-idle'))).toMatchObject({ granted: {} });
  });

  test('a COMMIT whose reply is lost is looked up: one start, one reservation', async () => {
    open();
    await addAccount(test_, 'lost-start', '1');
    const lost = wire.loseNextCommitReply();
    expect(await ledger.start(callOf('lost-start'))).toMatchObject({ granted: { maxCost: parseAmount('1') } });
    await lost;
    expect(await accountRow(test_, 'lost-start')).toEqual({
      balance: '1.000000',
      reserved: '1.000000',
      active_calls: 1,
    });
  });

  test('a start that was committed, and whose reply was lost with the database, is refused and released when that returns', async () => {
    open({ startDeadlineMs: 2_000 });
    await addAccount(test_, 'lost-away', '1');
    void wire.loseNextCommitReply({ andStayAway: true });
    expect(await ledger.start(callOf('lost-away'))).toEqual({ refusal: 'ledger_unavailable' });
    expect(await accountRow(test_, 'lost-away')).toMatchObject({ reserved: '1.000000', active_calls: 1 });
    await wire.mend();
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    expect(await accountRow(test_, 'lost-away')).toEqual({
      balance: '1.000000',
      reserved: '0.000000',
      active_calls: 0,
    });
  });

  test('a COMMIT of an end whose reply is lost charges once', async () => {
    open();
    await addAccount(test_, 'lost-end', '5');
    const call = callOf('lost-end');
    await ledger.start(call);
    const lost = wire.loseNextCommitReply();
    expect(await ledger.end(endOf(call, talked(60)))).toMatchObject({ cost: parseAmount('1') });
    await lost;
    expect(await accountRow(test_, 'lost-end')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
    expect(await test_.database('astledger').where({ accountcode: 'lost-end', kind: 'call_charge' })).toHaveLength(1);
  });

  test('while the database is away starts are refused by name, and ends are kept until it returns', async () => {
    open({ startDeadlineMs: 250 });
    await addAccount(test_, 'away', '5');
    const call = callOf('away');
    await ledger.start(call);
    await wire.cut();
    let settled = false;
    const end = ledger.end(endOf(call, talked(60))).then(record => {
      settled = true;
      return record;
    });
    for (let index = 0; index < 5; index++) {
      expect(await ledger.start(callOf('away'))).toEqual({ refusal: 'ledger_unavailable' });
    }
    expect(settled).toBe(false);
    await wire.mend();
    expect(await end).toMatchObject({ cost: parseAmount('1') });
    expect(await accountRow(test_, 'away')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
    expect(await ledger.start(callOf('away'))).toMatchObject({ granted: {} });
  });

  test('with nothing to settle, the first start after the database returned is granted', async () => {
    open({ startDeadlineMs: 250 });
    await addAccount(test_, 'probe', '5');
    await wire.cut();
    expect(await ledger.start(callOf('probe'))).toEqual({ refusal: 'ledger_unavailable' });
    await wire.mend();
    expect(await ledger.start(callOf('probe'))).toMatchObject({ granted: {} });
  });

  test('a database that hangs refuses starts at their deadline; what it commits after all is released', async () => {
    open({ startDeadlineMs: 250, batchDeadlineMs: 1_000 });
    await addAccount(test_, 'hang', '5');
    const running = callOf('hang');
    await ledger.start(running);
    await ledger.end(endOf(running, talked(null)));
    wire.freeze();
    const end = ledger.end(endOf(running, talked(null)));
    const refused = callOf('hang');
    expect(await ledger.start(refused)).toEqual({ refusal: 'ledger_unavailable' });
    wire.thaw();
    await end;
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    expect(await openCalls('hang')).toEqual([]);
    expect(await accountRow(test_, 'hang')).toEqual({ balance: '5.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('a start that is committed after its caller was refused is released', async () => {
    open({ startDeadlineMs: 250 });
    await addAccount(test_, 'late', '5');
    const unlock = await lockedElsewhere('late');
    const call = callOf('late');
    expect(await ledger.start(call)).toEqual({ refusal: 'ledger_unavailable' });
    await unlock();
    const cdr = await eventually(
      async () =>
        (await test_.database('astcdr').where({ uniqueid: call.uniqueid }).whereNotNull('end_at').first()) ?? null,
      'the released call',
    );
    expect(cdr).toMatchObject({ disposition: 'FAILED', cost: '0.000000', refusal: 'ledger_unavailable' });
    expect(await accountRow(test_, 'late')).toEqual({ balance: '5.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('a start that is committed after its caller was refused is kept where he asks again, of whichever process', async () => {
    open({ startDeadlineMs: 250 });
    await addAccount(test_, 'asks', '5');
    const unlock = await lockedElsewhere('asks');
    const call = callOf('asks', { fixed: { mostSeconds: 60 }, asksAgain: true });
    expect(await ledger.start(call)).toEqual({ refusal: 'ledger_unavailable' });
    await unlock();
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    const other = openLedger(test_);
    expect(await other.start(call)).toMatchObject({ granted: { grantedSeconds: 60 }, firstStartAt: call.startAt });
    expect((await other.end(endOf(call, talked(30))))?.cost).toBe(1_000_000n);
    await other.close();
    expect(await accountRow(test_, 'asks')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('a lock that another holds for longer than the database waits is waited for again', async () => {
    open({ startDeadlineMs: 20_000, batchDeadlineMs: 20_000 });
    await addAccount(test_, 'patient', '5');
    const unlock = await lockedElsewhere('patient');
    const start = ledger.start(callOf('patient'));
    // innodb_lock_wait_timeout is 1 s.
    await new Promise(resolve => setTimeout(resolve, 2_500));
    await unlock();
    expect(await start).toMatchObject({ granted: {} });
  });

  test('past the work of its deadline new starts are refused as overloaded, and those that were taken are answered', async () => {
    open({ startDeadlineMs: 5_000, batchDeadlineMs: 20_000, lanes: 1 });
    await addAccount(test_, 'flood', '1000000', { max_call_seconds: 60 });
    const unlock = await lockedElsewhere('flood');
    const slow = ledger.start(callOf('flood'));
    await new Promise(resolve => setTimeout(resolve, 700));
    await unlock();
    await slow;
    // A batch took 700 ms, so 20,000 calls offered in one turn are minutes of work as far as anybody knows.
    const outcomes = await Promise.all(Array.from({ length: 20_000 }, () => ledger.start(callOf('flood'))));
    const overloaded = outcomes.filter(outcome => 'refusal' in outcome && outcome.refusal === 'overloaded');
    const granted = outcomes.filter(outcome => 'granted' in outcome);
    expect(overloaded.length).toBeGreaterThan(0);
    expect(granted.length).toBeGreaterThan(0);
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue', 30_000);
    expect(await accountRow(test_, 'flood')).toMatchObject({ active_calls: granted.length + 1 });
  });

  test('a burst after a quiet time is not overload', async () => {
    open({ startDeadlineMs: 2_000, lanes: 1 });
    await addAccount(test_, 'burst', '1000000', { max_call_seconds: 60 });
    for (let quiet = 0; quiet < 20; quiet++) await ledger.start(callOf('burst'));
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => ledger.start(callOf('burst'))));
    expect(outcomes.filter(outcome => 'refusal' in outcome)).toEqual([]);
  });

  test('an account that somebody keeps locked does not keep the others of its lane waiting', async () => {
    open({ startDeadlineMs: 3_000, batchDeadlineMs: 20_000, lanes: 1 });
    await addAccount(test_, 'kept', '5');
    await addAccount(test_, 'free', '1000');
    const running = callOf('free', { dst: '33123' });
    await ledger.start(running);
    const unlock = await lockedElsewhere('kept');
    const kept = ledger.start(callOf('kept'));
    // The database waits one second for the lock, once; from then on nobody does.
    await ledger.end(endOf(running, talked(60)));
    for (let count = 0; count < 20; count++) {
      expect(await ledger.start(callOf('free', { dst: '800' }))).not.toEqual({ refusal: 'ledger_unavailable' });
    }
    expect(await kept).toEqual({ refusal: 'ledger_unavailable' });
    await unlock();
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    expect(await openCalls('kept')).toEqual([]);
    expect(await ledger.start(callOf('kept'))).toMatchObject({ granted: {} });
  });

  test('nor does an emergency call of nobody that somebody keeps locked', async () => {
    open({ startDeadlineMs: 3_000, batchDeadlineMs: 20_000, lanes: 1 });
    await addAccount(test_, 'unheld', '1000');
    const rescue = callOf('nobody', { dst: '112', emergency: true });
    await ledger.start(rescue);
    const unlock = await rowLockedElsewhere('SELECT end_at FROM astcdr WHERE uniqueid = ? FOR UPDATE', rescue.uniqueid);
    const settled = ledger.end(endOf(rescue, talked(60)));
    for (let count = 0; count < 20; count++) {
      expect(await ledger.start(callOf('unheld', { dst: '800' }))).not.toEqual({ refusal: 'ledger_unavailable' });
    }
    expect(await test_.database('astcdr').where({ uniqueid: rescue.uniqueid }).first('end_at')).toEqual({
      end_at: null,
    });
    await unlock();
    expect(await settled).toMatchObject({ billsec: 60 });
  });

  test('a ledger that is closed while the database hangs writes nothing afterwards', async () => {
    open({ batchDeadlineMs: 500 });
    await addAccount(test_, 'closed', '5');
    const call = callOf('closed');
    await ledger.start(call);
    wire.freeze();
    void ledger.end(endOf(call, talked(60)));
    await new Promise(resolve => setTimeout(resolve, 100));
    await ledger.close();
    wire.thaw();
    await new Promise(resolve => setTimeout(resolve, 1_500));
    const connections = await test_.database.raw('SHOW PROCESSLIST');
    expect(connections[0].filter((row: { Info: string | null }) => row.Info?.includes('astcdr'))).toEqual([]);
    expect(ledger.waiting).toBe(1);
  });

  test('an emergency call whose start is committed late keeps its CDR open for its true end', async () => {
    open({ startDeadlineMs: 250 });
    await addAccount(test_, 'rescue', '0');
    const unlock = await lockedElsewhere('rescue');
    const call = callOf('rescue', { dst: '112', emergency: true });
    expect(await ledger.start(call)).toEqual({ refusal: 'ledger_unavailable' });
    await unlock();
    const settled = await ledger.end(endOf(call, talked(120)));
    expect(settled).toMatchObject({ billsec: 120, disposition: 'ANSWERED', refusal: null, cost: 0n });
    expect(await accountRow(test_, 'rescue')).toMatchObject({ active_calls: 0 });
  });

  test('a closed ledger refuses by name', async () => {
    open();
    await ledger.close();
    expect(await ledger.start(callOf('flood'))).toEqual({ refusal: 'shutting_down' });
  });
});
