/** The actor of a change. Every change is written with this name. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { Knex } from 'knex';
import type { Micros } from '../money/micros';
import type { Limits } from './limits';
import { EVERYTHING, type Visible } from './visible';

/** A request by a known actor. */
export interface Acting {
  database: Knex;
  /** `cli:<unix user>`, or the name of the door that asks. At most 100 characters. */
  actor: string;
  /** The client's IP address over HTTP; null or left out on the command line and in the service itself. */
  from?: string | null;
  /** What the actor may not do, or not alone; left out on the command line, which may do everything. */
  limits?: Limits;
  /** A UUID. A request that is run again after a lost COMMIT keeps it. */
  requestId: string;
}

/** A text for one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Why a mail was not sent. */
export interface MailFailure {
  /** In a half sentence without a secret. */
  why: string;
  /** Whether the mail will certainly not arrive: otherwise the server may have taken it, and what it says must stay true. */
  isCertain: boolean;
}

export interface Mailer {
  /** What links to the console begin with. */
  consoleUrl: string;
  /**
   * Resolves with null when the mail server has taken the mail, otherwise with why not. Never rejects, and takes no longer than a few seconds.
   * `by`: strangers cause few mails at once. `signal` breaks it off.
   */
  send(mail: Mail, by: 'operator' | 'stranger', signal?: AbortSignal): Promise<MailFailure | null>;
}

/** What an operation may need of the service besides its database. Settings fit as they are: the names are those of `settings.ts`. */
export interface Service {
  maxCallSeconds: number;
  /** How long each trunk may ring. */
  ringSeconds: number;
  barredPrefixes: readonly string[];
  emergencyNumbers: readonly string[];
  /** Secrets that hash PINs and voucher codes, the newest first. */
  pinKeys: readonly string[];
  /** Above this, money that the API moves needs a second person; null for never. */
  secondPersonAbove: Micros | null;
  /** Hosts that webhooks may point to although their addresses are not public. `port` null for every port. */
  webhookAllow: readonly { host: string; port: number | null }[];
  /** Its settings, as an administrator may see them. */
  shownSettings: readonly {
    variable: string;
    meaning: string;
    fallback: string | null;
    value: string | null;
    isSecret: boolean;
    isGiven: boolean;
  }[];
  /** Sends mail to people; null where no mail server is set. */
  mailer: Mailer | null;
  /**
   * Returns the function that hangs up a call on `node`. That function resolves with false if the switch no longer has the call, and
   * rejects if the switch did not confirm the hang-up. @throws Error if no setting says how to reach the node
   */
  hangUpOn(node: string): (uniqueid: string) => Promise<boolean>;
}

/** A request to run an operation (operation.ts). */
export interface OperatorRequest extends Acting, Lent {
  service: Service;
  /** Whose rows the actor may see. */
  visible: Visible;
}

/** What comes with a request besides its fields, while its operation runs. */
export interface Lent {
  /** Reports how far a long operation is; may be called a thousand times a second. `count`: null if the total is not known. */
  onProgress?: (done: number, count: number | null) => void;
  /**
   * Receives codes before they are committed, so that none is lost. If it throws, none of them is kept. Called again if the codes had to
   * change, because another request took their serials meanwhile.
   */
  onIssue?: (issued: readonly { serial: number; code: string }[]) => void;
  /** The file that an operation reads, once from its first byte to its last. */
  file?: { name: string; input: Readable };
  /**
   * Gets the result of an operation that reads a file in the transaction that makes it durable. If it throws, nothing of it stays. Called
   * again if that transaction is.
   */
  onResult?: (transaction: Knex.Transaction, result: unknown) => Promise<void>;
  /** The hashes of the code among the fields, made before the transaction of the change was begun. */
  codeHashes?: readonly Buffer[];
  /** Stops an operation that can be stopped. */
  signal?: AbortSignal;
  /** The versions (version.ts) of what is edited that the editor knows; a change of another one is refused. Any, if not given. */
  ifMatch?: readonly string[];
}

/** A request that can be stopped between its steps. */
export type Stoppable = Acting & Pick<Lent, 'signal'>;

/** A new request by `actor`. */
export const actingAs = (actor: string, database: Knex): Acting => ({ database, actor, requestId: randomUUID() });

/** A new request of the command line. The actor is this process's user, looked up by its number: the environment cannot change it. */
export const actingOnCommandLine = (database: Knex, service: Service): OperatorRequest => ({
  ...actingAs(`cli:${unixUser()}`, database),
  service,
  visible: EVERYTHING,
});

/** The name of this process's user; its number if the machine has no name for it, as in a container. */
function unixUser(): string {
  try {
    return userInfo().username.slice(0, 90);
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
