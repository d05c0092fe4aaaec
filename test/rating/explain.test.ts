import { formatAmount, type Micros, parseAmount } from '../../src/money/micros';
import { digitsOf } from '../../src/rating/dialled-number';
import { explain, explainCharge, type Inquiry } from '../../src/rating/explain';
import type { Rate } from '../../src/rating/rate';
import { parseHours, type Schedule } from '../../src/rating/schedule';
import { stepsOf } from '../../src/rating/steps';

const rate = (prefix: string, more: Partial<Rate> = {}): Rate => ({
  deck: 'retail',
  version: 3,
  currency: 'EUR',
  prefix,
  destination: `Zone ${prefix}`,
  pricePerMinute: parseAmount('0.025'),
  connectFee: parseAmount('0'),
  minimumCharge: parseAmount('0'),
  initialIncrementSeconds: 1,
  incrementSeconds: 1,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: [],
  isBlocked: false,
  maxSeconds: null,
  validFrom: null,
  validUntil: null,
  ...more,
});

const inquiry = ({ dialled = '0049301234', ...more }: Partial<Inquiry> = {}): Inquiry => ({
  dialled,
  digits: digitsOf(dialled),
  seconds: 61,
  at: Date.parse('2026-06-30T23:30:00Z'),
  deck: 'retail',
  version: 3,
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  available: parseAmount('1.00'),
  accountMaxSeconds: null,
  serviceMaxSeconds: 3600,
  timeLeftSeconds: Number.POSITIVE_INFINITY,
  firstSlice: () => Number.POSITIVE_INFINITY,
  ringSeconds: 60,
  emergency: false,
  ...more,
});

/** The steps as `step: text`. */
const lines = (asked: Inquiry, candidates: Rate[]): string[] =>
  explain(asked, candidates).steps.map(({ step, text }) => `${step}: ${text}`);

test('every step of a call of 61 s at 0.025 a minute, 30/6, fee 0.10, minimum 0.10, 1.00 available', () => {
  const more = {
    connectFee: parseAmount('0.1'),
    minimumCharge: parseAmount('0.1'),
    initialIncrementSeconds: 30,
    incrementSeconds: 6,
    graceSeconds: 5,
  };
  const candidates = [rate('49', more), rate('4930', { validUntil: '2026-06-30' })];
  expect(lines(inquiry(), candidates)).toEqual([
    'number: 0049301234 without its international prefix is 49301234',
    'deck: retail, version 3, in EUR',
    "day: 2026-07-01 in Europe/Berlin, the account's time zone",
    'prefix: 49, Zone 49, the longest that fits; valid always; 4930 is valid until 2026-06-30, not on 2026-07-01',
    'talk: 61 s, whole seconds truncated, as Asterisk counts',
    'grace: 61 s is not less than the grace of 5 s',
    'increments: 30/6: the first of 30 s whole and 6 more of 6 s',
    'billed: 66 s',
    'talk price: 0.025 a minute × 66 / 60 = 0.0275',
    'connect fee: 0.10, together 0.1275',
    'rounding: comes out even: 0.1275',
    'minimum charge: 0.10 is not more',
    'cost: 0.1275 EUR',
    'longest call: 2160 s, what 1.00 EUR available pays for',
    'ring-fenced: 1.00 EUR, the cost of 2160 s with no grace',
  ]);
});

test('the same instant is one day earlier in UTC, where the longer prefix is still valid', () => {
  const { rate: applied } = explain(inquiry({ timeZone: 'UTC' }), [
    rate('49'),
    rate('4930', { validUntil: '2026-06-30' }),
  ]);
  expect(applied?.prefix).toBe('4930');
});

test.each([
  [
    'a second at 0.0025 is rounded up once',
    1,
    { pricePerMinute: '0.0025' },
    'up to the millionth, once: 0.000042',
    '42',
  ],
  ['a minimum charge above the price', 1, { minimumCharge: '0.02' }, '0.02 is more, and is charged', '20000'],
  ['a call within its grace', 4, { graceSeconds: 5 }, '4 s is less than the grace of 5 s: the call costs nothing', '0'],
  ['an exact sixtieth', 1, { pricePerMinute: '0.000001' }, '0.000001 a minute × 1 / 60 = 0.000000016…', '1'],
  ['a free rate', 3600, { pricePerMinute: '0' }, 'comes out even: 0.00', '0'],
])('%s', (_what, seconds, fields, line, cost) => {
  const { graceSeconds, ...amounts } = fields as Record<string, string> & { graceSeconds?: number };
  const parsed = Object.fromEntries(Object.entries(amounts).map(([name, text]) => [name, parseAmount(text)]));
  const applied = rate('49', { ...parsed, ...(graceSeconds === undefined ? {} : { graceSeconds }) });
  const asked = inquiry({ seconds });
  expect(lines(asked, [applied]).join('\n')).toContain(line);
  expect(explain(asked, [applied]).cost).toBe(BigInt(cost));
});

