/**
 * For any deck: the longest prefix that is valid decides, and a blocked one refuses the call. Against an oracle that compares digit by digit,
 * and shares no code with what it tests.
 */
import fc from 'fast-check';
import { decideStart } from '../../src/credit/rules/start';
import { effectOf } from '../../src/decks/differences';
import { parseAmount } from '../../src/money/micros';
import { explain } from '../../src/rating/explain';
import { cost } from '../../src/rating/price';
import { type Rate, rateAt } from '../../src/rating/rate';
import { account, limits, rate, request } from '../credit/rules/rules-fixture';

/** Few digits, so that prefixes are often beginnings of one another and of the number. */
const digits = (most: number) => fc.array(fc.constantFrom('1', '2'), { maxLength: most }).map(all => all.join(''));
const day = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
const line = fc.record({
  prefix: digits(5),
  isBlocked: fc.boolean(),
  from: day,
  until: day,
  price: fc.integer({ min: 0, max: 3 }),
});
const deck = fc.uniqueArray(line, { selector: ({ prefix }) => prefix, maxLength: 8 });
type Line = typeof line extends fc.Arbitrary<infer Each> ? Each : never;

const dayText = (of: number | null): string | null => (of === null ? null : `2026-12-0${of}`);
const rateOf = ({ prefix, isBlocked, from, until, price }: Line): Rate =>
  rate({
    prefix,
    isBlocked,
    validFrom: dayText(from),
    validUntil: dayText(until),
    pricePerMinute: parseAmount(`0.0${price}`),
  });

/** `blocked`, `none`, or the cents of the line that counts. */
function oracle(lines: readonly Line[], number: string, today: number): string {
  for (let length = number.length; length >= 0; length--) {
    for (const each of lines) {
      if (each.prefix.length !== length) continue;
      let isBeginning = true;
      for (let at = 0; at < length; at++) if (each.prefix.charCodeAt(at) !== number.charCodeAt(at)) isBeginning = false;
      const isToday = !((each.from ?? 0) > today) && !((each.until ?? 9) < today);
      if (isBeginning && isToday) return each.isBlocked ? 'blocked' : String(each.price);
    }
  }
  return 'none';
}

const RUNS = { numRuns: 5_000 };
const number = digits(7).filter(text => text !== '');

test('a call is refused as blocked where its longest valid prefix is, and never where another one is', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(deck, number, fc.integer({ min: 1, max: 5 }), (lines, dst, today) => {
      const expected = oracle(lines, dst, today);
      const candidates = lines.filter(({ prefix }) => dst.startsWith(prefix)).map(rateOf);
      const at = Date.parse(`${dayText(today)}T12:00:00Z`);
      const found = rateAt('UTC', at, candidates);
      const rich = account({ balance: parseAmount('1000'), timeZone: 'UTC' });
      const decision = decideStart(request({ dst, startAt: at }), rich, found, limits);
      const explained = explain(inquiry(dst, at), candidates);
      if ('granted' in decision) {
        expect(expected).toBe(String(Number(decision.granted.rate?.pricePerMinute) / 10_000));
        expect(explained.cost).toBe(cost(found as Rate, 60));
      } else {
        expect(decision).toEqual({ refusal: expected === 'blocked' ? 'destination_blocked' : 'no_rate' });
        expect(expected).toMatch(/^(blocked|none)$/);
        expect(explained.cost).toBeNull();
      }
      seen.add(
        expected === 'blocked' && candidates.some(({ isBlocked }) => !isBlocked)
          ? 'blocked before a shorter one'
          : expected,
      );
    }),
    RUNS,
  );
  expect([...seen].sort()).toEqual(['0', '1', '2', '3', 'blocked', 'blocked before a shorter one', 'none']);
});

const inquiry = (dst: string, at: number) => ({
  dialled: dst,
  ringSeconds: 60,
  digits: dst,
  seconds: 60,
  at,
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  timeZone: 'UTC',
  available: parseAmount('1000'),
  accountMaxSeconds: null,
  serviceMaxSeconds: 3600,
  timeLeftSeconds: Number.POSITIVE_INFINITY,
  firstSlice: () => Number.POSITIVE_INFINITY,
  emergency: false,
});

test('an emergency call is let through by whatever line', () => {
  const decision = decideStart(request({ dst: '112', emergency: true }), account(), rate({ isBlocked: true }), limits);
  expect(decision).toMatchObject({ granted: { maxCost: 0n } });
});

test.each([
  [null, true, 'blocked'],
  [false, true, 'blocked'],
  [true, true, 'same'],
  [true, false, 'opened'],
  [true, null, 'closed'],
  [false, false, 'same'],
] as const)('between a rate that is blocked: %j, and one that is: %j, the effect is %s', (before, after, effect) => {
  const of = (isBlocked: boolean | null) => (isBlocked === null ? null : rate({ isBlocked }));
  expect(effectOf(of(before), of(after))).toBe(effect);
});
