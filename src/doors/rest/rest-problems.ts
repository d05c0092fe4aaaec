/** Why a request is not done, as the switch learns it: a word, an HTTP status, a cause for its caller, and what to do. Pure. */
import { CAUSE_OF_REFUSAL, REFUSALS, type Refusal } from '../../credit/refusal';

/** Reasons of this door; all others are refusals of the ledger. */
const OWN_PROBLEMS = [
  'json_invalid',
  'field_invalid',
  'field_missing',
  'field_unknown',
  'path_invalid',
  'idempotency_key_invalid',
  'unauthorized',
  'host_not_allowed',
  'path_unknown',
  'call_not_found',
  'method_not_allowed',
  'answered_already',
  'call_settled_already',
  'call_refused',
  'hangup_wanted',
  'message_too_long',
  'content_type_wrong',
  'idempotency_key_reused',
  'failed',
] as const;

export type Problem = Refusal | (typeof OWN_PROBLEMS)[number];

export const PROBLEMS: readonly Problem[] = [...REFUSALS, ...OWN_PROBLEMS];

/** The HTTP status of each. Only after a 503 is a repeat with the same call_id useful. */
export const STATUS_OF_PROBLEM = {
  account_not_found: 404,
  account_blocked: 403,
  account_expired: 403,
  number_invalid: 422,
  number_barred: 403,
  no_rate: 422,
  destination_blocked: 403,
  price_limit: 403,
  call_cost_limit: 403,
  no_route: 422,
  too_many_calls: 429,
  too_many_calls_per_second: 429,
  time_used_up: 403,
  spend_limit_month: 402,
  spend_limit_day: 402,
  spend_limit_hour: 402,
  insufficient_balance: 402,
  uniqueid_reused: 409,
  invite_repeated: 409,
  arguments_invalid: 400,
  overloaded: 503,
  ledger_unavailable: 503,
  service_stalled: 503,
  lease_lost: 503,
  shutting_down: 503,
  json_invalid: 400,
  field_invalid: 400,
  field_missing: 400,
  field_unknown: 400,
  path_invalid: 400,
  idempotency_key_invalid: 400,
  unauthorized: 401,
  host_not_allowed: 403,
  path_unknown: 404,
  call_not_found: 404,
  method_not_allowed: 405,
  answered_already: 409,
  call_settled_already: 409,
  call_refused: 409,
  hangup_wanted: 409,
  message_too_long: 413,
  content_type_wrong: 415,
  idempotency_key_reused: 422,
  failed: 500,
} as const satisfies Record<Problem, number>;

/** Q.850 causes: for a mistake in the switch's configuration, as for the refusal `arguments_invalid`, and for a service out of order. */
const MISCONFIGURED = CAUSE_OF_REFUSAL.arguments_invalid;
const OUT_OF_ORDER = CAUSE_OF_REFUSAL.ledger_unavailable;

/** The Q.850 cause with which the switch may end its caller's leg. */
export const CAUSE_OF_PROBLEM = {
  ...CAUSE_OF_REFUSAL,
  json_invalid: MISCONFIGURED,
  field_invalid: MISCONFIGURED,
  field_missing: MISCONFIGURED,
  field_unknown: MISCONFIGURED,
  path_invalid: MISCONFIGURED,
  idempotency_key_invalid: MISCONFIGURED,
  unauthorized: MISCONFIGURED,
  host_not_allowed: MISCONFIGURED,
  path_unknown: MISCONFIGURED,
  call_not_found: MISCONFIGURED,
  method_not_allowed: MISCONFIGURED,
  answered_already: MISCONFIGURED,
  call_settled_already: MISCONFIGURED,
  call_refused: MISCONFIGURED,
  hangup_wanted: CAUSE_OF_REFUSAL.account_blocked,
  message_too_long: MISCONFIGURED,
  content_type_wrong: MISCONFIGURED,
  idempotency_key_reused: MISCONFIGURED,
  failed: OUT_OF_ORDER,
} as const satisfies Record<Problem, number>;