test.each([
  ['money', {}, {}, 2400, '2400 s, what 1.00 EUR available pays for'],
  ['the account', { accountMaxSeconds: 600 }, {}, 600, "600 s, the account's own limit"],
  ['the rate', { accountMaxSeconds: 600 }, { maxSeconds: 120 }, 120, "120 s, the rate's own limit"],
  ['the service', { available: parseAmount('100') }, {}, 3600, "3600 s, the service's limit"],
  ['the time of its group', { timeLeftSeconds: 90 }, {}, 90, "90 s, what is left of the account's max_time"],
  ['all of that, used', { timeLeftSeconds: -5 }, {}, 0, "none: the calls in progress hold what the account's max_time"],
  [
    'nothing but the service',
    {},
    { pricePerMinute: parseAmount('0') },
    3600,
    'money does not limit it, 1.00 EUR available',
  ],
])('the longest call is limited by %s', (_what, more, fields, seconds, line) => {
  const asked = inquiry(more);
  expect(explain(asked, [rate('49', fields)]).longestSeconds).toBe(seconds);
  expect(lines(asked, [rate('49', fields)]).join('\n')).toContain(line);
});

test('with slices of 60 s a call that could last 2400 s holds 1/40 of its money at first, and one of 45 s all of it', () => {
  const sliced = inquiry({ firstSlice: () => 60 });
  expect(explain(sliced, [rate('49')])).toMatchObject({ longestSeconds: 2400, grantedSeconds: 60, maxCost: 25_000n });
  expect(lines(sliced, [rate('49')]).slice(-2)).toEqual([
    'longest call: 2400 s, what 1.00 EUR available pays for',
    'ring-fenced: 0.025 EUR, the cost of 60 s with no grace, a first slice; more follows before it runs out, as far as other calls leave it',
  ]);
  const short = explain({ ...sliced, accountMaxSeconds: 45 }, [rate('49')]);
  expect(short).toMatchObject({ longestSeconds: 45, grantedSeconds: 45, maxCost: 18_750n });
  expect(short.steps.at(-1)?.text).toBe('0.01875 EUR, the cost of 45 s with no grace');
});

test('1.00 does not pay for a first minute of 1.000001: no call', () => {
  const dear = rate('49', { pricePerMinute: parseAmount('1.000001'), initialIncrementSeconds: 60 });
  expect(explain(inquiry(), [dear])).toMatchObject({ longestSeconds: 0, maxCost: 0n });
  expect(lines(inquiry(), [dear]).at(-1)).toBe(
    'longest call: none: 1.00 EUR available, and the first 60 s cost 1.000001',
  );
});

test.each([
  ['what is no number', { dialled: '500&PJSIP/other' }, [rate('49')], '"500&PJSIP/other" is not a number'],
  [
    'a number that no prefix begins',
    {},
    [],
    'no prefix of the deck begins this number: the call is refused with no_rate',
  ],
  [
    'a number whose only prefix is over',
    {},
    [rate('49', { validUntil: '2026-01-31' })],
    'no prefix is valid on 2026-07-01 (49 until 2026-01-31): the call is refused with no_rate',
  ],
  ['a deck in another currency', {}, [rate('49', { currency: 'USD' })], 'the rate is in USD, not EUR'],
])('%s has no price', (_what, more, candidates, line) => {
  const { steps, cost, rate: applied, longestSeconds } = explain(inquiry(more), candidates);
  expect(steps.at(-1)?.text).toContain(line);
  expect({ cost, applied, longestSeconds }).toEqual({ cost: null, applied: null, longestSeconds: null });
});

test('every step of a call of 100 s with 10 free seconds and another price from second 90 on', () => {
  const steps = [{ fromSecond: 90, pricePerMinute: parseAmount('0.05'), incrementSeconds: 6 }];
  const increments = { initialIncrementSeconds: 60, incrementSeconds: 60, pricePerMinute: parseAmount('0.10') };
  const applied = rate('49', { ...increments, freeSeconds: 10, steps });
  expect(lines(inquiry({ seconds: 100, available: parseAmount('0.14') }), [applied]).slice(4)).toEqual([
    'talk: 100 s, whole seconds truncated, as Asterisk counts',
    'grace: none',
    'free seconds: the first 10 s are not billed',
    'increments from 10 s: 60/60 from second 10 on: 80 s, up to where the next step begins',
    'increments from 90 s: 6/6 from second 90 on: 12 s',
    'billed: 92 s',
    'talk price from 10 s: from second 10 on, 0.10 a minute × 80 / 60 = 0.133333333…',
    'talk price from 90 s: from second 90 on, 0.05 a minute × 12 / 60 = 0.01',
    'connect fee: 0.00, together 0.143333333…',
    'rounding: up to the millionth, once: 0.143334',
    'minimum charge: none',
    'cost: 0.143334 EUR',
    'longest call: 96 s, what 0.14 EUR available pays for',
    'ring-fenced: 0.138334 EUR, the cost of 96 s with no grace',
  ]);
  expect(lines(inquiry({ seconds: 7 }), [applied]).slice(6, 9)).toEqual([
    'free seconds: the first 10 s are not billed: the whole talk',
    'billed: 0 s',
    'connect fee: 0.00, together 0.00',
  ]);
});

