import pino from 'pino';
import { openWire, type Wire } from '../../lab/servers/wire';
import { decideBatch } from '../../src/credit/call-batch';
import type { Ledger, LedgerOptions } from '../../src/credit/ledger';
import { openBooks, written } from '../../src/credit/sql-books';
import type { StartReport } from '../../src/credit/start-times';
import { openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { RateStore } from '../../src/rating/rate-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import {
  accountRow,
  addAccount,
  addDeck,
  booksInHand,
  callOf,
  endOf,
  LIMITS,
  openLedger,
  talked,
} from './ledger-fixture';

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

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
  /** A database whose COMMIT takes this long. */
  const slowCommits = (ms: number | (() => number)): LedgerOptions['openBooks'] => {
    const rates = new RateStore();
    return async lane => {
      const books = await openBooks(wire.url, rates, lane);
      return {
        ...books,
        async commit(changes) {
          await sleep(typeof ms === 'number' ? ms : ms());
          await books.commit(changes);
        },
      };
    };
  };
  const openCalls = (accountcode: string) => test_.database('astcreditres').where({ accountcode }).select('uniqueid');
  /** Another process decides about this account and takes its time. */
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
    open({ lanes: 1 });
    await addAccount(test_, 'idle', '10');
    await ledger.start(callOf('idle'));
    const [connections] = await test_.database.raw('SHOW PROCESSLIST');
    const schema = new URL(test_.url).pathname.slice(1);
    for (const { Id, db, Command } of connections) {
      if (db === schema && Command === 'Sleep') await test_.database.raw(`KILL ${Id}`).catch(() => undefined);
    }
    await addAccount(test_, 'after-idle', '1');
    // Until the service has seen it; it asks the database by itself every three seconds.
    await sleep(300);
    expect(await ledger.start(callOf('after-idle'))).toMatchObject({ granted: {} });
  });

  test('an end that the database refuses is told, holds up no other call, and is charged when its cause is corrected', async () => {
    const told: [string, string | null][] = [];
    open({ lanes: 1, onEndRefused: ({ uniqueid }, code) => void told.push([uniqueid, code]) });
    await addAccount(test_, 'changed', '10');
    await addAccount(test_, 'neighbour', '10');
    const [bad, good] = [callOf('changed'), callOf('neighbour')];
    await Promise.all([ledger.start(bad), ledger.start(good)]);
    // By hand: no charge can be taken from it.
    const row = test_.database('astaccount').where({ accountcode: 'changed' });
    await row.clone().update({ balance: '-99999999999999.999999' });
    const ended = ledger.end(endOf(bad, talked(60)));
    expect(await ledger.end(endOf(good, talked(60)))).toMatchObject({ billsec: 60 });
    await eventually(async () => (told.length > 0 ? true : null), 'the refusal');
    expect(told[0]).toEqual([bad.uniqueid, expect.stringContaining('RANGE')]);
    expect(ledger.isEndRefused(bad.uniqueid)).toBe(true);
    // Nothing waits for it, and it delays nothing.
    expect(ledger.waiting).toBe(0);
    expect(await ledger.start(callOf('neighbour'))).toMatchObject({ granted: {} });
    expect((await openCalls('changed')).length).toBe(1);
    await row.clone().update({ balance: '10' });
    expect(await ended).toMatchObject({ billsec: 60, cost: parseAmount('1') });
    expect(told.at(-1)).toEqual([bad.uniqueid, null]);
    expect(ledger.isEndRefused(bad.uniqueid)).toBe(false);
    expect(await accountRow(test_, 'changed')).toEqual({ balance: '9.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('calls that could hold more than a column can are granted what it can, and settle', async () => {
    open();
    const most = '99999999999999.999999';
    await addDeck(test_, 'dear', [{ price_per_minute: '20000000000000' }]);
    await addAccount(test_, 'rich', most, { credit_limit: most, deck: 'dear' });
    const [first, second, third] = [callOf('rich'), callOf('rich'), callOf('rich')];
    expect(await ledger.start({ ...first, fixed: { mostSeconds: 3600 } })).toMatchObject({
      granted: { grantedSeconds: 240, maxCost: parseAmount('80000000000000') },
    });
    // 119999999999999.999999 are available; no more than 99999999999999.999999 can be held.
    expect(await ledger.start(second)).toEqual({ refusal: 'insufficient_balance' });
    expect(await ledger.end(endOf(first, talked(240)))).toMatchObject({ cost: parseAmount('80000000000000') });
    expect(await ledger.start(third)).toMatchObject({ granted: { grantedSeconds: 240 } });
    expect(await ledger.end(endOf(third, talked(240)))).toMatchObject({ cost: parseAmount('80000000000000') });
    expect(await accountRow(test_, 'rich')).toMatchObject({ balance: '-60000000000000.000001', reserved: '0.000000' });
  });

  test("a carrier's cost that no column can hold is not known, and the call is charged all the same", async () => {
    open();
    await addDeck(test_, 'absurd', [{ price_per_minute: '99999999999999' }]);
    await test_.database('asttrunk').insert({ trunk: 'absurd', endpoint: 'PJSIP/{number}@x', cost_deck: 'absurd' });
    await addAccount(test_, 'charged', '10');
    const request = callOf('charged');
    await ledger.start(request);
    const settled = await ledger.end(endOf(request, talked(120), 'absurd'));
    expect(settled).toMatchObject({ cost: parseAmount('2'), trunkCost: null });
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
    await wire.restore();
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    expect(await accountRow(test_, 'lost-away')).toEqual({
      balance: '1.000000',
      reserved: '0.000000',
      active_calls: 0,
    });
  });

  test('an emergency call of no account that another process writes at the same moment is granted, and goes on', async () => {
    open();
    const request = callOf('stranger', { dst: '112', emergency: true });
    const { uniqueid, accountcode } = request;
    const { books, connection } = await booksInHand(test_.url);
    const { changes } = await decideBatch(books, [{ kind: 'start', uniqueid, accountcode, request, lease: null }], {
      limits: LIMITS,
    });
    await Promise.all(written(connection, changes));
    const second = ledger.start(request);
    // Time enough to wait for the row that is not committed.
    await sleep(200);
    await connection.commit();
    books.destroy();
    expect(await second).toMatchObject({ granted: {} });
    await eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    expect(await test_.database('astcdr').where({ uniqueid }).first()).toMatchObject({ end_at: null, refusal: null });
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
    await wire.restore();
    expect(await end).toMatchObject({ cost: parseAmount('1') });
    expect(await accountRow(test_, 'away')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
    expect(await ledger.start(callOf('away'))).toMatchObject({ granted: {} });
  });

  test('with nothing to settle, the first start after the database returned is granted', async () => {
    open({ startDeadlineMs: 2_000 });
    await addAccount(test_, 'probe', '5');
    await wire.cut();
    expect(await ledger.start(callOf('probe'))).toEqual({ refusal: 'ledger_unavailable' });
    await wire.restore();
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

  test('a lock that another holds for longer than the database waits is waited for again, and the log names what waited', async () => {
    const lines: object[] = [];
    const log = pino({ level: 'error' }, { write: line => void lines.push(JSON.parse(line)) });
    open({ startDeadlineMs: 20_000, batchDeadlineMs: 20_000, log });
    await addAccount(test_, 'patient', '5');
    const unlock = await lockedElsewhere('patient');
    const start = ledger.start(callOf('patient'));
    // innodb_lock_wait_timeout is 1 s.
    await new Promise(resolve => setTimeout(resolve, 2_500));
    await unlock();
    expect(await start).toMatchObject({ granted: {} });
    const waited = { event: 'ledger_fault', code: 'ER_LOCK_WAIT_TIMEOUT', err: { statement: 'SELECT astaccount' } };
    expect(lines[0]).toMatchObject(waited);
  });

  test('a database that stands still for 1.5 s costs none of 25 callers a second his call', async () => {
    // More than twice the default, for a busy machine.
    open({ startDeadlineMs: 5_000, batchDeadlineMs: 20_000 });
    await addAccount(test_, 'stall', '1000000', { max_call_seconds: 60 });
    const starts: ReturnType<Ledger['start']>[] = [];
    setTimeout(() => wire.freeze(), 400);
    setTimeout(() => wire.thaw(), 1_900);
    for (const began = performance.now(); performance.now() - began < 3_000; await sleep(40)) {
      starts.push(ledger.start(callOf('stall')));
    }
    expect((await Promise.all(starts)).filter(outcome => !('granted' in outcome))).toEqual([]);
  });

  test('more than the database can do is refused at the door, and the rest is served at a steady rate and in time', async () => {
    const reports: StartReport[] = [];
    const grantedAt: number[] = [];
    // So slow that what a busy machine adds matters little.
    open({
      startDeadlineMs: 6_000,
      batchDeadlineMs: 60_000,
      lanes: 1,
      openBooks: slowCommits(300),
      onStart: report => reports.push(report),
    });
    await addAccount(test_, 'flood', '1000000', { max_call_seconds: 60 });
    // A batch of 128 at most takes 300 ms and more: 427 a second at best, and 2,000 are offered.
    const began = performance.now();
    const starts: Promise<void>[] = [];
    for (let tick = 0; performance.now() - began < 6_000; tick++) {
      for (let call = 0; call < 100; call++) {
        const start = ledger.start(callOf('flood')).then(outcome => {
          if ('granted' in outcome) grantedAt.push(performance.now() - began);
        });
        starts.push(start);
      }
      await sleep(Math.max(1, (tick + 1) * 50 - (performance.now() - began)));
    }
    await Promise.all(starts);
    const refused = reports.filter(({ outcome }) => outcome !== 'granted');
    // Refused before any work was done for them, not at the end of their time; except some, before it was known how slow the database is.
    const early = refused.filter(({ times }) => times.totalMs < 50);
    expect(new Set(early.map(({ outcome }) => outcome))).toEqual(new Set(['overloaded']));
    expect(early.length).toBeGreaterThan(grantedAt.length);
    expect(early.length).toBeGreaterThan(0.9 * refused.length);
    // Steady by the measure of this machine: no gap between grants is longer than twice the time that serves what was let in.
    const longestMs = Math.max(
      ...reports.filter(({ outcome }) => outcome === 'granted').map(({ times }) => times.totalMs),
    );
    const pauses = grantedAt.map((at, index) => at - (grantedAt[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThan(2 * longestMs);
    // What was committed too late is released.
    const isAllReleased = async () =>
      Number((await accountRow(test_, 'flood')).active_calls) === grantedAt.length ? true : null;
    await eventually(isAllReleased, 'the calls that were granted, and no other');
  });

  test('one batch that was slow is not overload', async () => {
    open({ startDeadlineMs: 4_000, batchDeadlineMs: 20_000, lanes: 1 });
    await addAccount(test_, 'once', '1000000', { max_call_seconds: 60 });
    for (let quick = 0; quick < 3; quick++) await ledger.start(callOf('once'));
    const unlock = await lockedElsewhere('once');
    const slow = ledger.start(callOf('once'));
    await sleep(900);
    await unlock();
    expect(await slow).toMatchObject({ granted: {} });
    const outcomes = await Promise.all(Array.from({ length: 400 }, () => ledger.start(callOf('once'))));
    expect(outcomes.filter(outcome => 'refusal' in outcome)).toEqual([]);
  });

  test('a start that would be late when its turn comes is refused and never written', async () => {
    open({ startDeadlineMs: 2_400, batchDeadlineMs: 20_000, lanes: 1, openBooks: slowCommits(1_500) });
    await addAccount(test_, 'turns', '1000000', { max_call_seconds: 60 });
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => ledger.start(callOf('turns'))));
    const told = outcomes.map(outcome => ('refusal' in outcome ? outcome.refusal : 'granted'));
    expect([told[0], told[127], told[128], told[299]]).toEqual(['granted', 'granted', 'overloaded', 'overloaded']);
    expect(ledger.waiting).toBe(0);
    expect(await accountRow(test_, 'turns')).toMatchObject({ active_calls: 128 });
    expect(await test_.database('astcdr').where({ accountcode: 'turns' })).toHaveLength(128);
  });

  test('however slow the last batches were, a lane at rest tries the next start', async () => {
    let commitMs = 700;
    open({ startDeadlineMs: 500, batchDeadlineMs: 20_000, lanes: 1, openBooks: slowCommits(() => commitMs) });
    await addAccount(test_, 'tried', '1000', { max_call_seconds: 60 });
    const rest = () => eventually(async () => (ledger.waiting === 0 ? true : null), 'an empty queue');
    for (let slow = 0; slow < 3; slow++) {
      expect(await ledger.start(callOf('tried'))).toEqual({ refusal: 'ledger_unavailable' });
      await rest();
    }
    commitMs = 0;
    expect(await ledger.start(callOf('tried'))).toMatchObject({ granted: {} });
  });

  describe('ends that may wait', () => {
    let commits = 0;
    let commitMs = 0;
    const ended = (call: ReturnType<typeof callOf>, mayWaitMs: number) =>
      ledger.end({ ...endOf(call, talked(60)), mayWaitMs });
    /** So many calls in progress. */
    const started = async (accountcode: string, count: number) => {
      const open = Array.from({ length: count }, () => callOf(accountcode));
      for (const outcome of await Promise.all(open.map(call => ledger.start(call)))) {
        expect(outcome).toMatchObject({ granted: {} });
      }
      return open;
    };
    const counted = slowCommits(() => {
      commits++;
      return commitMs;
    });
    beforeEach(() => {
      commitMs = 0;
    });

    test('share a transaction with the next start, which finds what they free', async () => {
      open({ lanes: 1, openBooks: counted });
      await addAccount(test_, 'together', '100', { max_channels: 3, max_call_seconds: 60 });
      const calls = await started('together', 3);
      commits = 0;
      const ends = calls.map(call => ended(call, 60_000));
      await sleep(100);
      expect(commits).toBe(0);
      await started('together', 3);
      for (const record of await Promise.all(ends)) expect(record).toMatchObject({ billsec: 60 });
      expect(commits).toBe(1);
    });

    test('wait no longer than they may, and not at all when they are many', async () => {
      open({ lanes: 1, openBooks: counted });
      await addAccount(test_, 'alone', '1000', { max_call_seconds: 60 });
      const [only, ...many] = (await started('alone', 33)) as [
        ReturnType<typeof callOf>,
        ...ReturnType<typeof callOf>[],
      ];
      const beganAt = performance.now();
      const later = await ended(only, 300);
      expect(later).toMatchObject({ billsec: 60 });
      expect(performance.now() - beganAt).toBeGreaterThan(295);
      const ends = many.map(call => ended(call, 3_600_000));
      for (const record of await Promise.all(ends)) expect(record).toMatchObject({ billsec: 60 });
    });

    test('do not begin while a batch is at the database, and keep no start out of a slow lane at rest', async () => {
      open({ lanes: 1, openBooks: counted, startDeadlineMs: 1_000, batchDeadlineMs: 20_000 });
      await addAccount(test_, 'at rest', '1000', { max_call_seconds: 60 });
      const calls = await started('at rest', 8);
      commitMs = 800;
      for (let slow = 0; slow < 3; slow++) await ended(calls.pop()!, 0);
      commits = 0;
      const urgent = ended(calls.pop()!, 0);
      await eventually(async () => commits > 0 || null, 'the batch of the urgent end');
      const patient = ended(calls.pop()!, 60_000);
      await urgent;
      await sleep(100);
      expect(commits).toBe(1);
      commitMs = 0;
      await started('at rest', 1);
      expect(await patient).toMatchObject({ billsec: 60 });
      expect(commits).toBe(2);
    });
  });

  test('what happens to calls in progress goes before a long queue of starts, but not before the start of its own call', async () => {
    open({ startDeadlineMs: 20_000, batchDeadlineMs: 20_000, lanes: 1, openBooks: slowCommits(200) });
    await addAccount(test_, 'queue', '1000000', { max_call_seconds: 60 });
    const running = callOf('queue');
    await ledger.start(running);
    const first = ledger.start(callOf('queue'));
    await sleep(50);
    const requests = Array.from({ length: 300 }, () => callOf('queue'));
    const last = requests.at(-1) as (typeof requests)[number];
    let granted = 0;
    const starts = requests.map(async request => {
      if ('granted' in (await ledger.start(request))) granted++;
    });
    const end = ledger.end(endOf(running, talked(60))).then(record => ({ record, granted }));
    const early = await ledger.end(endOf(last, talked(60)));
    const { record, granted: before } = await end;
    expect(record).toMatchObject({ billsec: 60 });
    expect(before).toBeLessThan(128);
    expect(early).toMatchObject({ uniqueid: last.uniqueid, billsec: 60 });
    await Promise.all([first, ...starts]);
    expect(granted).toBe(300);
    expect(await accountRow(test_, 'queue')).toMatchObject({ active_calls: 300 });
  });

  test('a start that is late because the service itself stood still says so, in the record too', async () => {
    let stoodStillMs = 5_000;
    const reports: StartReport[] = [];
    open({ startDeadlineMs: 400, stoodStillMs: () => stoodStillMs, onStart: report => reports.push(report) });
    await addAccount(test_, 'still', '5');
    const unlock = await lockedElsewhere('still');
    const call = callOf('still');
    const start = ledger.start(call);
    stoodStillMs += 300;
    expect(await start).toEqual({ refusal: 'service_stalled' });
    await unlock();
    const cdr = await eventually(
      async () =>
        (await test_.database('astcdr').where({ uniqueid: call.uniqueid }).whereNotNull('end_at').first()) ?? null,
      'the released call',
    );
    expect(cdr).toMatchObject({ refusal: 'service_stalled', hangup_cause: 42, cost: '0.000000' });
    expect(reports).toMatchObject([{ outcome: 'service_stalled', times: { eventLoopMs: 300 } }]);
  });

  /** A ledger whose service stands still, by more than the start deadline, while its first COMMIT is at the database. */
  const openStandingStill = (whenCommitWasSent: () => void = () => {}) => {
    const STANDS_STILL_MS = 3_200;
    let stoodStillMs = 0;
    const rates = new RateStore();
    open({
      lanes: 1,
      startDeadlineMs: 3_000,
      // Longer than a busy machine needs for two batches: what has a turn is tested here, not how soon.
      stallGraceMs: 20_000,
      stoodStillMs: () => stoodStillMs,
      openBooks: async lane => {
        const books = await openBooks(wire.url, rates, lane);
        return {
          ...books,
          async commit(changes) {
            const written = books.commit(changes);
            if (stoodStillMs === 0) {
              whenCommitWasSent();
              await new Promise(setImmediate);
              for (const until = performance.now() + STANDS_STILL_MS; performance.now() < until; );
              stoodStillMs = STANDS_STILL_MS;
            }
            await written;
          },
        };
      },
    });
  };

  test('what is here unread when the service goes on again is still read', async () => {
    openStandingStill();
    await addAccount(test_, 'unread', '5');
    expect(await ledger.start(callOf('unread'))).toMatchObject({ granted: {} });
  });

  test('what waited behind it when the service stood still still has its turn', async () => {
    let behind: ReturnType<Ledger['start']> | undefined;
    openStandingStill(() => {
      behind = ledger.start(callOf('behind'));
    });
    await addAccount(test_, 'before', '5');
    await addAccount(test_, 'behind', '5');
    await ledger.start(callOf('before'));
    expect(await behind).toMatchObject({ granted: {} });
  });

  test('a start whose caller hung up while it waited for its turn is dropped, but for an emergency call', async () => {
    open({ lanes: 1, openBooks: slowCommits(300) });
    await addAccount(test_, 'gone', '5');
    const first = ledger.start(callOf('gone'));
    await sleep(50);
    const [gone, rescue] = [callOf('gone'), callOf('gone', { dst: '112', emergency: true })];
    const outcomes = [ledger.start(gone, () => false), ledger.start(rescue, () => false)];
    expect(await first).toMatchObject({ granted: {} });
    expect(await Promise.all(outcomes)).toMatchObject([{ refusal: 'ledger_unavailable' }, { granted: {} }]);
    expect(await test_.database('astcdr').where({ uniqueid: gone.uniqueid })).toEqual([]);
    expect(ledger.waiting).toBe(0);
  });

  test('a database that hung for longer than a batch may take is known to be away: refused at once, until it is back by itself', async () => {
    const reports: StartReport[] = [];
    open({ startDeadlineMs: 1_500, batchDeadlineMs: 600, onStart: report => reports.push(report) });
    await addAccount(test_, 'hung', '1000000', { max_call_seconds: 60 });
    await ledger.start(callOf('hung'));
    wire.freeze();
    expect(await ledger.start(callOf('hung'))).toEqual({ refusal: 'ledger_unavailable' });
    await sleep(200);
    expect(await ledger.start(callOf('hung'))).toEqual({ refusal: 'ledger_unavailable' });
    // Not asked, so it took none of the 1,500 ms.
    expect(reports.at(-1)?.times.totalMs).toBeLessThan(1_000);
    wire.thaw();
    await eventually(async () => {
      const outcome = await ledger.start(callOf('hung'));
      return 'granted' in outcome ? outcome : null;
    }, 'a start that is granted');
  });

  test('a caller who can wait for less than the deadline is answered by then', async () => {
    const reports: StartReport[] = [];
    open({ startDeadlineMs: 20_000, batchDeadlineMs: 20_000, onStart: report => reports.push(report) });
    await addAccount(test_, 'hasty', '5');
    const unlock = await lockedElsewhere('hasty');
    const hasty = callOf('hasty', { waitedMs: 100, withinMs: 400 });
    expect(await ledger.start(hasty)).toEqual({ refusal: 'ledger_unavailable' });
    await unlock();
    const { times } = reports[0] as StartReport;
    expect(times.totalMs).toBeLessThan(15_000);
    expect(times.statementsMs).toBeGreaterThan(200);
    expect(times).toMatchObject({ routesMs: 100, commitMs: 0 });
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
    // The database waits one second for the lock, once; from then on no batch does.
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
    // In this schema only: other schemas are migrated on the same server meanwhile.
    const schema = new URL(test_.url).pathname.slice(1);
    const ours = (row: { db: string | null; Info: string | null }) => row.db === schema && row.Info?.includes('astcdr');
    expect(connections[0].filter(ours)).toEqual([]);
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
