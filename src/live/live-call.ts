/** A call in progress as an operator follows it: how far it is, what it has cost by now, and why it may not last longer. Pure. */

import type { Static } from 'typebox';
import type { Means } from '../credit/rules/account';
import type { CallRecord } from '../credit/rules/call';
import { chargeFor } from '../credit/rules/charge';
import { GRANT_LIMITS, type GrantLimit } from '../credit/rules/grant';
import { formatAmount, type Micros, micros } from '../money/micros';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { longestSeconds, tariffBy } from '../rating/timed';

/** A call in progress, with what decides how long it may last. */
export interface LiveCall {
  call: CallRecord;
  /** Its account; null for an emergency call of an unknown account. */
  account: { mode: 'strict' | 'shared'; left: Means } | null;
  /** When it was read, by the database's clock; ms since 1970. */
  readAt: number;
}

export const LIVE_STATES = ['talking', 'ringing', 'waiting'] as const;

/** How far a call in progress is: `waiting` if its pool has no room for it yet. */
export const stateInProgress = ({
  answerAt,
  grantedSeconds,
}: Pick<CallRecord, 'answerAt' | 'grantedSeconds'>): (typeof LIVE_STATES)[number] =>
  answerAt !== null ? 'talking' : grantedSeconds > 0 ? 'ringing' : 'waiting';

/**
 * Why the call's grant ends where it does, in the words of the event `extended`: `cap` (service, account or rate allow no longer call),
 * `slice` (more follows before it runs out), `money` or `time` (the account has no more of it).
 *
 * By what the account has now: money may have come that the call has not asked for yet.
 */
export function limitedBy({ call, account }: Pick<LiveCall, 'call' | 'account'>): GrantLimit {
  const { capSeconds, grantedSeconds, maxCost, tariff, answerAt } = call;
  // An emergency call has no cap.
  if (account === null || grantedSeconds >= capSeconds) return 'cap';
  const { mode, left } = account;
  const affordable = longestSeconds(tariffBy(tariff, answerAt), micros(left.money + maxCost)) ?? Infinity;
  const allowed = grantedSeconds + left.seconds;
  if (mode === 'shared' && Math.min(affordable, allowed) > grantedSeconds) return 'slice';
  return affordable <= allowed ? 'money' : 'time';
}

export const LIVE_CALL = factsOf('LiveCall', {
  uniqueid: textFact("uniqueid of the caller's channel"),
  accountcode: textFact('the account that pays'),
  src: textFact("the caller's number"),
  dst: textFact('the dialled number, without + or 00'),
  rate_destination: textFact(),
  trunk: textFact('the trunk that was dialled last; empty if none was'),
  node: textFact('the switch that carries it'),
  state: wordFact(LIVE_STATES, 'waiting: its pool has no room for it yet'),
  start_at: instantFact("by the switch's clock"),
  answer_at: orNull(instantFact('null if it was not answered yet')),
  seconds: wholeFact('talk by now'),
  granted_seconds: wholeFact('the longest talk that max_cost pays for'),
  limited_by: wordFact(GRANT_LIMITS, 'why its grant ends there; slice: more follows before it runs out'),
  is_fixed: flagFact('its limit was given at the start and cannot change'),
  hangup_wanted: flagFact('an operator wants it ended'),
  rate_price_per_minute: amountFact('the price of 60 billed seconds'),
  rate_connect_fee: amountFact('charged once if it was answered'),
  rate_initial_increment_seconds: wholeFact('the first block of talk, billed whole'),
  rate_increment_seconds: wholeFact('the blocks after the first, billed whole'),
  max_cost: amountFact('what is ring-fenced for it'),
  spent: amountFact('what it would be charged if it ended now'),
  held: amountFact('the rest of max_cost'),
  currency: textFact('ISO 4217 code'),
});

/** All that is shown of it. `spent` is what it would be charged if it ended now, by the rule of the bill; `held` is the rest of `max_cost`. */
export function liveFacts({ call, account, readAt }: LiveCall): Static<typeof LIVE_CALL> {
  const { billsec, cost } = chargeFor(call, { answerAt: call.answerAt, endAt: readAt });
  const tariff = tariffBy(call.tariff, call.answerAt);
  return {
    uniqueid: call.uniqueid,
    accountcode: call.accountcode,
    src: call.src,
    dst: call.dst,
    rate_destination: call.rateDestination,
    trunk: call.trunk,
    node: call.node,
    state: stateInProgress(call),
    start_at: new Date(call.startAt),
    answer_at: call.answerAt === null ? null : new Date(call.answerAt),
    seconds: billsec,
    granted_seconds: call.grantedSeconds,
    limited_by: limitedBy({ call, account }),
    is_fixed: call.isFixed,
    hangup_wanted: call.hangupWanted,
    rate_price_per_minute: tariff.pricePerMinute,
    rate_connect_fee: tariff.connectFee,
    rate_initial_increment_seconds: tariff.initialIncrementSeconds,
    rate_increment_seconds: tariff.incrementSeconds,
    max_cost: call.maxCost,
    spent: cost,
    held: micros(call.maxCost - cost),
    currency: call.currency,
  };
}

/** A row as JSON has it. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Some facts of a row. */
export const onlyFacts = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(names.map(name => [name, row[name] as Row[string]]));

/** The row of a call: amounts as decimal texts, times as ISO 8601 in UTC. */
export const liveRow = (live: LiveCall): Row =>
  Object.fromEntries(
    Object.entries(liveFacts(live)).map(([name, fact]) => {
      if (typeof fact === 'bigint') return [name, formatAmount(fact as Micros)];
      return [name, fact instanceof Date ? fact.toISOString() : (fact as string)];
    }),
  );
