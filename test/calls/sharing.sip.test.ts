/** The promises of issue "during the call" about shared credit, each on real calls: docs/shared-credit.md. */

import type { CallSeen } from '../../lab/servers/sipp';
import { hangUpCalls } from '../../src/accounts/during-calls';
import { setAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { moveMoney } from '../../src/accounts/move-money';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { cost, type Tariff } from '../../src/rating/price';
import { accountRow } from '../credit/ledger-fixture';
import { eventually, LATE_MS } from '../eventually';
import { type Exchange, startExchange } from './exchange';

/** Each ends in a digit that answers; with a 9 at its end it rings forever. */
const BY_THE_SECOND = '3312345';
const BY_THE_MINUTE = '4412345';
/** 1.00 a minute by the second. */
const CHEAP = '5512345';
/** 600.00 a minute by the second. */
const DEAR = '6612345';
/** 1.00 a minute, 6/3, 0.10 to connect. */
const BY_THREE_SECONDS = '7712345';

const RINGS = '9';
const ANSWERS = '0';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
  const { database } = exchange.test;
  const { version } = await database('astratedeck').where({ deck: 'retail' }).first('version');
  const rate = { version, destination: 'Anywhere', connect_fee: '0', minimum_charge: '0', grace_seconds: 0 };
  const bySecond = { initial_increment_seconds: 1, increment_seconds: 1 };
  await database('astrate').insert([
    { ...rate, ...bySecond, line: 10, prefix: '55', price_per_minute: '1.00' },
    { ...rate, ...bySecond, line: 11, prefix: '66', price_per_minute: '600.00' },
    {
      ...rate,
      line: 12,
      prefix: '77',
      price_per_minute: '1.00',
      connect_fee: '0.10',
      initial_increment_seconds: 6,
      increment_seconds: 3,
    },
  ]);
}, 60_000);
afterAll(() => exchange?.stop());

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const shared = (account: string, balance: string, more: Record<string, unknown> = {}) =>
  exchange.account(account, balance, { mode: 'shared', ...more });
let references = 0;
const topUp = (accountcode: string, amount: string, reference = `${++references}`) =>
  moveMoney(actingAs('test', exchange.test.database), { accountcode, kind: 'top_up', amount, reference });
const nothingHeld = async (accountcode: string) => {
  const { reserved, active_calls } = await accountRow(exchange.test, accountcode);
  expect({ reserved, active_calls }).toEqual({ reserved: '0.000000', active_calls: 0 });
};
const balanceOf = async (accountcode: string) => parseAmount((await accountRow(exchange.test, accountcode)).balance);
const spreadOf = (calls: readonly CallSeen[]) => {
  const ends = calls.map(({ endedAt }) => endedAt);
  return Math.max(...ends) - Math.min(...ends);
};
const talking = (accountcode: string, calls: number) =>
  eventually(async () => {
    const rows = await exchange.cdrs(accountcode);
    return rows.filter(row => row.answer_at && !row.end_at).length >= calls ? rows : null;
  }, `${calls} talks of ${accountcode}`);
/** When the call was answered, by the clock of its bill; ms since 1970. */
const answerOf = async (accountcode: string) => ((await exchange.answered(accountcode)).answer_at as Date).getTime();

test.concurrent('five calls that start at once end together, and less than a second of one is left', async () => {
  await shared('five', '6.05');
  const seen = await exchange.call('five', BY_THE_SECOND + ANSWERS, { calls: 5 });
  expect(seen.calls.map(({ sipStatus, endedBy }) => `${sipStatus} ${endedBy}`)).toEqual(Array(5).fill('200 called'));
  const cdrs = await exchange.settled('five', 5);
  expect(cdrs.map(({ hangup_source, overrun_seconds }) => [hangup_source, overrun_seconds])).toEqual(
    Array(5).fill(['limit', 0]),
  );
  expect(spreadOf(seen.calls)).toBeLessThan(2_500 + LATE_MS);
  const left = await balanceOf('five');
  expect(left).toBeGreaterThanOrEqual(0n);
  expect(left).toBeLessThan(parseAmount('0.10'));
  await nothingHeld('five');
}, 90_000);

