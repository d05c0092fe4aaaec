import type { OperatorRequest } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { callNamed } from './call-view';

export interface HungUp {
  uniqueid: string;
  node: string;
  /** false where there was nothing to hang up any more. */
  hungUp: boolean;
  /** When it had ended, where the books have its end already. */
  endAt: Date | null;
}

/**
 * Ends a call on the switch that carries it; the service charges what was talked. One that has ended is left as it is.
 *
 * Its row of the audit trail is written before the switch is asked: otherwise a call would end without a trace where this process dies, or the
 * switch does what it was asked and does not confirm it.
 * @throws Refused call_not_found; Error that names the setting that is missing, or what the switch did not do; DatabaseFault.
 */
export async function hangUpCall(acting: OperatorRequest, uniqueid: string): Promise<HungUp> {
  const { database, service } = acting;
  const { node, accountcode, endAt } = await callNamed(database, uniqueid);
  if (endAt !== null) return { uniqueid, node, hungUp: false, endAt: new Date(endAt) };
  const hangUp = service.hangUpOn(node);
  await writeAudit(database, acting, {
    operation: 'call hangup',
    object: `call ${uniqueid}`,
    before: { accountcode, node, hangup_asked: false },
    after: { accountcode, node, hangup_asked: true },
  });
  return { uniqueid, node, hungUp: await hangUp(uniqueid), endAt: null };
}
