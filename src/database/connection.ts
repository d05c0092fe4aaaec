import type { Duplex } from 'node:stream';
import knex, { type Knex } from 'knex';
import MySql2Client from 'knex/lib/dialects/mysql2';
import type { Connection as CallbackConnection } from 'mysql2';
import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type DatabaseAddress, DatabaseFileError, type DatabaseTls, parseDatabaseUrl, placesOf } from './database-url';
import { withDeadline } from './deadline';
import { asFault, DatabaseFault, isFault, orFault } from './fault';
import { sendOneByOne } from './packet';

/**
 * The options of mysql2 for one host of an address, or for its socket.
 *
 * DECIMAL and BIGINT come back as strings: a float never touches money, and ids above 2^53 stay exact. DATETIME is UTC.
 */
function optionsFor(address: DatabaseAddress, place: Place): ConnectionOptions {
  const { user, password, database, tls } = address;
  return {
    ...(typeof place === 'string' ? { socketPath: place } : place),
    user,
    password,
    database,
    ...(tls && { ssl: sslOf(tls) }),
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    decimalNumbers: false,
    // mysql2 would capture a stack for each statement, 2.8 % of the service's processor time; a fault names its statement instead.
    trace: false,
    // Otherwise a hostile server could ask for our files.
    flags: ['-LOCAL_FILES'],
    connectTimeout: deadlineMs(address),
    enableKeepAlive: true,
  };
}

const sslOf = ({ mode, ca, certificate }: DatabaseTls): NonNullable<ConnectionOptions['ssl']> => ({
  ...(ca && { ca }),
  ...certificate,
  minVersion: 'TLSv1.2',
  rejectUnauthorized: mode !== 'REQUIRED',
  verifyIdentity: mode === 'VERIFY_IDENTITY',
});

export interface ConnectionKind {
  /** It accepts several statements at once, as `inOnePacket` sends them. */
  takesPackets?: boolean;
}

/** A host, or the path of a socket. */
type Place = DatabaseAddress['hosts'][number] | string;

/** How long one host may take. With several hosts it is better to try the next one early: a batch as a whole has 5 s. */
const deadlineMs = ({ hosts }: DatabaseAddress): number => (hosts.length > 1 ? 1_000 : 5_000);

/**
 * READ COMMITTED: what decides about money is read under a row lock, so a snapshot would only add gap locks and stale reads. A statement
 * waits one second for a lock, the shortest wait there is: longer than any batch takes.
 */