test.concurrent('calls of three tariffs, one after the other, drain one balance to less than an increment', async () => {
  await shared('mixed', '2.00');
  const calls = [await exchange.begin('mixed', BY_THE_SECOND + ANSWERS)];
  await talking('mixed', 1);
  calls.push(await exchange.begin('mixed', BY_THREE_SECONDS + ANSWERS));
  await pause(1_500);
  calls.push(await exchange.begin('mixed', CHEAP + ANSWERS));
  const seen = await Promise.all(calls.map(({ finished }) => finished));
  expect(seen.map(({ sipStatus, endedBy }) => [sipStatus, endedBy])).toEqual(Array(3).fill([200, 'called']));
  const cdrs = await exchange.settled('mixed', 3);
  for (const { hangup_source, overrun_seconds } of cdrs) {
    expect([hangup_source, overrun_seconds]).toEqual(['limit', 0]);
  }
  // The longest increment of the calls in progress is 3 s, and a call that can use the rest gets it.
  expect(spreadOf(seen)).toBeLessThan(7_500 + LATE_MS);
  const left = await balanceOf('mixed');
  expect(left).toBeGreaterThanOrEqual(0n);
  expect(left).toBeLessThan(parseAmount('0.10'));
  await nothingHeld('mixed');
}, 90_000);

test.concurrent('calls that go on coming while the money ends are let in or refused, and nothing is overspent or left', async () => {
  await shared('arrivals', '9.00');
  const seen = await exchange.call('arrivals', BY_THE_SECOND + ANSWERS, { calls: 30, rate: 2 });
  const cdrs = await exchange.settled('arrivals', 30);
  const talked = seen.calls.filter(({ sipStatus }) => sipStatus === 200);
  expect(talked.length).toBeGreaterThan(8);
  // What a call gives back when it is cut short lets a later one in, which ends later: it is none of these.
  const talks = cdrs.flatMap(({ answer_at: from, end_at: to }) =>
    from ? [{ from: (from as Date).getTime(), to: (to as Date).getTime() }] : [],
  );
  const firstEnd = Math.min(...talks.map(({ to }) => to));
  const together = talks.filter(({ from }) => from < firstEnd).map(({ to }) => to);
  expect(together.length).toBeGreaterThan(8);
  expect(Math.max(...together) - firstEnd).toBeLessThan(2_000 + LATE_MS);
  for (const { answer_at, refusal, hangup_source, overrun_seconds, cost: charged, billsec } of cdrs) {
    expect(overrun_seconds).toBe(0);
    if (answer_at) {
      expect({ hangup_source, refusal }).toEqual({ hangup_source: 'limit', refusal: null });
      // A talk of less than a second costs the first increment.
      const billed = Math.max(1, billsec as number);
      expect(parseAmount(charged as string)).toBe((parseAmount('0.10') as bigint) * BigInt(billed));
    } else {
      // Refused at its start, or cancelled while it rang.
      const isCancelled = refusal === null && hangup_source === 'limit';
      expect(isCancelled || refusal === 'insufficient_balance').toBe(true);
    }
  }
  const left = await balanceOf('arrivals');
  expect(left).toBeGreaterThanOrEqual(0n);
  expect(left).toBeLessThan(parseAmount('0.10'));
  await nothingHeld('arrivals');
}, 90_000);

