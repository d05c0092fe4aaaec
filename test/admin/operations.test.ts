import { Value } from 'typebox/value';
import { version } from '../../package.json';
import { OPERATIONS } from '../../src/admin/operations';
import { isForPrograms, isOfCustomers, type Operation } from '../../src/operator/operation';
import { isSecret, withoutNone } from '../../src/operator/schema';
import { ringfence } from '../cli/cli-fixture';

/** The fields of the command line. */
const shownOf = (declared: Operation) =>
  Object.entries(declared.fields.properties).filter(([field]) => !isForPrograms(declared, field));

const each = OPERATIONS.map(declared => [declared.name, declared] as const);

test('--version prints the version of the package', async () => {
  expect(await ringfence('', ['--version'])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
});

test('no two operations have one name', () => {
  expect(new Set(OPERATIONS.map(({ name }) => name)).size).toBe(OPERATIONS.length);
});

describe.each(each)('%s', (name, declared) => {
  const { fields, arguments: places, help, example, roles, refusals } = declared;

  test('is a noun and a verb, and its example begins with them, if it has a command', () => {
    if (!['status', 'settings', 'report'].includes(name)) expect(name).toMatch(/^[a-z]+(-[a-z]+)* [a-z-]+$/);
    if (isOfCustomers(declared)) expect(example).toBe('');
    else expect(example.startsWith(name)).toBe(true);
    expect(help).toMatch(/^\S.{10,}[^.]$/);
    expect(roles.length).toBeGreaterThan(0);
    expect(new Set(refusals).size).toBe(refusals.length);
  });

  test('tells what each field means, with an example that the field takes', () => {
    for (const [field, schema] of Object.entries(fields.properties)) {
      const { description, examples } = schema as { description?: string; examples?: unknown[] };
      expect([field, description]).toEqual([field, expect.stringMatching(/^\S.{5,}[^.]$/)]);
      if ((withoutNone(schema).inner as { type?: string }).type === 'boolean') continue;
      // An answer gives it.
      if (field === 'cursor') continue;
      expect([field, examples?.map(value => Value.Check(schema, value))]).toEqual([field, [true]]);
    }
  });

  test('takes its places in order, and nothing that it does not declare', () => {
    for (const place of places) expect(Object.keys(fields.properties)).toContain(place);
    expect((fields as { additionalProperties?: boolean }).additionalProperties).toBe(false);
    // The program's own: it would print its version, or its help, instead.
    const options = Object.keys(fields.properties).filter(field => !places.includes(field));
    expect(options).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(version|help|json)$/)]));
  });
});

describe.each(each.filter(([, declared]) => !isOfCustomers(declared)))('%s', (name, declared) => {
  const { arguments: places, example } = declared;

  test('has help on the command line with each option and the example', async () => {
    const { exitCode, out } = await ringfence('', [...name.split(' '), '--help']);
    expect(exitCode).toBe(0);
    for (const [field] of shownOf(declared)) {
      expect(out).toContain(places.includes(field) ? field : `--${field.replaceAll('_', '-')}`);
    }
    expect(out).toContain(`ringfence ${example}`);
  });

  test('says of each option which values it takes: the range of a number, the words, or an example', async () => {
    const { out } = await ringfence('', [...name.split(' '), '--help']);
    const help = out.slice(0, out.indexOf('Example:')).replace(/\s+/g, ' ');
    for (const [field, schema] of shownOf(declared)) {
      const { inner } = withoutNone(schema);
      const { type, enum: words, minimum, maximum } = inner as Record<string, unknown> & { enum?: string[] };
      if (type === 'boolean' || places.includes(field) || isSecret(inner)) continue;
      const [, told = ''] =
        new RegExp(`--${field.replaceAll('_', '-')} <[^>]+> (.*?) (--[a-z-]+ |-h, )`).exec(help) ?? [];
      const values = type === 'integer' ? [minimum, maximum] : (words ?? []);
      for (const value of values) expect([field, told]).toEqual([field, expect.stringContaining(String(value))]);
      if (values.length > 0) continue;
      const given = String((schema as { examples?: unknown[] }).examples?.[0]);
      expect([field, told.includes(given) || told.includes('such as')]).toEqual([field, true]);
    }
  });
});
