import type { Ledger } from '../../src/credit/ledger';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  accountRow,
  addAccount,
  addDeck,
  callOf,
  differencesIn,
  endOf,
  NOON,
  openLedger,
  talked,
} from './ledger-fixture';

describe.each(engines)('the ledger on %s', engine => {
  let test_: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    test_ = await createTestDatabase(engine);
    ledger = openLedger(test_);
    await addDeck(test_, 'retail', [
      {},
      { prefix: '4930', price_per_minute: '0.0025', initial_increment_seconds: 1, increment_seconds: 1 },
      { prefix: '1234', price_per_minute: '1234.5' },
      { prefix: '800', price_per_minute: '0' },
    ]);
    await addDeck(test_, 'wholesale', [
      { price_per_minute: '0.40', initial_increment_seconds: 1, increment_seconds: 1 },
      { prefix: '339', is_blocked: 1 },
    ]);
    await test_
      .database('asttrunk')
      .insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier', cost_deck: 'wholesale' });
  });
  afterAll(async () => {
    await ledger.close();
    await test_.drop();
  });

  const reservation = (uniqueid: string) => test_.database('astcreditres').where({ uniqueid }).first();
  const cdr = (uniqueid: string) => test_.database('astcdr').where({ uniqueid }).first();
  const entries = (accountcode: string) =>
    test_
      .database('astledger')
      .where({ accountcode })
      .orderBy('entry_id')
      .select('kind', 'reference', 'amount', 'balance_after');

  test('a start rings the money in, its end charges it and lets the rest go', async () => {
    await addAccount(test_, 'normal', '5.00');
    const call = callOf('normal', { dst: '33123' });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 300, maxCost: parseAmount('5') } });
    expect(await accountRow(test_, 'normal')).toEqual({ balance: '5.000000', reserved: '5.000000', active_calls: 1 });
    expect(await reservation(call.uniqueid)).toMatchObject({
      max_cost: '5.000000',
      granted_seconds: 300,
      node: 'ast1',
    });
    expect(await cdr(call.uniqueid)).toMatchObject({
      end_at: null,
      dst: '33123',
      rate_destination: 'Anywhere',
      cost: '0.000000',
    });

    await ledger.answered({ ...call, trunk: 'carrier', answerAt: NOON + 2_000 });
    expect(await cdr(call.uniqueid)).toMatchObject({
      end_at: null,
      answer_at: new Date(NOON + 2_000),
      trunk: 'carrier',
    });

    const settled = await ledger.end(endOf(call, talked(61.9), 'carrier'));
    expect(settled && formatAmount(settled.cost)).toBe('2.00');
    expect(await accountRow(test_, 'normal')).toEqual({ balance: '3.000000', reserved: '0.000000', active_calls: 0 });
    expect(await reservation(call.uniqueid)).toBeUndefined();
    expect(await cdr(call.uniqueid)).toMatchObject({
      billsec: 61,
      billed_seconds: 120,
      duration: 63,
      cost: '2.000000',
      disposition: 'ANSWERED',
      hangup_cause: 16,
      trunk_cost: '0.406667',
      trunk_currency: 'EUR',
    });
    expect(await entries('normal')).toEqual([
      { kind: 'top_up', reference: 'opening', amount: '5.000000', balance_after: '5.000000' },
      { kind: 'call_charge', reference: call.uniqueid, amount: '-2.000000', balance_after: '3.000000' },
    ]);
  });

  test('a call over free seconds and steps holds, extends and is charged by them, and its CDR keeps them', async () => {
    const price = { price_per_minute: '0.10', free_seconds: 10, steps: '90:0.05/6' };
    await addDeck(test_, 'stepping', [{ prefix: '49', ...price }]);
    await addAccount(test_, 'stepping', '5.00', { deck: 'stepping' });
    const call = callOf('stepping', { fixed: { firstSeconds: 90 } });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 90, maxCost: 133_334n } });
    expect(await ledger.extend({ ...call, seconds: 100 })).toMatchObject({
      grant: { grantedSeconds: 100, maxCost: 143_334n },
    });
    // 80 s at 0.10 and 6 s at 0.05, rounded up once.
    await ledger.end(endOf(call, talked(95)));
    expect(await cdr(call.uniqueid)).toMatchObject({
      billed_seconds: 86,
      cost: '0.138334',
      rate_free_seconds: 10,
      rate_steps: '90:0.05/6',
    });
    // Nothing is left but the free seconds.
    await addAccount(test_, 'freeloader', '0', { deck: 'stepping' });
    const free = callOf('freeloader');
    expect(await ledger.start(free)).toMatchObject({ granted: { grantedSeconds: 10, maxCost: 0n } });
    await ledger.end(endOf(free, talked(10)));
    expect(await cdr(free.uniqueid)).toMatchObject({ billed_seconds: 0, cost: '0.000000' });
    expect(await differencesIn(test_.url)).toEqual([]);
  });

  test('a number whose longest prefix is blocked is refused, holds nothing and leaves a CDR; an emergency call goes', async () => {
    await addDeck(test_, 'closing', [
      { prefix: '49', price_per_minute: '0.01' },
      { prefix: '4915', price_per_minute: '0.01', is_blocked: 1 },
      { prefix: '110', is_blocked: 1 },
    ]);
    await addAccount(test_, 'closing', '5.00', { deck: 'closing' });
    const call = callOf('closing', { dst: '4915123' });
    expect(await ledger.start(call)).toEqual({ refusal: 'destination_blocked' });
    expect(await cdr(call.uniqueid)).toMatchObject({ refusal: 'destination_blocked', hangup_cause: 21, rate_deck: '' });
    expect(await reservation(call.uniqueid)).toBeUndefined();
    expect(await ledger.start(callOf('closing', { dst: '4916123' }))).toHaveProperty('granted');
    expect(await ledger.start(callOf('closing', { dst: '110', emergency: true }))).toHaveProperty('granted');
  });

  test('what a carrier charges for a call that its own list blocks is not known', async () => {
    await addAccount(test_, 'carried', '5.00');
    const [open, blocked] = [callOf('carried', { dst: '33123' }), callOf('carried', { dst: '339123' })] as const;
    for (const call of [open, blocked]) {
      await ledger.start({ ...call, fixed: { firstSeconds: 60 } });
      await ledger.end(endOf(call, talked(60), 'carrier'));
    }
    expect(await cdr(open.uniqueid)).toMatchObject({ cost: '1.000000', trunk_cost: '0.400000' });
    expect(await cdr(blocked.uniqueid)).toMatchObject({ cost: '1.000000', trunk_cost: null, trunk_currency: null });
  });

  describe('a copy of an INVITE that', () => {
    let invites = 0;
    /** A call and its INVITE once more, this long after the call's end. */
    const copied = async (accountcode: string, seconds: number | null, laterMs: number, more = {}) => {
      await addAccount(test_, accountcode, '5.00');
      const call = callOf(accountcode, { dst: '4930123', dialog: (++invites).toString(16).padStart(32, 'a') });
      const end = talked(seconds);
      await ledger.start(call);
      await ledger.end(endOf(call, end));
      const { dialog } = call;
      return { call, copy: callOf(accountcode, { dst: '4930123', dialog, startAt: end.endAt + laterMs, ...more }) };
    };

    test('comes while its call is up is refused, leaves no CDR, and the call itself gets its first answer again', async () => {
      await addAccount(test_, 'copied', '5.00');
      const call = callOf('copied', { dst: '4930123', dialog: 'c0'.repeat(16) });
      const copy = callOf('copied', { dst: '4930123', dialog: 'c0'.repeat(16) });
      // In one batch too: nothing of the first is committed yet.
      const [first, second] = await Promise.all([ledger.start(call), ledger.start(copy)]);
      expect(first).toHaveProperty('granted');
      expect(second).toEqual({ refusal: 'invite_repeated' });
      expect(await ledger.start({ ...copy, uniqueid: `${copy.uniqueid}+2` })).toEqual({ refusal: 'invite_repeated' });
      expect(await cdr(copy.uniqueid)).toBeUndefined();
      expect(await ledger.start(call)).toHaveProperty('granted');
      expect(await accountRow(test_, 'copied')).toMatchObject({ active_calls: 1 });
    });

    test.each([
      ['comes within 32 s after an answered call is refused by every service', 3, 31_999, {}, 'refusal'],
      ['comes 32 s after it is a call', 3, 32_000, {}, 'granted'],
      ['nobody answered is a call at once', null, 0, {}, 'granted'],
      ['reaches another switch is a call', 3, 1_000, { node: 'ast2' }, 'granted'],
      ['is for an emergency number is let through', 3, 1_000, { emergency: true, dst: '112' }, 'granted'],
    ])('%s', async (name, seconds, laterMs, more, outcome) => {
      const { copy } = await copied(`copied-${name.length}-${laterMs}`, seconds, laterMs, more);
      const other = openLedger(test_);
      expect(await other.start(copy)).toHaveProperty(outcome);
      await other.close();
    });

    test('is the channel’s own next call is none, and one of another account is', async () => {
      const { call, copy } = await copied('copied-own', 3, 1_000);
      await addAccount(test_, 'copied-other', '5.00');
      expect(await ledger.start({ ...copy, accountcode: 'copied-other' })).toEqual({ refusal: 'invite_repeated' });
      expect(await ledger.start({ ...copy, earlier: [call.uniqueid] })).toHaveProperty('granted');
    });
  });

  test.each([
    ['1234.50 for a minute', '1234567', '2000.00', 60, '1234.500000'],
    ['0.000042 for a second', '4930123', '1.00', 1, '0.000042'],
  ])('charges exactly %s', async (_, dst, balance, seconds, cost) => {
    await addAccount(test_, `exact-${cost}`, balance);
    const call = callOf(`exact-${cost}`, { dst });
    await ledger.start(call);
    await ledger.end(endOf(call, talked(seconds)));
    expect(await cdr(call.uniqueid)).toMatchObject({ cost });
    const left = parseAmount(balance) - parseAmount(cost);
    expect(parseAmount((await accountRow(test_, `exact-${cost}`)).balance)).toBe(left);
  });

  test('20 simultaneous starts of 10 against 100 grant exactly 10', async () => {
    await addAccount(test_, 'crowd', '100', { max_call_seconds: 600 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => ledger.start(callOf('crowd', { dst: '33123' }))),
    );
    expect(outcomes.filter(outcome => 'granted' in outcome)).toHaveLength(10);
    expect(outcomes.filter(outcome => 'refusal' in outcome)).toEqual(
      Array(10).fill({ refusal: 'insufficient_balance' }),
    );
    expect(await accountRow(test_, 'crowd')).toMatchObject({ reserved: '100.000000', active_calls: 10 });
  });

  test('two services on one database grant the same money once', async () => {
    await addAccount(test_, 'shared', '30', { max_call_seconds: 60 });
    const other = openLedger(test_);
    const outcomes = await Promise.all(
      Array.from({ length: 80 }, (_, index) => (index % 2 ? ledger : other).start(callOf('shared', { dst: '33123' }))),
    );
    await other.close();
    expect(outcomes.filter(outcome => 'granted' in outcome)).toHaveLength(30);
    expect(await accountRow(test_, 'shared')).toMatchObject({ reserved: '30.000000', active_calls: 30 });
  });

  test('a start that comes twice reserves once and gets the first answer', async () => {
    await addAccount(test_, 'twice', '1.00');
    const call = callOf('twice', { dst: '33123' });
    const [first, second] = await Promise.all([ledger.start(call), ledger.start(call)]);
    const third = await ledger.start(call);
    for (const outcome of [first, second, third]) {
      expect(outcome).toMatchObject({ granted: { grantedSeconds: 60, maxCost: 1_000_000n } });
    }
    expect(await accountRow(test_, 'twice')).toMatchObject({ reserved: '1.000000', active_calls: 1 });
  });

  test('the same uniqueid with another number is refused by its own name', async () => {
    await addAccount(test_, 'reuse', '2.00');
    const call = callOf('reuse', { dst: '33123' });
    await ledger.start(call);
    expect(await ledger.start({ ...call, dst: '33999' })).toEqual({ refusal: 'uniqueid_reused' });
    expect(await accountRow(test_, 'reuse')).toMatchObject({ active_calls: 1 });
  });

  test('settling twice, at once and later, charges once', async () => {
    await addAccount(test_, 'settle', '5.00');
    const call = callOf('settle', { dst: '33123' });
    await ledger.start(call);
    const ends = [talked(60), talked(119), talked(null)];
    const settled = await Promise.all(ends.map(end => ledger.end(endOf(call, end))));
    settled.push(await ledger.end(endOf(call, talked(200))));
    expect(settled.map(record => record && formatAmount(record.cost))).toEqual(['1.00', '1.00', '1.00', '1.00']);
    expect(await accountRow(test_, 'settle')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('two services that settle one call charge it once', async () => {
    await addAccount(test_, 'rivals', '5.00');
    const other = openLedger(test_);
    const call = callOf('rivals', { dst: '33123' });
    await ledger.start(call);
    const settled = await Promise.all(
      [ledger, other].map((service, index) => service.end(endOf(call, talked(30 + index)))),
    );
    await other.close();
    expect(settled.map(record => record && formatAmount(record.cost))).toEqual(['1.00', '1.00']);
    expect(await accountRow(test_, 'rivals')).toMatchObject({ balance: '4.000000' });
  });

  test('a call never answered costs nothing and leaves its CDR', async () => {
    await addAccount(test_, 'busy', '1.00');
    const call = callOf('busy', { dst: '33123' });
    await ledger.start(call);
    await ledger.end(endOf(call, talked(null, { disposition: 'BUSY', hangupCause: 17, hangupSource: 'callee' })));
    expect(await cdr(call.uniqueid)).toMatchObject({
      disposition: 'BUSY',
      hangup_cause: 17,
      hangup_source: 'callee',
      cost: '0.000000',
      answer_at: null,
    });
    expect(await accountRow(test_, 'busy')).toEqual({ balance: '1.000000', reserved: '0.000000', active_calls: 0 });
    expect(await entries('busy')).toHaveLength(1);
  });

  test('talk beyond the grant costs no more than was reserved', async () => {
    await addAccount(test_, 'over', '1.00');
    const call = callOf('over', { dst: '33123' });
    await ledger.start(call);
    await ledger.end(endOf(call, talked(75)));
    expect(await cdr(call.uniqueid)).toMatchObject({
      billsec: 75,
      billed_seconds: 60,
      overrun_seconds: 15,
      cost: '1.000000',
    });
    expect(await accountRow(test_, 'over')).toMatchObject({ balance: '0.000000' });
  });

  test('a refused call leaves a CDR that says why, and a repeat the same answer', async () => {
    await addAccount(test_, 'poor', '0.50');
    const call = callOf('poor', { dst: '33123' });
    expect(await ledger.start(call)).toEqual({ refusal: 'insufficient_balance' });
    expect(await ledger.start(call)).toEqual({ refusal: 'insufficient_balance' });
    expect(await cdr(call.uniqueid)).toMatchObject({
      refusal: 'insufficient_balance',
      disposition: 'FAILED',
      hangup_cause: 21,
      cost: '0.000000',
    });
    expect(await accountRow(test_, 'poor')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  });

  test("a code that is nobody's is refused and leaves no row", async () => {
    const call = callOf('nobody');
    expect(await ledger.start(call)).toEqual({ refusal: 'account_not_found' });
    expect(await cdr(call.uniqueid)).toBeUndefined();
  });

  test('Alice, "alice " and alice are three accounts', async () => {
    await addAccount(test_, 'alice', '1.00');
    await addAccount(test_, 'Alice', '2.00');
    await addAccount(test_, 'alice ', '3.00');
    for (const [accountcode, reserved] of [
      ['alice', '1'],
      ['Alice', '2'],
      ['alice ', '3'],
    ] as const) {
      expect(await ledger.start(callOf(accountcode, { dst: '33123' }))).toMatchObject({
        granted: { maxCost: parseAmount(reserved) },
      });
    }
    expect(await ledger.start(callOf('ALICE'))).toEqual({ refusal: 'account_not_found' });
  });

  test('an emergency call of nobody and of a blocked account is granted, free, and settled', async () => {
    await addAccount(test_, 'blocked', '0', { status: 'blocked' });
    for (const accountcode of ['blocked', 'stranger']) {
      const call = callOf(accountcode, { dst: '112', emergency: true });
      expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 3600, maxCost: 0n } });
      await ledger.end(endOf(call, talked(100)));
      expect(await cdr(call.uniqueid)).toMatchObject({ accountcode, billsec: 100, cost: '0.000000' });
      expect(await reservation(call.uniqueid)).toBeUndefined();
    }
  });

  test('an emergency call of nobody is settled though the account was made while it was up', async () => {
    const call = callOf('latecomer', { dst: '112', emergency: true });
    await ledger.start(call);
    await addAccount(test_, 'latecomer', '1.00');
    const end = ledger.end(endOf(call, talked(30)));
    const settled = await Promise.race([end, new Promise(resolve => setTimeout(() => resolve('stuck'), 3_000))]);
    expect(settled).toMatchObject({ billsec: 30, cost: 0n });
    expect(await accountRow(test_, 'latecomer')).toEqual({
      balance: '1.000000',
      reserved: '0.000000',
      active_calls: 0,
    });
    expect(await reservation(call.uniqueid)).toBeUndefined();
  });

  test('a fixed call is granted what its switch asks for, more of it up to its cap when it asks again, and nothing is taken back', async () => {
    await addAccount(test_, 'fixed', '10.00', { mode: 'shared', slice_seconds: 60 });
    const fixed = { firstSeconds: 120, mostSeconds: 300 };
    const call = callOf('fixed', { dst: '33123', fixed });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 120, capSeconds: 300 } });
    expect(await ledger.shrink({ ...call, seconds: 60 })).toEqual({ grant: null });
    expect(await ledger.extend({ ...call, seconds: 240 })).toMatchObject({ grant: { grantedSeconds: 240 } });
    expect(await ledger.extend({ ...call, seconds: 900 })).toMatchObject({ grant: { grantedSeconds: 300 } });
    expect(await ledger.extend({ ...call, seconds: 60 })).toMatchObject({ grant: { grantedSeconds: 300 } });
    expect(await accountRow(test_, 'fixed')).toEqual({ balance: '10.000000', reserved: '5.000000', active_calls: 1 });
    await ledger.end(endOf(call, talked(61)));
    expect(await accountRow(test_, 'fixed')).toEqual({ balance: '8.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('a deck that moves on leaves a running call its rate', async () => {
    await addDeck(test_, 'moving', [{ price_per_minute: '1.00' }]);
    await addAccount(test_, 'loyal', '10', { deck: 'moving' });
    const call = callOf('loyal');
    await ledger.start(call);
    const [version] = await test_.database('astratedeckversion').insert({ deck: 'moving', source: 'dearer' });
    await test_.database('astrate').insert({
      version,
      prefix: '',
      line: 2,
      destination: 'Dear',
      price_per_minute: '5',
      connect_fee: 0,
      minimum_charge: 0,
      initial_increment_seconds: 60,
      increment_seconds: 60,
      grace_seconds: 0,
    });
    await test_.database('astratedeck').where({ deck: 'moving' }).update({ version });
    await ledger.end(endOf(call, talked(60)));
    expect(await cdr(call.uniqueid)).toMatchObject({ cost: '1.000000' });
    expect(await ledger.start(callOf('loyal'))).toMatchObject({
      granted: { grantedSeconds: 60, maxCost: parseAmount('5') },
    });
  });

  test("an end of the same uniqueid under another account ends nobody's call", async () => {
    await addAccount(test_, 'owner', '5');
    await addAccount(test_, 'namesake', '5');
    const call = callOf('owner', { dst: '33123' });
    await ledger.start(call);
    expect(await ledger.end({ ...endOf(call, talked(60)), accountcode: 'namesake' })).toBeNull();
    expect(await ledger.end(endOf(call, talked(60)))).toMatchObject({ cost: parseAmount('1') });
    expect(await accountRow(test_, 'owner')).toEqual({ balance: '4.000000', reserved: '0.000000', active_calls: 0 });
    expect(await accountRow(test_, 'namesake')).toEqual({ balance: '5.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('one bad call fails alone; the others of its batch are granted', async () => {
    await addAccount(test_, 'batch', '10', { max_call_seconds: 60 });
    // Longer than the column: the database refuses its statement.
    const bad = callOf('batch', { dst: '33123', uniqueid: 'x'.repeat(151) });
    const outcomes = await Promise.all([
      ledger.start(callOf('batch', { dst: '33123' })),
      ledger.start(bad),
      ledger.start(callOf('batch', { dst: '33123' })),
    ]);
    expect(outcomes).toMatchObject([{ granted: {} }, { refusal: 'ledger_unavailable' }, { granted: {} }]);
    expect(await accountRow(test_, 'batch')).toMatchObject({ reserved: '2.000000', active_calls: 2 });
  });

  test('a hostile account code and caller are data', async () => {
    const evil = `'; DROP TABLE astcdr; -- \\ ? ?? :x`;
    await addAccount(test_, evil, '1.00');
    const call = callOf(evil, { dst: '33123', src: "' OR 1=1" });
    expect(await ledger.start(call)).toMatchObject({ granted: {} });
    expect(await cdr(call.uniqueid)).toMatchObject({ accountcode: evil, src: "' OR 1=1" });
  });

  test('the database itself refuses a negative reservation and a second charge of one call', async () => {
    await addAccount(test_, 'guard', '1.00');
    await expect(
      test_.database('astaccount').where({ accountcode: 'guard' }).update({ reserved: '-0.000001' }),
    ).rejects.toThrow(/astaccount_reserved/);
    const charge = {
      accountcode: 'guard',
      kind: 'call_charge',
      reference: 'c1',
      amount: '-1',
      balance_after: '0',
      entry_number: 2,
      entry_hash: '',
    };
    await test_.database('astledger').insert(charge);
    await expect(test_.database('astledger').insert({ ...charge, entry_number: 3 })).rejects.toThrow(/Duplicate/);
  });
});
