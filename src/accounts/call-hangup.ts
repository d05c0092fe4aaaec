import type { OperatorRequest } from '../operator/acting';
import { auditAlone } from '../operator/audit-store';
import { Refused } from '../operator/operator-refusal';
import { callNamed } from './call-view';

export interface HungUp {
  uniqueid: string;
  node: string;
  /** false if there was nothing left to hang up. */
  hungUp: boolean;
  /** When the call ended, if the books have its end already. */
  endAt: Date | null;
}

/**
 * Ends a call on the switch that carries it; the service charges the talk. A call that has ended stays as it is.
 *
 * The row of the audit trail is written before the switch is asked. Otherwise a call would end without a trace if this process died, or if
 * the switch hung up without confirming it.
 * @throws Refused call_not_found, hangup_not_confirmed, which names the missing setting, or what the switch did not do; DatabaseFault.
 */
export async function hangUpCall(acting: OperatorRequest, uniqueid: string): Promise<HungUp> {
  const { database, service, visible } = acting;
  const { node, accountcode, endAt } = await callNamed(database, visible, uniqueid);
  if (endAt !== null) return { uniqueid, node, hungUp: false, endAt: new Date(endAt) };
  const hangUp = await confirmed(async () => service.hangUpOn(node));
  await auditAlone(acting, {
    operation: 'call hangup',
    object: `call ${uniqueid}`,
    before: { accountcode, node, hangup_asked: false },
    after: { accountcode, node, hangup_asked: true },
  });
  return { uniqueid, node, hungUp: await confirmed(() => hangUp(uniqueid)), endAt: null };
}

/** What the switch said. @throws Refused hangup_not_confirmed, with its reason */
async function confirmed<Answer>(asked: () => Promise<Answer>): Promise<Answer> {
  try {
    return await asked();
  } catch (error) {
    const { message: why } = error as Error;
    throw new Refused('hangup_not_confirmed', why).about({ why });
  }
}