test('a number whose longest prefix is blocked has no price, though a shorter one has', () => {
  const explained = explain(inquiry(), [rate('49'), rate('4930', { isBlocked: true })]);
  const { steps, cost, rate: applied, longestSeconds, grantedSeconds, maxCost } = explained;
  expect(steps.slice(-2)).toMatchObject([
    { step: 'prefix', text: '4930, Zone 4930, the longest that fits; valid always' },
    {
      step: 'blocked',
      text: 'calls to these numbers are refused with destination_blocked, whatever a shorter prefix costs',
    },
  ]);
  expect({ cost, longestSeconds, grantedSeconds, maxCost }).toEqual({
    cost: null,
    longestSeconds: 0,
    grantedSeconds: 0,
    maxCost: 0n,
  });
  expect(applied?.prefix).toBe('4930');
});

test('an emergency number is free and as long as any call may be, whatever the deck says', () => {
  const { cost, maxCost, longestSeconds, steps } = explain(inquiry({ dialled: '112', emergency: true }), [rate('1')]);
  expect({ cost, maxCost, longestSeconds }).toEqual({ cost: 0n, maxCost: 0n, longestSeconds: 3600 });
  expect(steps.map(({ step }) => step)).toEqual(['number', 'emergency', 'longest call']);
});

test('a call that talked on beyond what was ring-fenced is explained with the price of its talk, and with what it was charged', () => {
  const tariff = rate('49', {
    pricePerMinute: parseAmount('1.00'),
    connectFee: parseAmount('0'),
    minimumCharge: parseAmount('0'),
  });
  const call = {
    tariff,
    answerAt: 0,
    rate: 'retail, version 7, 49, Germany',
    rateFacts: { deck: 'retail', version: 7, prefix: '49', destination: 'Germany' },
    markups: '',
    currency: 'EUR',
    billsec: 300,
    maxCost: parseAmount('4.00'),
  };
  expect(explainCharge(call).slice(-2)).toEqual([
    { step: 'cost', kind: 'cost', text: '5.00 EUR', facts: { amount: '5.00', currency: 'EUR' } },
    {
      step: 'charged',
      kind: 'charged_as_held',
      text: '4.00 EUR: never more than was ring-fenced',
      facts: { amount: '4.00', currency: 'EUR' },
    },
  ]);
  expect(explainCharge({ ...call, maxCost: parseAmount('5.00') }).at(-1)?.step).toBe('cost');
  expect(explainCharge(call)[0]).toMatchObject({ kind: 'rate', facts: call.rateFacts });
  expect(explainCharge(call).map(({ kind }) => kind)).not.toContain('markup');
  expect(explainCharge({ ...call, markups: '12.50%+0.002' })[1]).toMatchObject({
    kind: 'markup',
    facts: { markups: '12.50%+0.002' },
  });
});

const PEAK: Schedule = { schedule: 'peak', priority: 0, hours: parseHours('Mo-Fr 08:00-20:00'), holidays: new Set() };

/** A line for the hours of a schedule, and one for all others. */
const OF_TWO: [Rate[], Map<string, Schedule>] = [
  [
    rate('49', { pricePerMinute: parseAmount('0.02') }),
    rate('49', { pricePerMinute: parseAmount('0.10'), schedule: 'peak' }),
  ],
  new Map([['peak', PEAK]]),
];

