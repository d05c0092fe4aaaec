import fc from 'fast-check';
import { REFUSAL_OF_WINDOW } from '../../../src/credit/refusal';
import type { Account } from '../../../src/credit/rules/account';
import { withSettlement } from '../../../src/credit/rules/charge';
import { nothingHeld, withGrant } from '../../../src/credit/rules/grant';
import {
  SPEND_WINDOWS,
  type SpendWindow,
  spendable,
  windowAt,
  withLimitsTold,
  withSpent,
  withWindowsAt,
} from '../../../src/credit/rules/spend';
import { decideStart, withStart } from '../../../src/credit/rules/start';
import { micros, parseAmount, ZERO } from '../../../src/money/micros';
import { account, limits, NOON, rate, request, spentOf } from './rules-fixture';

/** The name of a window as the wall shows it, with the distance from UTC for hours: an hour that the clocks repeat has two names. */
function nameOf(window: SpendWindow, zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const part = (type: string) => parts.find(each => each.type === type)?.value ?? '';
  const month = `${part('year')}-${part('month')}`;
  if (window === 'month') return month;
  const day = `${month}-${part('day')}`;
  return window === 'day' ? day : `${day} ${part('hour')} ${part('timeZoneName')}`;
}

// Whole hours of difference, half and quarter hours, clocks that change at midnight, and none that change.
const ZONES = ['Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'];

