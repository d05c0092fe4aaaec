/** What a version changes for the talk of calls that were made. */
import { type Lines, rateIn, type Talk, weighed } from '../../src/decks/weights';
import { parseAmount } from '../../src/money/micros';
import type { Rate } from '../../src/rating/rate';

const DAY = '2026-12-15';

const rate = (prefix: string, price: string, more: Partial<Rate> = {}): Rate => ({
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix,
  destination: `to ${prefix}`,
  pricePerMinute: parseAmount(price),
  connectFee: parseAmount('0'),
  minimumCharge: parseAmount('0'),
  initialIncrementSeconds: 60,
  incrementSeconds: 60,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: [],
  isBlocked: false,
  maxSeconds: null,
  validFrom: null,
  validUntil: null,
  ...more,
});
const linesOf = (...rates: Rate[]) => new Map(rates.map(each => [each.prefix, [each]]));
const weighedOf = (talks: Talk[], day: string, before: Lines, after: Lines) =>
  weighed([{ deck: 'retail', talks, before, after }], day);
const talk = (digits: string, seconds: number, calls = 1): Talk => ({ digits, seconds, calls });

test('each number is looked up in both versions: by its longest prefix that is valid that day', () => {
  const lines = linesOf(rate('49', '0.01'), rate('4915', '0.05', { validFrom: '2026-12-16' }), rate('', '1'));
  expect([rateIn(lines, '491511', DAY)?.prefix, rateIn(lines, '491511', '2026-12-16')?.prefix]).toEqual(['49', '4915']);
  expect(rateIn(lines, '7', DAY)?.prefix).toBe('');
  expect(rateIn(linesOf(rate('49', '1')), '7', DAY)).toBeNull();
});

test('where schedules hold, the first of them that the number’s prefix has a line for rates it', () => {
  const lines = new Map([
    ['49', [rate('49', '0.02'), rate('49', '0.10', { schedule: 'peak' }), rate('49', '0.05', { schedule: 'night' })]],
    ['44', [rate('44', '0.03')]],
    ['1', [rate('1', '0', { isBlocked: true }), rate('1', '1', { schedule: 'peak' })]],
  ]);
  const price = (digits: string, ...held: string[]) => rateIn(lines, digits, DAY, held)?.pricePerMinute;
  expect([price('491'), price('491', 'other'), price('491', 'other', 'night', 'peak'), price('441', 'peak')]).toEqual(
    ['0.02', '0.02', '0.05', '0.03'].map(parseAmount),
  );
  expect(rateIn(lines, '1', DAY, ['peak'])?.isBlocked).toBe(true);
  const after = linesOf(rate('49', '0.02'));
  const talks: Talk[] = [
    { ...talk('491', 60), held: ['peak'] },
    { ...talk('492', 60), held: ['night'] },
    talk('493', 60),
  ];
  expect(
    weighedOf(talks, DAY, lines, after).moves.map(({ before, difference }) => [before?.schedule, difference]),
  ).toEqual([
    ['peak', -80_000n],
    ['night', -30_000n],
  ]);
});

test('talk is summed by its rate before and after, with what it costs more; the largest change comes first', () => {
  const before = linesOf(
    rate('49', '0.01'),
    rate('4915', '0.05'),
    rate('44', '0.02'),
    rate('7', '0.30'),
    rate('1', '0.01'),
    rate('39', '0.02'),
  );
  const after = linesOf(
    rate('49', '0.01'),
    rate('44', '0.025'),
    rate('1', '0.01'),
    rate('33', '0.01'),
    rate('39', '0.01'),
  );
  const { weights, moves } = weighedOf(
    [
      talk('491511', 600, 2),
      talk('491522', 60),
      talk('44201', 6_000, 9),
      talk('7495', 30),
      talk('1212', 10_000),
      talk('332', 60),
      talk('391', 36),
    ],
    DAY,
    before,
    after,
  );
  expect(
    moves.map(({ before: was, after: is, effect, fallsBack, calls, seconds, difference }) => [
      `${was?.prefix ?? '–'} → ${is?.prefix ?? '–'}`,
      effect,
      fallsBack,
      calls,
      seconds,
      difference,
    ]),
  ).toEqual([
    // Nine calls of 667 s, which are 12 minutes each.
    ['44 → 44', 'dearer', false, 9, 6_000, 540_000n],
    ['4915 → 49', 'cheaper', true, 3, 660, -440_000n],
    ['7 → –', 'closed', false, 1, 30, null],
    ['– → 33', 'opened', false, 1, 60, null],
    ['39 → 39', 'cheaper', false, 1, 36, -10_000n],
  ]);
  expect(weights.map(({ effect, calls, seconds, difference }) => [effect, calls, seconds, difference])).toEqual([
    ['dearer', 9, 6_000, 540_000n],
    ['cheaper', 4, 696, -450_000n],
    ['same', 1, 10_000, 0n],
    ['opened', 1, 60, 0n],
    ['closed', 1, 30, 0n],
    ['blocked', 0, 0, 0n],
  ]);
});

