/** Slices, extensions and shares on real databases; who gets how much is tested in sharing.test.ts. */

import fc from 'fast-check';
import { addTime, hangUpCalls } from '../../src/accounts/during-calls';
import { setAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { moveMoney } from '../../src/accounts/move-money';
import type { Ledger } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { LeaseTable } from '../../src/ownership/lease-store';
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

/** 1.00 a minute, 60/60. */
const BY_THE_MINUTE = '44123';
/** 6.00 a minute by the second. */
const BY_THE_SECOND = '33123';
/** 1.00 a minute, 30/6, 0.10 to connect. */
const BY_SIX_SECONDS = '49123';
const FREE = '800123';

describe.each(engines)('calls that share an account, on %s', engine => {
  let db: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    ledger = openLedger(db);
    await addDeck(db, 'retail', [
      {},
      { prefix: '33', price_per_minute: '6.00', initial_increment_seconds: 1, increment_seconds: 1 },
      { prefix: '49', connect_fee: '0.10', initial_increment_seconds: 30, increment_seconds: 6 },
      { prefix: '800', price_per_minute: '0', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
  });
  afterEach(booksBalance);
  afterAll(async () => {
    await ledger.close();
    await db.drop();
  });

  async function booksBalance(): Promise<void> {
    expect(await differencesIn(db.url)).toEqual([]);
  }

  const shared = (accountcode: string, balance: string, more: Record<string, unknown> = {}) =>
    addAccount(db, accountcode, balance, { mode: 'shared', ...more });
  const cdr = (uniqueid: string) => db.database('astcdr').where({ uniqueid }).first();
  const events = async ({ uniqueid }: StartRequest) => {
    const rows = await db.database('astoutbox').where({ uniqueid }).orderBy('event_id');
    return rows.map(({ kind }) => kind as string);
  };
  const touchedAt = async (accountcode: string): Promise<number | null> => {
    const { touched_at } = await db.database('astaccount').where({ accountcode }).first('touched_at');
    return touched_at?.getTime() ?? null;
  };
  const extend = ({ uniqueid, accountcode, node }: StartRequest, seconds: number, by: Ledger = ledger) =>
    by.extend({ uniqueid, accountcode, node, seconds });
  const shrink = ({ uniqueid, accountcode, node }: StartRequest, seconds: number, by: Ledger = ledger) =>
    by.shrink({ uniqueid, accountcode, node, seconds });
  const answer = (call: StartRequest) => ledger.answered({ ...call, trunk: 'carrier', answerAt: NOON + 2_000 });
  /** How the account's calls should share when they have talked this long. */
  const share = (accountcode: string, talkSeconds: number) =>
    ledger.share({ accountcode, clocks: { of: {}, elsewhere: NOON + 2_000 + talkSeconds * 1000 } });
  const hold = async (accountcode: string) => {
    const row = await db.database('astaccount').where({ accountcode }).first('reserved', 'time_reserved');
    return [formatAmount(parseAmount(row.reserved)), row.time_reserved];
  };

  test('a start holds a slice, an extension what is missing to the cost of the whole grant, a shrink frees the rest', async () => {
    await shared('slices', '10');
    const call = callOf('slices', { dst: BY_SIX_SECONDS });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 60, limitedBy: 'slice' } });
    expect(await hold('slices')).toEqual(['1.10', 60]);
    await answer(call);
    // 30/6: 100 s are paid as 102.
    expect(await extend(call, 100)).toMatchObject({
      grant: { grantedSeconds: 100, maxCost: parseAmount('1.80'), limitedBy: 'slice' },
    });
    expect(await hold('slices')).toEqual(['1.80', 100]);
    // What is paid for already costs nothing more.
    expect(await extend(call, 102)).toMatchObject({ grant: { grantedSeconds: 102, maxCost: parseAmount('1.80') } });
    expect(await shrink(call, 61)).toMatchObject({ grant: { grantedSeconds: 61, maxCost: parseAmount('1.20') } });
    expect(await hold('slices')).toEqual(['1.20', 61]);
    expect(await cdr(call.uniqueid)).toMatchObject({ granted_seconds: 61, max_cost: '1.200000', end_at: null });
    expect(await ledger.end(endOf(call, talked(60.2)))).toMatchObject({ cost: parseAmount('1.10'), billsec: 60 });
    expect(await hold('slices')).toEqual(['0.00', 0]);
    expect(await events(call)).toEqual(['authorised', 'answered', 'extended', 'extended', 'shrunk', 'settled']);
  });

  test('an extension never gives less, a shrink never more, neither above the cap', async () => {
    await shared('ways', '1000', { max_call_seconds: 300 });
    const call = callOf('ways', { dst: BY_THE_SECOND });
    await ledger.start(call);
    expect(await extend(call, 30)).toMatchObject({ grant: { grantedSeconds: 60 } });
    expect(await shrink(call, 90)).toMatchObject({ grant: { grantedSeconds: 60 } });
    expect(await hold('ways')).toEqual(['6.00', 60]);
    expect(await extend(call, 5_000)).toMatchObject({ grant: { grantedSeconds: 300, limitedBy: 'cap' } });
    expect(await hold('ways')).toEqual(['30.00', 300]);
  });

  test('the same extension or shrink again changes nothing', async () => {
    await shared('again', '100');
    const call = callOf('again', { dst: BY_THE_SECOND });
    await ledger.start(call);
    await Promise.all([extend(call, 120), extend(call, 120), extend(call, 120)]);
    expect(await hold('again')).toEqual(['12.00', 120]);
    await Promise.all([shrink(call, 40), shrink(call, 40)]);
    await shrink(call, 40);
    expect(await hold('again')).toEqual(['4.00', 40]);
    expect(await events(call)).toEqual(['authorised', 'extended', 'shrunk']);
  });

  test('an extension gives what there is, and says that money ended it', async () => {
    await shared('little', '2.50');
    const call = callOf('little', { dst: BY_THE_MINUTE });
    await ledger.start(call);
    expect(await extend(call, 600)).toMatchObject({ grant: { grantedSeconds: 120, limitedBy: 'money' } });
    expect(await hold('little')).toEqual(['2.00', 120]);
    expect(await db.database('astaccount').where({ accountcode: 'little' }).first('is_short')).toEqual({ is_short: 1 });
  });

  test('an ended call, a stranger’s and an unknown one are not extended nor shrunk', async () => {
    await shared('gone', '10');
    await shared('stranger', '10');
    const call = callOf('gone', { dst: BY_THE_SECOND });
    await ledger.start(call);
    for (const change of [extend, shrink]) {
      expect(await change({ ...call, accountcode: 'stranger' }, 30)).toEqual({ grant: null });
      expect(await change(callOf('gone'), 30)).toEqual({ grant: null });
    }
    await ledger.end(endOf(call, talked(5)));
    for (const change of [extend, shrink]) expect(await change(call, 30)).toEqual({ grant: null });
    expect(await hold('gone')).toEqual(['0.00', 0]);
    expect(await accountRow(db, 'gone')).toMatchObject({ balance: '9.500000', active_calls: 0 });
  });

  test('whatever it was extended and shrunk to on its way, a call costs what it costs with mode strict', async () => {
    let run = 0;
    const step = fc.record({
      by: fc.constantFrom('extend', 'extend', 'shrink'),
      seconds: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(BY_THE_MINUTE, BY_THE_SECOND, BY_SIX_SECONDS),
        fc.integer({ min: 0, max: 400 }),
        fc.array(step, { maxLength: 8 }),
        async (dst, talk, steps) => {
          const [strict, sliced] = [`strict-${++run}`, `sliced-${run}`];
          await addAccount(db, strict, '100');
          await shared(sliced, '100', { slice_seconds: 30 });
          const [one, other] = [callOf(strict, { dst }), callOf(sliced, { dst })];
          await ledger.start(one);
          await ledger.start(other);
          for (const { by, seconds } of steps) {
            await (by === 'extend' ? extend : shrink)(other, seconds);
            const { granted_seconds, max_cost } = await cdr(other.uniqueid);
            const { reserved } = await accountRow(db, sliced);
            expect(reserved).toBe(max_cost);
            expect((await reservation(other)).granted_seconds).toBe(granted_seconds);
          }
          await booksBalance();
          // A call is cut at its grant: it has been extended to what it talks.
          await extend(other, talk);
          const ends = [await ledger.end(endOf(one, talked(talk))), await ledger.end(endOf(other, talked(talk)))];
          expect(ends[1]?.cost).toBe(ends[0]?.cost);
          expect(ends[1]?.billedSeconds).toBe(ends[0]?.billedSeconds);
          expect((await accountRow(db, sliced)).balance).toBe((await accountRow(db, strict)).balance);
          expect(await hold(sliced)).toEqual(['0.00', 0]);
        },
      ),
      { numRuns: 25 },
    );
  });
  const reservation = ({ uniqueid }: StartRequest) => db.database('astcreditres').where({ uniqueid }).first();

  test('a call that finds everything held waits, is granted what others gave back, and talks with it', async () => {
    await shared('waits', '3.60');
    const [first, second] = [callOf('waits', { dst: BY_THE_SECOND }), callOf('waits', { dst: BY_THE_SECOND })];
    expect(await ledger.start(first)).toMatchObject({ granted: { grantedSeconds: 36, limitedBy: 'money' } });
    await answer(first);
    const before = await touchedAt('waits');
    expect(await ledger.start(second)).toEqual({ waiting: true });
    expect(await touchedAt('waits')).toBeGreaterThan(before ?? 0);
    expect(await accountRow(db, 'waits')).toMatchObject({ reserved: '3.600000', active_calls: 2 });
    // It asks again before another call gave anything back, and after.
    expect(await ledger.start(second)).toEqual({ waiting: true });
    // Enough to ring; of a whole slice the next that waits would find nothing.
    const { shares } = await share('waits', 12);
    expect(shares.map(({ uniqueid, seconds }) => [uniqueid, seconds])).toEqual([
      [first.uniqueid, 26],
      [second.uniqueid, 10],
    ]);
    await shrink(first, 26);
    expect(await ledger.start(second)).toMatchObject({ granted: { grantedSeconds: 10, maxCost: parseAmount('1.00') } });
    expect(await ledger.start(second)).toMatchObject({ granted: { grantedSeconds: 10, maxCost: parseAmount('1.00') } });
    expect(await hold('waits')).toEqual(['3.60', 36]);
    expect(await share('waits', 12)).toMatchObject({ shares: [], cancel: [], refuse: [] });
    expect(await events(second)).toEqual(['authorised']);
    // As the page goes on: it is answered, and hangs up after 4 s; the first gets what it did not use.
    await ledger.answered({ ...second, trunk: 'carrier', answerAt: NOON + 16_000 });
    expect((await share('waits', 14)).shares.map(({ seconds }) => seconds)).toEqual([25, 11]);
    await shrink(first, 25);
    await extend(second, 11);
    const end = talked(4, { answerAt: NOON + 16_000, endAt: NOON + 20_000 });
    expect(await ledger.end(endOf(second, end))).toMatchObject({ cost: parseAmount('0.40') });
    expect(await share('waits', 18)).toMatchObject({ shares: [{ uniqueid: first.uniqueid, seconds: 32 }] });
  });

  test('ten calls that wait are all let in with what one gave back', async () => {
    await shared('ten', '20.00');
    const first = callOf('ten', { dst: BY_THE_SECOND });
    await setAccount(actingAs('test', db.database), 'ten', { slice_seconds: 3_600 });
    expect(await ledger.start(first)).toMatchObject({ granted: { grantedSeconds: 200 } });
    await answer(first);
    const waiting = Array.from({ length: 10 }, () => callOf('ten', { dst: BY_THE_SECOND }));
    for (const outcome of await Promise.all(waiting.map(call => ledger.start(call)))) {
      expect(outcome).toEqual({ waiting: true });
    }
    const { shares, refuse } = await share('ten', 10);
    expect(refuse).toEqual([]);
    expect(shares.map(({ seconds }) => seconds)).toEqual([100, ...Array(10).fill(10)]);
    await shrink(first, 100);
    for (const outcome of await Promise.all(waiting.map(call => ledger.start(call)))) {
      expect(outcome).toMatchObject({ granted: { grantedSeconds: 10 } });
    }
  });

  test('the last try of a call that waits is refused by name, leaves nothing, and gets the same answer again', async () => {
    await shared('lasttry', '1.00');
    const [first, second] = [callOf('lasttry', { dst: BY_THE_MINUTE }), callOf('lasttry', { dst: BY_THE_MINUTE })];
    await ledger.start(first);
    await answer(first);
    expect(await ledger.start(second)).toEqual({ waiting: true });
    expect(await share('lasttry', 10)).toMatchObject({ shares: [], refuse: [second.uniqueid] });
    for (const request of [{ ...second, lastTry: true }, second]) {
      expect(await ledger.start(request)).toEqual({ refusal: 'insufficient_balance' });
    }
    expect(await accountRow(db, 'lasttry')).toMatchObject({ reserved: '1.000000', active_calls: 1 });
    expect(await cdr(second.uniqueid)).toMatchObject({ refusal: 'insufficient_balance', cost: '0.000000' });
    expect(await events(second)).toEqual(['refused']);
  });

  test('a call that waits and is hung up, released or blocked meanwhile leaves nothing', async () => {
    await shared('leaves', '0.30');
    const holder = callOf('leaves', { dst: BY_THE_SECOND });
    await ledger.start(holder);
    const [hungUp, blocked] = [callOf('leaves', { dst: BY_THE_SECOND }), callOf('leaves', { dst: BY_THE_SECOND })];
    expect(await ledger.start(hungUp)).toEqual({ waiting: true });
    expect(await ledger.start(blocked)).toEqual({ waiting: true });
    await ledger.end(endOf(hungUp, talked(null)));
    await db.database('astaccount').where({ accountcode: 'leaves' }).update({ status: 'blocked' });
    expect(await ledger.start(blocked)).toEqual({ refusal: 'account_blocked' });
    expect(await accountRow(db, 'leaves')).toMatchObject({ reserved: '0.300000', active_calls: 1 });
  });

  test('a call that waits is not refused while what it needs is held by calls that an operator has ended', async () => {
    await shared('ends', '1.00');
    const [first, second] = [callOf('ends', { dst: BY_THE_MINUTE }), callOf('ends', { dst: BY_THE_MINUTE })];
    await ledger.start(first);
    expect(await ledger.start(second)).toEqual({ waiting: true });
    expect(await share('ends', 10)).toMatchObject({ shares: [], refuse: [second.uniqueid] });
    // It came before the command.
    await hangUpCalls(actingAs('test', db.database), 'ends');
    expect(await share('ends', 10)).toMatchObject({ shares: [], refuse: [] });
    const third = callOf('ends', { dst: BY_THE_MINUTE });
    expect(await ledger.start(third)).toEqual({ waiting: true });
    expect(await share('ends', 10)).toMatchObject({ shares: [], refuse: [] });
    expect(await ledger.start(second)).toEqual({ refusal: 'account_blocked' });
    await ledger.end(endOf(first, talked(null)));
    expect(await ledger.start(third)).toMatchObject({ granted: { grantedSeconds: 60 } });
  });

  test('a call is refused at once when not even everything that others hold would do', async () => {
    await shared('never', '0.90');
    const first = callOf('never', { dst: BY_THE_SECOND });
    await ledger.start(first);
    expect(await ledger.start(callOf('never', { dst: BY_THE_MINUTE }))).toEqual({ refusal: 'insufficient_balance' });
  });

  test('from strict to shared while a call is up: it gives back what it has not spent; and the other way', async () => {
    await addAccount(db, 'switched', '6.00');
    const first = callOf('switched', { dst: BY_THE_SECOND });
    expect(await ledger.start(first)).toMatchObject({ granted: { grantedSeconds: 60, limitedBy: 'money' } });
    await answer(first);
    const second = callOf('switched', { dst: BY_THE_SECOND });
    expect(await ledger.start(second)).toEqual({ refusal: 'insufficient_balance' });

    await setAccount(actingAs('test', db.database), 'switched', { mode: 'shared' });
    const third = callOf('switched', { dst: BY_THE_SECOND });
    expect(await ledger.start(third)).toEqual({ waiting: true });
    expect((await share('switched', 20)).shares.map(({ seconds }) => seconds)).toEqual([50, 10]);
    await shrink(first, 50);
    expect(await ledger.start(third)).toMatchObject({ granted: { grantedSeconds: 10, terms: { mode: 'shared' } } });
    await answer(third);

    await setAccount(actingAs('test', db.database), 'switched', { mode: 'strict' });
    // No call gives back any more; what comes is for the earliest.
    expect(await share('switched', 20)).toMatchObject({ shares: [], terms: { mode: 'strict' } });
    expect(await ledger.start(callOf('switched', { dst: BY_THE_SECOND }))).toEqual({ refusal: 'insufficient_balance' });
    await ledger.end(endOf(third, talked(3)));
    expect((await share('switched', 23)).shares).toMatchObject([{ uniqueid: first.uniqueid, seconds: 57 }]);
    expect(await extend(first, 57)).toMatchObject({ grant: { grantedSeconds: 57, terms: { mode: 'strict' } } });
    expect(await ledger.end(endOf(first, talked(57)))).toMatchObject({ cost: parseAmount('5.70') });
    expect(await accountRow(db, 'switched')).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
  });

  test('whoever shares has the services of other switches look, if their calls are to give back, and no one else', async () => {
    await shared('apart', '2');
    const [here, there] = [
      callOf('apart', { dst: BY_THE_SECOND }),
      callOf('apart', { dst: BY_THE_SECOND, node: 'ast2' }),
    ];
    expect(await ledger.start(there)).toMatchObject({ granted: { grantedSeconds: 20 } });
    expect(await ledger.start(here)).toEqual({ waiting: true });
    await db.database('astaccount').where({ accountcode: 'apart' }).update({ touched_at: null });
    const shareOf = (nodes: string[]) =>
      ledger.share({
        accountcode: 'apart',
        clocks: { of: Object.fromEntries(nodes.map(node => [node, NOON])), elsewhere: NOON },
      });
    expect((await shareOf(['ast1', 'ast2'])).shares).toMatchObject([{ node: 'ast1' }, { node: 'ast2' }]);
    expect(await touchedAt('apart')).toBeNull();
    await shareOf(['ast1']);
    expect(await touchedAt('apart')).not.toBeNull();
    for (const call of [here, there]) await ledger.end(endOf(call, talked(null)));
  });

  test('an answer that is told again is told to nobody else again', async () => {
    await shared('answered', '10');
    const call = callOf('answered', { dst: BY_THE_MINUTE });
    await ledger.start(call);
    await answer(call);
    await answer(call);
    await ledger.end(endOf(call, talked(5)));
    expect(await events(call)).toEqual(['authorised', 'answered', 'settled']);
  });

  test('a top-up is shared out at once, a withdrawal takes at most what no call holds', async () => {
    await shared('moves', '1.00');
    const call = callOf('moves', { dst: BY_THE_SECOND });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 10, limitedBy: 'money' } });
    await answer(call);
    const move = (kind: 'top_up' | 'adjustment', amount: string, more: object = {}) =>
      moveMoney(actingAs('test', db.database), {
        accountcode: 'moves',
        kind,
        amount,
        reference: `${kind}${amount}`,
        ...more,
      });
    await expect(move('adjustment', '-0.000001')).rejects.toMatchObject({ refusal: 'more_than_available' });
    const before = await touchedAt('moves');
    await move('top_up', '0.50');
    expect(await touchedAt('moves')).toBeGreaterThan(before ?? 0);
    expect((await share('moves', 5)).shares).toMatchObject([{ seconds: 15 }]);
    await extend(call, 15);
    await expect(move('adjustment', '-0.10')).rejects.toMatchObject({ refusal: 'more_than_available' });
    await move('top_up', '5.00');
    await move('adjustment', '-4.50');
    await expect(move('adjustment', '-0.51')).rejects.toMatchObject({ refusal: 'more_than_available' });
    await move('adjustment', '-0.50');
    expect(await share('moves', 5)).toMatchObject({ shares: [] });
    // More than that only by name: then the call gives back what it has not spent, but for its next 3 s.
    await move('adjustment', '-1.00', { overdraw: true });
    expect((await share('moves', 5)).shares).toMatchObject([{ seconds: 8 }]);
    await shrink(call, 8);
    await ledger.end(endOf(call, talked(8)));
    // 1.50 + 5.00 − 4.50 − 0.50 − 1.00 − 0.80: what was talked while it was taken is owed.
    expect(await accountRow(db, 'moves')).toMatchObject({ balance: '-0.300000', reserved: '0.000000' });
  });

  test('max_time is shared by free calls too; ended ones count, and it counts anew when none is up', async () => {
    await shared('time', '100', { max_time: 100 });
    const [first, second, third] = [FREE, BY_THE_SECOND, FREE].map(dst => callOf('time', { dst })) as [
      StartRequest,
      StartRequest,
      StartRequest,
    ];
    expect(await ledger.start(first)).toMatchObject({ granted: { grantedSeconds: 60 } });
    expect(await ledger.start(second)).toMatchObject({ granted: { grantedSeconds: 40, limitedBy: 'time' } });
    await answer(first);
    await answer(second);
    expect(await ledger.start(third)).toEqual({ waiting: true });
    expect(await ledger.start({ ...third, lastTry: true })).toEqual({ refusal: 'time_used_up' });
    // 20 s each: 60 s are left for two.
    expect((await share('time', 20)).shares.map(({ seconds }) => seconds)).toEqual([50, 50]);
    await shrink(first, 50);
    expect(await extend(second, 60)).toMatchObject({ grant: { grantedSeconds: 50, limitedBy: 'time' } });
    await ledger.end(endOf(second, talked(30)));
    expect(await hold('time')).toEqual(['0.00', 50]);
    // 30 s were used, 70 s are the first's.
    expect(await extend(first, 1_000)).toMatchObject({ grant: { grantedSeconds: 70, limitedBy: 'time' } });
    await addTime(actingAs('test', db.database), 'time', 15);
    expect(await extend(first, 1_000)).toMatchObject({ grant: { grantedSeconds: 85, limitedBy: 'time' } });
    expect(await ledger.start({ ...callOf('time', { dst: FREE }), lastTry: true })).toEqual({
      refusal: 'time_used_up',
    });
    await ledger.end(endOf(first, talked(85)));
    expect(await ledger.start(callOf('time', { dst: BY_THE_SECOND }))).toMatchObject({
      granted: { grantedSeconds: 60 },
    });
  });

  test('of max_calls_per_second=2 the third in a second is refused, at once or one by one, and the next second has two more', async () => {
    await shared('cps', '100', { max_calls_per_second: 2 });
    const startAt = NOON + 5_999;
    const together = await Promise.all(
      [0, 1, 2, 3].map(() => ledger.start(callOf('cps', { dst: BY_THE_SECOND, startAt }))),
    );
    expect(together.filter(outcome => 'granted' in outcome)).toHaveLength(2);
    const later = (ms: number) => ledger.start(callOf('cps', { dst: BY_THE_SECOND, startAt: startAt + ms }));
    expect(await later(0)).toEqual({ refusal: 'too_many_calls_per_second' });
    expect(await later(1)).toMatchObject({ granted: {} });
    // A call of another switch whose clock lags: it counts with the second that began.
    expect(await later(0)).toMatchObject({ granted: {} });
    expect(await later(900)).toEqual({ refusal: 'too_many_calls_per_second' });
    expect(await later(1_001)).toMatchObject({ granted: {} });
  });

  test('a switch whose clock was an hour ahead keeps no call from starting when it is right again', async () => {
    await shared('ahead', '100', { max_calls_per_second: 1 });
    await ledger.start(callOf('ahead', { startAt: NOON + 3_600_000 }));
    expect(await ledger.start(callOf('ahead'))).toHaveProperty('granted');
    expect(await ledger.start(callOf('ahead'))).toEqual({ refusal: 'too_many_calls_per_second' });
    expect(await ledger.start(callOf('ahead', { startAt: NOON + 1_000 }))).toHaveProperty('granted');
  });

  test('an account that has had a call up for years has its calls settled', async () => {
    await shared('busy', '100', { time_used: 2_000_000_000 - 10 });
    const [call, other] = [callOf('busy'), callOf('busy')];
    await ledger.start(call);
    await db
      .database('astaccount')
      .where({ accountcode: 'busy' })
      .update({ time_used: 2_000_000_000 - 10 });
    await ledger.start(other);
    expect(await ledger.end(endOf(call, talked(40)))).toMatchObject({ billsec: 40 });
    expect((await db.database('astaccount').where({ accountcode: 'busy' }).first()).time_used).toBe(2_000_000_000);
  });

  test('a ringing call that gives back talk may ring as long as before', async () => {
    await shared('rings', '100');
    const call = callOf('rings', { dst: BY_THE_SECOND, ringSeconds: 180 });
    await ledger.start(call);
    const expiry = async () =>
      (await db.database('astcreditres').where({ uniqueid: call.uniqueid }).first()).expires_at;
    const before = await expiry();
    await shrink(call, 10);
    expect(await expiry()).toEqual(before);
  });

  test('a blocked account’s call gets no more, nor is it asked to take any, until the account is let start calls again', async () => {
    await shared('blocked', '100');
    const call = callOf('blocked', { dst: BY_THE_SECOND });
    await ledger.start(call);
    await answer(call);
    await setAccountStatus(actingAs('test', db.database), 'blocked', 'blocked');
    expect(await extend(call, 120)).toMatchObject({ grant: { grantedSeconds: 60, limitedBy: 'money' } });
    expect(await share('blocked', 10)).toMatchObject({ shares: [], isShort: true });
    const before = await touchedAt('blocked');
    await setAccountStatus(actingAs('test', db.database), 'blocked', 'active');
    expect(await touchedAt('blocked')).toBeGreaterThan(before as number);
    expect(await share('blocked', 10)).toMatchObject({ shares: [{ uniqueid: call.uniqueid }], isShort: false });
  });

  test('other services are told when their calls are to give back, not each time that those could have more', async () => {
    await shared('two', '100');
    const [here, there] = [callOf('two', { dst: BY_THE_SECOND }), callOf('two', { dst: BY_THE_SECOND, node: 'ast2' })];
    for (const call of [here, there]) await ledger.start(call);
    for (const call of [here, there]) await answer(call);
    const ask = (talkSeconds: number) => {
      const now = NOON + 2_000 + talkSeconds * 1000;
      return ledger.share({ accountcode: 'two', clocks: { of: { ast1: now }, elsewhere: now } });
    };
    const touch = async () => db.database('astaccount').where({ accountcode: 'two' }).update({ touched_at: null });
    await touch();
    // No process acts for ast2: its slice runs out.
    expect((await ask(50)).shares.map(({ uniqueid }) => uniqueid)).toContain(there.uniqueid);
    expect(await touchedAt('two')).toBeNull();
    for (const call of [here, there]) await extend(call, 500);
    const waiting = callOf('two', { dst: BY_THE_SECOND });
    expect(await ledger.start(waiting)).toEqual({ waiting: true });
    await touch();
    expect((await ask(20)).shares.map(({ uniqueid }) => uniqueid)).toContain(there.uniqueid);
    expect(await touchedAt('two')).not.toBeNull();
  });

  test('ringing and waiting calls count for max_channels', async () => {
    await shared('channels', '0.20', { max_channels: 2 });
    await ledger.start(callOf('channels', { dst: BY_THE_SECOND }));
    expect(await ledger.start(callOf('channels', { dst: BY_THE_SECOND }))).toEqual({ waiting: true });
    expect(await ledger.start(callOf('channels', { dst: BY_THE_SECOND }))).toEqual({ refusal: 'too_many_calls' });
  });

  test('a process whose lease went to another extends and shrinks nothing; an end counts whoever tells it', async () => {
    const [one, other] = [new LeaseTable(db.url, 'one'), new LeaseTable(db.url, 'other')];
    const held = await one.acquire('ast1');
    if (!('epoch' in held)) throw new Error('no lease');
    const owner = openLedger(db, { leaseOf: () => held });
    await shared('leased', '10');
    const call = callOf('leased', { dst: BY_THE_SECOND });
    expect(await owner.start(call)).toMatchObject({ granted: { grantedSeconds: 60 } });
    expect(await extend(call, 70, owner)).toMatchObject({ grant: { grantedSeconds: 70 } });
    await db
      .database('astlease')
      .where({ node: 'ast1' })
      .update({ expires_at: db.database.raw('UTC_TIMESTAMP(3)') });
    const taken = await other.acquire('ast1');
    if (!('epoch' in taken)) throw new Error('no lease');
    expect(await extend(call, 90, owner)).toEqual({ grant: null });
    expect(await shrink(call, 20, owner)).toEqual({ grant: null });
    expect(await owner.start(callOf('leased', { dst: BY_THE_SECOND }))).toEqual({ refusal: 'lease_lost' });
    expect(await hold('leased')).toEqual(['7.00', 70]);
    const next = openLedger(db, { leaseOf: () => taken });
    expect(await extend(call, 90, next)).toMatchObject({ grant: { grantedSeconds: 90 } });
    expect(await owner.end(endOf(call, talked(5)))).toMatchObject({ cost: parseAmount('0.50') });
    const without = openLedger(db, { leaseOf: () => null });
    expect(await extend(call, 95, without)).toEqual({ grant: null });
    for (const service of [owner, next, without]) await service.close();
    one.close();
    other.close();
  });

  test('two services that start, extend, shrink and end calls of one account at once never overspend it', async () => {
    await shared('rivals', '20', { slice_seconds: 5 });
    const services = [ledger, openLedger(db)];
    const seen: string[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const { balance, reserved } = await accountRow(db, 'rivals');
        if (parseAmount(reserved) > parseAmount(balance)) seen.push(`${reserved} of ${balance}`);
      }
    })();
    const random = (below: number) => Math.floor(Math.random() * below);
    const oneCall = async (by: Ledger) => {
      const call = callOf('rivals', { dst: [BY_THE_SECOND, BY_SIX_SECONDS, BY_THE_MINUTE][random(3)] as string });
      let outcome = await by.start(call);
      for (let tries = 0; 'waiting' in outcome; tries++) outcome = await by.start({ ...call, lastTry: tries > 2 });
      if ('refusal' in outcome) return;
      let granted = outcome.granted.grantedSeconds;
      for (let step = 0; step < 4; step++) {
        const seconds = random(2) ? granted + random(20) : Math.max(1, granted - random(20));
        // Either service may get it, as after a take-over of the switch.
        const changed = await (seconds > granted ? extend : shrink)(call, seconds, services[random(2)] as Ledger);
        granted = changed.grant?.grantedSeconds ?? granted;
      }
      await by.end(endOf(call, talked(random(granted + 1))));
    };
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => oneCall(services[index % 2] as Ledger)));
      await booksBalance();
    }
    isOver = true;
    await watching;
    await services[1]?.close();
    expect(seen).toEqual([]);
    const { balance, reserved, active_calls } = await accountRow(db, 'rivals');
    expect(parseAmount(balance)).toBeGreaterThanOrEqual(0n);
    expect({ reserved, active_calls }).toEqual({ reserved: '0.000000', active_calls: 0 });
  });
});