test('a window is what the wall calls by one name, over changes of clocks, in a year of instants', () => {
  const instants = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2026-12-31T23:59:59Z') });
  fc.assert(
    fc.property(fc.constantFrom(...SPEND_WINDOWS), fc.constantFrom(...ZONES), instants, (window, zone, at) => {
      const { startsAt, endsAt } = windowAt(window, zone, at);
      const name = nameOf(window, zone, at);
      expect([startsAt <= at, at < endsAt]).toEqual([true, true]);
      const names = [startsAt - 1, startsAt, endsAt - 1, endsAt].map(each => nameOf(window, zone, each) === name);
      expect(names).toEqual([false, true, true, false]);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['hour', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', 'the first 02:30'],
  ['hour', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z', 'the second'],
  ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', '25 hours'],
  ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '23 hours'],
  ['month', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z', 'two offsets'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T14:20:00Z', '2026-04-04T14:00:00Z', '2026-04-04T15:30:00Z', '90 minutes'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T15:10:00Z', '2026-04-04T14:00:00Z', '2026-04-04T15:30:00Z', 'its end'],
] as const)('the %s of %s at %s is from %s to %s: %s', (window, zone, at, from, until, _why) => {
  const { startsAt, endsAt } = windowAt(window, zone, Date.parse(at));
  expect([startsAt, endsAt].map(each => new Date(each).toISOString().replace('.000', ''))).toEqual([from, until]);
});

test.each(SPEND_WINDOWS)('the %s of a zone that does not exist is that of UTC', window => {
  const at = Date.parse('2026-10-25T12:34:56Z');
  expect(windowAt(window, 'Mars/Olympus', at)).toEqual(windowAt(window, 'UTC', at));
});

describe('what was counted', () => {
  const counted = account({
    entryCount: 7,
    spent: [
      { ...spentOf('hour', '10', '4'), told: true },
      { ...spentOf('day', '50', '20'), told: true },
    ],
    spentAt: NOON,
  });
  const amounts = ({ spent }: Account) => spent.map(({ amount, afterEntry, told }) => [amount, afterEntry, told]);

  test.each([
    [NOON + 3_599_999, false, false, 'the last millisecond of the hour'],
    [NOON + 3_600_000, true, false, 'the next hour'],
    [NOON + 12 * 3_600_000, true, true, 'midnight'],
    [NOON - 3_600_000, false, false, 'a clock that went back'],
  ])('at %d: the hour begins anew %s, the day %s: %s', (now, hour, day, _why) => {
    const [first, second] = [
      [parseAmount('4'), 0, true],
      [parseAmount('20'), 0, true],
    ];
    const fresh = [ZERO, 7, false];
    expect(amounts(withWindowsAt(counted, now))).toEqual([hour ? fresh : first, day ? fresh : second]);
    expect(withWindowsAt(counted, now).spentAt).toBe(Math.max(NOON, now));
  });

  test('an account without limits stays the same object', () => {
    const plain = account();
    expect(withWindowsAt(plain, NOON)).toBe(plain);
    expect(withSpent(plain, parseAmount('1'))).toBe(plain);
  });

  test('what was never counted begins now', () => {
    const fresh = { ...counted, spentAt: null };
    expect(amounts(withWindowsAt(fresh, NOON))).toEqual([
      [ZERO, 7, false],
      [ZERO, 7, false],
    ]);
  });
});

test('a limit is told once in its window', () => {
  const reached = account({ spent: [spentOf('hour', '10', '10'), spentOf('day', '50', '10')], reserved: micros(5n) });
  const { account: told, events } = withLimitsTold(reached, ({ window }) => window === 'hour');
  expect(events).toEqual([
    {
      kind: 'spend_limit_reached',
      accountcode: 'alice',
      uniqueid: null,
      facts: {
        window: 'hour',
        limit: '10.00',
        spent: '10.00',
        reserved: '0.000005',
        until: '2026-06-01T12:00:00.001Z',
      },
    },
  ]);
  expect(withLimitsTold(told, ({ window }) => window === 'hour')).toEqual({ account: told, events: [] });
});

test('the price per minute that counts is the dearest of steps and times of day', () => {
  const most = account({ maxPricePerMinute: parseAmount('1') });
  const outcome = (more: Parameters<typeof rate>[0], times?: object) =>
    'refusal' in decideStart(request(), most, { ...rate(more), ...times }, limits);
  const step = (price: string) => ({
    steps: [{ fromSecond: 60, pricePerMinute: parseAmount(price), incrementSeconds: 1 }],
  });
  expect(outcome({})).toBe(false);
  expect(outcome({ connectFee: parseAmount('5') })).toBe(false);
  expect(outcome(step('1'))).toBe(false);
  expect(outcome(step('1.000001'))).toBe(true);
  const later = (price: string) => ({
    times: {
      from: NOON / 1000,
      ringSeconds: 70,
      periods: [{ from: NOON / 1000 + 600, tariff: rate({ pricePerMinute: parseAmount(price) }) }],
    },
  });
  expect(outcome({}, later('1'))).toBe(false);
  expect(outcome({}, later('2'))).toBe(true);
});

test('a free call passes every limit, and an emergency call too', () => {
  const none = account({
    spent: SPEND_WINDOWS.map(window => spentOf(window, '0', '0')),
    maxCallCost: ZERO,
    maxPricePerMinute: ZERO,
  });
  expect(decideStart(request(), none, rate({ pricePerMinute: ZERO }), limits)).toMatchObject({
    granted: { grantedSeconds: 3600, maxCost: ZERO },
  });
  expect(decideStart(request({ emergency: true }), none, null, limits)).toMatchObject({ granted: { maxCost: ZERO } });
});

/** Something that happens to an account: a call starts, or a call that is in progress ends after so much of its grant, or a correction. */
const happening = fc.record({
  afterMs: fc.integer({ min: 0, max: 2_000_000 }),
  what: fc.constantFrom('start', 'start', 'end', 'end', 'correct'),
  which: fc.nat(20),
  part: fc.integer({ min: 0, max: 100 }),
});

test('calls at any times never spend more in an hour, a day or a month than its limit, and get all that the limits leave', () => {
  const limit = fc.option(fc.integer({ min: 0, max: 30 }), { nil: null });
  const zones = fc.constantFrom(...ZONES);
  const starts = fc.constantFrom('2026-10-24T20:00:00Z', '2026-03-28T21:00:00Z', '2026-05-31T20:00:00Z');
  const property = fc.property(
    ...([zones, starts, limit, limit, limit, fc.array(happening, { maxLength: 40 })] as const),
    (zone, start, hour, day, month, happenings) => {
      const wanted: Record<SpendWindow, number | null> = { hour, day, month };
      const spent = SPEND_WINDOWS.flatMap(window => {
        const most = wanted[window];
        return most === null ? [] : [spentOf(window, String(most), '0')];
      });
      let now = Date.parse(start);
      let books = account({ timeZone: zone, balance: parseAmount('1000'), spent });
      /** The oracle's own: what was charged, when. */
      const charged: { at: number; amount: bigint }[] = [];
      const open: { grantedSeconds: number; maxCost: bigint; capSeconds: number }[] = [];
      const inWindow = (window: SpendWindow) =>
        charged
          .filter(({ at }) => nameOf(window, zone, at) === nameOf(window, zone, now))
          .reduce((sum, { amount }) => sum + amount, 0n);
      for (const { afterMs, what, which, part } of happenings) {
        now += afterMs;
        books = withWindowsAt(books, now);
        const held = open.reduce((sum, { maxCost }) => sum + maxCost, 0n);
        if (what === 'start') {
          const decision = decideStart(request({ startAt: now }), books, rate({ maxSeconds: 600 }), limits);
          const left = SPEND_WINDOWS.flatMap(window => {
            const most = wanted[window];
            const sum = inWindow(window);
            return most === null ? [] : [{ window, left: BigInt(most) * 1_000_000n - (sum < 0n ? 0n : sum) - held }];
          });
          const money = [
            1_000_000_000n - charged.reduce((sum, { amount }) => sum + amount, 0n) - held,
            ...left.map(each => each.left),
          ];
          const minutes = money.reduce((one, other) => (one < other ? one : other)) / 1_000_000n;
          if (minutes < 1n) {
            const short = left.findLast(each => each.left < 1_000_000n);
            expect(decision).toEqual({ refusal: short ? REFUSAL_OF_WINDOW[short.window] : 'insufficient_balance' });
          } else {
            const seconds = Math.min(600, Number(minutes) * 60);
            expect(decision).toMatchObject({ granted: { grantedSeconds: seconds } });
            if (!('granted' in decision)) throw new Error('not granted');
            books = withStart(books, decision.granted, now);
            open.push(decision.granted);
          }
        } else if (what === 'end' && open.length > 0) {
          const [call] = open.splice(which % open.length, 1) as [(typeof open)[number]];
          const cost = (call.maxCost * BigInt(part)) / 100n;
          books = withSettlement(books, { ...call, maxCost: micros(call.maxCost) }, { cost: micros(cost), billsec: 0 });
          charged.push({ at: now, amount: cost });
        } else if (what === 'correct') {
          const amount = micros(BigInt(part) * 10_000n);
          books = withSpent({ ...books, balance: micros(books.balance + amount) }, micros(-amount));
          charged.push({ at: now, amount: -amount });
        }
        for (const each of books.spent) expect(each.amount).toBe(inWindow(each.window));
        for (const each of books.spent) expect(spendable(each, books.reserved)).toBeGreaterThanOrEqual(ZERO);
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test('what a call holds is given back to every window when it ends', () => {
  const before = account({ spent: [spentOf('hour', '10', '0')] });
  const held = { maxCost: parseAmount('6'), grantedSeconds: 360, capSeconds: 3_600 };
  const talking = withGrant({ ...before, activeCalls: 1 }, nothingHeld(held), held);
  expect(spendable(talking.spent[0] as (typeof talking.spent)[number], talking.reserved)).toBe(parseAmount('4'));
  const over = withSettlement(talking, held, { cost: parseAmount('1'), billsec: 60 });
  expect(spendable(over.spent[0] as (typeof over.spent)[number], over.reserved)).toBe(parseAmount('9'));
});
