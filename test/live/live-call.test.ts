import fc from 'fast-check';
import type { Means } from '../../src/credit/rules/account';
import { arrivedCall, type CallRecord, endedCall } from '../../src/credit/rules/call';
import { limitedBy, liveFacts, liveRow } from '../../src/live/live-call';
import { type Micros, micros, parseAmount } from '../../src/money/micros';
import { costWithoutGrace } from '../../src/rating/price';
import { callOf, NOON, talked } from '../credit/ledger-fixture';
import { withSteps } from '../rating/tariffs';

const tariff = (more = {}) => ({
  pricePerMinute: parseAmount('0.60'),
  connectFee: parseAmount('0'),
  minimumCharge: parseAmount('0'),
  initialIncrementSeconds: 1,
  incrementSeconds: 1,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: [],
  ...more,
});

const call = (more: Partial<CallRecord> = {}): CallRecord => ({
  ...arrivedCall(callOf('alice'), 'EUR'),
  tariff: tariff(),
  grantedSeconds: 60,
  maxCost: parseAmount('0.60'),
  capSeconds: 3_600,
  ...more,
});

const left = (money: string, seconds = Infinity): Means => ({ money: parseAmount(money), seconds });

describe('why a call may not last longer', () => {
  test.each([
    ['its cap is reached', { grantedSeconds: 3_600 }, 'strict', left('100'), 'cap'],
    ['its cap is reached, and its account shares', { grantedSeconds: 3_600 }, 'shared', left('100'), 'cap'],
    ['it has its slice, and more follows', {}, 'shared', left('5'), 'slice'],
    ['its account has nothing left', {}, 'shared', left('0'), 'money'],
    [
      'what is left does not pay for one more increment',
      { tariff: tariff({ incrementSeconds: 60, initialIncrementSeconds: 60 }) },
      'shared',
      left('0.59'),
      'money',
    ],
    [
      'one more increment is paid for',
      { tariff: tariff({ incrementSeconds: 60, initialIncrementSeconds: 60 }) },
      'shared',
      left('0.60'),
      'slice',
    ],
    ['max_time is used up', {}, 'shared', left('5', 0), 'time'],
    ['max_time ends before the money', {}, 'strict', left('5', 0), 'time'],
    ['money ends before max_time', {}, 'strict', left('0', 100), 'money'],
    [
      'a free call ends by max_time',
      { tariff: tariff({ pricePerMinute: parseAmount('0') }), maxCost: parseAmount('0') },
      'strict',
      left('0', 0),
      'time',
    ],
    ['it waits in its pool', { grantedSeconds: 0, maxCost: parseAmount('0') }, 'shared', left('0'), 'money'],
  ] as const)('%s', (_why, more, mode, means, wanted) => {
    expect(limitedBy({ call: call(more as Partial<CallRecord>), account: { mode, left: means } })).toBe(wanted);
  });

  test('an emergency call of an unknown account has only the cap', () => {
    expect(limitedBy({ call: call({ capSeconds: 0 }), account: null })).toBe('cap');
  });
});

test('what is spent is what the bill would be if the call ended now, and with what is held it is max_cost', () => {
  const amount = fc.bigInt(0n, 10_000_000n).map(micros);
  fc.assert(
    fc.property(
      withSteps(
        fc.record({
          pricePerMinute: amount,
          connectFee: amount,
          minimumCharge: amount,
          initialIncrementSeconds: fc.integer({ min: 1, max: 90 }),
          incrementSeconds: fc.integer({ min: 1, max: 90 }),
          graceSeconds: fc.nat(5),
        }),
      ),
      fc.integer({ min: 1, max: 600 }),
      fc.nat(700),
      (its, grantedSeconds, seconds) => {
        const open = call({
          tariff: its,
          grantedSeconds,
          maxCost: costWithoutGrace(its, grantedSeconds),
          answerAt: NOON + 2_000,
        });
        const facts = liveFacts({ call: open, account: null, readAt: NOON + 2_000 + seconds * 1_000 });
        const billed = endedCall(open, talked(seconds));
        expect(facts).toMatchObject({ spent: billed.cost, seconds: billed.billsec, max_cost: open.maxCost });
        expect((facts.spent as Micros) + (facts.held as Micros)).toBe(open.maxCost);
        expect((facts.held as Micros) >= 0n).toBe(true);
      },
    ),
  );
});

test('a call that rings has spent nothing, and its row is of texts that are exact', () => {
  const row = liveRow({ call: call(), account: { mode: 'shared', left: left('1') }, readAt: NOON + 9_000 });
  expect(row).toEqual({
    uniqueid: expect.any(String),
    accountcode: 'alice',
    src: '100',
    dst: '4930123456',
    rate_destination: '',
    trunk: '',
    node: 'ast1',
    state: 'ringing',
    start_at: '2026-06-01T12:00:00.000Z',
    answer_at: null,
    seconds: 0,
    granted_seconds: 60,
    limited_by: 'slice',
    is_fixed: false,
    hangup_wanted: false,
    rate_price_per_minute: '0.60',
    rate_connect_fee: '0.00',
    rate_initial_increment_seconds: 1,
    rate_increment_seconds: 1,
    max_cost: '0.60',
    spent: '0.00',
    held: '0.60',
    currency: 'EUR',
  });
});
