import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { projectRoot } from '../config/project-root';
import { asFault, isFault } from './fault';
import { SchemaError } from './migrate';

const KINDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
type Privilege = (typeof KINDS)[number];

/** What the service needs on one table. */
export interface Need {
  table: string;
  privileges: Privilege[];
}

/**
 * The rights that the part "Service" of `sql/grants.sql` gives, whatever the name of the schema there.
 * @throws SchemaError if it gives none.
 */
export function servicesNeeds(file = join(projectRoot, 'sql', 'grants.sql')): Need[] {
  const [, service = ''] = readFileSync(file, 'utf8').split(/^-- (?:Service|Asterisk)$/m);
  const needs = [...service.matchAll(/^GRANT ([A-Z, ]+) ON \S+\.`?(\w+)`? TO /gm)].map(
    ([, privileges = '', table = '']) => ({
      table,
      privileges: KINDS.filter(kind => privileges.split(', ').includes(kind)),
    }),
  );
  if (needs.length === 0) throw new SchemaError(`${file} has no GRANT in its part "Service": restore the file`);
  return needs;
}

/** Without its rights on these tables the service can serve no call. A command line with a user of its own may do the work on other tables. */
const SERVES_BY: ReadonlySet<string> = new Set([
  'astaccount',
  'astaudit',
  'astauditchain',
  'astauditpending',
  'astcdr',
  'astcreditres',
  'astledger',
  'astlease',
  'astfence',
  'astnode',
  'astoutbox',
]);

/** With more than this many the message names the whole part to run, instead of a line for each. */
const MOST_NAMED = 3;

/**
 * Resolves if this connection's user has the rights that serving calls needs: a refusal at the start is better than one at the first call.
 * Resolves with null, or with a sentence about the rights that are missing otherwise.
 *
 * Asks the server by EXPLAIN, which needs the rights of the statement and changes nothing: grants may come by roles, by the schema or by
 * the server, and each engine shows them differently.
 * @throws SchemaError with the GRANT to run, or the missing table; DatabaseFault.
 */
export async function checkPrivileges(database: Knex, needs = servicesNeeds()): Promise<string | null> {
  // One connection, and one question after the other: a slow database must not get all of them at once.
  return database.transaction(async connection => {
    const columns = await columnsOf(connection);
    const lacking: Need[] = [];
    for (const { table, privileges } of needs) {
      const denied: Privilege[] = [];
      for (const privilege of privileges) {
        if (!(await isAllowed(connection, table, statementOf(table, privilege, columns)))) denied.push(privilege);
      }
      if (denied.length > 0) lacking.push({ table, privileges: denied });
    }
    if (lacking.length === 0) return null;
    const text = await sentenceOf(connection, lacking);
    if (lacking.some(({ table }) => SERVES_BY.has(table))) throw new SchemaError(text);
    return text;
  });
}

async function sentenceOf(database: Knex, lacking: readonly Need[]): Promise<string> {
  const [[who]] = await database.raw('SELECT CURRENT_USER() AS user, DATABASE() AS name');
  const [name, host] = (who.user as string).split(/@(?=[^@]*$)/);
  const grants = lacking.map(
    ({ table, privileges }) => `GRANT ${privileges.join(', ')} ON \`${who.name}\`.${table} TO '${name}'@'${host}'`,
  );
  const todo =
    grants.length > MOST_NAMED
      ? 'run the part "Service" of sql/grants.sql again'
      : `run as the server's administrator: ${grants.join('; ')}`;
  return `the database user '${name}'@'${host}' may not do all that Ringfence does: ${todo}`;
}

/** A column of each table that the user can see. */
async function columnsOf(database: Knex): Promise<Map<string, string>> {
  const [rows] = await database.raw(
    'SELECT TABLE_NAME AS name, MIN(COLUMN_NAME) AS first FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() GROUP BY TABLE_NAME',
  );
  return new Map(rows.map((row: { name: string; first: string }) => [row.name, row.first]));
}

const ACCESS_DENIED = new Set(['ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR']);

async function isAllowed(database: Knex, table: string, statement: string): Promise<boolean> {
  try {
    await database.raw(statement);
    return true;
  } catch (error) {
    const fault = asFault(error);
    if (!isFault(fault, 'refused')) throw fault;
    if (fault.code === 'ER_NO_SUCH_TABLE') {
      throw new SchemaError(`the table ${table} is missing, as after a dump that was not restored whole: restore it`);
    }
    // Anything else is an error of the statement, to which the user had the right.
    return !ACCESS_DENIED.has(fault.code);
  }
}

function statementOf(table: string, privilege: Privilege, columns: ReadonlyMap<string, string>): string {
  switch (privilege) {
    case 'SELECT':
      return `EXPLAIN SELECT * FROM ${table}`;
    case 'INSERT':
      return `EXPLAIN INSERT INTO ${table} () VALUES ()`;
    case 'DELETE':
      return `EXPLAIN DELETE FROM ${table} WHERE FALSE`;
    case 'UPDATE':
      // Not to its own value, for which the server would have to read it.
      return `EXPLAIN UPDATE ${table} SET ${columns.get(table) ?? 'unknown'} = DEFAULT WHERE FALSE`;
  }
}
