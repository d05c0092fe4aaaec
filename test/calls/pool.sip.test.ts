/** Groups of calls as the dialplan makes them, over a real Asterisk: docs/pools.md. */
import { documentedContext } from '../../lab/documented';
import type { CallOptions } from '../../lab/servers/sipp';
import { eventually, LATE_MS } from '../eventually';
import { type Exchange, startExchange } from './exchange';

const PROXY = '127.0.0.6';

const DOCUMENTED = '127.0.0.7';

/** The context that docs/pools.md shows. */
const documented = documentedContext('docs/pools.md', 'from-cnxcc');

/** The customer is the caller; the test says all else. */
const dialplan = `[pools]
exten => _X.,1,Set(TIMEOUT(absolute)=\${RINGFENCE_PATIENCE_SECONDS})
 same => n,Stasis(\${RINGFENCE_APPLICATION},customer=\${CALLERID(num)},\${WORDS})
 same => n,Hangup()
`;

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange({
    customers: [
      { name: 'pools', address: PROXY, accountcode: 'alice', context: 'pools' },
      { name: 'documented', address: DOCUMENTED, accountcode: 'alice', context: 'from-cnxcc' },
    ],
    extraDialplan: `${dialplan}\n${documented}`,
  });
  await exchange.account('alice', '5.00');
});
afterAll(() => exchange?.stop());

const says = (words: string) => exchange.asterisk.cli(`dialplan set global WORDS ${words}`);
const begin = (customer: string, more: Partial<CallOptions> = {}) =>
  exchange.begin(customer, '33123450', { from: PROXY, ...more });
const call = async (customer: string, more: Partial<CallOptions> = {}) => (await begin(customer, more)).finished;
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const entries = (customer: string) =>
  exchange.test
    .database('astledger')
    .where({ accountcode: `pool:${customer}` })
    .orderBy('entry_id')
    .select('kind', 'amount', 'balance_after');
const account = (accountcode: string) =>
  exchange.test.database('astaccount').where({ accountcode }).first('balance', 'reserved', 'active_calls');
const CLOSED = { balance: '0.000000', reserved: '0.000000', active_calls: 0 };

test('the example of docs/pools.md: 3.00 to connect and a first minute of 30.00, whoever the channel says that pays', async () => {
  const seen = await call('john-doe', { from: DOCUMENTED, talkMs: 2_200 });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr] = await exchange.settled('pool:john-doe');
  expect(cdr).toMatchObject({
    billsec: 2,
    billed_seconds: 60,
    cost: '33.000000',
    rate_price_per_minute: '30.000000',
    rate_deck: '',
    disposition: 'ANSWERED',
  });
  expect(await entries('john-doe')).toEqual([
    { kind: 'call_charge', amount: '-33.000000', balance_after: '-33.000000' },
    { kind: 'pool_closed', amount: '33.000000', balance_after: '0.000000' },
  ]);
  expect(await account('pool:john-doe')).toEqual(CLOSED);
  expect(await account('alice')).toEqual({ ...CLOSED, balance: '5.000000' });
});

test('two calls share 2.00 at 0.10 a second each: both are cut together, and less than a second of it is left', async () => {
  await says('max_credit=2,cps=0.1');
  const first = await begin('duo');
  await pause(3_000);
  const seen = await Promise.all([first.finished, call('duo')]);
  const cdrs = await exchange.settled('pool:duo', 2);
  expect(cdrs.map(({ hangup_source }) => hangup_source)).toEqual(['limit', 'limit']);
  const ends = seen.map(({ endedAt }) => endedAt);
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(1_500 + LATE_MS);
  const costs = cdrs.map(({ cost }) => Number(cost));
  for (const [index, { billsec }] of cdrs.entries()) expect(costs[index]).toBeCloseTo((billsec as number) / 10, 6);
  const spent = costs[0]! + costs[1]!;
  expect(spent).toBeGreaterThan(1.8999);
  expect(spent).toBeLessThan(2.0001);
  expect((await entries('duo')).at(-1)).toMatchObject({ kind: 'pool_closed', balance_after: '0.000000' });
  expect(await account('pool:duo')).toEqual(CLOSED);
  // Closed with its last call: the next has the whole credit.
  await call('duo', { talkMs: 1_200 });
  expect((await exchange.settled('pool:duo', 3)).at(-1)).toMatchObject({ granted_seconds: 20, cost: '0.100000' });
}, 60_000);

