import type { SpendWindow } from './rules/spend';

/**
 * Every reason for which Ringfence does not let a call through. A new one does not compile until each table of answers to refusals (cause,
 * prompt) has a line for it.
 */
export const REFUSALS = [
  // Decided under the account's lock, in this order.
  'account_not_found',
  'account_blocked',
  'account_expired',
  'number_invalid',
  'number_barred',
  'no_rate',
  'destination_blocked',
  'price_limit',
  'call_cost_limit',
  'no_route',
  'too_many_calls',
  'too_many_calls_per_second',
  'time_used_up',
  'spend_limit_month',
  'spend_limit_day',
  'spend_limit_hour',
  'insufficient_balance',
  // The uniqueid was used before for a call with other content.
  'uniqueid_reused',
  // Its INVITE is a late copy of another call's.
  'invite_repeated',
  // Decided without a look at the account.
  'arguments_invalid',
  'overloaded',
  'ledger_unavailable',
  'service_stalled',
  'lease_lost',
  'shutting_down',
] as const;

export type Refusal = (typeof REFUSALS)[number];

export const isRefusal = (word: string): word is Refusal => (REFUSALS as readonly string[]).includes(word);

/** The refusal for lack of what may be spent in a window. An event tells it once in the window, so it is none of CAP_REFUSALS. */
export const REFUSAL_OF_WINDOW = {
  hour: 'spend_limit_hour',
  day: 'spend_limit_day',
  month: 'spend_limit_month',
} as const satisfies Record<SpendWindow, Refusal>;

/** Refusals by a limit of what an account spends in a time. */
export const SPEND_REFUSALS: ReadonlySet<Refusal> = new Set<Refusal>(Object.values(REFUSAL_OF_WINDOW));

/** Whether the call was refused by this window's limit. */
export const isRefusedBy = (refusal: Refusal, window: SpendWindow): boolean => REFUSAL_OF_WINDOW[window] === refusal;

/** Refusals that mean that a limit of the account was reached. */
export const CAP_REFUSALS: ReadonlySet<Refusal> = new Set<Refusal>([
  'too_many_calls',
  'too_many_calls_per_second',
  'time_used_up',
]);

/**
 * Refusals for lack of time: they say nothing about the account. What was requested may still be written, and then released. The database
 * is slow or away; more work waits than it can do; this process itself stood still.
 */
export const TIME_REFUSALS: ReadonlySet<Refusal> = new Set<Refusal>([
  'overloaded',
  'ledger_unavailable',
  'service_stalled',
]);

/**
 * The Q.850 cause with which the caller's channel is hung up. chan_pjsip translates it for the caller's SIP side: docs/refusals.md has the
 * measured table.
 */
export const CAUSE_OF_REFUSAL = {
  account_not_found: 21,
  account_blocked: 21,
  account_expired: 21,
  number_invalid: 28,
  number_barred: 21,
  no_rate: 3,
  destination_blocked: 21,
  price_limit: 21,
  call_cost_limit: 21,
  no_route: 3,
  too_many_calls: 17,
  too_many_calls_per_second: 42,
  time_used_up: 21,
  spend_limit_month: 21,
  spend_limit_day: 21,
  spend_limit_hour: 21,
  insufficient_balance: 21,
  uniqueid_reused: 38,
  // chan_pjsip answers 603, which keeps the caller's switch from trying elsewhere.
  invite_repeated: 25,
  // A cause of its own, so that a mistake in the dialplan does not look like a failure: chan_pjsip answers 501, and 28 would be the
  // caller's mistake.
  arguments_invalid: 29,
  overloaded: 42,
  ledger_unavailable: 38,
  // Another service, or this one a moment later, would take it.
  service_stalled: 42,
  lease_lost: 38,
  shutting_down: 38,
} as const satisfies Record<Refusal, number>;
