import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { projectFolder } from '../parts';

/** The parts of sql/grants.sql: `Users` before there are tables, `Service` after each migration, `Asterisk` if it writes into them. */
const PARTS = ['Users', 'Service', 'Asterisk'] as const;
export type GrantsPart = (typeof PARTS)[number];

/** The users that it makes, by their tasks. */
const USERS = { migrate: 'ringfence_migrate', service: 'ringfence', asterisk: 'asterisk' } as const;

/** For every user of the lab and the tests, on loopback. */
const PASSWORD = 'fence-lab';

/** A schema's URL for each of the users. */
export type DatabaseUrls = Record<keyof typeof USERS, string>;

/** `rootUrl`: the same schema's for its administrator. */
export function urlsOf(rootUrl: string): DatabaseUrls {
  const urlOf = (username: string): string =>
    Object.assign(new URL(rootUrl), { username, password: PASSWORD }).toString();
  return { migrate: urlOf(USERS.migrate), service: urlOf(USERS.service), asterisk: urlOf(USERS.asterisk) };
}

/** Runs a part of sql/grants.sql as the server's administrator, by the URL `rootUrl`. */
export async function grant(rootUrl: string, schema: string, part: GrantsPart): Promise<void> {
  const connection = await createConnection(rootUrl);
  try {
    for (const statement of grantStatements(schema, part)) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** The statements of a part of sql/grants.sql, as an operator runs them: with the operator's own schema name and passwords. */
export function grantStatements(schema: string, part: GrantsPart): string[] {
  const file = readFileSync(join(projectFolder, 'sql', 'grants.sql'), 'utf8');
  const [, ...texts] = file.split(/^-- (?:Users|Service|Asterisk)$/m);
  const text = texts[PARTS.indexOf(part)];
  if (!text) throw new Error(`sql/grants.sql has no part "${part}"`);
  return text
    .replace(/^--.*$/gm, '')
    .replaceAll('ringfence.', `${schema}.`)
    .replace(/'change-me-\d'/g, `'${PASSWORD}'`)
    .split(';')
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}
