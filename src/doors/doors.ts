import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { SwitchRecords } from '../calls/evidence';
import type { CallLedger } from '../credit/ledger';
import type { Limits } from '../credit/rules/start';
import type { Routes } from '../routes/route-table';
import type { ProxyGate } from '../switches/proxy/proxy-gate';
import { AgiDoor, agiNode } from './agi/agi-door';
import { ControlDoor } from './call-control/control-door';
import { CnxccDoor } from './cnxcc/cnxcc-door';
import type { Door } from './door';
import type { DoorSettings } from './door-settings';
import { RatingDoor, ratingNode } from './rating-engine/rating-door';
import { RestDoor, restNode } from './rest/rest-door';
import { SemsDoor, semsNode } from './sems/sems-door';

export interface DoorParts {
  /** Of the SIP proxy; null where the settings name none. */
  gate: ProxyGate | null;
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
  routes: Routes;
  /** Secrets by which PINs are hashed, the newest first. */
  pinKeys: readonly string[];
  log: Logger;
}

/** Whether any door is to be opened. */
export const isAnyDoorOpen = ({ agi, sems, callControl, cnxcc, ratingEngine, rest }: DoorSettings): boolean =>
  [agi, sems, callControl, cnxcc, ratingEngine, rest].some(({ listen }) => listen !== null);

/** What astcdr.node says of calls that come by doors alone: no switch that a process acts for, and no lease is needed. */
export const doorNodes = ({ agi, sems, ratingEngine, rest }: DoorSettings): Set<string> =>
  new Set([agiNode(agi.name), semsNode(sems.name), ratingNode(ratingEngine.name), restNode(rest.name)]);

/** The doors that the settings open, not listening yet. */
export function doorsOf(settings: DoorSettings, parts: DoorParts): Door[] {
  const doors: Door[] = [];
  const { agi, sems, callControl, cnxcc, proxy, ratingEngine, rest } = settings;
  const { gate } = parts;
  if (agi.listen) doors.push(new AgiDoor({ ...parts, settings: { ...agi, listen: agi.listen } }));
  if (sems.listen) doors.push(new SemsDoor({ ...parts, settings: { ...sems, listen: sems.listen } }));
  if (callControl.listen && gate) {
    doors.push(new ControlDoor({ ...parts, listen: callControl.listen, gate, account: proxy.account }));
  }
  if (cnxcc.listen && gate) {
    doors.push(new CnxccDoor({ ...parts, gate, settings: { ...cnxcc, listen: cnxcc.listen } }));
  }
  if (ratingEngine.listen) {
    doors.push(new RatingDoor({ ...parts, settings: { ...ratingEngine, listen: ratingEngine.listen } }));
  }
  if (rest.listen) doors.push(new RestDoor({ ...parts, settings: { ...rest, listen: rest.listen } }));
  return doors;
}
