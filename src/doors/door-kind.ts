/** What the service, the command line and the documents must know of a door before it is open. */
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { SwitchRecords } from '../calls/evidence';
import type { SettingsTable } from '../config/setting';
import type { CallLedger } from '../credit/ledger';
import type { Limits } from '../credit/rules/start';
import type { Micros } from '../money/micros';
import type { Routes } from '../routes/route-table';
import type { ProxyGate } from '../switches/proxy/proxy-gate';
import type { ProxySettings } from '../switches/proxy/proxy-settings';
import type { Door } from './door';

/** What the service gives to every door. */
export interface DoorParts {
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  limits: Limits;
  /** The switches' own records of their calls. */
  records: SwitchRecords;
  /** What a caller hears before the cut, if the account has no sound of its own. */
  warnSound: string;
  /** How long a trunk may ring. */
  ringSeconds: number;
  routes: Routes;
  /** Secrets by which PINs are hashed, the newest first. */
  pinKeys: readonly string[];
  /** A door moves no more than this at once besides calls; null for no such limit. */
  secondPersonAbove: Micros | null;
  log: Logger;
}

/** The settings of any door. It is open if they say where it listens. */
export interface AnyDoorSettings {
  listen: object | null;
}

/** The settings of an open door. */
export type Opened<Settings extends AnyDoorSettings> = Settings & { listen: NonNullable<Settings['listen']> };

interface Kind<Settings extends AnyDoorSettings> {
  /** Its variables; the page shows them as they are. */
  settings: SettingsTable<Settings>;
  /** Its page: docs/doors/<page>.md. */
  page: string;
}

/** The settings of a door whose calls have a node of their own. */
export interface NamedDoorSettings extends AnyDoorSettings {
  /** Distinguishes one such door from another in astcdr.node. */
  name: string;
}

/** The node of such calls, `rest:main`. Only doorNode makes one, of a door of the table, so a door cannot start calls on a node that needs a lease. */
export type DoorNode = string & { readonly __node: 'door' };

export const doorNode = ({ node }: Pick<OwnCallsKind, 'node'>, name: string): DoorNode => `${node}:${name}` as DoorNode;

/** A door whose calls come by that door alone. */
export interface OwnCallsKind<Settings extends NamedDoorSettings = NamedDoorSettings> extends Kind<Settings> {
  /** The first word of astcdr.node, before the colon and the name. Any process may start calls on such a node, without a lease. */
  node: string;
  /** How its client learns that an operator wants a call ended: no service can end such a call. */
  hears: string;
  /** The door, not listening yet. It starts its calls on `node`. */
  make(settings: Opened<Settings>, parts: DoorParts & { node: DoorNode }): Door;
}

/** A door that speaks for the SIP proxy, whose calls have the life of a switch's calls. It gets no ledger: it asks the gate. */
export interface ProxyCallsKind<Settings extends AnyDoorSettings = AnyDoorSettings> extends Kind<Settings> {
  node: null;
  /** The door, not listening yet. */
  make(settings: Opened<Settings>, parts: Omit<DoorParts, 'ledger'> & { gate: ProxyGate; proxy: ProxySettings }): Door;
}

/** Doors by the name that their settings have in the code. */
export type DoorTable = Readonly<Record<string, OwnCallsKind | ProxyCallsKind>>;