test.concurrent.each(['strict', 'shared'])(
  'mode %s: 1.00 at 1.00 a minute in the last seconds adds 60 s',
  async mode => {
    const accountcode = `sixty-${mode}`;
    await exchange.account(accountcode, '0.10', { mode });
    const call = await exchange.begin(accountcode, CHEAP + ANSWERS);
    await exchange.answered(accountcode);
    await pause(3_500);
    await topUp(accountcode, '1.00');
    const { talkMs } = await call.finished;
    const [cdr] = await exchange.settled(accountcode);
    expect(cdr).toMatchObject({ billsec: 66, cost: '1.100000', hangup_source: 'limit', overrun_seconds: 0 });
    expect(talkMs).toBeGreaterThan(65_000);
    expect(talkMs).toBeLessThan(66_000 + LATE_MS);
    expect(await balanceOf(accountcode)).toBe(0n);
    await nothingHeld(accountcode);
  },
  100_000,
);

test.concurrent('a newcomer takes back what another holds and has not spent; the next, for whom nothing fits, is refused', async () => {
  await shared('newcomer', '2.20');
  const first = await exchange.begin('newcomer', BY_THE_SECOND + ANSWERS);
  await exchange.answered('newcomer');
  expect(await accountRow(exchange.test, 'newcomer')).toMatchObject({ reserved: '2.200000' });
  await pause(1_000);
  const second = await exchange.begin('newcomer', BY_THE_MINUTE + ANSWERS, { talkMs: 2_500 });
  await talking('newcomer', 2);
  // 1.20 are left for the first; it must keep what it has talked and 3 s more: 1.00 for a minute do not fit.
  const third = await exchange.call('newcomer', BY_THE_MINUTE + ANSWERS);
  expect(third).toMatchObject({ sipStatus: 403, ringing: false });
  expect(await second.finished).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const { talkMs } = await first.finished;
  expect(talkMs).toBeGreaterThan(11_900);
  expect(talkMs).toBeLessThan(12_000 + LATE_MS);
  const cdrs = await exchange.settled('newcomer', 3);
  expect(cdrs.map(cdr => [cdr.cost, cdr.hangup_source, cdr.refusal])).toEqual([
    ['1.200000', 'limit', null],
    ['1.000000', 'caller', null],
    ['0.000000', 'service', 'insufficient_balance'],
  ]);
  expect(await balanceOf('newcomer')).toBe(0n);
}, 90_000);

test.concurrent('from strict to shared while a call is up: the next call gets in, and both end together', async () => {
  await exchange.account('switched', '2.40');
  const first = await exchange.begin('switched', BY_THE_SECOND + ANSWERS);
  await exchange.answered('switched');
  expect(await exchange.call('switched', BY_THE_SECOND + ANSWERS)).toMatchObject({ sipStatus: 403 });
  await setAccount(actingAs('test', exchange.test.database), 'switched', { mode: 'shared' });
  await pause(1_000);
  const second = await exchange.begin('switched', BY_THE_SECOND + ANSWERS);
  const seen = await Promise.all([first.finished, second.finished]);
  expect(seen).toMatchObject([{ endedBy: 'called' }, { sipStatus: 200, endedBy: 'called' }]);
  expect(spreadOf(seen)).toBeLessThan(2_500 + LATE_MS);
  await exchange.settled('switched', 3);
  expect(await balanceOf('switched')).toBeLessThan(parseAmount('0.10'));
  await nothingHeld('switched');
}, 90_000);

test.concurrent('an account that is blocked has its calls ended, talking and ringing, and starts no more', async () => {
  await shared('blocked', '50');
  const talk = await exchange.begin('blocked', BY_THE_SECOND + ANSWERS);
  await talking('blocked', 1);
  const ring = await exchange.begin('blocked', BY_THE_SECOND + RINGS);
  await pause(1_500);
  const at = Date.now();
  await setAccountStatus(actingAs('test', exchange.test.database), 'blocked', 'blocked');
  const seen = await Promise.all([talk.finished, ring.finished]);
  expect(Math.max(...seen.map(({ endedAt }) => endedAt)) - at).toBeLessThan(2_500 + LATE_MS);
  expect(seen).toMatchObject([{ endedBy: 'called' }, { sipStatus: 403 }]);
  const cdrs = await exchange.settled('blocked', 2);
  expect(cdrs.map(cdr => [cdr.disposition, cdr.hangup_source, cdr.hangup_cause])).toEqual([
    ['ANSWERED', 'operator', 16],
    ['FAILED', 'operator', 21],
  ]);
  expect(cdrs[0]?.cost).toBe(`0.${cdrs[0]?.billsec}00000`);
  await nothingHeld('blocked');
  expect(await exchange.call('blocked', BY_THE_SECOND + ANSWERS)).toMatchObject({ sipStatus: 403 });
}, 90_000);

