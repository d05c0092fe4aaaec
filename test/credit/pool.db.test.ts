/** Groups of calls that the dialplan makes, on real databases. Their rules are tested in pool.test.ts. */
import { Writable } from 'node:stream';
import pino from 'pino';
import { type Payer, payerOf } from '../../src/calls/stasis-arguments';
import { decideBatch } from '../../src/credit/call-batch';
import type { Ledger, LedgerOptions } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { written } from '../../src/credit/sql-books';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  addAccount,
  addDeck,
  booksInHand,
  callOf,
  differencesIn,
  endOf,
  LIMITS,
  move,
  NOON,
  openLedger,
  talked,
} from './ledger-fixture';

const NOBODY = { accountcode: '', dialledNumber: '' };

/** 3.00 to connect, 0.50 a second, 60/1: the first minute is 33.00. */
const PRICED = 'max_credit=100,connect=3.0,cps=0.5,ipulse=60,fpulse=1';

/** A call of a customer's group. */
function pooled(customer: string, words: string, more: Partial<StartRequest> = {}): StartRequest {
  const { accountcode, pool } = payerOf([`customer=${customer}`, ...words.split(',')], NOBODY) as Payer;
  return callOf(accountcode, { pool, dst: '33123', ...more });
}

describe.each(engines)('groups of calls on %s', engine => {
  let test_: TestDatabase;
  let ledger: Ledger;
  /** What the database did not do at the first try. */
  const faults: Record<string, unknown>[] = [];
  const open = (more: Partial<LedgerOptions> = {}) =>
    openLedger(test_, { log: pino({ level: 'error' }, faultSink), ...more });
  const faultSink = new Writable({
    write(line, _, done) {
      faults.push(JSON.parse(line.toString()));
      done();
    },
  });

  beforeAll(async () => {
    test_ = await createTestDatabase(engine);
    await addDeck(test_, 'retail', [{}]);
    ledger = open();
  });
  afterEach(async () => {
    expect(await differencesIn(test_.url)).toEqual([]);
  });
  afterAll(async () => {
    await ledger.close();
    await test_.drop();
  });

  const row = (customer: string) =>
    test_
      .database('astaccount')
      .where({ accountcode: `pool:${customer}` })
      .first('kind', 'credit_limit', 'balance', 'reserved', 'active_calls', 'max_time', 'time_used', 'time_reserved');
  const cdr = (uniqueid: string) => test_.database('astcdr').where({ uniqueid }).first();
  const entries = (customer: string) =>
    test_
      .database('astledger')
      .where({ accountcode: `pool:${customer}` })
      .orderBy('entry_id')
      .select('kind', 'reference', 'amount', 'balance_after');
  const events = async (customer: string) => {
    const rows = await test_
      .database('astoutbox')
      .where({ accountcode: `pool:${customer}` })
      .orderBy('event_id');
    return rows.map(({ kind, facts }) => [kind, JSON.parse(facts)] as [string, Record<string, unknown>]);
  };
  const kinds = async (customer: string) => (await events(customer)).map(([kind]) => kind);
  const end = (call: StartRequest, seconds: number | null) => ledger.end(endOf(call, talked(seconds)));

  test('it is opened by its first call and closed by its last, with what they cost in the books', async () => {
    const [one, two] = [pooled('john-doe', PRICED), pooled('john-doe', PRICED)];
    expect(await ledger.start(one)).toMatchObject({ granted: { grantedSeconds: 60, maxCost: parseAmount('33') } });
    expect(await row('john-doe')).toMatchObject({ kind: 'pool', credit_limit: '100.000000', reserved: '33.000000' });
    expect(await cdr(one.uniqueid)).toMatchObject({
      accountcode: 'pool:john-doe',
      rate_price_per_minute: '30.000000',
      rate_connect_fee: '3.000000',
      rate_initial_increment_seconds: 60,
      rate_increment_seconds: 1,
      currency: 'XXX',
    });
    expect(await ledger.start(two)).toMatchObject({ granted: { grantedSeconds: 60 } });
    await end(one, 30);
    expect(await row('john-doe')).toMatchObject({ balance: '-33.000000', reserved: '33.000000', active_calls: 1 });
    await end(two, null);
    expect(await row('john-doe')).toMatchObject({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
    expect(await entries('john-doe')).toEqual([
      { kind: 'call_charge', reference: one.uniqueid, amount: '-33.000000', balance_after: '-33.000000' },
      { kind: 'pool_closed', reference: two.uniqueid, amount: '33.000000', balance_after: '0.000000' },
    ]);
    expect(await events('john-doe')).toMatchObject([
      ['pool_opened', { max_credit: '100.00', max_time: null, max_channels: 0 }],
      ['authorised', {}],
      ['authorised', {}],
      ['settled', { cost: '33.00' }],
      ['settled', { cost: '0.00' }],
      ['pool_closed', { consumed: '33.00' }],
    ]);
  });

  test('the next calls of the customer have the full credit again, and the history stays', async () => {
    for (const life of [1, 2, 3]) {
      const call = pooled('again', PRICED);
      expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 60 } });
      await end(call, 10);
      expect(await entries('again')).toHaveLength(life * 2);
    }
    expect(await row('again')).toMatchObject({ credit_limit: '100.000000', balance: '0.000000' });
  });

  test('first calls at once from two services make one pool for each customer, and no deadlock', async () => {
    const other = open();
    const before = faults.length;
    const customers = Array.from({ length: 20 }, (_, index) => `rush-${index}`);
    const outcomes = await Promise.all(
      customers.flatMap(customer => [ledger, other].map(service => service.start(pooled(customer, PRICED)))),
    );
    await other.close();
    expect(outcomes.every(outcome => 'granted' in outcome)).toBe(true);
    for (const customer of customers) {
      expect(await row(customer)).toMatchObject({ reserved: '66.000000', active_calls: 2 });
      expect((await kinds(customer)).filter(kind => kind === 'pool_opened')).toHaveLength(1);
    }
    expect(faults.slice(before)).toEqual([]);
  });

  test('200 calls of one customer over two services share one credit to the last of them, and no deadlock', async () => {
    const other = open();
    const before = faults.length;
    const words = 'max_credit=60,cps=0.01,ipulse=60,fpulse=60';
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        if (index >= 20) await new Promise(resolve => setTimeout(resolve, index));
        return (index % 2 ? ledger : other).start(pooled('crowd', words, { lastTry: true }));
      }),
    );
    await other.close();
    expect(outcomes.filter(outcome => 'granted' in outcome)).toHaveLength(100);
    expect(outcomes.filter(outcome => 'refusal' in outcome)).toEqual(
      Array(100).fill({ refusal: 'insufficient_balance' }),
    );
    expect(await row('crowd')).toMatchObject({ reserved: '60.000000', active_calls: 100 });
    expect(faults.slice(before)).toEqual([]);
  });

  test('a fourth call at 33.00 waits for one of three that hold the 100, and is refused when it is its last try', async () => {
    const calls = [1, 2, 3].map(() => pooled('full', PRICED));
    for (const call of calls) expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 60 } });
    const fourth = pooled('full', PRICED);
    expect(await ledger.start(fourth)).toEqual({ waiting: true });
    expect(await row('full')).toMatchObject({ reserved: '99.000000', active_calls: 4 });
    await end(calls[0]!, null);
    expect(await ledger.start({ ...fourth, lastTry: true })).toMatchObject({ granted: { grantedSeconds: 60 } });
    const fifth = pooled('full', PRICED, { lastTry: true });
    expect(await ledger.start(fifth)).toEqual({ refusal: 'insufficient_balance' });
    expect(await cdr(fifth.uniqueid)).toMatchObject({ refusal: 'insufficient_balance', cost: '0.000000' });
  });

  test('a higher credit of a later call counts for all, a lower one for nobody', async () => {
    const calls = [PRICED, PRICED, PRICED].map(words => pooled('raise', words));
    for (const call of calls) await ledger.start(call);
    const lower = pooled('raise', PRICED.replace('100', '50'), { lastTry: true });
    expect(await ledger.start(lower)).toEqual({ refusal: 'insufficient_balance' });
    expect(await row('raise')).toMatchObject({ credit_limit: '100.000000' });
    const higher = pooled('raise', PRICED.replace('100', '140'));
    expect(await ledger.start(higher)).toMatchObject({ granted: { grantedSeconds: 60 } });
    expect(await row('raise')).toMatchObject({ credit_limit: '140.000000', reserved: '132.000000' });
    expect(await kinds('raise')).toContain('pool_raised');
    // Once for the pool: its limits are not opened anew.
    expect((await kinds('raise')).filter(kind => kind === 'pool_opened')).toHaveLength(1);
  });

  test('calls of different prices keep their own, and share', async () => {
    const dear = pooled('prices', 'max_credit=10,cps=0.10,ipulse=10,fpulse=10');
    const cheap = pooled('prices', 'max_credit=10,cps=0.01');
    expect(await ledger.start(dear)).toMatchObject({ granted: { maxCost: parseAmount('6') } });
    expect(await ledger.start(cheap)).toMatchObject({ granted: { maxCost: parseAmount('0.60') } });
    expect(formatAmount((await end(dear, 11))!.cost)).toBe('2.00');
    expect(formatAmount((await end(cheap, 11))!.cost)).toBe('0.11');
    expect((await entries('prices')).at(-1)).toMatchObject({ kind: 'pool_closed', amount: '2.110000' });
  });

  test('a start that comes again after its process died gets the first answer, by the CDR alone', async () => {
    const call = pooled('twice', PRICED);
    const first = await ledger.start(call);
    expect(await ledger.start(call)).toMatchObject({ granted: { ...(first as { granted: object }).granted } });
    expect(await row('twice')).toMatchObject({ reserved: '33.000000', active_calls: 1 });
    expect((await kinds('twice')).filter(kind => kind === 'pool_opened')).toHaveLength(1);
  });

  test('of max_channels=2 the third call is refused while two ring', async () => {
    const words = `${PRICED},max_channels=2`;
    const [one, two, three] = [pooled('lines', words), pooled('lines', words), pooled('lines', words)];
    for (const call of [one, two]) expect(await ledger.start(call)).toMatchObject({ granted: {} });
    expect(await ledger.start(three)).toEqual({ refusal: 'too_many_calls' });
    expect(await kinds('lines')).toContain('cap_hit');
    await end(one, null);
    expect(await ledger.start(pooled('lines', words))).toMatchObject({ granted: {} });
  });

  test('of max_calls_per_second=2 the third call in a second is refused, and one in the next is not', async () => {
    const words = `${PRICED},max_calls_per_second=2`;
    const at = (ms: number) => pooled('pace', words, { startAt: NOON + ms });
    for (const ms of [0, 999]) expect(await ledger.start(at(ms))).toMatchObject({ granted: {} });
    expect(await ledger.start(at(500))).toEqual({ refusal: 'too_many_calls_per_second' });
    expect(await ledger.start(at(1_000))).toMatchObject({ granted: {} });
  });

  test('max_time is shared by free calls, and counted anew when no call is up', async () => {
    const call = () => pooled('time', 'max_time=100');
    const [one, two, three] = [call(), call(), call()];
    expect(await ledger.start(one)).toMatchObject({ granted: { grantedSeconds: 60, maxCost: 0n } });
    expect(await ledger.start(two)).toMatchObject({ granted: { grantedSeconds: 40, limitedBy: 'time' } });
    expect(await ledger.start({ ...three, lastTry: true })).toEqual({ refusal: 'time_used_up' });
    await end(one, 25);
    expect(await row('time')).toMatchObject({ max_time: 100, time_used: 25, time_reserved: 40 });
    const fourth = call();
    expect(await ledger.start(fourth)).toMatchObject({ granted: { grantedSeconds: 10, limitedBy: 'slice' } });
    expect(await ledger.extend({ ...fourth, seconds: 60 })).toMatchObject({
      grant: { grantedSeconds: 35, limitedBy: 'time' },
    });
    await end(two, 40);
    await end(fourth, 35);
    expect(await row('time')).toMatchObject({ time_used: 100, time_reserved: 0, active_calls: 0 });
    expect(await kinds('time')).toContain('pool_closed');
    // Nothing was charged, so nothing is in the books.
    expect(await entries('time')).toEqual([]);
    expect(await ledger.start(call())).toMatchObject({ granted: { grantedSeconds: 60 } });
    expect(await ledger.start(call())).toMatchObject({ granted: { grantedSeconds: 40 } });
  });

  test('a first call that is refused leaves no open pool, and the next opens it', async () => {
    const poor = pooled('poor', PRICED.replace('100', '30'));
    expect(await ledger.start(poor)).toEqual({ refusal: 'insufficient_balance' });
    expect(await row('poor')).toMatchObject({ credit_limit: '0.000000', reserved: '0.000000', active_calls: 0 });
    expect(await kinds('poor')).toEqual(['refused']);
    expect(await cdr(poor.uniqueid)).toMatchObject({ refusal: 'insufficient_balance', hangup_cause: 21 });
    expect(await ledger.start(pooled('poor', PRICED))).toMatchObject({ granted: {} });
    expect(await row('poor')).toMatchObject({ credit_limit: '100.000000' });
  });

  test('a process that dies before COMMIT leaves nothing of the first call', async () => {
    const { books, connection } = await booksInHand(test_.url);
    const request = pooled('crash', PRICED);
    const { uniqueid, accountcode } = request;
    const start = { kind: 'start', uniqueid, accountcode, request, lease: null } as const;
    const { outcomes, changes } = await decideBatch(books, [start], { limits: LIMITS });
    expect(outcomes).toMatchObject([{ granted: {} }]);
    await Promise.all(written(connection, changes));
    books.destroy();
    // Waits for the locks that the server still holds for the dead connection.
    expect(await ledger.start(pooled('crash', PRICED))).toMatchObject({ granted: {} });
    expect(await row('crash')).toMatchObject({ reserved: '33.000000', active_calls: 1 });
    expect(await cdr(uniqueid)).toBeUndefined();
    expect(await kinds('crash')).toEqual(['pool_opened', 'authorised']);
  });

  test("an operator's account of that name is not touched, and a pool is nobody's account", async () => {
    await addAccount(test_, 'pool:mallory', '5.00');
    expect(await ledger.start(pooled('mallory', PRICED))).toEqual({ refusal: 'account_not_found' });
    expect(await ledger.start(pooled('mallory', PRICED, { dst: '112', emergency: true }))).toMatchObject({
      granted: {},
    });
    expect(await row('mallory')).toMatchObject({ kind: 'account', credit_limit: '0.000000', balance: '5.000000' });
    await ledger.start(pooled('owner', PRICED));
    expect(await ledger.start(callOf('pool:owner', { dst: '33123' }))).toEqual({ refusal: 'account_not_found' });
    expect(await row('owner')).toMatchObject({ reserved: '33.000000', active_calls: 1 });
  });

  test('an emergency call is let through whatever its group may use, and closes it as any other', async () => {
    const call = pooled('sos', PRICED.replace('100', '0'), { dst: '112', emergency: true });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 3600, maxCost: 0n } });
    const priced = pooled('sos', PRICED);
    expect(await ledger.start(priced)).toMatchObject({ granted: { grantedSeconds: 60 } });
    await end(priced, 20);
    await end(call, 100);
    expect(await row('sos')).toMatchObject({ balance: '0.000000', active_calls: 0 });
    expect((await entries('sos')).map(({ kind }) => kind)).toEqual(['call_charge', 'pool_closed']);
  });

  test('what a correction moved after the last call is not the next ones', async () => {
    const call = pooled('late', PRICED);
    await ledger.start(call);
    await end(call, 60);
    const correction = {
      kind: 'correction' as const,
      amount: parseAmount('33'),
      reference: call.uniqueid,
      reason: '',
      actor: 'test',
    };
    await move(test_, { accountcode: 'pool:late', ...correction });
    const next = pooled('late', PRICED);
    await ledger.start(next);
    expect(await row('late')).toMatchObject({ credit_limit: '100.000000', balance: '0.000000' });
    await end(next, null);
    expect((await entries('late')).slice(2)).toEqual([
      { kind: 'correction', reference: call.uniqueid, amount: '33.000000', balance_after: '33.000000' },
      { kind: 'adjustment', reference: next.uniqueid, amount: '-33.000000', balance_after: '0.000000' },
    ]);
  });

  test('three calls that end in one batch close the pool once, after the last of them', async () => {
    const calls = Array.from({ length: 30 }, () => pooled('flood', PRICED, { lastTry: true }));
    const outcomes = await Promise.all(calls.map(call => ledger.start(call)));
    const granted = calls.filter((_, index) => 'granted' in outcomes[index]!);
    expect(granted).toHaveLength(3);
    await Promise.all(granted.map(call => end(call, 1)));
    expect((await entries('flood')).map(({ kind }) => kind)).toEqual([
      'call_charge',
      'call_charge',
      'call_charge',
      'pool_closed',
    ]);
    expect(await row('flood')).toMatchObject({ balance: '0.000000', active_calls: 0 });
  });
});
