import { readable } from '../../console/src/parts/amounts';
import { clockTime, duration } from '../../console/src/parts/times';

const NOW = new Date('2026-06-01T00:00:00Z');
const at = (instant: string, zone: string) => clockTime(instant, 'en-GB', zone, NOW);

test('a time of another year names it, by the year of the zone', () => {
  expect(at('2026-03-01T12:00:00Z', 'UTC')).toBe('01 Mar, 12:00:00');
  expect(at('2026-01-01T00:30:00Z', 'America/New_York')).toBe('31 Dec 2025, 19:30:00');
  expect(at('2025-12-31T23:30:00Z', 'Europe/Berlin')).toBe('01 Jan, 00:30:00');
});

test('in the hour that comes twice the time says which of both it is', () => {
  const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map(each => at(each, 'Europe/Berlin'));
  expect(first).not.toBe(second);
  expect([first, second].every(each => each?.includes('02:30:00'))).toBe(true);
  expect(at('2026-10-25T02:30:00Z', 'Europe/Berlin')).toBe('25 Oct, 03:30:00');
});

test.each([
  [0, '0:00'],
  [161, '2:41'],
  [3723, '1:02:03'],
  [-5, '0:00'],
])('%i s are %s', (seconds, read) => expect(duration(seconds)).toBe(read));

test.each([
  ['1234567.5', 'en', '1,234,567.50'],
  ['1234567.5', 'de', '1.234.567,50'],
  ['-0.000001', 'en', '−0.000001'],
  ['-0.00', 'en', '0.00'],
  ['12', 'de', '12,00'],
  ['no amount', 'en', 'no amount'],
])('%s in %s is %s', (amount, language, read) => expect(readable(amount, language)).toBe(read));