test('the pieces of a price by the time of day, and what is held for every answer', () => {
  const at = Date.parse('2026-06-05T17:59:30Z');
  const told = explain(inquiry({ at, seconds: 60, available: parseAmount('0.05') }), ...OF_TWO);
  expect(told.steps.map(({ step, text }) => `${step}: ${text}`).slice(4)).toEqual([
    'time of day: peak: its line counts when the call starts',
    'answer: it may be answered within 70 s: the longest call and what is ring-fenced hold for each of these seconds',
    'talk: 60 s, whole seconds truncated, as Asterisk counts',
    'from 30 s: from second 30 on, at 2026-06-05T18:00:00.000Z, by the prices of that time',
    'grace: none',
    'increments from 0 s: 1/1 from second 0 on: 30 s',
    'increments from 30 s: 1/1 from second 30 on: 30 s',
    'billed: 60 s',
    'talk price from 0 s: from second 0 on, 0.10 a minute × 30 / 60 = 0.05',
    'talk price from 30 s: from second 30 on, 0.02 a minute × 30 / 60 = 0.01',
    'connect fee: 0.00, together 0.06',
    'rounding: comes out even: 0.06',
    'minimum charge: none',
    'cost: 0.06 EUR',
    'longest call: 30 s, what 0.05 EUR available pays for',
    'ring-fenced: 0.05 EUR, the cost of 30 s with no grace',
  ]);
  expect([told.cost, told.billedSeconds, told.maxCost]).toEqual([parseAmount('0.06'), 60, parseAmount('0.05')]);
  const later = explain(inquiry({ at: at + 60_000, seconds: 60 }), ...OF_TWO);
  expect(later.steps.map(({ kind }) => kind)).not.toContain('period');
  expect(later.steps.map(({ kind }) => kind)).not.toContain('answered_within');
  // 30 s before the hours begin: what a call may cost follows from how long it may ring.
  const early = (ringSeconds: number) =>
    explain(
      inquiry({ at: Date.parse('2026-06-05T05:59:30Z'), seconds: 60, ringSeconds, serviceMaxSeconds: 60 }),
      ...OF_TWO,
    );
  expect([0, 10, 20, 60].map(ring => formatAmount(early(ring).maxCost as Micros))).toEqual([
    '0.073334',
    '0.086667',
    '0.10',
    '0.10',
  ]);
  const kinds = explain(inquiry({ at: Date.parse('2026-06-05T05:30:00Z') }), ...OF_TWO).steps.map(({ kind }) => kind);
  expect(kinds).toContain('schedule_none');
});

test('each figure and name of a sentence is a fact too, and no fact says more than its sentence', () => {
  const tariff = {
    connectFee: parseAmount('0.1'),
    minimumCharge: parseAmount('0.5'),
    initialIncrementSeconds: 30,
    incrementSeconds: 6,
    graceSeconds: 5,
  };
  const candidates = [rate('49', tariff), rate('4930', { validUntil: '2026-06-30' })];
  const asked = [
    explain(inquiry(), candidates),
    explain(inquiry({ seconds: 3 }), candidates),
    explain(inquiry({ seconds: 100 }), [rate('49', { ...tariff, freeSeconds: 10, steps: stepsOf('90:0.05/7') })]),
    explain(inquiry({ seconds: 9 }), [rate('49', { ...tariff, freeSeconds: 10 })]),
    explain(inquiry({ firstSlice: () => 60 }), candidates),
    explain(inquiry({ available: parseAmount('0.01') }), candidates),
    explain(inquiry(), [rate('4930', { validUntil: '2026-06-30' })]),
    explain(inquiry(), []),
    explain(inquiry({ dialled: '112', emergency: true }), []),
    explain(inquiry({ dialled: 'x' }), []),
    explain(inquiry({ at: Date.parse('2026-06-05T17:59:30Z') }), ...OF_TWO),
    explain(inquiry({ at: Date.parse('2026-06-05T05:59:30Z') }), ...OF_TWO),
  ];
  for (const { text, facts, kind } of asked.flatMap(({ steps }) => steps)) {
    const figures = text.match(/\d[\d.-]*\d|\d/g) ?? [];
    const told = Object.values(facts).join(' ');
    // The 60 of a minute is no fact, and the days of a prefix that does not count are told by the sentence alone.
    const isTold = (figure: string) => told.includes(figure) || (kind.startsWith('talk_price') && figure === '60');
    if (!kind.startsWith('prefix') && kind !== 'number_invalid')
      expect(figures.filter(figure => !isTold(figure))).toEqual([]);
    for (const fact of Object.values(facts)) {
      for (const part of String(fact).split(', '))
        expect(kind === 'increments' && fact === 0 ? '0' : text).toContain(part);
    }
  }
});

test("a line of a deck that the account's stands on is told with what is added to it; one of its own is not", () => {
  const of = (more: Partial<Rate>) =>
    explain(inquiry(), [rate('49', more)]).steps.filter(({ kind }) => kind === 'markup');
  expect(of({})).toEqual([]);
  expect(of({ deck: 'base', version: 9, markups: '12.50%+0.002' })).toEqual([
    {
      step: 'markup',
      kind: 'markup',
      text: 'the line is of base, version 9; 12.50%+0.002 is added to its amounts',
      facts: { deck: 'base', version: 9, markups: '12.50%+0.002' },
    },
  ]);
  expect(of({ deck: 'base', markups: '' })[0]?.text).toContain('nothing is added');
});