/** For an operation that waits for the database longer than the switch can. */
export const MESSAGE_NOT_IN_TIME = 'the database does not answer in time: send the same again, it is done once';

/** For a settlement whose values the database refuses. */
export const MESSAGE_NOT_WRITTEN =
  'the database refuses what the call comes to: the end is kept and not asked for again, the operator has to correct the books (ringfence status)';

const spendMessage = (accountcode: string, window: 'hour' | 'day' | 'month'): string =>
  `account ${JSON.stringify(accountcode)} has spent, or holds, all of its max_spend_${window}: wait for the next ${window}, or raise it`;

/** What a refusal of the ledger means, in one line that says what to do. */
export const MESSAGE_OF_REFUSAL: Record<Refusal, (call: { accountcode: string; number: string }) => string> = {
  account_not_found: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} is not known: make it with "ringfence account create"`,
  account_blocked: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} is blocked: let it call again with "ringfence account unblock"`,
  account_expired: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} has expired: give it another day with "ringfence account set"`,
  number_invalid: ({ number }) =>
    `number ${JSON.stringify(number)} is no number: send digits behind one + or 00 at most`,
  number_barred: ({ number }) =>
    `number ${JSON.stringify(number)} is barred: see RINGFENCE_BARRED_PREFIXES and the account`,
  no_rate: ({ number }) => `number ${JSON.stringify(number)} has no rate in the account's deck: import one that has`,
  destination_blocked: ({ number }) =>
    `number ${JSON.stringify(number)} is blocked in the account's deck: see "ringfence rate explain"`,
  price_limit: ({ number }) =>
    `number ${JSON.stringify(number)} costs more a minute than the account's max_price_per_minute`,
  call_cost_limit: ({ number }) =>
    `number ${JSON.stringify(number)} costs more for the first increment than the account's max_call_cost`,
  no_route: ({ number }) => `number ${JSON.stringify(number)} has no route`,
  too_many_calls: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} has as many calls as it may have: settle those that ended`,
  too_many_calls_per_second: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} started as many calls in this second as it may: try a new call later`,
  time_used_up: ({ accountcode }) => `account ${JSON.stringify(accountcode)} has used, or holds, all of its max_time`,
  spend_limit_month: ({ accountcode }) => spendMessage(accountcode, 'month'),
  spend_limit_day: ({ accountcode }) => spendMessage(accountcode, 'day'),
  spend_limit_hour: ({ accountcode }) => spendMessage(accountcode, 'hour'),
  insufficient_balance: ({ accountcode }) =>
    `account ${JSON.stringify(accountcode)} cannot pay for the first increment: top it up`,
  uniqueid_reused: () => 'this call_id was used for a call that ended, or for another account or number: use a new one',
  invite_repeated: () => 'this is a copy of an INVITE that made a call already',
  arguments_invalid: () => 'the call cannot be understood',
  overloaded: () => 'more work waits than can be done in time: ask again with the same call_id',
  ledger_unavailable: () =>
    'the database did not answer in time: ask again with the same call_id, or settle it with talk_seconds null',
  service_stalled: () =>
    'the service itself stood still for too long: ask again with the same call_id, or settle it with talk_seconds null',
  lease_lost: () => 'another process acts for this switch: ask again with the same call_id',
  shutting_down: () => 'the service stops: ask again, another process may serve by now',
};

interface ProblemDetails {
  /** Members of the answer beside the error: the wrong field, or the call as it stands. */
  beside?: { field?: string | null; call?: Record<string, unknown> };
  headers?: Record<string, string>;
  /** For the log, never for the answer; no secrets. */
  facts?: Record<string, unknown>;
}

/** Why a request is not done. The message is for the people who run the switch. */
export class RestProblem extends Error {
  override name = 'RestProblem';
  constructor(
    readonly word: Problem,
    message: string,
    readonly details: ProblemDetails = {},
  ) {
    super(message);
  }
}
