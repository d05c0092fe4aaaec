/**
 * What to do about a database error, by its errno.
 *
 * `again`: the whole transaction is rolled back or undone by our ROLLBACK, and the use-case must run again from its first read (deadlock,
 * certification failure, lock wait). `away`: this server cannot be used or the connection broke: a new connection is needed; if COMMIT had
 * been sent the outcome is unknown. `duplicate`: a unique key exists already. `refused`: the server understood and said no; the same again
 * would fail again.
 */
export type FaultKind = 'again' | 'away' | 'duplicate' | 'refused';

/**
 * Sources: [M] MySQL's Server Error Message Reference and "InnoDB Error Handling", [A] MariaDB's list of error codes,
 * [T] TiDB's "Error Codes and Troubleshooting". Any other errno is `refused`.
 */
const KIND_BY_ERRNO: Record<number, FaultKind> = {
  1020: 'again', // [A] record changed since last read: MariaDB's snapshot isolation
  1205: 'again', // [M] lock wait timeout; also Galera's answer when wsrep_sync_wait waited too long
  1213: 'again', // [M] deadlock; Galera's certification failure and its abort of a transaction that is in the way
  1317: 'again', // [M] query was interrupted, by KILL QUERY; older Galera answered so instead of 1213 (MariaDB/server#962)
  1412: 'again', // [M] table definition has changed, please retry transaction: a migration in the meantime
  3101: 'again', // [M] Group Replication rolled the transaction back during COMMIT: certification failure
  8002: 'again', // [T] SELECT FOR UPDATE met a commit conflict: rolled back
  8005: 'again', // [T] write conflict
  8022: 'again', // [T] commit failed and has been rolled back
  8028: 'again', // [T] table definition has changed: rolled back
  9007: 'again', // [T] write conflict

  1062: 'duplicate', // [M] duplicate entry

  1040: 'away', // [M] too many connections
  1047: 'away', // [A] unknown command: a Galera node that is not part of its cluster
  1053: 'away', // [M] server shutdown in progress
  1152: 'away', // [M] aborted connection
  1158: 'away', // [M] got an error reading communication packets
  1159: 'away', // [M] got timeout reading communication packets
  1160: 'away', // [M] got an error writing communication packets
  1161: 'away', // [M] got timeout writing communication packets
  1180: 'away', // [M] got error during COMMIT: the server itself does not report the outcome
  1184: 'away', // [M] aborted connection
  1203: 'away', // [M] user has too many connections
  1226: 'away', // [M] user has exceeded a resource limit, such as connections in an hour
  1290: 'away', // [M] cannot execute with --read-only: a writer that was demoted
  1836: 'away', // [M] running in read-only mode
  1927: 'away', // [A] connection was killed
  2006: 'away', // [M, client] server has gone away: said by proxies on a server's behalf
  2013: 'away', // [M, client] lost connection during query: likewise
  3032: 'away', // [M] server is in offline mode
  3100: 'away', // [M] error in a replication hook: Group Replication could not let the transaction through
  3168: 'away', // [M] server is not available
  3169: 'away', // [M] session was killed
  4031: 'away', // [M] disconnected because of inactivity
  9001: 'away', // [T] PD server timeout
  9002: 'away', // [T] TiKV server timeout
};

/** What the driver has no name for, as [A] names it. */
const NAME_BY_ERRNO: Record<number, string> = { 1969: 'ER_STATEMENT_TIMEOUT' };

interface DriverError {
  errno?: number;
  code?: unknown;
  message?: string;
  fatal?: boolean;
  /** The statement that the server refused, with its values. */
  sql?: unknown;
}

/** A database error with its kind. The message is the driver's, which never contains the password. */
export class DatabaseFault extends Error {
  override name = 'DatabaseFault';
  /**
   * The statement that failed, by verb and table: `INSERT astcdr`. Without the values, which belong to customers. Left out if none was being
   * answered.
   */
  readonly statement?: string;
  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    message: string,
    options?: { cause?: unknown; statement?: string },
  ) {
    super(message, options);
    if (options?.statement) this.statement = options.statement;
  }
}

function nameOf(sql: unknown): string | undefined {
  if (typeof sql !== 'string') return undefined;
  const verb = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase();
  const table = /(?:^\s*update|\binto|\bfrom)\s+`?(\w+)/i.exec(sql)?.[1];
  return verb && table ? `${verb} ${table}` : verb;
}

/** Translates what mysql2 or knex threw; returns anything that is not a database error unchanged. */
export function asFault(error: unknown): unknown {
  // Not `instanceof Error`: the driver's errors may come from another realm than ours, as in jest.
  if (error instanceof DatabaseFault || typeof error !== 'object' || error === null) return error;
  const { errno, code: given, message, fatal, sql } = error as DriverError;
  // By name, because it is knex's own: the database did not answer in time.
  if ((error as Error).name === 'KnexTimeoutError') {
    return new DatabaseFault('away', 'QUERY_TIMEOUT', message ?? '', { cause: error });
  }
  // The error of an aborted signal, for example, has a number there.
  const code = typeof given === 'string' ? given : NAME_BY_ERRNO[errno ?? 0];
  const options = { cause: error, statement: nameOf(sql) };
  if (typeof errno === 'number' && errno > 0 && KIND_BY_ERRNO[errno]) {
    return new DatabaseFault(KIND_BY_ERRNO[errno], code ?? String(errno), message ?? '', options);
  }
  if (fatal || /^(PROTOCOL_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|ENOENT)/.test(code ?? '')) {
    return new DatabaseFault('away', code ?? 'lost', message ?? '', options);
  }
  if (typeof errno === 'number' || code?.startsWith('ER_')) {
    return new DatabaseFault('refused', code ?? String(errno), message ?? '', options);
  }
  return error;
}

/** The outcome of a question to the database. @throws DatabaseFault */
export async function orFault<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    throw asFault(error);
  }
}

export const isFault = (error: unknown, ...kinds: FaultKind[]): error is DatabaseFault =>
  error instanceof DatabaseFault && kinds.includes(error.kind);
