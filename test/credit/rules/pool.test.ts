/** Groups of calls by the pure rules, from what the dialplan says to what it costs. Their ledger is tested in pool.db.test.ts. */
import { payerOf } from '../../../src/calls/stasis-arguments';
import { type Account, available } from '../../../src/credit/rules/account';
import { chargeFor, withSettlement } from '../../../src/credit/rules/charge';
import { type Grant, grantUpTo, withGrant } from '../../../src/credit/rules/grant';
import { type PoolRequest, withPool } from '../../../src/credit/rules/pool';
import { decideStart, type StartRequest, withStart } from '../../../src/credit/rules/start';
import { formatAmount, parseAmount, ZERO } from '../../../src/money/micros';
import { account, limits, request } from './rules-fixture';

const NOBODY = { accountcode: '', dialledNumber: '' };
const poolOf = (words: string): PoolRequest => (payerOf(words.split(','), NOBODY) as { pool: PoolRequest }).pool;

const NEW_POOL = account({
  accountcode: 'pool:john-doe',
  kind: 'pool',
  balance: ZERO,
  deck: '',
  currency: 'XXX',
  terms: { ...account().terms, mode: 'shared', sliceSeconds: 60 },
});

const start = (pool: PoolRequest, more: Partial<StartRequest> = {}, found: Account = NEW_POOL) => {
  const opened = withPool(found, pool);
  return { opened, decision: decideStart(request({ pool, ...more }), opened, null, limits) };
};

/** A call of the group, with as many slices as it takes to talk so long; what it costs and leaves. */
function talked(words: string, seconds: number): { cost: string; pool: Account } {
  const { opened, decision } = start(poolOf(words));
  const first = (decision as { granted: Grant }).granted;
  let pool = withStart(opened, first, request().startAt);
  let grant = first;
  while (grant.grantedSeconds < seconds) {
    const left = { money: (available(pool) + grant.maxCost) as Grant['maxCost'], seconds: Infinity };
    const more = grantUpTo(grant, grant.grantedSeconds + 30, left);
    expect(more.grantedSeconds).toBeGreaterThan(grant.grantedSeconds);
    pool = withGrant(pool, grant, more);
    grant = more;
  }
  const answerAt = request().startAt;
  const charge = chargeFor({ startAt: answerAt, ...grant }, { answerAt, endAt: answerAt + seconds * 1000 });
  return { cost: formatAmount(charge.cost), pool: withSettlement(pool, grant, charge) };
}

/** What cnxcc's own documentation promises; what it charges instead is told in docs/pools.md. */
const WORKED = {
  '60/1': { 1: '33.00', 59: '33.00', 60: '33.00', 61: '33.50', 120: '63.00', 125: '65.50', 180: '93.00' },
  '1/1': { 1: '3.50', 59: '32.50', 60: '33.00', 61: '33.50', 120: '63.00', 125: '65.50', 180: '93.00' },
  '60/60': { 1: '33.00', 59: '33.00', 60: '33.00', 61: '63.00', 120: '63.00', 125: '93.00', 180: '93.00' },
  '30/6': { 1: '18.00', 59: '33.00', 60: '33.00', 61: '36.00', 120: '63.00', 125: '66.00', 180: '93.00' },
};

/** An answered call of 0 seconds is billed its first increment. */
const AT_ANSWER = { '60/1': '33.00', '1/1': '3.50', '60/60': '33.00', '30/6': '18.00' };

const rows = Object.entries(WORKED).flatMap(([pulses, costs]) => [
  [pulses, 0, AT_ANSWER[pulses as keyof typeof AT_ANSWER]] as const,
  ...Object.entries(costs).map(([seconds, cost]) => [pulses, Number(seconds), cost] as const),
]);

test.each(rows)('connect=3.0, cps=0.5 at %s: a call of %d s costs %s', (pulses, seconds, cost) => {
  const [ipulse, fpulse] = pulses.split('/');
  const words = `customer=john-doe,max_credit=100,connect=3.0,cps=0.5,ipulse=${ipulse},fpulse=${fpulse}`;
  const after = talked(words, seconds);
  expect(after.cost).toBe(cost);
  expect(after.pool).toMatchObject({ balance: -parseAmount(cost), reserved: ZERO, activeCalls: 0 });
});

