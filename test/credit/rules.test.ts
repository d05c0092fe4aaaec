import fc from 'fast-check';
import { available, chargeFor, decideStart, withLowBalance, withSettlement, withStart } from '../../src/credit/rules';
import { formatAmount, micros, parseAmount, ZERO } from '../../src/money/micros';
import { cost, costWithoutGrace } from '../../src/rating/price';
import type { Rate } from '../../src/rating/rate';
import { account, limits, NOON, request } from './rules-fixture';

const rate = (more: Partial<Rate> = {}): Rate => ({
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix: '49',
  destination: 'Germany',
  validFrom: null,
  validUntil: null,
  maxSeconds: null,
  pricePerMinute: parseAmount('1'),
  connectFee: ZERO,
  minimumCharge: ZERO,
  initialIncrementSeconds: 60,
  incrementSeconds: 60,
  graceSeconds: 0,
  ...more,
});

describe('a call is refused', () => {
  // Each row fails its own check and every later one, so that the order is seen too.
  const broke = { balance: ZERO };
  const full = { ...broke, maxChannels: 1, activeCalls: 1 };
  test.each([
    ['account_not_found', null, {}, null],
    ['account_blocked', account({ ...full, blocked: true, expiresAt: NOON }), { dst: null, routable: false }, null],
    ['account_expired', account({ ...full, expiresAt: NOON }), { dst: null, routable: false }, null],
    ['number_invalid', account(full), { dst: null, routable: false }, null],
    ['number_barred', account(full), { dst: '9001234', routable: false }, null],
    ['number_barred', account({ ...full, barredPrefixes: ['493'] }), { routable: false }, null],
    ['no_rate', account(full), { routable: false }, null],
    ['no_rate', account(full), { routable: false }, rate({ currency: 'USD' })],
    ['no_route', account(full), { routable: false }, rate()],
    ['too_many_calls', account(full), {}, rate()],
    ['insufficient_balance', account(broke), {}, rate()],
    ['insufficient_balance', account({ balance: parseAmount('5'), reserved: parseAmount('4.5') }), {}, rate()],
    ['insufficient_balance', account({ balance: parseAmount('-5'), creditLimit: parseAmount('5.99') }), {}, rate()],
  ] as const)('%s', (refusal, who, more, price) => {
    expect(decideStart(request(more), who, price, limits)).toEqual({ refusal });
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

describe('the charge', () => {
  const call = (more: Partial<Rate> = {}, grantedSeconds = 600) => ({
    startAt: NOON,
    grantedSeconds,
    maxCost: costWithoutGrace(rate(more), grantedSeconds),
    tariff: rate(more),
  });
  const end = (answerAt: number | null, endAt: number) => ({
    answerAt,
    endAt,
    disposition: 'ANSWERED' as const,
    hangupCause: 16,
    hangupSource: 'caller' as const,
    evidence: 'event' as const,
  });

  test.each([
    [
      'never answered',
      call(),
      end(null, NOON + 30_000),
      { duration: 30, billsec: 0, billedSeconds: 0, overrunSeconds: 0, cost: 0n },
    ],
    [
      '999 ms are no second',
      call(),
      end(NOON, NOON + 60_999),
      { duration: 60, billsec: 60, billedSeconds: 60, overrunSeconds: 0, cost: 1_000_000n },
    ],
    [
      'a second minute',
      call(),
      end(NOON, NOON + 61_000),
      { duration: 61, billsec: 61, billedSeconds: 120, overrunSeconds: 0, cost: 2_000_000n },
    ],
    [
      'talk beyond the grant is told, not charged',
      call({}, 60),
      end(NOON, NOON + 75_000),
      { duration: 75, billsec: 75, billedSeconds: 60, overrunSeconds: 15, cost: 1_000_000n },
    ],
    [
      'a clock that stepped back',
      call(),
      end(NOON, NOON - 5_000),
      { duration: 0, billsec: 0, billedSeconds: 60, overrunSeconds: 0, cost: 1_000_000n },
    ],
    [
      'within its grace',
      call({ graceSeconds: 6 }),
      end(NOON, NOON + 5_999),
      { duration: 5, billsec: 5, billedSeconds: 0, overrunSeconds: 0, cost: 0n },
    ],
    [
      'beyond a grace that is longer than the grant',
      call({ graceSeconds: 90 }, 60),
      end(NOON, NOON + 95_000),
      { duration: 95, billsec: 95, billedSeconds: 60, overrunSeconds: 35, cost: 1_000_000n },
    ],
  ] as const)('%s', (_, open, ended, charge) => {
    expect(chargeFor(open, ended)).toEqual(charge);
  });
});

describe('a balance about its limit is told to be low once, until it is above by a tenth of it', () => {
  test.each([
    ['1.00', ['1.00', '0.99', '1.05', '0.98', '1.10', '0.99'], [null, 'low', null, null, 'over', 'low']],
    ['-10.00', ['-10.00', '-10.10', '-9.50', '-10.20', '-9.00', '-10.01'], [null, 'low', null, null, 'over', 'low']],
    ['0', ['0', '-0.01', '-1', '0', '-0.01'], [null, 'low', null, 'over', 'low']],
  ] as const)('limit %s', (limit, balances, told) => {
    let books = account({ lowBalance: parseAmount(limit) });
    const kinds = balances.map(balance => {
      const { account: after, event } = withLowBalance({ ...books, balance: parseAmount(balance) });
      books = after;
      return event && (event.kind === 'low_balance' ? 'low' : 'over');
    });
    expect(kinds).toEqual(told);
  });
});

test('whatever is granted, talked and settled, in any order: never more than was there, and all holds freed', () => {
  const anyRate = fc.record({
    pricePerMinute: fc.bigInt(0n, 5_000_000n).map(micros),
    connectFee: fc.bigInt(0n, 1_000_000n).map(micros),
    minimumCharge: fc.bigInt(0n, 1_000_000n).map(micros),
    initialIncrementSeconds: fc.integer({ min: 1, max: 60 }),
    incrementSeconds: fc.integer({ min: 1, max: 60 }),
    graceSeconds: fc.integer({ min: 0, max: 10 }),
  });
  const talk = fc.record({
    rate: anyRate,
    talkMs: fc.option(fc.integer({ min: 0, max: 4_000_000 })),
    endsEarly: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.bigInt(0n, 50_000_000n), fc.array(talk, { maxLength: 12 }), (opening, talks) => {
      let books = account({ balance: micros(opening) });
      const open: (() => void)[] = [];
      let charged = 0n;
      for (const { rate: prices, talkMs, endsEarly } of talks) {
        const price = rate(prices);
        const decision = decideStart(request(), books, price, limits);
        if (!('granted' in decision)) continue;
        const { granted } = decision;
        books = withStart(books, granted, NOON);
        expect(available(books) >= 0n).toBe(true);
        const settle = () => {
          const settled = chargeFor(
            { startAt: NOON, ...granted },
            { answerAt: talkMs === null ? null : NOON, endAt: NOON + (talkMs ?? 0) },
          );
          const { cost: charge } = settled;
          expect(charge <= granted.maxCost).toBe(true);
          if (talkMs !== null && talkMs < granted.grantedSeconds * 1000)
            expect(charge).toBe(cost(price, Math.floor(talkMs / 1000)));
          charged += charge;
          books = withSettlement(books, granted, settled);
        };
        if (endsEarly) settle();
        else open.push(settle);
      }
      for (const settle of open.reverse()) settle();
      expect(books).toMatchObject({ balance: opening - charged, reserved: 0n, activeCalls: 0 });
      expect(books.balance >= 0n).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
