/** Copies of one migrated schema: its migrations took two seconds, and hundreds of tests need a schema of their own. */
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { openDatabase } from '../../src/database/connection';
import { migrate } from '../../src/database/migrate';

const TEMPLATE = 'rf_template';

/** Makes the schema that is copied, on a server of the tests. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  const administrator = await createConnection({ uri: serverUrl });
  await administrator.query(`CREATE DATABASE ${TEMPLATE}`);
  await administrator.end();
  const url = new URL(serverUrl);
  url.pathname = `/${TEMPLATE}`;
  const database = openDatabase(url.toString());
  try {
    await migrate(database);
  } finally {
    await database.destroy();
  }
}

/** Fills an empty schema with what the template has, as the server itself describes it. The books get a name of their own. */
export async function copyTemplate(serverUrl: string, schema: string): Promise<void> {
  const connection = await createConnection({ uri: serverUrl, multipleStatements: true, database: schema });
  try {
    await connection.query((await copyOf(connection, serverUrl)).join(';\n'));
  } finally {
    await connection.end();
  }
}

const copies = new Map<string, Promise<string[]>>();

const copyOf = (connection: Connection, serverUrl: string): Promise<string[]> => {
  const known = copies.get(serverUrl) ?? statements(connection);
  copies.set(serverUrl, known);
  return known;
};

async function statements(connection: Connection): Promise<string[]> {
  const rows = async (sql: string) => (await connection.query<RowDataPacket[]>(sql))[0].map(row => Object.values(row));
  const named = await rows(`SHOW FULL TABLES FROM ${TEMPLATE}`);
  const others = [
    ...named.filter(([, kind]) => kind !== 'BASE TABLE'),
    ...(await rows(`SHOW TRIGGERS FROM ${TEMPLATE}`)),
  ];
  if (others.length > 0)
    throw new Error(`only tables are copied, and the schema has ${others[0]?.[0]}: copy it as well`);
  const made: string[] = [];
  const filled: string[] = [];
  for (const [table] of named) {
    const [[, sql] = []] = await rows(`SHOW CREATE TABLE ${TEMPLATE}.${table}`);
    made.push(sql as string);
    const [[count] = []] = await rows(`SELECT COUNT(*) FROM ${TEMPLATE}.${table}`);
    if (Number(count) > 0) filled.push(`INSERT INTO ${table} SELECT * FROM ${TEMPLATE}.${table}`);
  }
  return ['SET SESSION foreign_key_checks = 0', ...made, ...filled, 'UPDATE astbooks SET books_id = UUID()'];
}
