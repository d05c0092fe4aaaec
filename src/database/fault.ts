/**
 * What is to be done about a database error, told once from its errno.
 *
 * `again`: the whole transaction is rolled back or undone by our ROLLBACK, and running the use-case from its first read is
 * right (deadlock, certification failure, lock wait). `away`: the server could not be reached or the connection broke; if
 * COMMIT had been sent the outcome is unknown. `duplicate`: a unique key is there already. `refused`: the server understood
 * and said no; the same again would fail again.
 * Source: MySQL "InnoDB Error Handling"; 1020 is MariaDB's snapshot conflict, 1047 Galera's "not ready".
 */
export type FaultKind = 'again' | 'away' | 'duplicate' | 'refused';

const KIND_BY_ERRNO: Record<number, FaultKind> = {
  1205: 'again',
  1213: 'again',
  1020: 'again',
  1062: 'duplicate',
  1040: 'away', // too many connections
  1047: 'away', // node of a cluster not ready
  1053: 'away', // server shutdown in progress
  1290: 'away', // read-only: a writer that was demoted
  1836: 'away', // read-only mode
  1927: 'away', // connection was killed
  3169: 'away', // session was killed
};

interface DriverError {
  errno?: number;
  code?: unknown;
  message?: string;
  fatal?: boolean;
}

/** A database error with its kind. The message is the driver's, which never holds the password. */
export class DatabaseFault extends Error {
  override name = 'DatabaseFault';
  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Translates what mysql2 or knex threw; anything that is not a database error is returned as it is. */
export function asFault(error: unknown): unknown {
  // Not `instanceof Error`: the driver's errors may come from another realm than ours, as they do in jest.
  if (error instanceof DatabaseFault || typeof error !== 'object' || error === null) return error;
  const { errno, code: given, message, fatal } = error as DriverError;
  // An aborted signal's error, for one, has a number there.
  const code = typeof given === 'string' ? given : undefined;
  if (typeof errno === 'number' && errno > 0 && KIND_BY_ERRNO[errno]) {
    return new DatabaseFault(KIND_BY_ERRNO[errno], code ?? String(errno), message ?? '', { cause: error });
  }
  if (fatal || /^(PROTOCOL_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|ENOENT)/.test(code ?? '')) {
    return new DatabaseFault('away', code ?? 'lost', message ?? '', { cause: error });
  }
  if (typeof errno === 'number' || code?.startsWith('ER_')) {
    return new DatabaseFault('refused', code ?? String(errno), message ?? '', { cause: error });
  }
  return error;
}

export const isFault = (error: unknown, ...kinds: FaultKind[]): error is DatabaseFault =>
  error instanceof DatabaseFault && kinds.includes(error.kind);
