import { dialWarning, limitOption, NO_TALK } from '../../src/calls/dial-limit';
import type { Terms } from '../../src/credit/rules/account';

const terms = (warnSeconds: number[], warnRepeatSeconds = 0, warnSound = ''): Terms =>
  ({ warnSeconds, warnRepeatSeconds, warnSound }) as Terms;

test.each([
  ['as accounts have it', [60, 20], 0, 600, 'L(600050:60000:40000)'],
  ['one', [30], 0, 600, 'L(600050:30000)'],
  ['none', [], 0, 600, 'L(600050)'],
  ['repeated until the cut', [60], 20, 600, 'L(600050:60000:20000)'],
  ['three at even intervals that reach the cut', [30, 20, 10], 0, 600, 'L(600050:30000:10000)'],
  ['two that Asterisk would go on with', [60, 50], 0, 600, 'L(600050:60000)'],
  ['three at uneven ones', [60, 30, 20], 0, 600, 'L(600050:60000)'],
  ['the first is longer than the call', [60, 20], 0, 45, 'L(45050:20000)'],
  ['all are', [60, 20], 0, 15, 'L(15050)'],
  ['one at the very beginning is none', [60], 0, 60, 'L(60050)'],
])('%s: %j, every %d s, of a call of %d s is %s', (_, warnSeconds, repeat, granted, option) => {
  expect(limitOption(granted, dialWarning(terms(warnSeconds, repeat), granted, 'sound:beep'))).toBe(option);
});

test.each([
  ['', 'sound:beep', 'beep'],
  ['', 'say', 'timeleft'],
  ['say', 'sound:beep', 'timeleft'],
  ['sound:custom/tick', 'say', 'custom/tick'],
])('the account plays %j, the service %j: %s', (own, fallback, sound) => {
  expect(dialWarning(terms([30], 0, own), 600, fallback)?.sound).toBe(sound);
});

test('who dials without a grant talks for a millisecond', () => {
  expect(NO_TALK).toBe('L(1)');
});
