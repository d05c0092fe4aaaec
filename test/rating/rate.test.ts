import { ZERO } from '../../src/money/micros';
import { dayIn, isTimeZone, knownZone, prefixesOf, type Rate, rateOn } from '../../src/rating/rate';

const rate = (
  prefix: string,
  validFrom: string | null = null,
  validUntil: string | null = null,
  isBlocked = false,
): Rate => ({
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix,
  destination: prefix,
  isBlocked,
  validFrom,
  validUntil,
  maxSeconds: null,
  pricePerMinute: ZERO,
  connectFee: ZERO,
  minimumCharge: ZERO,
  initialIncrementSeconds: 1,
  incrementSeconds: 1,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: [],
});

test.each([
  ['the longest prefix wins', [rate('49'), rate('4930'), rate('')], '2026-06-01', '4930'],
  ['a longer one that is not valid yet gives way', [rate('49'), rate('4930', '2026-07-01')], '2026-06-30', '49'],
  ['its first day counts', [rate('49'), rate('4930', '2026-07-01')], '2026-07-01', '4930'],
  ['its last day counts', [rate('49'), rate('4930', null, '2026-06-30')], '2026-06-30', '4930'],
  ['the day after does not', [rate('49'), rate('4930', null, '2026-06-30')], '2026-07-01', '49'],
  [
    'a longer one that is blocked does not give way',
    [rate('49'), rate('4930', null, null, true)],
    '2026-06-01',
    '4930',
  ],
  [
    'one that is blocked from tomorrow does not count',
    [rate('49'), rate('4930', '2026-07-01', null, true)],
    '2026-06-30',
    '49',
  ],
  ['none is valid', [rate('49', '2030-01-01')], '2026-06-01', undefined],
  ['there is none', [], '2026-06-01', undefined],
])('%s', (_, candidates, day, prefix) => {
  expect(rateOn(day, candidates)?.prefix).toBe(prefix);
});

test('the day of a call is that of the account, not of the server', () => {
  const halfPastTenInLondon = Date.parse('2026-06-30T22:30:00Z');
  expect(dayIn('UTC', halfPastTenInLondon)).toBe('2026-06-30');
  expect(dayIn('Europe/Berlin', halfPastTenInLondon)).toBe('2026-07-01');
  expect(dayIn('America/New_York', halfPastTenInLondon)).toBe('2026-06-30');
});

test('a zone that is none, or is no longer, counts as UTC', () => {
  const zones = ['Europe/Berlin', 'Mars/Olympus', '', 'Europe/Berlin', 'Mars/Olympus'];
  expect(zones.map(knownZone)).toEqual(['Europe/Berlin', 'UTC', 'UTC', 'Europe/Berlin', 'UTC']);
});

test('a zone is an IANA name', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Mars/Olympus')).toBe(false);
});

test('every prefix of a number is looked up, the longest first', () => {
  expect(prefixesOf('493')).toEqual(['493', '49', '4', '']);
});
