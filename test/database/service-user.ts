import { type DatabaseUrls, grantStatements, urlsOf } from '../../lab/servers/grants';
import type { TestDatabase } from './test-database';

/** The URLs of a schema for the users of sql/grants.sql, who may do there what that file says. Assumes that its tables are there. */
export async function usersOf({ url, database }: Pick<TestDatabase, 'url' | 'database'>): Promise<DatabaseUrls> {
  const schema = new URL(url).pathname.slice(1);
  for (const part of ['Users', 'Service', 'Asterisk'] as const) {
    for (const statement of grantStatements(schema, part)) await database.raw(statement);
  }
  return urlsOf(url);
}