const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = 1`,
];

/**
 * For a Galera node: before its first statement a transaction waits until this node has applied what any other has committed. Otherwise,
 * after a fail-over, it would not find the call that the dead writer had committed a moment ago. 7 covers every kind of first statement:
 * SELECT 1, UPDATE and DELETE 2, INSERT 4. Source: MariaDB's manual, wsrep_sync_wait.
 */
const GALERA_SESSION = 'SET SESSION wsrep_sync_wait = 7';

/**
 * A plain connection to the first writable host, for the two hot transactions: knex costs 2.6 times the CPU a statement.
 *
 * With several hosts it skips a host that refuses, does not answer within a second, is read-only, or is a Galera node outside of its
 * cluster. A single host is used as it is: a replica that is named alone is meant for reading.
 * @throws DatabaseFault; `away` with every host and its reason, if none can be used. DatabaseUrlError.
 */
export async function openConnection(url: string, options: ConnectionKind = {}): Promise<Connection> {
  const address = addressOf(url);
  const places: Place[] = address.socketPath === null ? address.hosts : [address.socketPath];
  const failures: string[] = [];
  for (const place of places) {
    try {
      return await connectTo(address, place, options);
    } catch (error) {
      const fault = asFault(error);
      // A wrong password is wrong everywhere, and the operator must learn of it.
      if (places.length === 1 || !isFault(fault, 'away')) throw fault;
      failures.push(`${placesOf({ ...address, hosts: [place as Exclude<Place, string>] })} ${fault.code}`);
    }
  }
  throw new DatabaseFault('away', 'NO_HOST', failures.join(', '));
}

/** A certificate that is being renewed may be missing for a moment: treated like a database that is away. */
function addressOf(url: string): DatabaseAddress {
  try {
    return parseDatabaseUrl(url);
  } catch (error) {
    if (error instanceof DatabaseFileError)
      throw new DatabaseFault('away', 'TLS_FILE', error.message, { cause: error });
    throw error;
  }
}

async function connectTo(
  address: DatabaseAddress,
  place: Place,
  { takesPackets = false }: ConnectionKind,
): Promise<Connection> {
  const connection = await createConnection({ ...optionsFor(address, place), multipleStatements: takesPackets });
  // Without a listener a broken idle connection would end the process.
  connection.on('error', () => undefined);
  const late = () => new DatabaseFault('away', 'ETIMEDOUT', 'no answer');
  try {
    // mysql2's own deadline ends with the handshake; a host may stop answering after it.
    await withDeadline(prepare(connection, address.hosts.length > 1), deadlineMs(address), late);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function prepare(connection: Connection, severalHosts: boolean): Promise<void> {
  await refuseUnlessWriter(connection, severalHosts);
  for (const statement of SESSION) await connection.query(statement);
}

/** SHOW is answered also by a Galera node that refuses every query; a server that is no Galera node has no such rows. */
async function refuseUnlessWriter(connection: Connection, severalHosts: boolean): Promise<void> {
  const [variables] = await connection.query<RowDataPacket[]>(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'wsrep_on')",
  );
  const isOn = (name: string) => !['OFF', '0', undefined].includes(settingOf(variables, name));
  if (severalHosts && (isOn('read_only') || isOn('super_read_only'))) {
    throw new DatabaseFault('away', 'READ_ONLY', 'the server is read-only');
  }
  if (!isOn('wsrep_on')) return;
  const [status] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'wsrep_ready'");
  if (settingOf(status, 'wsrep_ready') !== 'ON') {
    throw new DatabaseFault('away', 'WSREP_NOT_READY', 'the node is not part of its cluster');
  }
  await connection.query(GALERA_SESSION);
  sendOneByOne(connection);
}

const settingOf = (rows: RowDataPacket[], name: string): string | undefined =>
  rows.find(row => row.Variable_name === name)?.Value;

/** A connection of knex, with the fields that we touch. */
type PooledConnection = CallbackConnection & { __knex__disposed?: unknown; stream: Duplex };

/** knex's own client, but we decide where a connection comes from and when it must not be used again. */
class HostsClient extends MySql2Client {
  override async acquireRawConnection(): Promise<PooledConnection> {
    const { connection } = (await openConnection(this.connectionSettings.uri)) as unknown as {
      connection: PooledConnection;
    };
    // knex's pool reads this: it throws such a connection away and does not hand it out.
    connection.on('error', error => {
      connection.__knex__disposed = error;
    });
    return connection;
  }

  override async _query(connection: PooledConnection, query: unknown): Promise<unknown> {
    try {
      return await super._query(connection, query);
    } catch (error) {
      // Alive, but to a writer that was demoted or to a node that left its cluster.
      if (isFault(asFault(error), 'away')) connection.__knex__disposed = error;
      throw error;
    }
  }
}

/** A pool for everything that is not hot. Close it with `destroy()`. @throws DatabaseUrlError */
export function openDatabase(url: string, options: { most?: number; afterCreate?: AfterCreate } = {}): Knex {
  const { most = 4, afterCreate } = options;
  return knex({
    client: HostsClient,
    // knex itself only reads the name of the schema.
    connection: { uri: url, database: parseDatabaseUrl(url).database },
    pool: { min: 0, max: most, ...(afterCreate && { afterCreate }) },
    acquireConnectionTimeout: 5_000,
    // knex would print on stdout, among our JSON lines, what it also throws.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
}

/** The address that a pool was opened with; of a transaction that of its pool. */
export const urlOf = (database: Knex): string => (database.client as HostsClient).connectionSettings.uri;

type AfterCreate = (connection: PooledConnection, done: (error: unknown, connection: PooledConnection) => void) => void;

/** A pool for questions of strangers. */
export interface BoundedDatabase {
  /** A statement that takes too long fails there. */
  database: Knex;
  /** Breaks off whatever is being asked. */
  cut(): void;
}

/**
 * Such a pool, of so many connections. A statement ends after so many seconds with the code ER_STATEMENT_TIMEOUT (MariaDB) or ER_QUERY_TIMEOUT
 * (MySQL).
 */
export function openBoundedDatabase(url: string, statementSeconds: number, most = 4): BoundedDatabase {
  const connections = new Set<PooledConnection>();
  const database = openDatabase(url, {
    most,
    afterCreate(connection, done) {
      connections.add(connection);
      connection.on('end', () => connections.delete(connection));
      limitStatements(connection, statementSeconds).then(
        () => done(null, connection),
        error => done(error, connection),
      );
    },
  });
  return {
    database,
    cut() {
      // destroy() of mysql2 waits for the answer to what was asked.
      for (const connection of connections) connection.stream.destroy();
    },
  };
}

/** How long the server waits for a reader that takes no row. s */
const READER_SECONDS = 600;

/**
 * A connection beside the pool, as the pool makes them, for one statement whose rows are read as fast as they are wanted: it may take so many
 * seconds. The caller destroys it. @throws DatabaseFault
 */
export async function connectBeside(database: Knex, statementSeconds: number): Promise<CallbackConnection> {
  const connection = await (database.client as HostsClient).acquireRawConnection();
  try {
    await limitStatements(connection, statementSeconds);
    await connection.promise().query(`SET SESSION net_write_timeout = ${READER_SECONDS}`);
    return connection;
  } catch (error) {
    connection.destroy();
    throw asFault(error);
  }
}

async function limitStatements(connection: PooledConnection, seconds: number): Promise<void> {
  const asked = connection.promise();
  const [[row]] = await asked.query<RowDataPacket[]>('SELECT VERSION() AS version');
  const isMariadb = /mariadb/i.test(row?.version);
  const limit = isMariadb ? `max_statement_time = ${seconds}` : `max_execution_time = ${seconds * 1000}`;
  await asked.query(`SET SESSION ${limit}`);
}

/** What a use-case learns about the tries before. */
export interface Attempt {
  /** An earlier try sent its COMMIT and never got the answer: what it wrote may be there. */
  commitWasLost: boolean;
}

/** A process that is frozen in the middle of a transaction keeps its locks no longer than this. */
const TRANSACTION_SILENCE_SECONDS = 60;

/**
 * Runs a use-case in one transaction. Runs it again from its first read if the database asks for that, or was lost before COMMIT.
 *
 * If the connection is lost during COMMIT, the outcome is unknown. A use-case that is `idempotent`, done once by its key however often it
 * runs, is then run again on a new connection, which finds out. Any other is not, and the fault says so. With several hosts the new
 * connection may be to another one.
 *
 * If `database` is a transaction already, the use-case becomes a part of it, once: the caller that began it commits it and tries again.
 * @throws DatabaseFault; its code is COMMIT_UNKNOWN if the change may be done or not.
 */
export async function inTransaction<Result>(
  database: Knex,
  useCase: (transaction: Knex.Transaction, attempt: Attempt) => Promise<Result>,
  { idempotent = false } = {},
): Promise<Result> {
  if (database.isTransaction) return orFault(() => useCase(database as Knex.Transaction, { commitWasLost: false }));
  const MOST_TRIES = 5;
  let commitWasLost = false;
  for (let tries = 1; ; tries++) {
    let reached: 'nothing' | 'begin' | 'commit' = 'nothing';
    try {
      return await database.transaction(async transaction => {
        reached = 'begin';
        await transaction.raw(`SET SESSION wait_timeout = ${TRANSACTION_SILENCE_SECONDS}`);
        const result = await useCase(transaction, { commitWasLost });
        reached = 'commit';
        return result;
      });
    } catch (error) {
      const fault = asFault(error);
      const away = isFault(fault, 'away');
      // TypeScript does not see that the callback has run.
      const lastReached = reached as 'nothing' | 'begin' | 'commit';
      commitWasLost ||= away && lastReached === 'commit';
      // No host could be used: each has been tried just now.
      const hopeless = tries === MOST_TRIES || lastReached === 'nothing';
      const again = isFault(fault, 'again') || (away && (idempotent || !commitWasLost));
      if (again && !hopeless) {
        await new Promise(resolve => setTimeout(resolve, tries * 10 * (1 + Math.random())));
        continue;
      }
      throw commitWasLost && (away || isFault(fault, 'again')) ? commitUnknown(fault) : fault;
    }
  }
}

/** The fault of a COMMIT that was sent and never answered. */
export const commitUnknown = (cause: unknown): DatabaseFault =>
  new DatabaseFault('away', 'COMMIT_UNKNOWN', 'the connection broke during COMMIT: it may be done or not', { cause });
