import { CommanderError } from 'commander';
import { parseDatabaseUrl, placesOf } from '../database/database-url';
import { asFault, DatabaseFault } from '../database/fault';
import { SchemaError } from '../database/migrate';
import { OPERATOR_REFUSALS, Refused } from '../operator/operator-refusal';
import { SettingsError } from '../settings';
import { Ended, EXIT } from './command';

/** How a failed command ends: its exit code, and the lines that it prints. */
export interface Failure {
  exitCode: number;
  lines: string[];
  /** The name of the refusal, for a machine; null if it was not a refusal. */
  refusal: string | null;
}

/** What an error means to the person at the command line: no stack, no secret. */
export function failureOf(error: unknown, environment: Record<string, string | undefined>): Failure {
  if (error instanceof Ended) return { exitCode: error.exitCode, lines: [], refusal: null };
  // Commander has printed it already, in configureOutput's words.
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, lines: [], refusal: null };
  }
  if (error instanceof Refused) {
    const exitCode = OPERATOR_REFUSALS[error.refusal].exit;
    return { exitCode, lines: [...error.more, error.detail], refusal: error.refusal };
  }
  const fault = (lines: string[]): Failure => ({ exitCode: EXIT.fault, lines, refusal: null });
  if (error instanceof SettingsError) return fault(error.problems);
  if (error instanceof SchemaError) return fault([error.message]);
  const translated = asFault(error);
  if (translated instanceof DatabaseFault) return fault([databaseLine(translated, environment)]);
  if ((error as Error)?.name === 'KnexTimeoutError') {
    return fault([`${databasePlace(environment)} did not answer in time: check that it is running, and try again`]);
  }
  return fault([error instanceof Error ? error.message || error.name : String(error)]);
}

function databaseLine(fault: DatabaseFault, environment: Record<string, string | undefined>): string {
  const place = databasePlace(environment);
  switch (fault.code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return `${place} refused the user: correct user and password in RINGFENCE_DATABASE_URL, and ssl-mode where the user needs TLS`;
    case 'ER_DBACCESS_DENIED_ERROR':
      return `${place} does not let this user into the schema: GRANT it, or correct RINGFENCE_DATABASE_URL`;
    case 'ER_BAD_DB_ERROR':
      return `${place} has no such schema: CREATE DATABASE it, or correct RINGFENCE_DATABASE_URL`;
  }
  if (fault.code === 'COMMIT_UNKNOWN') {
    return `${place} was lost during COMMIT: it may be done or not; look before you do it again`;
  }
  if (fault.code === 'NO_HOST') {
    return `database cannot be written to on any host (${fault.message}): check that they are running, or correct RINGFENCE_DATABASE_URL`;
  }
  if (/^HANDSHAKE_|CERT|SSL|TLS|^UNABLE_TO_|ISSUER/.test(fault.code)) {
    return `${place} cannot be trusted over TLS (${fault.code}): correct ssl-mode and ssl-ca in RINGFENCE_DATABASE_URL, or the server's certificate`;
  }
  if (fault.kind === 'away') {
    return `${place} cannot be reached (${fault.code}): check that it is running, or correct RINGFENCE_DATABASE_URL`;
  }
  if (fault.kind === 'again') return `${place} is busy with the same rows (${fault.code}): try again`;
  // knex puts the whole statement, with its values, in front of the server's message.
  const { sqlMessage } = (fault.cause ?? {}) as { sqlMessage?: string };
  return `${place} said ${fault.code}: ${sqlMessage ?? 'no more'}`;
}

/** `database ringfence at 127.0.0.1:3306`, never with user or password. */
function databasePlace(environment: Record<string, string | undefined>): string {
  try {
    const address = parseDatabaseUrl(environment.RINGFENCE_DATABASE_URL?.trim() ?? '');
    return `database ${address.database} at ${placesOf(address)}`;
  } catch {
    return 'the database';
  }
}
