import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { SwitchRecords } from '../calls/evidence';
import type { CallLedger } from '../credit/ledger';
import type { Limits } from '../credit/rules';
import type { Route } from '../routes/route';
import { AgiDoor, agiNode } from './agi/agi-door';
import type { Door } from './door';
import type { DoorSettings } from './door-settings';
import { SemsDoor, semsNode } from './sems/sems-door';

export interface DoorParts {
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  limits: Limits;
  /** What switches wrote down of their calls. */
  records: SwitchRecords;
  /** What a caller hears before the cut where the account has no sound of its own. */
  warnSound: string;
  /** How long a trunk may ring. */
  ringSeconds: number;
  routes: () => readonly Route[];
  /** Secrets by which PINs are hashed, the newest first. */
  pinKeys: readonly string[];
  log: Logger;
}

/** Whether any door is to be opened. */
export const isAnyDoorOpen = (settings: DoorSettings): boolean =>
  Object.values(settings).some(({ listen }) => listen !== null);

/** What astcdr.node says of calls that come by doors: no switch of ours, for which a lease would be needed. */
export const doorNodes = (settings: DoorSettings): Set<string> =>
  new Set([semsNode(settings.sems.name), agiNode(settings.agi.name)]);

/** The doors that the settings open, not listening yet. */
export function doorsOf(settings: DoorSettings, parts: DoorParts): Door[] {
  const doors: Door[] = [];
  const { sems, agi } = settings;
  if (sems.listen) doors.push(new SemsDoor({ ...parts, settings: { ...sems, listen: sems.listen } }));
  if (agi.listen) doors.push(new AgiDoor({ ...parts, settings: { ...agi, listen: agi.listen } }));
  return doors;
}