test.concurrent('all calls of an account are hung up for an operator, strict or shared, and the next one starts', async () => {
  await exchange.account('hungup', '50', { max_call_seconds: 60 });
  const calls = await exchange.begin('hungup', BY_THE_SECOND + ANSWERS, { calls: 3 });
  await talking('hungup', 3);
  const at = Date.now();
  expect(await hangUpCalls(actingAs('test', exchange.test.database), 'hungup')).toHaveLength(3);
  const seen = await calls.finished;
  expect(Math.max(...seen.calls.map(({ endedAt }) => endedAt)) - at).toBeLessThan(2_500 + LATE_MS);
  await exchange.settled('hungup', 3);
  expect(await exchange.call('hungup', BY_THE_SECOND + ANSWERS, { talkMs: 1_200 })).toMatchObject({
    sipStatus: 200,
    endedBy: 'caller',
  });
  const cdrs = await exchange.settled('hungup', 4);
  expect(cdrs.map(({ hangup_source }) => hangup_source)).toEqual(['operator', 'operator', 'operator', 'caller']);
}, 90_000);

test.concurrent('the same calls cost the same, strict and shared', async () => {
  const bySecond: Tariff = {
    pricePerMinute: parseAmount('6.00'),
    connectFee: parseAmount('0'),
    minimumCharge: parseAmount('0'),
    initialIncrementSeconds: 1,
    incrementSeconds: 1,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  };
  const tariffs: Record<string, Tariff> = {
    [BY_THE_SECOND]: bySecond,
    [BY_THE_MINUTE]: {
      ...bySecond,
      pricePerMinute: parseAmount('1.00'),
      initialIncrementSeconds: 60,
      incrementSeconds: 60,
    },
    [BY_THREE_SECONDS]: {
      ...bySecond,
      pricePerMinute: parseAmount('1.00'),
      connectFee: parseAmount('0.10'),
      initialIncrementSeconds: 6,
      incrementSeconds: 3,
    },
  };
  await exchange.account('price-strict', '20', { max_call_seconds: 120 });
  await shared('price-shared', '20', { slice_seconds: 1, warn_seconds: '' });
  const placed = Object.keys(tariffs).flatMap(to =>
    ['price-strict', 'price-shared'].map(account => exchange.call(account, to + ANSWERS, { talkMs: 7_500 })),
  );
  for (const seen of await Promise.all(placed)) expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  let spent = 0n;
  for (const account of ['price-strict', 'price-shared']) {
    for (const { dst, cost: charged, billsec, billed_seconds } of await exchange.settled(account, 3)) {
      const tariff = tariffs[(dst as string).slice(0, -1)] as Tariff;
      expect(billsec).toBe(7);
      expect(parseAmount(charged as string)).toBe(cost(tariff, 7));
      expect(billed_seconds).toBe({ 1: 7, 60: 60, 6: 9 }[tariff.initialIncrementSeconds]);
      spent += parseAmount(charged as string);
    }
  }
  expect((await balanceOf('price-strict')) + spent / 2n).toBe(parseAmount('20'));
  expect(await balanceOf('price-shared')).toBe(await balanceOf('price-strict'));
}, 90_000);

