import type { Disposition } from '../credit/rules/charge';

/** Q.850 causes that have a name in this code. Source: ITU-T Q.850 and Asterisk's include/asterisk/causes.h. */
export const CAUSE = {
  unallocated: 1,
  normalClearing: 16,
  userBusy: 17,
  noUserResponse: 18,
  noAnswer: 19,
  callRejected: 21,
  redirected: 23,
  noCircuit: 34,
  networkOutOfOrder: 38,
} as const;

/** The disposition that Asterisk's CDR would give a call that was not answered and ended with this cause. */
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

/** As Asterisk maps them (hangup_sip2cause() of its res_pjsip), but a cancelled call is a normal one. */
const CAUSE_OF_STATUS: Record<number, number> = {
  302: CAUSE.redirected,
  401: CAUSE.callRejected,
  403: CAUSE.callRejected,
  404: CAUSE.unallocated,
  407: CAUSE.callRejected,
  408: CAUSE.noUserResponse,
  410: CAUSE.unallocated,
  480: CAUSE.noAnswer,
  483: CAUSE.noAnswer,
  484: 28,
  485: CAUSE.unallocated,
  486: CAUSE.userBusy,
  487: CAUSE.normalClearing,
  488: 58,
  500: CAUSE.networkOutOfOrder,
  502: 27,
  503: CAUSE.noCircuit,
  504: 102,
  600: CAUSE.userBusy,
  603: CAUSE.callRejected,
  604: CAUSE.unallocated,
  606: 58,
};

const INTERWORKING = 127;

/** Q.850 of a SIP status by which a call was refused. */
export const causeOfStatus = (status: number): number =>
  CAUSE_OF_STATUS[status] ?? (status >= 500 && status < 600 ? CAUSE.networkOutOfOrder : INTERWORKING);

/** Causes that say something about the caller or the callee. */
const OF_PARTIES = new Set<number>([
  CAUSE.unallocated,
  CAUSE.normalClearing,
  CAUSE.userBusy,
  CAUSE.noUserResponse,
  CAUSE.noAnswer,
  CAUSE.callRejected,
]);

/**
 * The cause with which the caller's leg is hung up when the carrier sent `cause`; `isCarriersOwn`: the carrier refused by itself.
 *
 * The carrier's cause, with two exceptions, in which the caller hears that no circuit is free. A redirection (302): chan_pjsip would pass
 * the 302 on, without a contact, and the caller's switch would call past us. A refusal of the carrier's own (401, 403): its cause would say
 * that the caller is not let in, or that the callee did not answer.
 */
export const causeForCaller = (cause: number, isCarriersOwn = false): number =>
  cause === CAUSE.redirected || (isCarriersOwn && OF_PARTIES.has(cause)) ? CAUSE.noCircuit : cause;
