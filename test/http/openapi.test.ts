import { OPERATIONS } from '../../src/admin/operations';
import { PATHS, pathFields } from '../../src/http/api-paths';

const reading = OPERATIONS.filter(({ roles }) => roles.includes('read')).map(({ name }) => name);
/** What only an administrator may look at. */
const OF_ADMINS = ['key list', 'audit list', 'webhook list'];

test('everything that only looks has a path, and nothing else has', () => {
  expect(Object.keys(PATHS).sort()).toEqual([...reading, ...OF_ADMINS].sort());
});

test('each path is one alone, and has fields that its operation knows', () => {
  const shapes = Object.values(PATHS).map(path => path.replaceAll(/\{\w+\}/g, '{}'));
  expect(new Set(shapes).size).toBe(shapes.length);
  for (const { name, fields } of OPERATIONS) {
    for (const field of pathFields(PATHS[name] ?? ''))
      expect([name, Object.keys(fields.properties)]).toEqual([name, expect.arrayContaining([field])]);
  }
});
