/**
 * Which party decided a trunk's refusal. A refusal by the callee (busy, no such number) ends the call: another carrier could only report
 * the same. Any other refusal is a problem of the carrier, and the next route is tried. Pure.
 */
export interface RefusalRule {
  /** SIP statuses by which the callee refuses. */
  calleeCodes: readonly number[];
  /** Q.850 causes by which the callee refuses, if the switch does not report the SIP status. */
  calleeCauses: readonly number[];
  /** A busy callee is tried by the next route too. */
  nextOnBusy: boolean;
}

/** How a trunk refused a call. */
export interface TrunkRefusal {
  /** Q.850; 0 unknown. */
  cause: number;
  /** null if the switch does not report it: Asterisk does since 22.7. */
  sipStatus: number | null;
  /** The callee's phone rang, or early media came. */
  rang: boolean;
}

/** The rule of a trunk that has none of its own; docs/refusals.md is rendered from it. */
export const DEFAULT_RULE: RefusalRule = {
  calleeCodes: [404, 408, 410, 480, 484, 486, 487, 600, 603, 604],
  calleeCauses: [1, 16, 17, 18, 19, 22, 28],
  nextOnBusy: false,
};

const BUSY_CODES = new Set([486, 600]);
const BUSY_CAUSE = 17;

/** No answer, unless the phone has rung: then the callee did not answer. */
const TIMEOUT_CODE = 408;

/** Whether a refusal is the carrier's own, and says nothing about the callee. */
export function isCarriersOwn(rule: RefusalRule, { cause, sipStatus, rang }: TrunkRefusal): boolean {
  if (sipStatus === null) return !rule.calleeCauses.includes(cause);
  return !rule.calleeCodes.includes(sipStatus) || (sipStatus === TIMEOUT_CODE && !rang);
}

/** Whether the next route is worth a try after a refusal. */
export function triesNextRoute(rule: RefusalRule, refusal: TrunkRefusal): boolean {
  const { cause, sipStatus } = refusal;
  const isBusy = sipStatus === null ? cause === BUSY_CAUSE : BUSY_CODES.has(sipStatus);
  return isCarriersOwn(rule, refusal) || (isBusy && rule.nextOnBusy);
}

/** A rule as the database keeps it: lists with commas, null for the default. */
export interface StoredRule {
  calleeCodes: string | null;
  calleeCauses: string | null;
  nextOnBusy: boolean;
}

export const ruleOf = ({ calleeCodes, calleeCauses, nextOnBusy }: StoredRule): RefusalRule => ({
  calleeCodes: numbersIn(calleeCodes) ?? DEFAULT_RULE.calleeCodes,
  calleeCauses: numbersIn(calleeCauses) ?? DEFAULT_RULE.calleeCauses,
  nextOnBusy,
});

const numbersIn = (list: string | null): number[] | null =>
  list === null ? null : list.split(',').filter(Boolean).map(Number);
