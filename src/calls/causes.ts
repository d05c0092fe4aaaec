import type { Disposition } from '../credit/rules';

/** Q.850 causes that have a name in this code. Source: ITU-T Q.850 and Asterisk's include/asterisk/causes.h. */
export const CAUSE = {
  unallocated: 1,
  normalClearing: 16,
  userBusy: 17,
  noUserResponse: 18,
  noAnswer: 19,
  callRejected: 21,
  redirected: 23,
  routingError: 25,
  noCircuit: 34,
  networkOutOfOrder: 38,
} as const;

/**
 * The callee's own answers, and the caller's own end: another carrier could only say the same. Every other cause is the
 * carrier's trouble and tries the next route.
 */
const FINAL_CAUSES = new Set<number>([
  CAUSE.unallocated,
  CAUSE.normalClearing,
  CAUSE.userBusy,
  CAUSE.noUserResponse,
  CAUSE.noAnswer,
  CAUSE.callRejected,
]);

/** Whether a trunk's refusal with this cause is the trunk's own, so that the next route is worth a try. */
export const triesNextRoute = (cause: number): boolean => !FINAL_CAUSES.has(cause);

/** What Asterisk's CDR would call a call that was not answered and ended with this cause. */
export function dispositionOf(cause: number): Disposition {
  switch (cause) {
    case CAUSE.userBusy:
      return 'BUSY';
    case CAUSE.normalClearing:
    case CAUSE.noUserResponse:
    case CAUSE.noAnswer:
      return 'NO ANSWER';
    case CAUSE.noCircuit:
    case CAUSE.networkOutOfOrder:
    case 41: // temporary failure
    case 42: // switch congestion
    case 44: // requested channel not available
    case 47: // resource unavailable
      return 'CONGESTION';
    default:
      return 'FAILED';
  }
}

/**
 * The cause that the caller's leg is hung up with when the carrier said `cause`.
 *
 * The carrier's own, but for a redirection (302): chan_pjsip would hand the 302 on, without a contact, and the caller's
 * switch would go and call past us. It is told that no circuit is free.
 */
export const causeForCaller = (cause: number): number => (cause === CAUSE.redirected ? CAUSE.noCircuit : cause);
