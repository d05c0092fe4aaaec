import knex, { type Knex } from 'knex';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { asFault, DatabaseFault } from './fault';

/** A problem in the text of a database URL, said without showing its password. */
export class DatabaseUrlError extends Error {
  override name = 'DatabaseUrlError';
}

/**
 * What mysql2 is given for `mysql://user:password@host:port/schema` (or `?socketPath=/run/mysqld/mysqld.sock`).
 *
 * DECIMAL and BIGINT come back as strings: a float never touches money, and ids above 2^53 are kept. DATETIME is UTC.
 * @throws DatabaseUrlError when it is not such a URL.
 */
export function connectionOptions(url: string): ConnectionOptions & { database: string } {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new DatabaseUrlError('it is not a URL: write mysql://user:password@host:3306/schema');
  }
  if (!/^(mysql|mariadb):$/.test(parsed.protocol)) {
    throw new DatabaseUrlError(`it begins with ${parsed.protocol}// instead of mysql://`);
  }
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (!database) throw new DatabaseUrlError('it names no schema: end it with /ringfence, for example');
  const socketPath = parsed.searchParams.get('socketPath');
  return {
    ...(socketPath ? { socketPath } : { host: parsed.hostname, port: Number(parsed.port || 3306) }),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    decimalNumbers: false,
    // A hostile server could otherwise ask for our files.
    flags: ['-LOCAL_FILES'],
    connectTimeout: 5_000,
    enableKeepAlive: true,
  };
}

/**
 * READ COMMITTED: what decides money is read under a row lock, so a snapshot would only add gap locks and stale reads.
 * A lock is waited for one second, the shortest there is: longer than any batch takes.
 */
const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = 1`,
];

/** A plain connection, for the two hot transactions: knex costs 2.6 times the CPU a statement. @throws DatabaseFault */
export async function openConnection(url: string): Promise<Connection> {
  let connection: Connection | null = null;
  try {
    connection = await createConnection(connectionOptions(url));
    // Without a listener a broken idle connection would end the process.
    connection.on('error', () => undefined);
    for (const statement of SESSION) await connection.query(statement);
    return connection;
  } catch (error) {
    connection?.destroy();
    throw asFault(error);
  }
}

/** A pool for everything that is not hot. Close it with `destroy()`. */
export function openDatabase(url: string, options: { most?: number } = {}): Knex {
  return knex({
    client: 'mysql2',
    // knex's own type of the same options differs in one callback that we do not set.
    connection: connectionOptions(url) as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max: options.most ?? 4,
      afterCreate: (
        connection: { query(sql: string, done: (error: Error | null) => void): void },
        done: (error: Error | null, connection: unknown) => void,
      ) => {
        const next = (index: number) => {
          const statement = SESSION[index];
          if (!statement) return done(null, connection);
          connection.query(statement, error => (error ? done(error, connection) : next(index + 1)));
        };
        next(0);
      },
    },
    acquireConnectionTimeout: 5_000,
    // knex would print on stdout, among our JSON lines, what it also throws.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
}

/** Runs a use-case in one transaction, and again from its first read when the database asks for that. */
export async function inTransaction<Result>(
  database: Knex,
  useCase: (transaction: Knex.Transaction) => Promise<Result>,
): Promise<Result> {
  const MOST_TRIES = 5;
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction(useCase);
    } catch (error) {
      const fault = asFault(error);
      if (!(fault instanceof DatabaseFault) || fault.kind !== 'again' || attempt === MOST_TRIES) throw fault;
      await new Promise(resolve => setTimeout(resolve, attempt * 10 * (1 + Math.random())));
    }
  }
}