test.each([
  ['30', 'insufficient_balance', 'fee and first increment are 33'],
  ['32.999999', 'insufficient_balance', 'a millionth is missing'],
  ['33', 60, 'exactly fee and first increment'],
  ['50', 94, '(50 − 3) / 0.5, where cnxcc cuts at 93'],
  ['100', 194, '(100 − 3) / 0.5, where cnxcc cuts at 193'],
])('a credit of %s at 60/1 lasts for %s: %s', (credit, lasts, _why) => {
  const pool = poolOf(`customer=john-doe,max_credit=${credit},connect=3.0,cps=0.5,ipulse=60,fpulse=1`);
  const { opened, decision } = start(pool);
  if (typeof lasts === 'string') {
    expect(decision).toEqual({ refusal: lasts });
    return;
  }
  const { granted } = decision as { granted: Grant };
  expect(granted).toMatchObject({ grantedSeconds: 60, maxCost: parseAmount('33') });
  const longest = grantUpTo(granted, Infinity, { money: available(opened), seconds: Infinity });
  expect(longest).toMatchObject({ grantedSeconds: lasts, maxCost: parseAmount(credit) });
});

test.each(['0', '-3.20'])('a credit of %s is none: refused for that', credit => {
  expect(start(poolOf(`customer=j,max_credit=${credit},cps=0.5`)).decision).toEqual({
    refusal: 'insufficient_balance',
  });
});

test('a time of 0 s is none: refused for that', () => {
  expect(start(poolOf('customer=j,max_time=0')).decision).toEqual({ refusal: 'time_used_up' });
});

test('a free call without a limit of time is as long as any call may be, and reserves nothing', () => {
  const { decision } = start(poolOf('customer=j,max_channels=2'));
  expect(decision).toMatchObject({ granted: { grantedSeconds: 3600, maxCost: ZERO } });
});

describe('what a call may use is set by the first, and later', () => {
  const up = { ...withPool(NEW_POOL, poolOf('customer=j,max_credit=100,cps=1,max_time=600')), activeCalls: 1 };
  test.each([
    ['max_credit=150,max_time=900', { creditLimit: parseAmount('150'), maxTimeSeconds: 900 }, 'raised'],
    ['max_credit=50,max_time=300', { creditLimit: parseAmount('100'), maxTimeSeconds: 600 }, 'less changes nothing'],
    [
      'max_channels=2',
      { creditLimit: parseAmount('100'), maxTimeSeconds: 600, maxChannels: 2 },
      'left where none is named',
    ],
    ['max_calls_per_second=3', { maxCallsPerSecond: 3, maxChannels: 0 }, 'asked of each call for itself'],
  ])('%s: %s', (words, after, _why) => {
    expect(withPool(up, poolOf(`customer=j,${words}`))).toMatchObject(after);
  });

  test('a time is set by a later call where there was none', () => {
    expect(withPool({ ...up, maxTimeSeconds: null }, poolOf('customer=j,max_time=60'))).toMatchObject({
      maxTimeSeconds: 60,
    });
  });

  test('the first of the next ones sets it anew, with nothing left over', () => {
    const closed = { ...up, activeCalls: 0, balance: parseAmount('0.50') };
    expect(withPool(closed, poolOf('customer=j,max_credit=20,cps=1'))).toMatchObject({
      creditLimit: parseAmount('20'),
      balance: ZERO,
      maxTimeSeconds: null,
    });
  });
});

test("a pool is nobody's account, and an account is no pool", () => {
  const pool = poolOf('customer=j,max_credit=100,cps=1');
  expect(decideStart(request(), { ...NEW_POOL, creditLimit: parseAmount('100') }, null, limits)).toEqual({
    refusal: 'account_not_found',
  });
  expect(start(pool, {}, account({ balance: parseAmount('100') })).decision).toEqual({ refusal: 'account_not_found' });
});
