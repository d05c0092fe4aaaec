/** The operations of this door. Requests are matched and OpenAPI is written by this one table. Pure. */
import { REFUSALS, type Refusal } from '../../credit/refusal';
import { ACCOUNT, CALL, GRANT, schemaOf } from './rest-answers';
import type { Fields, Schema } from './rest-fields';
import { ANSWERED, AUTHORIZE, EXTEND, SETTLE } from './rest-messages';
import { type Problem, RestProblem } from './rest-problems';

/** The kinds of answer, by their names in OpenAPI. */
export const ANSWERS = { Grant: schemaOf(GRANT), Call: schemaOf(CALL), Account: schemaOf(ACCOUNT) } satisfies Record<
  string,
  Schema
>;

export interface RestOperation {
  name: string;
  method: 'GET' | 'POST';
  /** A word in braces stands for one path segment. */
  path: string;
  summary: string;
  description: string;
  /** The fields of the body; none for GET. */
  fields?: Fields;
  /** Status → what the answer is, and when it comes. */
  answers: Readonly<Record<number, { body: keyof typeof ANSWERS; when: string }>>;
  problems: readonly Problem[];
}

/** Answers of every operation that needs a key. */
const ALWAYS = ['path_invalid', 'unauthorized', 'host_not_allowed', 'ledger_unavailable', 'failed'] as const;

/** Answers of every operation with a body. */
const OF_A_BODY = [
  'json_invalid',
  'field_invalid',
  'field_missing',
  'field_unknown',
  'idempotency_key_invalid',
  'message_too_long',
  'content_type_wrong',
  'idempotency_key_reused',
  'overloaded',
] as const;

/** Answers of every operation whose call must be in progress. */
const OF_A_CALL = ['call_not_found', 'call_settled_already', 'call_refused'] as const;

/** Refusals of a dialplan and of calls that need a lease: this door never gives them. */
const NEVER: readonly Refusal[] = ['invite_repeated', 'arguments_invalid', 'lease_lost', 'no_route'];

export const OPERATIONS = {
  authorize: {
    name: 'authorize',
    method: 'POST',
    path: '/v1/calls',
    summary: 'May this call be made, and for how long?',
    description:
      'Ring-fences what the call may cost before it answers. Once by call_id: the same call_id, account and number again is answered with what the call is granted. A call that was refused stays refused: a new try is a new call_id.',
    fields: AUTHORIZE,
    answers: {
      200: { body: 'Grant', when: 'It is in progress already: what it is granted now' },
      201: { body: 'Grant', when: 'It may be made; its money is ring-fenced' },
    },
    problems: [...ALWAYS, ...OF_A_BODY, ...REFUSALS.filter(refusal => !NEVER.includes(refusal)), 'hangup_wanted'],
  },
  answered: {
    name: 'answered',
    method: 'POST',
    path: '/v1/calls/{call_id}/answered',
    summary: 'The called party answered.',
    description:
      'settle charges the call without it. If a call has an answer and no end, it is charged up to its limit when its reservation expires. If it has neither, it costs nothing.',
    fields: ANSWERED,
    answers: { 200: { body: 'Call', when: 'The answer is remembered' } },
    problems: [...ALWAYS, ...OF_A_BODY, ...OF_A_CALL, 'answered_already'],
  },
  extend: {
    name: 'extend',
    method: 'POST',
    path: '/v1/calls/{call_id}/extend',
    summary: 'May it talk for longer?',
    description:
      'Asks for so many seconds in all, so that a repeat asks for the same. Granted as far as the account pays; never less than before. Of a call that an operator wants ended it is refused with hangup_wanted: end it.',
    fields: EXTEND,
    answers: { 200: { body: 'Grant', when: 'What the call is granted now: what was asked for, or less' } },
    problems: [...ALWAYS, ...OF_A_BODY, ...OF_A_CALL, 'hangup_wanted'],
  },
  settle: {
    name: 'settle',
    method: 'POST',
    path: '/v1/calls/{call_id}/settle',
    summary: 'The call is over.',
    description:
      'Charges the talk, never more than was ring-fenced, and frees the rest. Once by call_id: the same again gets the same answer. Talk is talk_seconds, or the time from answered_at (else the answer that was told) to ended_at. Of an authorization that was answered 503, ask the service that was asked for it: it answers 503 until it knows what became of that; 404 then means that nothing is held.',
    fields: SETTLE,
    answers: { 200: { body: 'Call', when: 'It is charged, durably' } },
    problems: [...ALWAYS, ...OF_A_BODY, ...OF_A_CALL],
  },
  call: {
    name: 'call',
    method: 'GET',
    path: '/v1/calls/{call_id}',
    summary: 'How does the call stand?',
    description: 'Reads only.',
    answers: { 200: { body: 'Call', when: 'The call' } },
    problems: [...ALWAYS, 'call_not_found'],
  },
  account: {
    name: 'account',
    method: 'GET',
    path: '/v1/accounts/{account}',
    summary: 'What does an account have?',
    description: 'Reads only.',
    answers: { 200: { body: 'Account', when: 'The account' } },
    problems: [...ALWAYS, 'account_not_found'],
  },
} as const satisfies Record<string, RestOperation>;

/** What a request asks for. */
export interface RequestedOperation {
  operation: keyof typeof OPERATIONS;
  /** The path segment that stands for the word in braces; empty if the path has none. */
  word: string;
}

/**
 * The operation that a request asks for.
 * @throws RestProblem path_unknown, method_not_allowed, path_invalid.
 */
export function requestedOperation(method: string, url: string): RequestedOperation {
  const segments = url.split('/');
  const allowed: string[] = [];
  for (const [operation, { method: known, path }] of Object.entries(OPERATIONS)) {
    const wanted = path.split('/');
    const fits = wanted.length === segments.length && wanted.every((part, at) => isWord(part) || part === segments[at]);
    if (!fits) continue;
    allowed.push(known);
    const encoded = segments[wanted.findIndex(isWord)] ?? '';
    if (known === method) return { operation: operation as RequestedOperation['operation'], word: wordIn(encoded) };
  }
  if (allowed.length > 0) {
    const headers = { Allow: allowed.join(', ') };
    throw new RestProblem('method_not_allowed', `this path takes ${allowed.join(' and ')} only`, { headers });
  }
  throw new RestProblem('path_unknown', 'there is no such path: see /openapi.json');
}

const isWord = (part: string): boolean => part.startsWith('{');

function wordIn(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new RestProblem('path_invalid', 'the path is not percent-encoded UTF-8: encode the call_id or account');
  }
}
