/**
 * Every reason for which Ringfence refuses an operator's request, over all operations, with the answer of each way in: the exit code of the
 * command line (1: something else did not work, 2: the command is written wrongly, 3: refused) and the HTTP status.
 */
export const OPERATOR_REFUSALS = {
  field_invalid: { exit: 2, status: 400 },
  account_closed: { exit: 3, status: 409 },
  account_exists: { exit: 3, status: 409 },
  account_is_pool: { exit: 3, status: 409 },
  account_not_found: { exit: 3, status: 404 },
  amount_not_positive: { exit: 2, status: 400 },
  balance_out_of_range: { exit: 3, status: 409 },
  approval_decided: { exit: 3, status: 409 },
  approval_expired: { exit: 3, status: 409 },
  approval_not_found: { exit: 3, status: 404 },
  approval_of_another: { exit: 3, status: 409 },
  api_key_exists: { exit: 3, status: 409 },
  api_key_not_found: { exit: 3, status: 404 },
  api_key_rotating: { exit: 3, status: 409 },
  batch_exists: { exit: 3, status: 409 },
  batch_not_found: { exit: 3, status: 404 },
  call_in_progress: { exit: 3, status: 409 },
  call_not_found: { exit: 3, status: 404 },
  changed_meanwhile: { exit: 3, status: 412 },
  caller_exists: { exit: 3, status: 409 },
  caller_not_found: { exit: 3, status: 404 },
  card_not_found: { exit: 3, status: 404 },
  code_wrong: { exit: 3, status: 403 },
  currency_mismatch: { exit: 3, status: 409 },
  daily_limit_exceeded: { exit: 3, status: 409 },
  deck_chain_too_long: { exit: 3, status: 409 },
  deck_in_circle: { exit: 3, status: 409 },
  deck_not_found: { exit: 3, status: 404 },
  delivery_not_found: { exit: 3, status: 404 },
  file_invalid: { exit: 3, status: 400 },
  hangup_not_confirmed: { exit: 1, status: 502 },
  job_ended: { exit: 3, status: 409 },
  job_not_found: { exit: 3, status: 404 },
  more_than_at_once: { exit: 3, status: 409 },
  more_than_available: { exit: 3, status: 409 },
  holiday_not_found: { exit: 3, status: 404 },
  invitation_not_found: { exit: 3, status: 404 },
  money_left: { exit: 3, status: 409 },
  more_than_charged: { exit: 3, status: 409 },
  no_call_in_progress: { exit: 3, status: 409 },
  operator_exists: { exit: 3, status: 409 },
  operator_is_self: { exit: 3, status: 409 },
  operator_not_found: { exit: 3, status: 404 },
  pin_key_missing: { exit: 3, status: 503 },
  pool_not_found: { exit: 3, status: 404 },
  prefixes_gone: { exit: 3, status: 409 },
  preview_outdated: { exit: 3, status: 409 },
  reference_reused: { exit: 3, status: 409 },
  report_not_found: { exit: 3, status: 404 },
  route_not_found: { exit: 3, status: 404 },
  route_exists: { exit: 3, status: 409 },
  second_factor_exists: { exit: 3, status: 409 },
  second_factor_not_found: { exit: 3, status: 404 },
  session_not_found: { exit: 3, status: 404 },
  schedule_not_found: { exit: 3, status: 404 },
  schedule_used: { exit: 3, status: 409 },
  sheet_not_found: { exit: 3, status: 404 },
  second_person_needed: { exit: 3, status: 409 },
  time_not_limited: { exit: 3, status: 409 },
  too_many_approvals: { exit: 3, status: 409 },
  too_many_jobs: { exit: 3, status: 409 },
  too_many_versions: { exit: 3, status: 409 },
  trunk_has_routes: { exit: 3, status: 409 },
  trunk_exists: { exit: 3, status: 409 },
  trunk_not_found: { exit: 3, status: 404 },
  version_current: { exit: 3, status: 409 },
  version_incomplete: { exit: 3, status: 409 },
  version_not_found: { exit: 3, status: 404 },
  version_outdated: { exit: 3, status: 409 },
  version_used: { exit: 3, status: 409 },
  voucher_expired: { exit: 3, status: 409 },
  voucher_not_active: { exit: 3, status: 409 },
  voucher_not_found: { exit: 3, status: 404 },
  voucher_redeemed: { exit: 3, status: 409 },
  webhook_exists: { exit: 3, status: 409 },
  webhook_not_found: { exit: 3, status: 404 },
  webhook_not_taken: { exit: 1, status: 502 },
} as const satisfies Record<string, { exit: 1 | 2 | 3; status: number }>;

export type OperatorRefusal = keyof typeof OPERATOR_REFUSALS;

