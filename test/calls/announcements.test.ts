import fc from 'fast-check';
import { balanceMedia, inLanguage, isWarnSound, timeMedia, warningMedia } from '../../src/calls/announcements';
import { type Micros, micros, parseAmount } from '../../src/money/micros';
import { warnSoundField } from '../../src/operator/fields';

/** Media as a reader says them: `sound:digits/minus number:3` is "minus 3". */
const spoken = (media: string[]): string =>
  media.map(uri => uri.replace(/^\w+:/, '').replace(/^(vm-|digits\/|letters\/)/, '')).join(' ');

test.each([
  [0, 'youhave 0 seconds', 'nothing left is said too'],
  [-3, 'youhave 0 seconds', 'over is over'],
  [1, 'youhave 1 second', 'one of them'],
  [0.9, 'youhave 0 seconds', 'never more than is granted'],
  [20, 'youhave 20 seconds', ''],
  [60, 'youhave 1 minute', 'no zero seconds'],
  [61.999, 'youhave 1 minute and 1 second', 'one of each'],
  [125, 'youhave 2 minutes and 5 seconds', ''],
  [3_599, 'youhave 59 minutes and 59 seconds', 'just below the hour'],
  [3_600, 'youhave 60 minutes', 'the hour'],
  [3_659, 'youhave 60 minutes', 'from an hour on seconds are left out, which rounds down'],
  [86_400, 'youhave 1440 minutes', 'the longest call'],
])('%s s is spoken "%s": %s', (seconds, words) => {
  expect(spoken(timeMedia(seconds))).toBe(words);
});

test.each([
  ['0', 'EUR', 'youhave 0 dot 00', 'nothing'],
  ['12.5', 'EUR', 'youhave 12 dot 50', 'no word for euros'],
  ['12.5', 'USD', 'youhave 12 dot 50 dollars', 'the one word there is'],
  ['12.05', 'CAD', 'youhave 12 dot 05 dollars', 'the zero is heard'],
  ['7', 'EUR', 'youhave 7 dot 00', 'an amount, not a count'],
  ['0.009999', 'EUR', 'youhave 0 dot 00', 'rounded down'],
  ['-0.000001', 'EUR', 'youhave minus 0 dot 01', 'rounded down below zero too'],
  ['-3.5', 'USD', 'youhave minus 3 dot 50 dollars', 'spent on credit'],
  ['999999999.99', 'EUR', 'youhave 999999999 dot 99', 'the largest number that Asterisk says'],
  ['1000000000', 'EUR', 'youhave 1000000000 dot 00', 'spelt digit by digit'],
])('a balance of %s %s is spoken "%s": %s', (balance, currency, words) => {
  expect(spoken(balanceMedia(parseAmount(balance), currency))).toBe(words);
});

test('a number that Asterisk does not say is spelt', () => {
  expect(balanceMedia(parseAmount('999999999'), 'EUR')[1]).toBe('number:999999999');
  expect(balanceMedia(parseAmount('1000000000'), 'EUR')[1]).toBe('digits:1000000000');
});

test('nobody ever hears of more time than there is, nor of a minute less', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), seconds => {
      const words = spoken(timeMedia(seconds));
      const count = (unit: RegExp): number => Number(unit.exec(words)?.[1] ?? 0);
      const heard = 60 * count(/(\d+) minute/) + count(/(\d+) second/);
      expect(heard).toBeLessThanOrEqual(seconds);
      expect(seconds - heard).toBeLessThan(seconds < 3_600 ? 1 : 60);
    }),
  );
});

test('nobody ever hears of more money than there is, nor of a hundredth less', () => {
  const largest = 10n ** 20n;
  fc.assert(
    fc.property(fc.bigInt({ min: -largest, max: largest }).map(micros), (balance: Micros) => {
      const [, minus = '', whole, hundredths] = /^youhave (minus )?(\d+) dot (\d\d)$/.exec(
        spoken(balanceMedia(balance, 'EUR')),
      ) as unknown as [string, string | undefined, string, string];
      const heard = (minus === '' ? 1n : -1n) * BigInt(whole + hundredths) * 10_000n;
      expect(heard <= balance && balance - heard < 10_000n).toBe(true);
    }),
  );
});

test.each([
  ['sound:ascending-2tone', 'sound:beep', ['sound:ascending-2tone'], "the account's own"],
  ['', 'sound:beep', ['sound:beep'], "the service's"],
  ['say', 'sound:beep', timeMedia(42), 'the account wants the time'],
  ['', 'say', timeMedia(42), 'the service does'],
  ['sound:beep', 'say', ['sound:beep'], 'the account wants a tone'],
  ['http://evil/', 'sound:beep', ['sound:beep'], 'what Asterisk would silently not play'],
  ['beep', 'sound:beep', ['sound:beep'], 'the same: no scheme'],
])('warned by "%s" of the account and "%s" of the service, 42 s before the cut: %j (%s)', (own, service, media) => {
  expect(warningMedia(own, service, 42)).toEqual(media);
});

test.each(['say', 'sound:beep', 'sound:custom/en_gone-1', `sound:${'x'.repeat(100)}`])(
  'an account that is set to %s is warned by it, not by the sound of the service',
  sound => {
    expect(isWarnSound(warnSoundField(sound))).toBe(true);
  },
);

test.each(['tone:busy', 'sound:a:b', `sound:${'x'.repeat(101)}`, 'beep', 'sound:', 'SAY'])(
  'an account cannot be set to %s, which would not be played',
  sound => {
    expect(isWarnSound(sound)).toBe(false);
    expect(() => warnSoundField(sound)).toThrow('is not a sound');
  },
);

test('every list begins with a sound, as one that begins with a number cannot be stopped', () => {
  for (const media of [timeMedia(30), timeMedia(90), balanceMedia(parseAmount('5'), 'EUR')]) {
    expect(media[0]).toMatch(/^sound:/);
  }
});

test.each([
  ['en', 'number:121'],
  ['en_GB', 'number:121'],
  ['en-us', 'number:121'],
  ['ru', 'digits:121'],
  ['pl', 'digits:121'],
  ['he', 'digits:121'],
  ['enx', 'digits:121'],
  ['', 'digits:121'],
])('121.15 on a channel of language %j is said with %s', (language, number) => {
  expect(inLanguage(balanceMedia(parseAmount('121.15'), 'EUR'), language)).toEqual([
    'sound:vm-youhave',
    number,
    'sound:letters/dot',
    'digits:15',
  ]);
});
