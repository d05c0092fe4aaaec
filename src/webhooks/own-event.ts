/** What a customer is told of an event of its account. Pure. */
import type { ChangeKind } from '../credit/change-event';
import type { ToldEvent } from './message';

/**
 * The kinds that a customer sees, each with the facts that it sees. What is not named is the operator's alone: alarms, switches, trunks, and
 * how an end is known.
 */
const FACTS: Readonly<Partial<Record<ChangeKind, readonly string[]>>> = {
  authorised: ['dst', 'granted_seconds', 'max_cost', 'limited_by'],
  refused: ['refusal', 'dst'],
  answered: ['answer_at', 'max_cost'],
  extended: ['granted_seconds', 'max_cost', 'limited_by'],
  shrunk: ['granted_seconds', 'max_cost', 'limited_by'],
  warned: ['seconds_left'],
  cut: ['hangup_cause'],
  settled: ['dst', 'disposition', 'billsec', 'billed_seconds', 'cost', 'currency'],
  cap_hit: ['refusal'],
  low_balance: ['balance', 'limit'],
  low_balance_over: ['balance', 'limit'],
  spend_limit_reached: ['window', 'limit', 'spent', 'reserved', 'until'],
  money_moved: ['kind', 'amount', 'balance', 'reference'],
  blocked: [],
  unblocked: [],
  time_added: ['seconds', 'max_time', 'time_left'],
};

/** Those kinds. */
export const OWN_KINDS = Object.keys(FACTS) as ChangeKind[];

/** An event as its customer sees it: without the actor, and without what is the operator's. Assumes one of OWN_KINDS. */
export function ownEvent({ createdAt, kind, uniqueid, facts }: ToldEvent) {
  const own = (FACTS[kind as ChangeKind] ?? []).map(name => [name, facts[name] ?? null]);
  return { created_at: createdAt, kind: kind as ChangeKind, uniqueid, facts: Object.fromEntries(own) };
}
