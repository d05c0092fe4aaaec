/** The answer for a call that is not let through: cnxcc's return code, and the HTTP status that the script goes by. Pure. */
import type { Refusal } from '../../credit/refusal';
import { RpcError } from './json-rpc';

/** cnxcc's return codes. */
export const OK = 1;
const FAILED = -1;
/** Talking calls and calls that are being set up have together reached the limit. */
const TOO_MANY = -2;
/** Talking calls alone have reached the limit. */
const TOO_MANY_TALK = -3;
const CALL_ID_MONITORED = -4;

/** Reasons of this door. */
type OwnReason = 'not_acting' | 'proxy_unanswered' | 'call_id_reused' | 'call_id_invalid';

/** 503 makes http_client ask the next service (`failover`). */
const STATUS_OF_REASON = {
  account_not_found: 403,
  account_blocked: 403,
  account_expired: 403,
  number_invalid: 404,
  number_barred: 403,
  no_rate: 404,
  destination_blocked: 403,
  price_limit: 403,
  call_cost_limit: 403,
  no_route: 404,
  too_many_calls: 429,
  too_many_calls_per_second: 429,
  time_used_up: 402,
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
  not_acting: 503,
  proxy_unanswered: 503,
  call_id_reused: 409,
  call_id_invalid: 400,
} as const satisfies Record<Refusal | OwnReason, number>;

/** Why a call is not let through. `talking`: how many of the customer's calls are talking, if there are too many. */
export function refused(reason: Refusal | OwnReason, maxChannels = 0, talking = 0): RpcError {
  return new RpcError(codeOf(), STATUS_OF_REASON[reason], reason, reason);

  function codeOf(): number {
    switch (reason) {
      case 'call_id_reused':
      case 'uniqueid_reused':
        return CALL_ID_MONITORED;
      case 'too_many_calls':
        return talking >= maxChannels ? TOO_MANY_TALK : TOO_MANY;
      default:
        return FAILED;
    }
  }
}

/** A command that should change a customer's calls and cannot, in the words of cnxcc's functions. */
export const failed = (reason: string): RpcError => new RpcError(FAILED, 404, reason, reason);

/** No such name, in the words of cnxcc's RPC commands. */
export const notFound = (what: 'Not Found' | 'CallID Not Found'): RpcError =>
  new RpcError(404, 404, what, what === 'Not Found' ? 'client_not_found' : 'call_not_found');
