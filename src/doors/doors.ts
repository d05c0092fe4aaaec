import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
import type { Door } from './door';
import type { DoorSettings } from './door-settings';
import { RatingDoor, ratingNode } from './rating-engine/rating-door';
import { SemsDoor, semsNode } from './sems/sems-door';

export interface DoorParts {
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  log: Logger;
}

/** Whether any door is to be opened. */
export const isAnyDoorOpen = (settings: DoorSettings): boolean =>
  Object.values(settings).some(({ listen }) => listen !== null);

/** What astcdr.node says of calls that come by doors: no switch of ours, for which a lease would be needed. */
export const doorNodes = (settings: DoorSettings): Set<string> =>
  new Set([semsNode(settings.sems.name), ratingNode(settings.ratingEngine.name)]);

/** The doors that the settings open, not listening yet. */
export function doorsOf(settings: DoorSettings, parts: DoorParts): Door[] {
  const doors: Door[] = [];
  const { sems, ratingEngine } = settings;
  if (sems.listen) doors.push(new SemsDoor({ ...parts, settings: { ...sems, listen: sems.listen } }));
  if (ratingEngine.listen) {
    doors.push(new RatingDoor({ ...parts, settings: { ...ratingEngine, listen: ratingEngine.listen } }));
  }
  return doors;
}