test('a top-up and the cut race: whichever wins, what was talked is what was paid', async () => {
  /** When the top-up comes, before or after the cut 4 s after the answer. */
  const offsets = [-2_000, -1_200, -900, -700, -500, -400, -300, -200, -100, -50, 0, 50, 100, 300];
  const rounds = offsets.map(async (offset, index) => {
    const accountcode = `race-${index}`;
    await exchange.account(accountcode, '0.40', { mode: index % 2 ? 'strict' : 'shared' });
    const call = await exchange.begin(accountcode, BY_THE_SECOND + ANSWERS);
    const answeredAt = await answerOf(accountcode);
    await pause(answeredAt + 4_000 + offset - Date.now());
    // Two terminals with the same receipt.
    const moved = await Promise.all([1, 2].map(() => topUp(accountcode, '0.30', 'receipt')));
    expect(moved.filter(({ moved: did }) => did)).toHaveLength(1);
    const { talkMs } = await call.finished;
    const [cdr] = await exchange.settled(accountcode);
    const { billsec, cost: charged, overrun_seconds, hangup_source } = cdr as Record<string, unknown>;
    return { offset, accountcode, talkMs, billsec, charged, overrun_seconds, hangup_source };
  });
  const seen = await Promise.all(rounds);
  for (const { offset, accountcode, talkMs, billsec, charged, ...end } of seen) {
    expect(end).toEqual({ overrun_seconds: 0, hangup_source: 'limit' });
    expect([4, 7]).toContain(billsec);
    expect(charged).toBe(`0.${billsec}00000`);
    expect(talkMs).toBeGreaterThan(Number(billsec) * 1000 - 200);
    expect(talkMs).toBeLessThan(Number(billsec) * 1000 + 900);
    expect(await balanceOf(accountcode)).toBe(parseAmount('0.70') - parseAmount(charged as string));
    await nothingHeld(accountcode);
    // A top-up extends within 2 s; a top-up after the cut extends nothing.
    if (offset === -2_000) expect(billsec).toBe(7);
    if (offset >= 50) expect(billsec).toBe(4);
  }
}, 90_000);

test('a top-up and a hang-up of two operators race: the call ends, and costs what it talked', async () => {
  const rounds = Array.from({ length: 10 }, async (_, index) => {
    const accountcode = `terminals-${index}`;
    await exchange.account(accountcode, '0.40', { mode: index % 2 ? 'strict' : 'shared' });
    const call = await exchange.begin(accountcode, BY_THE_SECOND + ANSWERS);
    const answeredAt = await answerOf(accountcode);
    await pause(answeredAt + 1_500 + index * 250 - Date.now());
    const acts = [
      () => topUp(accountcode, '1.00'),
      () => hangUpCalls(actingAs('test', exchange.test.database), accountcode),
    ];
    await Promise.all((index % 3 ? acts : acts.toReversed()).map(act => act()));
    const { talkMs } = await call.finished;
    const [cdr] = await exchange.settled(accountcode);
    return { accountcode, talkMs, cdr: cdr as Record<string, string> };
  });
  for (const { accountcode, talkMs, cdr } of await Promise.all(rounds)) {
    expect(['operator', 'limit']).toContain(cdr.hangup_source);
    expect(talkMs).toBeLessThan(4_000 + 1_200);
    expect(cdr).toMatchObject({ cost: `0.${cdr.billsec}00000`, overrun_seconds: 0 });
    expect(await balanceOf(accountcode)).toBe(parseAmount('1.40') - parseAmount(cdr.cost as string));
    await nothingHeld(accountcode);
  }
}, 90_000);

