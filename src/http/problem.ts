/** How the API refuses: RFC 9457. Pure. */
import {
  FIELD_RULES,
  LINE_RULES,
  type LineRule,
  OPERATOR_REFUSALS,
  type OperatorRefusal,
  type RefusalFacts,
  type Refused,
  type WrongField,
} from '../operator/operator-refusal';

export const PROBLEM_TYPE = 'application/problem+json';

/** What is refused before an operation runs, besides what operations refuse. */
export const OF_THE_DOOR = {
  not_authenticated: { status: 401, title: 'the key or the session is missing or not valid' },
  login_refused: { status: 401, title: 'the name, the password or the code is wrong' },
  code_missing: { status: 401, title: 'a code of the second factor is needed too' },
  not_allowed: { status: 403, title: 'the key or the person may not do this' },
  csrf_token_invalid: { status: 403, title: 'the CSRF token is missing or not that of the session' },
  password_wrong: { status: 403, title: 'the password or the code is wrong' },
  too_many_tries: { status: 429, title: 'too many wrong tries' },
  too_busy: { status: 503, title: 'too many log-ins at once' },
  mail_not_set: { status: 409, title: 'this service sends no mail' },
  not_found: { status: 404, title: 'there is no such path' },
  idempotency_key_missing: { status: 400, title: 'the Idempotency-Key is missing' },
  idempotency_key_reused: { status: 422, title: 'the Idempotency-Key belongs to another request' },
  change_in_progress: { status: 409, title: 'the same change is in progress' },
  answer_not_kept: { status: 409, title: 'it was done, and its secret is not kept' },
  proxy_not_named: { status: 400, title: 'it came through a proxy that is not named' },
  request_invalid: { status: 400, title: 'the request cannot be read' },
  too_many_requests: { status: 429, title: 'too many requests' },
  stopping: { status: 503, title: 'the service stops' },
  too_many_in_progress: { status: 503, title: 'too many requests of the same client are in progress' },
  answers_unread: { status: 503, title: 'too many answers wait to be read' },
  too_many_tables: { status: 503, title: 'too many reports are being read as CSV' },
  too_many_listeners: { status: 503, title: 'too many listeners are connected' },
  too_many_uploads: { status: 503, title: 'too many uploads are in progress' },
  too_slow: { status: 503, title: 'the question takes too long' },
  ledger_unavailable: { status: 503, title: 'the database is away' },
  internal_error: { status: 500, title: 'a fault of Ringfence' },
} as const;

export interface Problem {
  /** `about:blank` if there is nothing to say beyond the status. */
  type: string;
  title: string;
  status: number;
  /** What is wrong, with the field, its value and what to do. */
  detail?: string;
  /** Everything that is wrong, if it is more than `detail`. */
  problems?: string[];
  /** The lines of a file that are wrong, or the first of them, in place of `problems`. */
  errors?: { line: number; detail: string; rule: LineRule; facts: RefusalFacts }[];
  /** The names, amounts and counts of `detail`, for a program that says it in its own words. */
  facts?: RefusalFacts;
  /** The fields that are wrong by a rule that has a name. */
  fields?: readonly WrongField[];
  /** The request, as the log and the audit trail name it. */
  request_id: string;
}

const TYPE = 'urn:ringfence:problem:';

export function problemOf(refusal: keyof typeof OF_THE_DOOR, requestId: string, detail?: string): Problem {
  const { status, title } = OF_THE_DOOR[refusal];
  return { type: TYPE + refusal, title, status, ...(detail !== undefined && { detail }), request_id: requestId };
}

export function problemOfRefusal({ refusal, detail, more, lines, facts, fields }: Refused, requestId: string): Problem {
  return {
    type: TYPE + refusal,
    title: refusal.replaceAll('_', ' '),
    status: OPERATOR_REFUSALS[refusal].status,
    detail,
    ...(lines.length > 0
      ? { errors: lines.map(({ line, problem, rule, facts: its }) => ({ line, detail: problem, rule, facts: its })) }
      : more.length > 0 && { problems: [detail, ...more] }),
    ...(Object.keys(facts).length > 0 && { facts }),
    ...(fields.length > 0 && { fields }),
    request_id: requestId,
  };
}

/** The statuses by which an operation may be refused, each once. */
export const statusesOf = (refusals: readonly OperatorRefusal[]): number[] => [
  ...new Set([400, 401, 403, 429, ...refusals.map(refusal => OPERATOR_REFUSALS[refusal].status), 503]),
];

/** Of a request with a body: it is too large, or of another kind. */
export const STATUSES_OF_BODY: readonly number[] = [413, 415];

/** How many characters a value in a path may have. */
export const MOST_IN_PATH = 500;

/** Of a request whose path has a value of more than MOST_IN_PATH characters. */
export const STATUS_OF_LONG_PATH = 414;

export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'a problem (RFC 9457)',
  required: ['type', 'title', 'status', 'request_id'],
  properties: {
    type: { type: 'string', description: 'urn:ringfence:problem: and the name of the refusal' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what is wrong: the field, its value and what to do' },
    problems: {
      type: 'array',
      items: { type: 'string' },
      description: 'everything that is wrong, if it is more than one thing',
    },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['line', 'detail', 'rule', 'facts'],
        properties: {
          line: { type: 'integer' },
          detail: { type: 'string' },
          rule: { type: 'string', enum: LINE_RULES },
          facts: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
        },
      },
      description: 'of a file: the first 50 things that are wrong, by the number of their line',
    },
    facts: {
      type: 'object',
      additionalProperties: { type: ['string', 'number'] },
      description: 'the names, amounts and counts that detail says, for words of your own',
    },
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'rule', 'value', 'facts', 'detail'],
        properties: {
          field: { type: 'string' },
          rule: { type: 'string', enum: FIELD_RULES },
          value: { type: 'string', description: 'as it was given, perhaps cut; empty for a secret' },
          facts: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
          detail: { type: 'string', description: 'its sentence, as detail or problems has it' },
        },
      },
      description: 'the fields that are wrong by a rule that has a name',
    },
    request_id: { type: 'string', format: 'uuid' },
  },
} as const;
