/** The actor of a change. Every change is written with this name. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { Knex } from 'knex';

/** A request by a known actor. */
export interface Acting {
  database: Knex;
  /** `cli:<unix user>`, or the name of the door that asks. At most 100 characters. */
  actor: string;
  /** A UUID: of a request that is run again after a lost COMMIT it is the same. */
  requestId: string;
}

/** What an operation may need of the service besides its database. Settings, by the names that `settings.ts` gives them, fit as they are. */
export interface Service {
  maxCallSeconds: number;
  barredPrefixes: readonly string[];
  emergencyNumbers: readonly string[];
  /** Secrets by which PINs and voucher codes are hashed, the newest first. */
  pinKeys: readonly string[];
  /** Hosts that webhooks may point to although their addresses are not public. `port` null for every port. */
  webhookAllow: readonly { host: string; port: number | null }[];
  /**
   * How a call that `node` carries is hung up. The function resolves with false where the switch no longer has the call, and rejects where the
   * switch did not confirm it. @throws Error where no setting says how to reach the node
   */
  hangUpOn(node: string): (uniqueid: string) => Promise<boolean>;
}

/** A request to run an operation (operation.ts). */
export interface OperatorRequest extends Acting, Lent {
  service: Service;
}

/** What comes with a request besides its fields, for as long as its operation runs. */
export interface Lent {
  /** How far a long operation is; it may be called a thousand times a second. `count`: null where the whole is not known. */
  onProgress?: (done: number, count: number | null) => void;
  /**
   * Takes codes before they are committed, so that none is lost. If it throws, nothing is left of them. Called again where the codes had to
   * change, since another request took their serials meanwhile.
   */
  onIssue?: (issued: readonly { serial: number; code: string }[]) => void;
  /** The file that an operation reads, once from its first byte to its last. */
  file?: { name: string; input: Readable };
  /** Gives an operation up that can be. */
  signal?: AbortSignal;
}

/** A new request of `actor`. */
export const actingAs = (actor: string, database: Knex): Acting => ({ database, actor, requestId: randomUUID() });

/** A new request of the command line: the user is that of this process, by its number, whatever its environment says. */
export const actingOnCommandLine = (database: Knex, service: Service): OperatorRequest => ({
  ...actingAs(`cli:${unixUser()}`, database),
  service,
});

/** The name of this process's user; its number where the machine has no name for it, as in a container. */
function unixUser(): string {
  try {
    return userInfo().username.slice(0, 90);
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
