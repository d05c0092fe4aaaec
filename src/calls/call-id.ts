/** The name of a call that another system identifies by a Call-ID: a call of a proxy, or a call by a door. */
import { createHash } from 'node:crypto';

/** The column of astcdr holds 150. */
const LONGEST_UNIQUEID = 150;

/** A Call-ID of SIP: printable ASCII without blanks, `most` characters at most. */
export const callIdPattern = (most: number): RegExp => new RegExp(`^[!-~]{1,${most}}$`);

/** The uniqueid of a call that another system calls `callId`. If that is too long for the column, a hash of it. */
export function uniqueidOf(node: string, callId: string): string {
  const uniqueid = `${node}:call:${callId}`;
  if (uniqueid.length <= LONGEST_UNIQUEID) return uniqueid;
  return `${node}:call-sha256:${createHash('sha256').update(callId).digest('hex')}`;
}
