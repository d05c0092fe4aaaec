import type { Logger } from 'pino';
import type { Logins } from '../access/logins';
import type { BoundedDatabase } from '../database/connection';
import type { RefusalLog } from '../listeners/refusal-log';
import type { Service } from '../operator/acting';
import type { ChangesInSteps } from './changes-in-steps';
import type { ForgottenPasswords } from './forgotten-passwords';
import type { Questions } from './questions';
import type { RequestTurns } from './request-turns';
import type { SessionCookie } from './session-cookie';
import type { TableReaders } from './table-readers';
import type { Uploads } from './uploads';

/** What the API's routes share. */
export interface ApiParts {
  /** A pool of its own: slow reports hold up no call. */
  books: BoundedDatabase;
  /** Another one, for who asks, log-ins, and what people do with their own sessions: no question of a client that is let in keeps another one out. */
  access: BoundedDatabase;
  /** What is asked of `books`. */
  questions: Questions;
  service: Service;
  log: Logger;
  refusals: RefusalLog;
  /** The longest that a question may keep the database busy. */
  statementSeconds: number;
  logins: Logins;
  cookie: SessionCookie;
  forgotten: ForgottenPasswords;
  uploads: Uploads;
  turns: RequestTurns;
  inSteps: ChangesInSteps;
  tables: TableReaders;
}
