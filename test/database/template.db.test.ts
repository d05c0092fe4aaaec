import { migrate } from '../../src/database/migrate';
import { createEmptyDatabase, createTestDatabase, engines, type TestDatabase } from './test-database';

/** What the server says of each table, and how many rows it has. */
async function described({ database }: TestDatabase): Promise<unknown[]> {
  const [named] = await database.raw('SHOW TABLES');
  const found = [];
  for (const row of named) {
    const [name] = Object.values(row) as [string];
    const [[created]] = await database.raw(`SHOW CREATE TABLE ${name}`);
    const [{ count }] = (await database(name).count({ count: '*' })) as unknown as [{ count: unknown }];
    // MySQL names the character set of a column only if a statement did.
    const text = String(Object.values(created)[1]).replaceAll(' CHARACTER SET utf8mb4', '');
    found.push({ name, text, count: String(count) });
  }
  return found;
}

describe.each(engines)('a schema of the tests on %s', engine => {
  test('is what the migrations make, and its books have a name of their own', async () => {
    const [copy, other, migrated] = await Promise.all([
      createTestDatabase(engine),
      createTestDatabase(engine),
      createEmptyDatabase(engine),
    ]);
    try {
      await migrate(migrated.database);
      expect(await described(copy)).toEqual(await described(migrated));
      expect(await migrate(copy.database)).toEqual([]);
      const [one, two] = await Promise.all([copy, other].map(({ database }) => database('astbooks').first()));
      expect(one.books_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(one.books_id).not.toBe(two.books_id);
    } finally {
      await Promise.all([copy, other, migrated].map(test => test.drop()));
    }
  });
});
