/** How a call is hung up from outside of the service that carries it. */
import type { Switches } from '../switches/asterisk/hang-up';
import { hangUp } from '../switches/asterisk/hang-up';
import { hangUpAtProxy, isOfProxy } from '../switches/proxy/hang-up';
import { type DoorSettings, doorNodes } from './doors';

/** By the node: on its Asterisk, or at its SIP proxy. The function asks the switch; see `Service.hangUpOn`. @throws Error where no setting says how */
export function hangUpOn(
  settings: Switches & { doors: DoorSettings },
  node: string,
): (uniqueid: string) => Promise<boolean> {
  if (isOfProxy(node)) return uniqueid => hangUpAtProxy(settings.doors.proxy, node, uniqueid);
  if (doorNodes(settings.doors).has(node)) throw new Error(`only ${node} itself can end its calls`);
  if (settings.switches.length === 0) {
    throw new Error('RINGFENCE_ARI_URL is missing: set it to the switches, http://user:password@host:8088');
  }
  return uniqueid => hangUp(settings, node, uniqueid);
}
