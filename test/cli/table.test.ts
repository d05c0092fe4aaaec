import { Settings } from 'luxon';
import { factText, recordText, tableText } from '../../src/cli/table';
import { printable } from '../../src/cli/terminal';
import { parseAmount } from '../../src/money/micros';
import { plainJson } from '../../src/operator/facts';

const NOON = new Date('2026-06-01T12:00:00.000Z');

describe('a table', () => {
  test('amounts stand with their points below each other, names on the left, numbers on the right', () => {
    const rows = [
      { account_code: 'alice', balance: parseAmount('1234.5'), calls: 2 },
      { account_code: 'bo', balance: parseAmount('-0.000042'), calls: 10 },
    ];
    expect(tableText(rows)).toBe(
      [
        'account code      balance  calls',
        'alice         1234.50          2',
        'bo              -0.000042     10',
        '',
      ].join('\n'),
    );
  });

  test('letters that take two places are counted as two', () => {
    const rows = [
      { name: '北京', next: 'x' },
      { name: 'Rome', next: 'x' },
    ];
    expect(tableText(rows)).toBe('name  next\n北京  x\nRome  x\n');
  });

  test('nothing is a dash, and no rows are no table', () => {
    expect(recordText({ expires_at: null, barred_prefixes: [], note: '' })).toBe(
      'expires at       -\nbarred prefixes  -\nnote             -\n',
    );
    expect(tableText([])).toBe('');
  });
});

describe('times', () => {
  afterEach(() => {
    Settings.defaultZone = 'system';
  });

  test.each([
    ['Asia/Tokyo', '2026-06-01 21:00:00 +09:00'],
    ['America/New_York', '2026-06-01 08:00:00 -04:00'],
    ['UTC', '2026-06-01 12:00:00 +00:00'],
  ])('noon in UTC is for a reader in %s %s, and the same for every machine', (zone, text) => {
    Settings.defaultZone = zone;
    expect(factText(NOON)).toBe(text);
    expect(JSON.parse(plainJson({ at: NOON }))).toEqual({ at: '2026-06-01T12:00:00.000Z' });
  });
});

test('JSON has amounts as decimal texts, also within lists', () => {
  const amount = parseAmount('0.000042');
  expect(JSON.parse(plainJson({ amount, list: [{ amount }], none: null, yes: true }))).toEqual({
    amount: '0.000042',
    list: [{ amount: '0.000042' }],
    none: null,
    yes: true,
  });
});

test.each([
  ['\u001b[31mred', '\\x1b[31mred'],
  ['\u009b31m', '\\x9b31m'],
  ['a\rb\tc\nd', 'a\\x0db\\x09c\\nd'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['\u2028', '\\u{2028}'],
  ['\ud800', '\\u{d800}'],
  ['Ünïcödé 北京 🙂', 'Ünïcödé 北京 🙂'],
])('%j is printed as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