/** Why the value of a field is refused, by name: for a program that says it in its own words. What has no name here has its sentence alone. */
export const FIELD_RULES = [
  'accountcode_length',
  'address_not_public',
  'amount_too_large',
  'below_zero',
  'control_character',
  'customer_alone',
  'is_in_future',
  'is_in_past',
  'list_too_long',
  'missing',
  'not_above_zero',
  'not_amount',
  'not_beginning_of_number',
  'not_currency',
  'not_dial_string',
  'not_digits',
  'not_event_kind',
  'not_mail_address',
  'not_name',
  'not_number',
  'not_numbers',
  'not_of_customers',
  'not_person_name',
  'not_prefix',
  'not_secret',
  'not_sound',
  'not_time',
  'not_time_zone',
  'not_url',
  'not_whole',
  'not_whole_or_none',
  'not_word',
  'too_long',
  'too_many_decimals',
  'too_short',
  'twice',
  'unknown_field',
  'wrong_kind',
] as const;

export type FieldRule = (typeof FIELD_RULES)[number];

/** What is wrong with a line of a file, by name. Those that are names of `FIELD_RULES` too mean the same of a cell. */
export const LINE_RULES = [
  'amount_too_large',
  'below_zero',
  'blocked_and_removed',
  'calendar_other',
  'cell_count',
  'column_missing',
  'column_twice',
  'column_unknown',
  'control_character',
  'day_twice',
  'days_exchanged',
  'file_empty',
  'file_not_text',
  'file_utf_16',
  'last_day_of_removed',
  'line_too_long',
  'missing',
  'not_amount',
  'not_day',
  'not_seconds',
  'not_step',
  'not_utf_8',
  'not_yes_or_no',
  'one_column',
  'prefix_begins_00',
  'prefix_not_digits',
  'prefix_too_long',
  'prefix_too_often',
  'prefix_twice',
  'quote_not_closed',
  'quote_not_followed',
  'quote_within',
  'schedule_alone',
  'schedule_not_name',
  'schedule_of_blocked',
  'schedule_unknown',
  'schedules_too_many',
  'step_too_early',
  'steps_too_many',
  'too_long',
  'too_many_decimals',
] as const;

export type LineRule = (typeof LINE_RULES)[number];

/** The names, amounts and counts that a refusal is about. They may hold hostile text, as `detail` may. */
export type RefusalFacts = Readonly<Record<string, string | number>>;

/** A field that is refused. */
export interface WrongField {
  field: string;
  rule: FieldRule;
  /** As it was given, perhaps cut; '' for a secret, and for what was not given. */
  value: string;
  /** Such as `least` and `most`. */
  facts: RefusalFacts;
  /** The whole sentence. */
  detail: string;
}

/** What is wrong with a line of a file, wherever the line is. */
export interface LineProblem {
  /** The field, its value and what to do. */
  problem: string;
  rule: LineRule;
  /** What `problem` says, in parts: the `column` of the file, the `value` that is wrong, perhaps cut, and such as `least` and `most`. */
  facts: RefusalFacts;
}

export interface WrongLine extends LineProblem {
  line: number;
}

/** A rule of the business refuses the request. Thrown, so that the transaction leaves nothing behind. */
export class Refused extends Error {
  override name = 'Refused';
  private of: RefusalFacts = {};
  private wrong: readonly WrongField[] = [];

  constructor(
    readonly refusal: OperatorRefusal,
    /** One line that names the field, its value and what to do. It may hold hostile text: the code that prints it makes it harmless. */
    readonly detail: string,
    /** Further lines if one is not enough, such as the bad lines of a file. */
    readonly more: string[] = [],
    /** The lines of a file that are wrong, or the first of them: what `more` says, for a program. */
    readonly lines: readonly WrongLine[] = [],
  ) {
    super(detail);
  }

  /** What `detail` says, in parts: for a program that says it in its own words. {} if it says nothing beyond the name. */
  get facts(): RefusalFacts {
    return this.of;
  }

  /** The fields that are wrong by a rule that has a name, each with its sentence in `detail` or `more`. */
  get fields(): readonly WrongField[] {
    return this.wrong;
  }

  about(facts: RefusalFacts): this {
    this.of = facts;
    return this;
  }

  withFields(fields: readonly WrongField[]): this {
    this.wrong = fields;
    return this;
  }
}

export const noAccount = (accountcode: string): Refused =>
  new Refused(
    'account_not_found',
    `accountcode ${JSON.stringify(accountcode)} does not exist: see "account list"`,
  ).about({ accountcode });

export const noDeck = (field: string, deck: string): Refused =>
  new Refused(
    'deck_not_found',
    `${field} ${JSON.stringify(deck)} does not exist: import it with "deck import" first`,
  ).about({ deck });
