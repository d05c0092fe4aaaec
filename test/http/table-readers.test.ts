import { TableReaders } from '../../src/http/table-readers';

const reader = (number: number) => ({ name: `key:reader-${number}`, role: 'read' as const });
const admin = { name: 'operator:anna', role: 'admin' as const };

test('one client reads two tables, one role three, and all of them four', () => {
  const tables = new TableReaders();
  const ends = [tables.begin(reader(1)), tables.begin(reader(1))];
  expect(tables.fullFor(reader(1))).toMatch(/^you read 2: wait/);
  expect(tables.fullFor(reader(2))).toBeNull();
  tables.begin(reader(2));
  expect(tables.fullFor(reader(3))).toMatch(/^3 are being read: wait/);
  expect(tables.fullFor(admin)).toBeNull();
  tables.begin(admin);
  expect(tables.fullFor({ name: 'key:desk', role: 'support' })).toMatch(/^4 are being read: wait/);
  for (const end of ends) end();
  expect(tables.fullFor(reader(1))).toBeNull();
  expect(tables.fullFor(admin)).toBeNull();
});
