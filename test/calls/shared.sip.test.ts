import { moveMoney } from '../../src/accounts/move-money';
import { touchAccounts } from '../../src/credit/call-store';
import { sqlOf } from '../../src/database/rows';
import { actingAs } from '../../src/operator/acting';
import { accountRow } from '../credit/ledger-fixture';
import { LATE_MS } from '../eventually';
import { expectCutAt } from './cut-at';
import { type Exchange, startExchange } from './exchange';

/** 6.00 a minute by the second. */
const FRANCE = '33123';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

const shared = (account: string, balance: string, more: Record<string, unknown> = {}) =>
  exchange.account(account, balance, { mode: 'shared', ...more });

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** As a command line does it. */
async function topUp(accountcode: string, amount: string): Promise<void> {
  await moveMoney(actingAs('test', exchange.test.database), {
    accountcode,
    kind: 'top_up',
    amount,
    reference: `${Math.random()}`,
  });
  await exchange.test.database.transaction(transaction => touchAccounts(sqlOf(transaction), [accountcode]));
}

test('three calls that come one after the other end together, with less than an increment left', async () => {
  await shared('together', '3.60');
  const calls = [await exchange.begin('together', FRANCE)];
  await pause(3_000);
  calls.push(await exchange.begin('together', FRANCE));
  await pause(3_000);
  calls.push(await exchange.begin('together', FRANCE));
  const seen = await Promise.all(calls.map(({ finished }) => finished));
  const cdrs = await exchange.settled('together', 3);
  expect(cdrs.map(({ hangup_source }) => hangup_source)).toEqual(['limit', 'limit', 'limit']);
  const ends = seen.map(({ endedAt }) => endedAt);
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(2_200 + LATE_MS);
  const { balance, reserved, active_calls } = (await accountRow(exchange.test, 'together')) as Record<string, string>;
  expect(Number(balance)).toBeGreaterThanOrEqual(0);
  expect(Number(balance)).toBeLessThan(0.1001);
  expect({ reserved, active_calls }).toEqual({ reserved: '0.000000', active_calls: 0 });
}, 60_000);

test('a slice is extended: a call of plenty talks on past its first slice', async () => {
  await shared('slices', '100', { slice_seconds: 2, warn_seconds: '' });
  const call = await exchange.begin('slices', FRANCE, { talkMs: 6_000 });
  const seen = await call.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr] = await exchange.settled('slices');
  expect(cdr).toMatchObject({ hangup_source: 'caller', billsec: 6, cost: '0.600000' });
}, 60_000);

test('slices are extended past free seconds and into a step, until less is left than the step’s next increment costs', async () => {
  // Second 1 is free, 2 and 3 cost 0.10 each, and every 2 s from then on 0.04.
  await shared('stepped', '0.31', { slice_seconds: 2, warn_seconds: '' });
  const seen = await exchange.call('stepped', '35312345');
  expectCutAt(seen.talkMs, 7_050);
  const [cdr] = await exchange.settled('stepped');
  expect(cdr).toMatchObject({
    ...{ hangup_source: 'limit', granted_seconds: 7, billsec: 7, billed_seconds: 6, overrun_seconds: 0 },
    ...{ max_cost: '0.280000', cost: '0.280000' },
  });
  const events = await exchange.test.database('astoutbox').where({ uniqueid: cdr?.uniqueid }).orderBy('event_id');
  const grants = events.filter(({ kind }) => kind === 'authorised' || kind === 'extended');
  expect(grants.map(({ facts }) => JSON.parse(facts).granted_seconds)).toEqual([2, 5, 7]);
  expect(await accountRow(exchange.test, 'stepped')).toMatchObject({ balance: '0.030000', reserved: '0.000000' });
}, 60_000);

test('money that comes lets the call go on', async () => {
  await shared('saved', '0.90');
  const call = await exchange.begin('saved', FRANCE);
  await exchange.answered('saved');
  await pause(4_000);
  await topUp('saved', '0.60');
  const seen = await call.finished;
  expect(seen.talkMs).toBeGreaterThan(14_500);
  expect(seen.talkMs).toBeLessThan(15_000 + LATE_MS);
  expect(await exchange.settled('saved')).toMatchObject([{ billsec: 15, cost: '1.500000', hangup_source: 'limit' }]);
}, 60_000);

test('the same of a strict account', async () => {
  await exchange.account('strict', '0.90');
  const call = await exchange.begin('strict', FRANCE);
  await exchange.answered('strict');
  await pause(4_000);
  await topUp('strict', '0.60');
  const seen = await call.finished;
  expect(seen.talkMs).toBeGreaterThan(14_500);
  expect(seen.talkMs).toBeLessThan(15_000 + LATE_MS);
}, 60_000);