test('talk to what is blocked is told apart, and has no difference; what was blocked and goes by a shorter prefix falls back', () => {
  const blocked = { isBlocked: true };
  const before = linesOf(
    rate('49', '0.01'),
    rate('4915', '0.05'),
    rate('4916', '0', blocked),
    rate('4917', '0', blocked),
  );
  const after = linesOf(rate('49', '0.01'), rate('4915', '0.05', blocked), rate('4917', '0', blocked));
  const { weights, moves } = weighedOf([talk('491511', 600), talk('4916', 60), talk('4917', 60)], DAY, before, after);
  expect(
    moves.map(({ before: was, after: is, effect, fallsBack, difference }) => [
      `${was?.prefix} → ${is?.prefix}`,
      effect,
      fallsBack,
      difference,
    ]),
  ).toEqual([
    ['4915 → 4915', 'blocked', false, null],
    ['4916 → 49', 'opened', true, null],
  ]);
  expect(weights.filter(({ calls }) => calls > 0).map(({ effect, seconds }) => [effect, seconds])).toEqual([
    ['same', 60],
    ['opened', 60],
    ['blocked', 600],
  ]);
});

test.each<[string, number, Partial<Rate>, Partial<Rate>, string, bigint]>([
  ['whole minutes', 61, { incrementSeconds: 60 }, { incrementSeconds: 1 }, 'cheaper', -98_333n],
  ['free seconds', 90, {}, { freeSeconds: 30 }, 'cheaper', -100_000n],
  ['a fee', 90, {}, { connectFee: parseAmount('0.05') }, 'dearer', 50_000n],
  [
    'a later price',
    180,
    {},
    { steps: [{ fromSecond: 60, pricePerMinute: parseAmount('0.05'), incrementSeconds: 60 }] },
    'cheaper',
    -100_000n,
  ],
  ['a grace', 5, {}, { graceSeconds: 10 }, 'cheaper', -100_000n],
  [
    'a higher price with more free seconds',
    90,
    {},
    { pricePerMinute: parseAmount('0.11'), freeSeconds: 60 },
    'cheaper',
    -90_000n,
  ],
])('%s: a rate is weighed by the price of a whole call', (_, seconds, was, is, effect, difference) => {
  const [before, after] = [linesOf(rate('49', '0.10', was)), linesOf(rate('49', '0.10', is))];
  const { moves, weights } = weighedOf([talk('49', seconds * 3, 3)], DAY, before, after);
  expect(moves).toMatchObject([{ effect, difference: difference * 3n, fallsBack: false }]);
  expect(weights.find(each => each.effect === effect)?.difference).toBe(difference * 3n);
});

test('calls to each number are as long as the mean of that number', () => {
  const [before, after] = [linesOf(rate('49', '0.10')), linesOf(rate('49', '0.10', { graceSeconds: 60 }))];
  // One call within the grace, and one behind it, as the mean of both is.
  const { moves } = weighedOf([talk('491', 30), talk('492', 300)], DAY, before, after);
  expect(moves).toMatchObject([{ calls: 2, seconds: 330, difference: -100_000n }]);
});

test('what costs the same for these calls and not for longer ones is told with nothing to pay', () => {
  const later = [{ fromSecond: 600, pricePerMinute: parseAmount('0.05'), incrementSeconds: 60 }];
  const { moves } = weighedOf(
    [talk('49', 60)],
    DAY,
    linesOf(rate('49', '0.10')),
    linesOf(rate('49', '0.10', { steps: later })),
  );
  expect(moves).toMatchObject([{ effect: 'cheaper', difference: 0n }]);
});

test('a shorter prefix that is dearer for a minute and cheaper for these calls is a fall-back', () => {
  const before = linesOf(rate('49', '0.11', { freeSeconds: 60 }), rate('4915', '0.10'));
  const after = linesOf(rate('49', '0.11', { freeSeconds: 60 }));
  expect(weighedOf([talk('4915', 60)], DAY, before, after).moves).toMatchObject([
    { effect: 'cheaper', fallsBack: true, difference: -100_000n },
  ]);
});
