/** What the API refuses, in English. Read when something is refused, as most visits see none of it. */
import type { FieldRule, LineRule, RefusalName } from '../api/refusals';

/**
 * What a refusal is about, as it is shown: amounts and counts in the reader's way, names as they are. What the API left out is undefined: each
 * sentence is whole without it.
 */
export type Facts = Readonly<Partial<Record<FactName, string>>>;
export type FactName =
  | 'accountcode'
  | 'allow'
  | 'actor'
  | 'amount'
  | 'approval'
  | 'available'
  | 'balance'
  | 'batch'
  | 'before'
  | 'blocked'
  | 'by'
  | 'calendar'
  | 'card'
  | 'charged'
  | 'column'
  | 'currency'
  | 'current'
  | 'customer'
  | 'day'
  | 'deck'
  | 'earlier'
  | 'error'
  | 'event'
  | 'from'
  | 'gone'
  | 'job'
  | 'key'
  | 'known'
  | 'lapsed'
  | 'least'
  | 'left'
  | 'length'
  | 'limit'
  | 'most'
  | 'moved'
  | 'number'
  | 'operator'
  | 'parent'
  | 'prefix'
  | 'problems'
  | 'rates'
  | 'reference'
  | 'refunded'
  | 'report'
  | 'schedule'
  | 'since'
  | 'state'
  | 'trunk'
  | 'uniqueid'
  | 'until'
  | 'value'
  | 'version'
  | 'voucher'
  | 'waiting'
  | 'wanted'
  | 'webhook'
  | 'why'
  | 'words';

/** `api`: the API's own sentence, in English, where a name alone says too little. */
export type RefusalWords = (facts: Facts, api: string) => string;

export interface RefusalTexts {
  refusals: Record<RefusalName, RefusalWords>;
  /** A sentence that stands at its field. */
  rules: Record<FieldRule, (facts: Facts) => string>;
  /** What is wrong with a line of a file, where that is not said as it is of a field. */
  lines: Record<Exclude<LineRule, FieldRule>, (facts: Facts) => string> &
    Partial<Record<LineRule, (facts: Facts) => string>>;
  /** The same away from its field, or from its column. */
  ofField: (field: string, sentence: string) => string;
}

const named = (text: string | undefined): string => (text === undefined ? '' : ` “${text}”`);
const bare = (text: string | undefined): string => (text === undefined ? '' : ` ${text}`);
const money = (amount: string | undefined, { currency }: Facts): string => `${amount}${bare(currency)}`;

