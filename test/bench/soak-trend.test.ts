import { type Allowance, trendOf } from '../../bench/soak-trend';

/** 18 windows, 3 of them to warm up. */
const windows = (value: (window: number) => number) => Array.from({ length: 18 }, (_, window) => value(window));
const MEMORY = { share: 0.03, more: 2 };
const NONE = { most: 0 };
const REFUSED = { share: 0, more: 5 };

test.each<[string, (window: number) => number, Allowance, boolean]>([
  ['memory that stays', () => 60, MEMORY, false],
  ['memory that wavers by a tenth', window => 60 + (window % 2) * 6, MEMORY, false],
  ['a first window in which code is compiled', window => (window === 0 ? 20 : 60), MEMORY, false],
  ['one window at the end that is high', window => (window === 17 ? 90 : 60), MEMORY, false],
  ['0.5 MB more with each window', window => 60 + window / 2, MEMORY, true],
  ['a tenth of that', window => 60 + window / 20, MEMORY, false],
  ['a handle more with each window', window => 20 + window, { share: 0, more: 3 }, true],
  ['no reservation that is left over', () => 0, NONE, false],
  ['reservations that are left over from window 1', window => (window >= 1 ? 50 : 0), NONE, true],
  ['a reservation that is left over in the last window', window => (window === 17 ? 1 : 0), NONE, true],
  ['the calls of a few accounts refused, later than others', window => window / 4, REFUSED, false],
  ['60 % of the calls refused in the last third', window => (window > 12 ? 60 : 1), REFUSED, true],
])('%s', (_, value, allowance, grew) => {
  expect(trendOf(windows(value), allowance).grew).toBe(grew);
});

test('what is compared are medians of thirds behind the warm-up', () => {
  expect(
    trendOf(
      windows(window => window),
      { share: 0.5, more: 1 },
    ),
  ).toEqual({ first: 5, last: 15, allowed: 8.5, grew: true });
});
