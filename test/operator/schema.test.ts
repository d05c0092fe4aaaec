/** Fields of operations that hold a secret, and long operations. */
import { OPERATIONS } from '../../src/admin/operations';
import { check, isSecret, withoutNone } from '../../src/operator/schema';
import { ringfence } from '../cli/cli-fixture';

const secrets = OPERATIONS.flatMap(declared =>
  Object.entries(declared.fields.properties)
    .filter(([, field]) => isSecret(withoutNone(field).inner))
    .map(([name]) => [declared.name, name, declared] as const),
);

test('what only its holder may know is marked so', () => {
  expect(secrets.map(([operation, field]) => `${operation}: ${field}`)).toEqual([
    'voucher redeem: code',
    'webhook add: secret',
  ]);
  const named = OPERATIONS.flatMap(({ name, fields }) =>
    Object.keys(fields.properties)
      .filter(field => /^(code|pin|secret|password|key)$/.test(field))
      .map(field => `${name}: ${field}`),
  );
  expect(named).toEqual(secrets.map(([operation, field]) => `${operation}: ${field}`));
});

test.each(secrets)('%s: %s is read from a file, and no refusal shows it', async (operation, field, { fields }) => {
  const { out } = await ringfence('', [...operation.split(' '), '--help']);
  expect(out).toContain(`--${field}-file <path>`);
  expect(out).not.toMatch(new RegExp(`--${field}[ <]`));
  for (const wrong of [{ [field]: 'hunter2' }, { [field]: ['hunter2'] }, { [field]: { it: 'hunter2' } }]) {
    let told = '';
    try {
      check(fields, wrong);
    } catch (error) {
      told = [(error as { detail: string }).detail, ...(error as { more: string[] }).more].join('\n');
    }
    expect(told).toContain('is missing: give it');
    expect(told).not.toContain('hunter2');
  }
});

test.each([
  ['u:hunter2@', 'holds a user or password'],
  ['', 'has 2020 characters: use at most 500'],
])('a URL of 2,000 characters, with %j in front of its host, is told without a password', (user, told) => {
  const { fields } = OPERATIONS.find(({ name }) => name === 'webhook add') as (typeof OPERATIONS)[0];
  const url = `https://${user}crm.example/${'x'.repeat(2_000)}`;
  expect(() => check(fields, { webhook: 'crm', url })).toThrow(told);
  expect(() => check(fields, { webhook: 'crm', url })).not.toThrow('hunter2');
});

const TIME = 'is not a time';
const DAY = 'is on a day that does not exist: write one such as 2026-12-31T18:00:00Z';

test.each<[why: string, text: unknown, problem: string | null]>([
  ['a time in UTC', '2026-12-31T18:00:00Z', null],
  ['without seconds', '2026-12-31T18:00Z', TIME],
  ['with milliseconds and an offset', '2026-12-31T18:00:00.250+05:30', null],
  ['the 29th of February of a leap year', '2028-02-29T00:00:00Z', null],
  ['the first and the last that DATETIME holds', '1000-01-01T00:00:00Z', null],
  ['the last', '9999-12-31T23:59:59.999Z', null],
  ['the 30th of February, which Date takes for the 2nd of March', '2026-02-30T00:00:00Z', DAY],
  ['the 29th of another year', '2026-02-29T00:00:00Z', DAY],
  ['the 31st of a month of 30 days', '2026-11-31T12:00:00+01:00', DAY],
  ['the 13th month', '2026-13-01T00:00:00Z', DAY],
  ['the year 200,000', '+200000-01-01T00:00:00Z', TIME],
  ['a year before those that DATETIME holds', '0999-12-31T23:59:59Z', 'is not a time between the years 1000 and 9999'],
  ['a year behind them in UTC', '9999-12-31T23:59:59-01:00', 'is not a time between the years 1000 and 9999'],
  ['24 o’clock, which Date takes for the next day', '2026-12-31T24:00:00Z', TIME],
  ['a leap second', '2026-12-31T23:59:60Z', TIME],
  ['an offset of 99 hours', '2026-12-31T18:00:00+99:00', TIME],
  ['without an offset', '2026-12-31T18:00:00', TIME],
  ['a day', '2026-12-31', TIME],
  ['what Date reads besides', 'Dec 31, 2026 18:00:00 Z', TIME],
  ['spaces around it', ' 2026-12-31T18:00:00Z', TIME],
  ['a number', 1_798_740_000_000, TIME],
])('%s, %j', (_why, from, problem) => {
  const { fields } = OPERATIONS.find(({ name }) => name === 'call list') as (typeof OPERATIONS)[0];
  const checked = () => check(fields, { from });
  if (problem === null) expect(checked).not.toThrow();
  else expect(checked).toThrow(`from ${JSON.stringify(from)} ${problem}`);
});
