import { REFUSALS } from '../../../src/credit/refusal';
import type { SpendWindow } from '../../../src/credit/rules/spend';
import { decideStart } from '../../../src/credit/rules/start';
import { formatAmount, parseAmount, ZERO } from '../../../src/money/micros';
import { account, limits, NOON, rate, request, spentOf } from './rules-fixture';

describe('a call is refused', () => {
  // Each account fails its own check and every later one, so that the order shows too.
  const broke = { balance: ZERO };
  const spentUp = (...windows: SpendWindow[]) => ({
    ...broke,
    spent: windows.map(window => spentOf(window, '1', '0.5')),
  });
  const dear = { maxPricePerMinute: parseAmount('0.999999') };
  const timeless = { ...broke, activeCalls: 1, maxTimeSeconds: 60, timeUsedSeconds: 60 };
  const often = { ...timeless, maxCallsPerSecond: 1, startedSecond: NOON / 1000, startedCalls: 1 };
  const full = { ...often, maxChannels: 1 };
  const rows = [
    ['account_not_found', null, {}, null],
    ['account_blocked', account({ ...full, blocked: true, expiresAt: NOON }), { dst: null, routable: false }, null],
    ['account_expired', account({ ...full, expiresAt: NOON }), { dst: null, routable: false }, null],
    ['number_invalid', account(full), { dst: null, routable: false }, null],
    ['number_barred', account(full), { dst: '9001234', routable: false }, null],
    ['number_barred', account({ ...full, barredPrefixes: ['493'] }), { routable: false }, null],
    ['no_rate', account(full), { routable: false }, null],
    ['no_rate', account(full), { routable: false }, rate({ currency: 'USD' })],
    ['destination_blocked', account(full), { routable: false }, rate({ isBlocked: true })],
    ['price_limit', account({ ...full, ...dear, maxCallCost: ZERO }), { routable: false }, rate()],
    ['call_cost_limit', account({ ...full, maxCallCost: parseAmount('0.99') }), { routable: false }, rate()],
    ['no_route', account(full), { routable: false }, rate()],
    ['too_many_calls', account(full), {}, rate()],
    ['too_many_calls_per_second', account(often), {}, rate()],
    ['time_used_up', account(timeless), {}, rate()],
    ['time_used_up', account({ ...broke, activeCalls: 1, maxTimeSeconds: 60, timeReservedSeconds: 60 }), {}, rate()],
    ['spend_limit_month', account(spentUp('hour', 'day', 'month')), {}, rate()],
    ['spend_limit_day', account(spentUp('hour', 'day')), {}, rate()],
    ['spend_limit_hour', account(spentUp('hour')), {}, rate()],
    ['insufficient_balance', account(broke), {}, rate()],
    ['insufficient_balance', account({ balance: parseAmount('5'), reserved: parseAmount('4.5') }), {}, rate()],
    ['insufficient_balance', account({ balance: parseAmount('-5'), creditLimit: parseAmount('5.99') }), {}, rate()],
  ] as const;

  test.each(rows)('%s', (refusal, who, more, price) => {
    expect(decideStart(request(more), who, price, limits)).toEqual({ refusal });
  });

  test('every refusal that is decided under the lock has a row, in the order of docs/refusals.md', () => {
    const decided = REFUSALS.slice(0, REFUSALS.indexOf('insufficient_balance') + 1);
    expect([...new Set(rows.map(([refusal]) => refusal))]).toEqual(decided);
  });

  test.each([
    [0, 1, 'too_many_calls_per_second', 'the second call of one second'],
    [999, 1, 'too_many_calls_per_second', 'the last millisecond of it'],
    [1_000, 1, null, 'the next second counts anew'],
    [-10_000, 1, 'too_many_calls_per_second', 'a clock that lags 10 s counts with the one that is ahead'],
    [-11_000, 1, null, 'a clock further ahead was wrong, and must not refuse calls until its time has come'],
    [0, 0, null, 'no limit'],
  ])('%d ms after a call, of %d a second: %s, %s', (ms, maxCallsPerSecond, refusal, _why) => {
    const started = account({ maxCallsPerSecond, startedSecond: NOON / 1000, startedCalls: 1 });
    const decision = decideStart(request({ startAt: NOON + ms }), started, rate(), limits);
    expect('refusal' in decision ? decision.refusal : null).toBe(refusal);
  });

  test.each([
    [{ maxTimeSeconds: 60, timeUsedSeconds: 60, activeCalls: 0 }, 60, 'talk of calls that are all over counts no more'],
    [{ maxTimeSeconds: 60, timeUsedSeconds: 59, activeCalls: 1 }, 1, 'one second is left'],
    [{ maxTimeSeconds: 60, timeUsedSeconds: -30, activeCalls: 1 }, 90, 'an operator added 30 s'],
    [
      { maxTimeSeconds: 60, timeUsedSeconds: 0, timeReservedSeconds: 45, activeCalls: 1 },
      15,
      'what another call holds is not left',
    ],
  ])('not when of %j there are %d s left: %s', (time, seconds, _why) => {
    const decision = decideStart(request(), account(time), rate(), limits);
    expect(decision).toMatchObject({ granted: { grantedSeconds: seconds } });
  });
});

describe('a call is granted', () => {
  test.each([
    ['what the balance pays for', account({ balance: parseAmount('2.5') }), rate(), 120, '2.00'],
    [
      'what the credit limit pays for',
      account({ balance: parseAmount('-1'), creditLimit: parseAmount('2') }),
      rate(),
      60,
      '1.00',
    ],
    [
      'only what is not reserved',
      account({ balance: parseAmount('10'), reserved: parseAmount('9') }),
      rate(),
      60,
      '1.00',
    ],
    ['an hour at most', account({ balance: parseAmount('1000') }), rate(), 3600, '60.00'],
    ['as long as the account may talk', account({ maxCallSeconds: 90 }), rate(), 90, '2.00'],
    ['as long as the rate allows', account(), rate({ maxSeconds: 30 }), 30, '1.00'],
    [
      'an hour of a free rate below zero',
      account({ balance: parseAmount('-1') }),
      rate({ pricePerMinute: ZERO }),
      3600,
      '0.00',
    ],
    ['with one channel left', account({ maxChannels: 2, activeCalls: 1 }), rate(), 600, '10.00'],
    ['the money that a call within its grace might need', account(), rate({ graceSeconds: 700 }), 600, '10.00'],
    ['on the last millisecond of an account', account({ expiresAt: NOON + 1 }), rate(), 600, '10.00'],
  ] as const)('%s', (_, who, price, seconds, maxCost) => {
    const decision = decideStart(request(), who, price, limits);
    expect('granted' in decision && [decision.granted.grantedSeconds, formatAmount(decision.granted.maxCost)]).toEqual([
      seconds,
      maxCost,
    ]);
  });

  test.each([
    ['nobody', null],
    ['a blocked account without money', account({ blocked: true, balance: ZERO })],
  ])('to an emergency number for %s, free', (_, who) => {
    const decision = decideStart(request({ emergency: true, routable: false }), who, null, limits);
    expect(decision).toMatchObject({ granted: { grantedSeconds: 3600, maxCost: 0n } });
  });
});
