/** How a call ended, what it costs, and how that changes its account. */
import { type Micros, micros, smaller, ZERO } from '../../money/micros';
import { billedSeconds, billedWithoutGrace, cost } from '../../rating/price';
import { type CallTariff, tariffAt } from '../../rating/timed';
import type { Account } from './account';
import { type Held, nothingHeld, timeHeld, withGrant } from './grant';
import { withSpent } from './spend';

export const DISPOSITIONS = ['ANSWERED', 'NO ANSWER', 'BUSY', 'CONGESTION', 'FAILED'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

export const HANGUP_SOURCES = ['caller', 'callee', 'limit', 'operator', 'service'] as const;
export type HangupSource = (typeof HANGUP_SOURCES)[number];

/**
 * How the end of a call is known, the best first. The switch reported it as it happened. The switch's own records (CEL, CDR) have it. The
 * call was no longer seen, and counts as ended when the switch was last seen with it. Or nothing is known, as for a call whose switch was
 * never seen and reported no end: if it was answered, it counts as lasting to its limit.
 */
export const EVIDENCE = ['event', 'cel', 'cdr', 'proxy', 'sighting', 'none'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** How a call ended. Instants in ms since 1970, by the switch's clock. */
export interface CallEnd {
  /** The called leg's answer; null if it was never answered. */
  answerAt: number | null;
  /** The first leg's end. */
  endAt: number;
  disposition: Disposition;
  hangupCause: number;
  hangupSource: HangupSource;
  evidence: Evidence;
}

/** What a call in progress was started with, as its CDR remembers it. */
export interface OpenCall {
  startAt: number;
  grantedSeconds: number;
  maxCost: Micros;
  tariff: CallTariff;
}

/** The result of an ended call. */
export interface Charge {
  duration: number;
  billsec: number;
  billedSeconds: number;
  overrunSeconds: number;
  cost: Micros;
}

/** How much talk beyond a call's limit is an alarm: a switch may take a moment to end a call. Seconds. */
export const OVERRUN_ALARM_SECONDS = 3;

/**
 * What a call that has ended costs.
 *
 * 0 if it was never answered or ended within its grace. billsec is whole seconds, truncated, as Asterisk counts; never below 0, even if a
 * clock stepped back. The cost is never more than what was ring-fenced: talk beyond the grant is in overrunSeconds and is not charged.
 * Rounded as docs/pricing.md §5 says. A price by the time of day is that of the answer's instant.
 */
export function chargeFor(call: OpenCall, end: Pick<CallEnd, 'answerAt' | 'endAt'>): Charge {
  const duration = wholeSeconds(end.endAt - call.startAt);
  if (end.answerAt === null) return { duration, billsec: 0, billedSeconds: 0, overrunSeconds: 0, cost: ZERO };
  const billsec = wholeSeconds(end.endAt - end.answerAt);
  const tariff = tariffAt(call.tariff, end.answerAt);
  return {
    duration,
    billsec,
    billedSeconds: Math.min(billedSeconds(tariff, billsec), billedWithoutGrace(tariff, call.grantedSeconds)),
    overrunSeconds: Math.max(0, billsec - call.grantedSeconds),
    cost: smaller(cost(tariff, billsec), call.maxCost),
  };
}

const wholeSeconds = (milliseconds: number): number => Math.max(0, Math.floor(milliseconds / 1000));

/**
 * More than any max_time, and no more than the column can hold: an account that always has a call in progress never begins to count anew,
 * and an end that cannot be written would be retried forever.
 */
const MOST_TIME_USED_SECONDS = 2_000_000_000;

/** The account after a call that held this ended and cost `charged`. */
export function withSettlement(
  account: Account,
  held: Held,
  { cost: charged, billsec }: Pick<Charge, 'cost' | 'billsec'>,
): Account {
  const freed = withSpent(withGrant(account, held, nothingHeld(held)), charged);
  return {
    ...freed,
    balance: micros(freed.balance - charged),
    activeCalls: freed.activeCalls - 1,
    timeUsedSeconds: Math.min(freed.timeUsedSeconds + Math.min(billsec, timeHeld(held)), MOST_TIME_USED_SECONDS),
    isShort: freed.isShort && freed.activeCalls > 1,
  };
}
