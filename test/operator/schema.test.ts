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
