/** The events of calls and accounts, with their facts: docs/events.md. */
import { formatAmount, type Micros } from '../money/micros';
import type { ChangeEvent, ChangeKind } from './change-event';
import { CAP_REFUSALS, type Refusal } from './refusal';
import type { Account } from './rules/account';
import type { CallRecord } from './rules/call';
import { OVERRUN_ALARM_SECONDS } from './rules/charge';
import type { Grant } from './rules/grant';

type Facts = ChangeEvent['facts'];

export const callEvent = (
  kind: ChangeKind,
  { accountcode, uniqueid }: Pick<CallRecord, 'accountcode' | 'uniqueid'>,
  facts: Facts,
): ChangeEvent => ({ kind, accountcode, uniqueid, facts });

const accountEvent = (kind: ChangeKind, accountcode: string, facts: Facts): ChangeEvent => ({
  kind,
  accountcode,
  uniqueid: null,
  facts,
});

export const authorised = (call: CallRecord, { grantedSeconds, maxCost, limitedBy }: Grant): ChangeEvent =>
  callEvent('authorised', call, {
    dst: call.dst,
    granted_seconds: grantedSeconds,
    max_cost: formatAmount(maxCost),
    limited_by: limitedBy,
  });

export const refused = (call: CallRecord, refusal: Refusal): ChangeEvent[] => [
  callEvent('refused', call, { refusal, dst: call.dst }),
  ...(CAP_REFUSALS.has(refusal) ? [callEvent('cap_hit', call, { refusal })] : []),
];

/** A call that got more, or gave something back. `isLastSlice`: no other slice will follow this one. */
export function regranted(
  call: CallRecord,
  change: 'more' | 'less',
  { grantedSeconds, maxCost, limitedBy }: Grant,
  isLastSlice: boolean,
): ChangeEvent {
  return callEvent(change === 'more' ? 'extended' : 'shrunk', call, {
    granted_seconds: grantedSeconds,
    max_cost: formatAmount(maxCost),
    limited_by: isLastSlice ? 'money' : limitedBy,
  });
}

/** A limit of spend blocked the account. */
export const blockedAtLimit = ({ accountcode, activeCalls }: Account, refusal: Refusal): ChangeEvent =>
  accountEvent('blocked', accountcode, { active_calls: activeCalls, refusal });

/** `max_cost` is what the call holds since its answer: less than at its start where the price depends on the time of day. */
export const answered = (call: CallRecord, answerAt: number): ChangeEvent =>
  callEvent('answered', call, {
    answer_at: new Date(answerAt).toISOString(),
    trunk: call.trunk,
    max_cost: formatAmount(call.maxCost),
  });

/** A call that has ended: `settled`; before it `cut` if the limit or an operator ended it; after it `overrun` if it outlasted its limit. */
export function ended(call: CallRecord): ChangeEvent[] {
  const { hangupSource, hangupCause, billsec, billedSeconds, cost, currency, disposition, evidence } = call;
  const { node, grantedSeconds, overrunSeconds } = call;
  const facts = { hangup_source: hangupSource, hangup_cause: hangupCause };
  const isCut = hangupSource === 'limit' || hangupSource === 'operator';
  const isOverrun = overrunSeconds >= OVERRUN_ALARM_SECONDS;
  return [
    ...(isCut ? [callEvent('cut', call, facts)] : []),
    callEvent('settled', call, {
      ...facts,
      dst: call.dst,
      disposition,
      billsec,
      billed_seconds: billedSeconds,
      cost: formatAmount(cost),
      currency,
      evidence,
    }),
    ...(isOverrun
      ? [callEvent('overrun', call, { node, granted_seconds: grantedSeconds, overrun_seconds: overrunSeconds })]
      : []),
  ];
}

/** What a pool may use now: the facts of a call that changed it, and of an operator. */
export const poolFacts = ({ creditLimit, maxTimeSeconds, maxChannels }: Account): Facts => ({
  max_credit: formatAmount(creditLimit),
  max_time: maxTimeSeconds,
  max_channels: maxChannels,
});

export const poolChanged = (change: 'opened' | 'raised', pool: Account): ChangeEvent =>
  accountEvent(`pool_${change}`, pool.accountcode, poolFacts(pool));

export const poolClosed = (accountcode: string, consumed: Micros): ChangeEvent =>
  accountEvent('pool_closed', accountcode, { consumed: formatAmount(consumed) });