test('100 calls that ring when a talker needs their money are cancelled, the latest first, and leave no channel', async () => {
  await exchange.nothingLeft();
  await shared('rings', '140');
  const ringing = await exchange.begin('rings', BY_THE_SECOND + RINGS, { calls: 100, rate: 20 });
  await eventually(
    async () => {
      const rows = await exchange.cdrs('rings');
      return rows.length === 100 && rows.every(({ granted_seconds }) => Number(granted_seconds) > 0) ? rows : null;
    },
    '100 calls that ring',
    40_000,
  );
  // 10.00 a second: 100 ring with 1.00 each, and 40.00 are 4 s.
  const talk = await exchange.call('rings', DEAR + ANSWERS);
  expect(talk).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const seen = await ringing.finished;
  expect(seen.calls.map(({ sipStatus }) => sipStatus)).toEqual(Array(100).fill(403));
  const cdrs = await exchange.settled('rings', 101);
  const rang = cdrs.filter(({ answer_at }) => answer_at === null);
  expect(rang).toHaveLength(100);
  for (const cdr of rang) {
    const end = { hangup_source: 'limit', hangup_cause: 21, cost: '0.000000', refusal: null };
    expect(cdr).toMatchObject({ ...end, disposition: 'FAILED' });
  }
  const ends = rang.map(({ end_at }) => (end_at as Date).getTime());
  for (const [index, end] of ends.entries()) {
    // The calls that are cancelled at once are hung up side by side.
    for (const later of ends.slice(index + 1)) expect(later - end).toBeLessThan(1_000 + LATE_MS);
  }
  expect(ends[0]).toBeGreaterThan(Math.max(...ends.slice(-10)));
  const [talked] = cdrs.filter(({ answer_at }) => answer_at !== null);
  expect(talked).toMatchObject({ hangup_source: 'limit', overrun_seconds: 0 });
  expect(await balanceOf('rings')).toBeGreaterThanOrEqual(0n);
  expect(await balanceOf('rings')).toBeLessThan(parseAmount('10.00'));
  await nothingHeld('rings');
  await exchange.nothingLeft();
}, 120_000);

test('a service that starts in the middle of a slice takes the call over and extends it', async () => {
  await shared('adopted', '50', { slice_seconds: 2, warn_seconds: '' });
  const call = await exchange.begin('adopted', BY_THE_SECOND + ANSWERS, { talkMs: 26_000 });
  await exchange.answered('adopted');
  await pause(1_000);
  await exchange.restartService();
  const [before] = await exchange.cdrs('adopted');
  expect(Number(before?.granted_seconds)).toBeLessThan(22);
  expect(await call.finished).toMatchObject({ endedBy: 'caller' });
  const [cdr] = await exchange.settled('adopted');
  expect(cdr).toMatchObject({ billsec: 26, cost: '2.600000', hangup_source: 'caller', overrun_seconds: 0 });
  await nothingHeld('adopted');
}, 90_000);

test('while nobody serves, the switch ends a call with its slice; the books are right when somebody does again', async () => {
  await shared('orphan', '50', { slice_seconds: 2, warn_seconds: '' });
  const call = await exchange.begin('orphan', BY_THE_SECOND + ANSWERS);
  await exchange.answered('orphan');
  await pause(1_500);
  await exchange.service.stop();
  const [held] = await exchange.cdrs('orphan');
  const granted = Number(held?.granted_seconds);
  expect(granted).toBeLessThan(25);
  const { talkMs, endedBy } = await call.finished;
  expect(endedBy).toBe('called');
  expect(talkMs).toBeGreaterThan(granted * 1000 - 200);
  expect(talkMs).toBeLessThan(granted * 1000 + 1_000);
  await exchange.restartService();
  const [cdr] = await exchange.settled('orphan');
  expect(cdr).toMatchObject({ billsec: granted, overrun_seconds: 0, hangup_source: 'limit', evidence: 'cel' });
  expect(await balanceOf('orphan')).toBe(parseAmount('50') - parseAmount(cdr?.cost as string));
  expect(parseAmount(cdr?.cost as string)).toBe((parseAmount('0.10') as bigint) * BigInt(granted));
  await nothingHeld('orphan');
  await exchange.nothingLeft();
}, 90_000);
