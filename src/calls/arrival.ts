/** How a call becomes known: its caller arrives, or the ledger has it open and its channels are found in the switch. */
import type { CallRecord } from '../credit/rules/call';
import { isAccountcode } from '../database/accountcode';
import { harmless, readDialled } from '../rating/dialled-number';
import type { Route } from '../routes/route';
import type { ArrivedCall, Dialler } from './call-state';
import { dialogOf, withoutDialog } from './dialogs';
import { routeIndexOf } from './leg-names';
import { type Payer, payerOf } from './stasis-arguments';
import type { SwitchChannel, SwitchPort } from './switch-port';

/** A call as its caller's channel reports it. `error`: what is wrong with the dialplan's words for it, or null. */
export interface Arrival {
  call: ArrivedCall;
  error: string | null;
}

/** The call of a channel that has entered our application. */
export function arrivalOf(port: SwitchPort, leg: SwitchChannel, emergencyNumbers: string[]): Arrival {
  const said = payerOf(withoutDialog(leg.args), leg);
  // With wrong words the channel's own account might be another customer's, so it is not used.
  const { accountcode, pool, dialledNumber, ...payer }: Payer =
    'error' in said ? { ...said, accountcode: leg.accountcode } : said;
  const { digits: dst, emergency } = readDialled(dialledNumber, emergencyNumbers);
  const call: ArrivedCall = {
    uniqueid: leg.channel,
    // Unknown account: such a name cannot exist in the database, and a corrected name could belong to another customer.
    accountcode: isAccountcode(accountcode) ? accountcode : '',
    node: port.node,
    src: harmless(leg.callerNumber),
    dst,
    startAt: leg.createdAt,
    emergency,
    dialog: dialogOf(leg.args),
    routes: [],
    pool,
    dialledBy: port.dialsByItself ? 'switch' : payer.dialledBy,
  };
  return { call, error: 'error' in said ? said.error : null };
}

/**
 * The call of a CDR that has no end, as it is taken over. `routes`: those of its number now. The leg's name says by which route it was
 * dialled. The routes may have changed since; then the trunk in the CDR counts.
 */
export function takenOver(
  { uniqueid, accountcode, node, src, dst, startAt, trunk }: CallRecord,
  bLeg: string,
  dialledBy: Dialler,
  routes: Route[],
): { call: ArrivedCall; routeIndex: number } {
  const routeIndex = routeIndexOf(bLeg);
  const call = { uniqueid, accountcode, node, src, dst, startAt, emergency: false, routes, dialledBy };
  if (!trunk || routes[routeIndex]?.trunk === trunk) return { call, routeIndex };
  const remembered = { trunk, endpoint: '', stripDigits: 0, addPrefix: '', prefix: '', priority: 0 };
  return { call: { ...call, routes: Array.from({ length: routeIndex + 1 }, () => remembered) }, routeIndex };
}