export const refusalsEn: RefusalTexts = {
  refusals: {
    account_closed: f => `The account${named(f.accountcode)} is closed. Open it again first.`,
    account_exists: f => `There is an account${named(f.accountcode)} already. Choose another code.`,
    account_is_pool: f => `The account${named(f.accountcode)} is a pool, which has no money or customer of its own.`,
    account_not_found: f => `There is no account${named(f.accountcode)}.`,
    amount_not_positive: f =>
      f.amount === undefined ? 'The amount is too small.' : `The amount ${f.amount} is too small.`,
    answer_not_kept: () => 'It was done. Its secret was shown once, and is not kept: make a new one.',
    answers_unread: () => 'The service is busy sending answers. Try again in a moment.',
    api_key_exists: f => `There is a key${named(f.key)} already. Choose another name, or give it a new secret.`,
    api_key_not_found: f => `There is no key${named(f.key)}, or no such secret of it.`,
    api_key_rotating: f => `The key${named(f.key)} has two secrets already. Revoke the older one first.`,
    approval_decided: f => `The request${bare(f.approval)} is decided already${f.by ? `, by ${f.by}` : ''}.`,
    approval_expired: f => `The request${bare(f.approval)} has expired. Ask for it again.`,
    approval_not_found: f => `There is no request${bare(f.approval)}.`,
    approval_of_another: f => `Only ${f.by ?? 'the one who asked'} can withdraw the request${bare(f.approval)}.`,
    balance_out_of_range: f => `The balance${bare(f.balance)} would become larger than can be kept.`,
    batch_exists: f => `There is a batch${named(f.batch)} already. Choose another name.`,
    batch_not_found: f => `The batch${named(f.batch)} has nothing of that.`,
    call_in_progress: f =>
      f.trunk === undefined
        ? `A call${named(f.uniqueid)} is in progress. Wait until it has ended, or hang it up.`
        : `The trunk “${f.trunk}” carries a call in progress. Wait until it has ended.`,
    call_not_found: f => `There is no such call${named(f.uniqueid)}.`,
    caller_exists: f => `The caller${bare(f.number)} has an account already.`,
    caller_not_found: f => `The caller${bare(f.number)} is not known.`,
    card_not_found: f => `There is no card${bare(f.card)}.`,
    change_in_progress: () => 'The same change is in progress already. Wait until it has ended, then try again.',
    changed_meanwhile: () => 'Another person changed this meanwhile. Look at it again, then change it.',
    code_missing: () => 'A code of the second factor is needed too.',
    code_wrong: () => 'This is not the code that the authenticator shows now.',
    csrf_token_invalid: () => 'The session of this page is not valid any more. Load the page anew.',
    currency_mismatch: f =>
      f.currency === undefined || f.known === undefined
        ? 'The currencies differ.'
        : `The currencies differ: ${f.currency} and ${f.known}${f.deck === undefined ? '' : ` of the deck “${f.deck}”`}.`,
    daily_limit_exceeded: f =>
      f.left === undefined
        ? `${f.actor ?? 'This cashier'} has no daily limit yet, and moves no money. An administrator sets one.`
        : `${money(f.amount, f)} is more than ${f.actor ?? 'this cashier'} has left today (UTC): ${money(f.left, f)} of ${money(f.limit, f)}.`,
    deck_not_found: f => `There is no deck${named(f.deck)}. Import its price list first.`,
    delivery_not_found: f => `The event${bare(f.event)} does not wait for a delivery any more.`,
    field_invalid: (_, api) => api,
    file_invalid: f => {
      if (f.most !== undefined) return `The file removes more than ${f.most} prefixes. Load a whole list without them.`;
      if (f.rates !== undefined) return 'No price would be left. Write one line for each prefix that has one.';
      const found = f.problems === undefined ? 'mistakes' : f.problems === '1' ? '1 mistake' : `${f.problems} mistakes`;
      return `The file has ${found}. Nothing of it was taken: correct it, and choose it again.`;
    },
    hangup_not_confirmed: (f, api) => `The switch did not confirm the hang-up: ${f.why ?? api}`,
    idempotency_key_missing: () => 'The request had no Idempotency-Key.',
    idempotency_key_reused: () => 'Another request was made with the same key. Load the page anew, then try again.',
    internal_error: () => 'Ringfence made a mistake here. Its log has more.',
    holiday_not_found: f => `The calendar${named(f.calendar)} has no holiday on ${f.day ?? 'that day'}.`,
    invitation_not_found: () => 'The one-time token was used or has expired. Ask for a new one.',
    job_ended: f => `The job${bare(f.job)} has ended already.`,
    job_not_found: f => `There is no job${bare(f.job)}.`,
    ledger_unavailable: () => 'The database does not answer. Try again in a moment.',
    login_refused: () => 'The name, the password or the code is wrong.',
    mail_not_set: () => 'This service sends no mail.',
    money_left: f =>
      `The account${named(f.accountcode)} still has a balance${f.balance === undefined ? '' : ` of ${money(f.balance, f)}`}. Bring it to 0 first.`,
    more_than_at_once: f =>
      f.limit === undefined
        ? 'That is more than this cashier may move at once.'
        : `${money(f.amount, f)} is more than ${f.actor ?? 'this cashier'} may move at once: ${money(f.limit, f)}.`,
    more_than_available: f =>
      f.available === undefined ? 'That is more than is available.' : `Only ${money(f.available, f)} is available.`,
    more_than_charged: f =>
      f.charged === undefined
        ? 'That is more than is left of the call’s cost.'
        : `The call was charged ${f.charged}: refund that at most.`,
    no_call_in_progress: f => `The account${named(f.accountcode)} has no call in progress.`,
    not_allowed: () => 'Your roles do not include this. An administrator can give you another one.',
    not_authenticated: () => 'You are not logged in any more.',
    not_found: () => 'The service does not have this.',
    operator_exists: f => `There is a person${named(f.operator)} already. Choose another name.`,
    operator_is_self: () => 'You cannot do this to yourself. Another administrator can.',
    operator_not_found: f => `The person${named(f.operator)} is not there, or not in a state for this.`,
    password_wrong: () => 'The password or the code is wrong.',
    pin_key_missing: () => 'The service has no key for codes. An administrator must set RINGFENCE_PIN_KEY.',
    pool_not_found: f => `The customer${named(f.customer)} has no pool.`,
    prefixes_gone: f =>
      f.before === undefined
        ? 'More than a fifth of the prefixes would have no price any more.'
        : `Of the ${f.before} prefixes of the deck${named(f.deck)}, ${f.gone} would be gone, ${f.lapsed} have no price today and ${f.blocked} be blocked: more than a fifth.`,
    preview_outdated: f => `The deck${named(f.deck)} has another version by now. Look at the changes again.`,
    proxy_not_named: () => 'The request came through a proxy that RINGFENCE_HTTP_PROXIES does not name.',
    reference_reused: f =>
      f.moved === undefined
        ? `The reference${named(f.reference)} was used for something else. Use another one.`
        : `The reference${named(f.reference)} moved ${money(f.moved, f)} before. Use another one.`,
    report_not_found: f => `There is no report${named(f.report)}.`,
    request_invalid: (_, api) => `The service cannot read the request: ${api}`,
    route_exists: f => `The prefix${named(f.prefix)} goes to the trunk${named(f.trunk)} already.`,
    route_not_found: f =>
      f.trunk === undefined
        ? `The prefix${named(f.prefix)} goes to no trunk.`
        : `The prefix${named(f.prefix)} does not go to the trunk “${f.trunk}”.`,
    schedule_not_found: f => `There is no schedule${named(f.schedule)}.`,
    schedule_used: f =>
      `A version of the deck${named(f.deck)} names the schedule${named(f.schedule)}. Delete such versions first.`,
    second_factor_exists: () => 'There is a second factor already. Remove it first.',
    second_factor_not_found: () => 'There is no second factor.',
    second_person_needed: () => 'A second person must approve this, certainly another one than who asked.',
    sheet_not_found: f => `Nothing is kept of the sheets of the deck${named(f.deck)}.`,
    session_not_found: () => 'This session has ended already.',
    stopping: () => 'The service stops. Try again in a moment.',
    time_not_limited: f =>
      `The account${named(f.accountcode)} has no limit of talk (max_time): it needs no time added.`,
    too_busy: () => 'Too many people log in at once. Try again in some seconds.',
    too_many_approvals: f =>
      `${f.waiting ?? 'Too many'} of your requests wait for a second person. Withdraw some first.`,
    too_many_in_progress: () => 'Too many of your requests are in progress at once. Try again in a moment.',
    too_many_jobs: f => `${f.most ?? 'Too many'} jobs wait already. Stop some, or try again later.`,
    too_many_listeners: () => 'Too many live pages are open at once. Try again in a moment.',
    too_many_requests: () => 'Too many requests in a short time. Try again in a moment.',
    too_many_tables: () => 'Too many reports are being read at once. Try again in a moment.',
    too_many_tries: () => 'Too many wrong tries. Wait, then try again.',
    too_many_uploads: () => 'Too many uploads go on at once. Try again in a moment.',
    too_many_versions: f => `${f.most ?? 'Too many'} versions wait to be published already. Publish or delete some.`,
    too_slow: () => 'The answer takes too long. Ask for less, such as fewer days.',
    trunk_exists: f => `There is a trunk${named(f.trunk)} already. Choose another name.`,
    trunk_has_routes: f => `The trunk${named(f.trunk)} still has routes. Remove them first.`,
    trunk_not_found: f => `There is no trunk${named(f.trunk)}.`,
    version_current: f => `Version${bare(f.version)} of the deck${named(f.deck)} is current, or was a moment ago.`,
    version_incomplete: f => `Version${bare(f.version)} of the deck${named(f.deck)} is not complete.`,
    version_not_found: f => `There is no version${bare(f.version)} of the deck${named(f.deck)}.`,
    version_outdated: f =>
      `Version${bare(f.version)} of the deck${named(f.deck)} is older than the current one. Load the file again.`,
    deck_chain_too_long: f =>
      `The deck${named(f.deck)} on${named(f.parent)} would make a chain of${bare(f.length)} decks. At most${bare(f.most)} stand on one another.`,
    deck_in_circle: f => `The deck${named(f.parent)} stands on the deck${named(f.deck)} itself. Take another parent.`,
    version_used: f => `Version${bare(f.version)} of the deck${named(f.deck)} rated calls, and stays.`,
    voucher_expired: f => `The voucher${bare(f.voucher)} has expired.`,
    voucher_not_active: f => `The voucher${bare(f.voucher)} is not active.`,
    voucher_not_found: f => `There is no such voucher${bare(f.voucher)}.`,
    voucher_redeemed: f => `The voucher${bare(f.voucher)} was redeemed before.`,
    webhook_exists: f => `There is a webhook${named(f.webhook)} already. Choose another name.`,
    webhook_not_found: f => `There is no webhook${named(f.webhook)}.`,
    webhook_not_taken: (f, api) => `The receiver did not take it: ${f.error ?? api}`,
  },
  rules: {
    accountcode_length: () => 'Use 1 to 79 bytes: Asterisk cuts what is longer.',
    address_not_public: f =>
      `${quote(f)} points to an address that is not public. An administrator of the service can allow it: RINGFENCE_WEBHOOK_ALLOW=${f.allow}.`,
    amount_too_large: f => `${quote(f)} is too large: at most 14 digits before the point.`,
    below_zero: f => `${quote(f)} is below zero. Write 0 or more.`,
    control_character: () => 'This holds a character that cannot be shown. Leave it out.',
    customer_alone: () => 'The role customer stands alone.',
    is_in_future: () => 'This time is still to come. Give one that is past.',
    is_in_past: () => 'This time is past. Give one that is still to come.',
    list_too_long: f => `These are ${f.length} values: use at most ${f.most}.`,
    missing: () => 'This is missing.',
    not_above_zero: f => `${quote(f)} is not above zero.`,
    not_amount: f => `${quote(f)} is not an amount. Write digits, such as 12.50.`,
    not_beginning_of_number: f => `${quote(f)} begins no number. Write 1 to 32 digits.`,
    not_currency: f => `${quote(f)} is not a currency. Write three capital letters, such as EUR.`,
    not_dial_string: f => `${quote(f)} is not a dial string. Write it as PJSIP/{number}@carrier.`,
    not_digits: f => `${quote(f)} is not at most ${f.most} digits.`,
    not_event_kind: f => `${quote(f)} is not a kind of event.`,
    not_mail_address: f => `${quote(f)} is not an address of mail.`,
    not_name: () => 'Use 1 to 40 letters, digits, _ . or -, and begin with a letter or a digit.',
    not_number: f => `${quote(f)} is not a number. Write digits, with + or 00 before them.`,
    not_numbers: f => `${quote(f)} is not a number from ${f.least} to ${f.most}. Separate numbers by commas.`,
    not_of_customers: () => 'Only a customer has an account. Leave it out.',
    not_person_name: () => 'Use 1 to 40 small letters, digits, _ . or -, and begin with a letter or a digit.',
    not_prefix: f => `${quote(f)} is not a prefix. Write at most 32 digits, without + or 00.`,
    not_secret: () => 'Use 16 to 200 letters, digits and signs, without blanks.',
    not_sound: f => `${quote(f)} is not a sound. Write say, sound:beep or default.`,
    not_time: f => `${quote(f)} is not a time.`,
    not_time_zone: f => `${quote(f)} is not a time zone. Write a name such as Europe/Berlin.`,
    not_url: f => `${quote(f)} is not a web address. Write https://host/path.`,
    not_whole: f => `${quote(f)} is not a whole number from ${f.least} to ${f.most}.`,
    not_whole_or_none: f =>
      `${quote(f)} is not a whole number from ${f.least} to ${f.most}. Leave it empty for no limit.`,
    not_word: f => `${quote(f)} is not known. Known are ${f.words}.`,
    too_long: f => `This has ${f.length} characters: use at most ${f.most}.`,
    too_many_decimals: f => `${quote(f)} has more than six decimals.`,
    too_short: f => `This has ${f.length} characters: use at least ${f.least}.`,
    twice: () => 'This holds a value twice. Write each once.',
    unknown_field: () => 'The service does not know this field.',
    wrong_kind: f => `${quote(f)} is not what belongs here.`,
  },
  lines: {
    blocked_and_removed: () => 'This is removed and blocked at once. A prefix without a price is not blocked.',
    calendar_other: f => `This is of the calendar ${quote(f)}, not of${named(f.calendar)}. Import it by itself.`,
    cell_count: f =>
      `This has ${f.length} cells, and the header has ${f.wanted}. Make them equal. A cell with a comma stands in quotes.`,
    column_missing: f => `The column ${f.value} is missing. Add it.`,
    column_twice: f => `The column ${f.value} is there twice. Leave one out.`,
    column_unknown: f => `The column ${quote(f)} is not known. Known are ${f.words}.`,
    day_twice: f => `The day ${f.value} is in line ${f.earlier} already. Keep one of the two.`,
    days_exchanged: f => `The first day ${f.from} is after the last day ${f.until}. Exchange or correct them.`,
    file_empty: () => 'The file has nothing below its header. Write the lines there.',
    file_not_text: () => 'This is a workbook or a packed file, not text. Save its sheet as CSV.',
    file_utf_16: () => 'This is UTF-16, not UTF-8. Save the file as UTF-8.',
    last_day_of_removed: f =>
      `This removes its prefix and has a last day, ${f.value}. Leave that out: the prefix is gone from valid_from on.`,
    line_too_long: f => `This is longer than ${f.most} bytes. Look for a line end that is missing.`,
    not_amount: f => `${quote(f)} is not an amount. Write digits with a point, such as 12.50.`,
    not_day: f => `${quote(f)} is not a day. Write it as 2026-12-31.`,
    not_seconds: f => `${quote(f)} is not a whole number of seconds from ${f.least} to ${f.most}.`,
    not_step: f =>
      `${quote(f)} is not a step. Write 180:0.05/6 for 0.05 a minute by 6 s from second 180 on, with seconds from 1 to ${f.most}.`,
    not_utf_8: f => `${quote(f)} is not UTF-8. Save the file as UTF-8.`,
    not_yes_or_no: f => `${quote(f)} is neither yes nor no. Write one of them.`,
    one_column: f => `${quote(f)} is one column. Separate the columns with commas.`,
    prefix_begins_00: f => `The prefix ${quote(f)} begins with 00. Leave the 00 out.`,
    prefix_not_digits: f => `The prefix ${quote(f)} is not digits. Write digits alone, without + and blanks.`,
    prefix_too_long: f => `The prefix has ${f.length} digits: use at most ${f.most}.`,
    schedule_alone: f =>
      `${prefixOf(f)} has the schedule${named(f.schedule)} and no line without one${f.day === undefined ? '' : ` for ${f.day}`}. Add it, for the hours in which no schedule holds.`,
    schedule_not_name: f => `${f.value} is not the name of a schedule.`,
    schedule_of_blocked: f => `A line that blocks or removes has no schedule${named(f.value)}: it holds at all times.`,
    schedule_unknown: f => `There is no schedule${named(f.schedule)}. Add it first.`,
    schedules_too_many: f => `${prefixOf(f)} has more than ${f.most} schedules for the same days. Leave one out.`,
    prefix_too_often: f => `${prefixOf(f)} has more than ${f.most} lines. Leave out what is past.`,
    prefix_twice: f =>
      f.earlier === undefined
        ? `${prefixOf(f)} has two prices for the same days. Keep one of the two.`
        : `${prefixOf(f)} has a price for the same days in line ${f.earlier}. Keep one of the two.`,
    quote_not_closed: () => 'A quote " is opened and not closed in its line. Close it, or write "" for a quote.',
    quote_not_followed: () => 'No comma follows a closing quote ". Write "" for a quote within a cell.',
    quote_within: () => 'A quote " stands within a cell. Put the whole cell into quotes, and write "" for the quote.',
    step_too_early: f => `A step begins at second ${f.from}. Begin it at second ${f.least} or later.`,
    steps_too_many: f => `These are ${f.length} steps: use at most ${f.most}.`,
  },
  ofField: (field, sentence) => `${field}: ${sentence}`,
};

const prefixOf = ({ prefix }: Facts): string => (prefix === '' ? 'The empty prefix' : `The prefix${named(prefix)}`);

function quote({ value }: Facts): string {
  return value === undefined || value === '' ? 'This' : `“${value}”`;
}