test('a service that is started again goes on with the pool: the call is charged by its price, and the next shares the rest', async () => {
  await says('max_credit=1.2,cps=0.1');
  const first = await begin('restart', { talkMs: 4_200 });
  await exchange.answered('pool:restart');
  await exchange.restartService();
  const isAdopted = () => exchange.log.some(({ event }) => event === 'call_adopted');
  await eventually(async () => (isAdopted() ? true : null), 'the adoption');
  expect(await call('restart')).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect(await first.finished).toMatchObject({ endedBy: 'caller' });
  const cdrs = await exchange.settled('pool:restart', 2);
  expect(cdrs).toMatchObject([
    { billsec: 4, cost: '0.400000', hangup_source: 'caller' },
    { billsec: 8, cost: '0.800000', hangup_source: 'limit' },
  ]);
  expect(await account('pool:restart')).toEqual(CLOSED);
}, 60_000);

test('a second call is refused with 486 while the one of max_channels=1 rings', async () => {
  await says('max_credit=100,cps=0.1,max_channels=1');
  const ringing = await begin('line', { to: '33123459', patienceMs: 6_000 });
  await pause(1_000);
  expect(await call('line')).toMatchObject({ sipStatus: 486 });
  expect(await ringing.finished).toMatchObject({ sipStatus: 487 });
  const cdrs = await exchange.settled('pool:line', 2);
  expect(cdrs.map(({ refusal }) => refusal)).toEqual([null, 'too_many_calls']);
  expect(await account('pool:line')).toEqual(CLOSED);
});

test('time is shared without a price: 6 s for all, and a call that finds none left is refused with 403', async () => {
  await says('max_time=6');
  const first = await begin('timed');
  await exchange.answered('pool:timed');
  // 3 s and the next 3 s belong to the first call: not a second is left.
  await pause(3_000);
  expect(await call('timed')).toMatchObject({ sipStatus: 403 });
  expect(await first.finished).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const cdrs = await exchange.settled('pool:timed', 2);
  expect(cdrs).toMatchObject([{ billsec: 6, cost: '0.000000', hangup_source: 'limit' }, { refusal: 'time_used_up' }]);
  expect(await entries('timed')).toEqual([]);
});

test.each([
  ['max_credit=0,connect=3.0,cps=0.5', 'insufficient_balance', 403],
  ['max_credit=30,connect=3.0,cps=0.5,ipulse=60', 'insufficient_balance', 403],
  ['max_credit=1OO,cps=0.5', 'arguments_invalid', 501],
  ['maxcredit=100,cps=0.5', 'arguments_invalid', 501],
])('Stasis(ringfence,customer=strict,%s) is refused: %s, seen as %d', async (words, refusal, status) => {
  await says(words);
  const before = exchange.log.length;
  expect(await call('strict')).toMatchObject({ sipStatus: status, ringing: false });
  const lines = exchange.log.slice(before);
  expect(lines.filter(({ event }) => event === 'call_refused')).toMatchObject([{ refusal }]);
  if (refusal !== 'arguments_invalid') return;
  expect(lines.filter(({ event }) => event === 'arguments_invalid')).toHaveLength(1);
  // Not even what the channel's own account would say of it.
  expect(await exchange.cdrs('alice')).toEqual([]);
});

test('the log says what is wrong and how to correct it', async () => {
  await says('max_credit=1OO,cps=0.5');
  await call('wrong');
  expect(exchange.log.filter(({ event }) => event === 'arguments_invalid').at(-1)).toMatchObject({
    error: 'max_credit "1OO" is not an amount: write digits with a point, such as 12.50',
  });
});

test('an emergency call is let through though its arguments are wrong, and is free', async () => {
  await says('max_credit=1OO,cps=0.5');
  const before = exchange.log.length;
  await call('sos', { to: '112', talkMs: 1_000 });
  expect(exchange.log.slice(before).some(({ event }) => event === 'call_authorised')).toBe(true);
  expect(await exchange.settled('alice')).toMatchObject([{ dst: '112', cost: '0.000000', refusal: null }]);
});
