import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { projectRoot } from '../project-root';
import { asFault, isFault } from './fault';
import { SchemaError } from './migrate';

const KINDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
type Privilege = (typeof KINDS)[number];

/** What the service needs on one table. */
export interface Need {
  table: string;
  privileges: Privilege[];
}

/** As `sql/grants.sql` gives it in its part "Service". */
export function servicesNeeds(file = join(projectRoot, 'sql', 'grants.sql')): Need[] {
  const [, service = ''] = readFileSync(file, 'utf8').split(/^-- (?:Service|Asterisk)$/m);
  return [...service.matchAll(/^GRANT ([A-Z, ]+) ON ringfence\.(\w+) TO /gm)].map(
    ([, privileges = '', table = '']) => ({
      table,
      privileges: KINDS.filter(kind => privileges.split(', ').includes(kind)),
    }),
  );
}

/** With more than so many the whole part is to be run again, instead of a line for each. */
const MOST_NAMED = 3;

/**
 * Resolves when this connection's user may do to each table what the service does: better refused at the start than at the first call.
 *
 * The server is asked by EXPLAIN, which needs what the statement needs and changes nothing: grants may come by roles, by the schema or by the
 * server, and each engine shows them otherwise. @throws SchemaError with the GRANT to run, or the table that is missing; DatabaseFault.
 */
export async function checkPrivileges(database: Knex, needs = servicesNeeds()): Promise<void> {
  const lacking = (await Promise.all(needs.map(need => lackingOf(database, need)))).filter(
    ({ privileges }) => privileges.length > 0,
  );
  if (lacking.length === 0) return;
  const [[who]] = await database.raw('SELECT CURRENT_USER() AS user, DATABASE() AS name');
  const [name, host] = (who.user as string).split(/@(?=[^@]*$)/);
  const grants = lacking.map(
    ({ table, privileges }) => `GRANT ${privileges.join(', ')} ON \`${who.name}\`.${table} TO '${name}'@'${host}'`,
  );
  const todo =
    grants.length > MOST_NAMED
      ? 'run the part "Service" of sql/grants.sql again'
      : `run as the server's administrator: ${grants.join('; ')}`;
  throw new SchemaError(`the database user '${name}'@'${host}' may not do all that Ringfence does: ${todo}`);
}

/** What of a need the user lacks. */
async function lackingOf(database: Knex, { table, privileges }: Need): Promise<Need> {
  const answers = await Promise.all(
    privileges.map(async privilege => ((await isAllowed(database, table, privilege)) ? [] : [privilege])),
  );
  return { table, privileges: answers.flat() };
}

const ACCESS_DENIED = new Set(['ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR']);

async function isAllowed(database: Knex, table: string, privilege: Privilege): Promise<boolean> {
  try {
    await database.raw(await statementOf(database, table, privilege));
    return true;
  } catch (error) {
    const fault = asFault(error);
    if (!isFault(fault, 'refused')) throw fault;
    if (fault.code === 'ER_NO_SUCH_TABLE') {
      throw new SchemaError(`the table ${table} is missing, as after a dump that was not restored whole: restore it`);
    }
    // Anything else is a matter of the statement, which the user was let as far as.
    return !ACCESS_DENIED.has(fault.code);
  }
}

async function statementOf(database: Knex, table: string, privilege: Privilege): Promise<string> {
  switch (privilege) {
    case 'SELECT':
      return `EXPLAIN SELECT * FROM ${table}`;
    case 'INSERT':
      return `EXPLAIN INSERT INTO ${table} () VALUES ()`;
    case 'DELETE':
      return `EXPLAIN DELETE FROM ${table} WHERE FALSE`;
    case 'UPDATE': {
      const [columns] = await database.raw(
        'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? LIMIT 1',
        [table],
      );
      const [{ name } = { name: 'unknown' }] = columns;
      // Not to its own value, which would have to be read.
      return `EXPLAIN UPDATE ${table} SET ${name} = DEFAULT WHERE FALSE`;
    }
  }
}
