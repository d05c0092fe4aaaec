import { trendOf } from '../../bench/soak-trend';

/** 18 windows, 3 of them to warm up. */
const windows = (value: (window: number) => number) => Array.from({ length: 18 }, (_, window) => value(window));
const MEMORY = { share: 0.03, more: 2 };

test.each<[string, (window: number) => number, { share: number; more: number }, boolean]>([
  ['memory that stays', () => 60, MEMORY, false],
  ['memory that wavers by a tenth', window => 60 + (window % 2) * 6, MEMORY, false],
  ['a first window in which code is compiled', window => (window === 0 ? 20 : 60), MEMORY, false],
  ['one window at the end that is high', window => (window === 17 ? 90 : 60), MEMORY, false],
  ['0.5 MB more with each window', window => 60 + window / 2, MEMORY, true],
  ['a tenth of that', window => 60 + window / 20, MEMORY, false],
  ['a handle more with each window', window => 20 + window, { share: 0, more: 3 }, true],
  ['a reservation that is left over', window => (window > 10 ? 1 : 0), { share: 0, more: 0 }, true],
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
