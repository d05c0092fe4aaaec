import { OPERATIONS } from '../../src/admin/operations';
import { methodOf, PATHS, pathFields } from '../../src/http/api-paths';

/** What needs a file. */
const NOT_YET = ['deck import'];

test('every operation has a path', () => {
  const names = OPERATIONS.map(({ name }) => name).filter(name => !NOT_YET.includes(name));
  expect(Object.keys(PATHS).sort()).toEqual(names.sort());
});

test('each path is one alone for its method, and has fields that its operation knows', () => {
  const shapes = OPERATIONS.filter(({ name }) => name in PATHS).map(
    declared => `${methodOf(declared)} ${PATHS[declared.name]?.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  expect(new Set(shapes).size).toBe(shapes.length);
  for (const { name, fields } of OPERATIONS) {
    for (const field of pathFields(PATHS[name] ?? ''))
      expect([name, Object.keys(fields.properties)]).toEqual([name, expect.arrayContaining([field])]);
  }
});

test('what a reader does not look at is named', () => {
  const looking = OPERATIONS.filter(
    ({ changes, roles }) => changes === undefined && !roles.includes('read') && !roles.includes('customer'),
  );
  expect(looking.map(({ name }) => name).sort()).toEqual([
    'audit list',
    'key list',
    'operator list',
    'operator show',
    'pin-key list',
    'session list',
    'settings',
    'webhook list',
  ]);
});

test('what changes something is for no role that only looks', () => {
  for (const { name, changes, roles } of OPERATIONS)
    if (changes) {
      for (const looking of ['read', 'customer'])
        expect([name, roles]).toEqual([name, expect.not.arrayContaining([looking])]);
    }
});

test('what customers do is done by no operator, and names no account', () => {
  const own = OPERATIONS.filter(({ roles }) => roles.includes('customer'));
  expect(own.map(({ name, roles }) => [name, roles])).toEqual(own.map(({ name }) => [name, ['customer']]));
  expect(own.length).toBeGreaterThan(5);
  for (const { name, fields } of own) {
    const named = Object.keys(fields.properties).filter(field => /account|customer|serial/.test(field));
    expect([name, named]).toEqual([name, []]);
    expect(PATHS[name]).toMatch(/^\/own\//);
  }
});
