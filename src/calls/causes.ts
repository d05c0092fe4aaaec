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

const INTERWORKING = 127;

/** Statuses that have another cause than the rest of their class. */
const CAUSE_OF_STATUS: Record<number, number> = {
  401: CAUSE.callRejected,
  403: CAUSE.callRejected,
  404: CAUSE.unallocated,
  407: CAUSE.callRejected,
  408: CAUSE.noUserResponse,
  409: 41, // temporary failure
  410: 22, // number changed
  420: 3, // no route to destination
  480: CAUSE.noAnswer,
  483: CAUSE.noAnswer,
  484: 28, // invalid number format
  485: CAUSE.unallocated,
  486: CAUSE.userBusy,
  487: CAUSE.normalClearing,
  488: 58, // bearer capability not available
  500: CAUSE.networkOutOfOrder,
  501: 29, // facility rejected
  502: 27, // destination out of order
  504: 102, // recovery on timer expiry
  505: INTERWORKING,
  600: CAUSE.userBusy,
  603: CAUSE.callRejected,
  604: CAUSE.unallocated,
  606: 58,
};

/**
 * Q.850 of a SIP status with which a call was refused; normal clearing for one that refuses nothing (below 300, above 699).
 *
 * The same as Asterisk's, so that a call has one cause whether Asterisk has read the status or we have: ast_sip_hangup_sip2cause() of
 * res/res_pjsip.c, asked for every status (22.10.1). There are two exceptions. A cancelled call (487, to Asterisk 127) is a normal one. Of the
 * redirections Asterisk knows 302 alone, and takes the others for a normal end (16): here each of them is a redirection. RFC 3398, 8.2.6.1 has
 * other causes for many statuses (480 is 18 there, 503 is 41).
 */
export function causeOfStatus(status: number): number {
  const known = CAUSE_OF_STATUS[status];
  if (known !== undefined) return known;
  switch (Math.floor(status / 100)) {
    case 3:
      return CAUSE.redirected;
    case 4:
    case 6:
      return INTERWORKING;
    case 5:
      return CAUSE.noCircuit;
    default:
      return CAUSE.normalClearing;
  }
}

/**
 * Causes that speak of the network, also to the caller: SIP 502, 501, 503, 500, 503, 488 and 500. Every other one says something about the
 * caller (403), the number (404, 410, 484) or the callee (480, 486), or is a 603, after which a caller's switch tries nowhere else.
 */
const OF_NETWORK = new Set<number>([
  27, // destination out of order
  29, // facility rejected
  CAUSE.noCircuit,
  CAUSE.networkOutOfOrder,
  42, // switch congestion
  58, // bearer capability not available
  INTERWORKING,
]);

/**
 * The cause with which the caller's leg is hung up when the carrier sent `cause`; `isCarriersOwn`: the carrier refused by itself.
 *
 * The carrier's cause, with two exceptions, in which the caller hears that no circuit is free. A redirection (302): chan_pjsip would pass
 * the 302 on, without a contact, and the caller's switch would call past us. A refusal of the carrier's own whose cause does not speak of the
 * network: after a 401 the caller would hear that the caller is not let in, after a 420 or 484 that the number is wrong.
 */
export const causeForCaller = (cause: number, isCarriersOwn = false): number =>
  cause === CAUSE.redirected || (isCarriersOwn && !OF_NETWORK.has(cause)) ? CAUSE.noCircuit : cause;
