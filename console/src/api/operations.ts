/**
 * Ringfence, the operator's API
 * 0.1.0
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/api/v1"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "/api/v1"
};
export type Account = {
    /** the channel's accountcode */
    accountcode: string;
    /** pool: made by the dialplan for a group of calls */
    kind: "account" | "pool";
    /** what a call that starts now would meet; blocked also if it has expired */
    status: "active" | "blocked" | "closed" | "expired";
    /** ISO 4217 code */
    currency: string;
    /** sum of its ledger entries */
    balance: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** talk that counts against max_time; seconds */
    time_used: number;
    /** what calls were charged in this hour, less corrections; null without max_spend_hour */
    spent_hour: string | null;
    /** the same of this day; null without max_spend_day */
    spent_day: string | null;
    /** the same of this month; null without max_spend_month */
    spent_month: string | null;
    /** the customer's name, for people; empty where it was not set */
    name: string;
    /** the rate deck of its calls */
    deck: string;
    /** how far below zero calls may take the balance */
    credit_limit: string;
    /** most calls at once, ringing ones counted; null for no limit */
    max_channels: number | null;
    /** longest call; null for the service's own limit */
    max_call_seconds: number | null;
    /** digits that dialled numbers may not begin with */
    barred_prefixes: string[];
    /** no call starts from then on; null for never */
    expires_at: string | null;
    /** IANA name; decides on which day a rate is valid */
    time_zone: string;
    /** strict: a call reserves its longest talk; shared: a slice at a time */
    mode: "strict" | "shared";
    /** talk that a call of mode shared reserves at a time */
    slice_seconds: number;
    /** most talk of all calls that overlap, together; seconds, null for no limit */
    max_time: number | null;
    /** most calls that start in one second; null for no limit */
    max_calls_per_second: number | null;
    /** how long before the cut the caller is warned */
    warn_seconds: string[];
    /** after the first warning, one more every so many seconds; null for none */
    warn_repeat_seconds: number | null;
    /** what the warned caller hears; empty for the service's own */
    warn_sound: string;
    /** what the caller hears before the call: balance, time */
    announce: string[];
    /** an event tells when the balance is below; null for never */
    low_balance: string | null;
    /** the most that its calls are charged, and hold, in an hour; null for no limit */
    max_spend_hour: string | null;
    /** the same in a day of its time zone; null for no limit */
    max_spend_day: string | null;
    /** the same in a calendar month of its time zone; null for no limit */
    max_spend_month: string | null;
    /** block: a call over such a limit blocks the account, and its calls are ended */
    spend_limit_action: "refuse" | "block";
    /** the most that one call may cost; null for no limit */
    max_call_cost: string | null;
    /** no call starts at a higher price per minute; null for no limit */
    max_price_per_minute: string | null;
    created_at: string;
};
export type Problem = {
    /** urn:ringfence:problem: and the name of the refusal */
    "type": string;
    title: string;
    status: number;
    /** what is wrong: the field, its value and what to do */
    detail?: string;
    /** everything that is wrong, if it is more than one thing */
    problems?: string[];
    /** of a file: the first 50 things that are wrong, by the number of their line */
    errors?: {
        line: number;
        detail: string;
        rule: "amount_too_large" | "below_zero" | "blocked_and_removed" | "calendar_other" | "cell_count" | "column_missing" | "column_twice" | "column_unknown" | "control_character" | "day_twice" | "days_exchanged" | "file_empty" | "file_not_text" | "file_utf_16" | "last_day_of_removed" | "line_too_long" | "missing" | "not_amount" | "not_day" | "not_seconds" | "not_step" | "not_utf_8" | "not_yes_or_no" | "one_column" | "prefix_begins_00" | "prefix_not_digits" | "prefix_too_long" | "prefix_too_often" | "prefix_twice" | "quote_not_closed" | "quote_not_followed" | "quote_within" | "schedule_alone" | "schedule_not_name" | "schedule_of_blocked" | "schedule_unknown" | "schedules_too_many" | "step_too_early" | "steps_too_many" | "too_long" | "too_many_decimals";
        facts: {
            [key: string]: string | number;
        };
    }[];
    /** the names, amounts and counts that detail says, for words of your own */
    facts?: {
        [key: string]: string | number;
    };
    /** the fields that are wrong by a rule that has a name */
    fields?: {
        field: string;
        rule: "accountcode_length" | "address_not_public" | "amount_too_large" | "below_zero" | "control_character" | "customer_alone" | "is_in_future" | "is_in_past" | "list_too_long" | "missing" | "not_above_zero" | "not_amount" | "not_beginning_of_number" | "not_currency" | "not_dial_string" | "not_digits" | "not_event_kind" | "not_mail_address" | "not_name" | "not_number" | "not_numbers" | "not_of_customers" | "not_person_name" | "not_prefix" | "not_secret" | "not_sound" | "not_time" | "not_time_zone" | "not_url" | "not_whole" | "not_whole_or_none" | "not_word" | "too_long" | "too_many_decimals" | "too_short" | "twice" | "unknown_field" | "wrong_kind";
        /** as it was given, perhaps cut; empty for a secret */
        value: string;
        facts: {
            [key: string]: string | number;
        };
        /** its sentence, as detail or problems has it */
        detail: string;
    }[];
    request_id: string;
};
export type AccountSet = {
    /** the channel's accountcode */
    accountcode: string;
    /** pool: made by the dialplan for a group of calls */
    kind: "account" | "pool";
    /** what a call that starts now would meet; blocked also if it has expired */
    status: "active" | "blocked" | "closed" | "expired";
    /** ISO 4217 code */
    currency: string;
    /** sum of its ledger entries */
    balance: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** talk that counts against max_time; seconds */
    time_used: number;
    /** what calls were charged in this hour, less corrections; null without max_spend_hour */
    spent_hour: string | null;
    /** the same of this day; null without max_spend_day */
    spent_day: string | null;
    /** the same of this month; null without max_spend_month */
    spent_month: string | null;
    /** the customer's name, for people; empty where it was not set */
    name: string;
    /** the rate deck of its calls */
    deck: string;
    /** how far below zero calls may take the balance */
    credit_limit: string;
    /** most calls at once, ringing ones counted; null for no limit */
    max_channels: number | null;
    /** longest call; null for the service's own limit */
    max_call_seconds: number | null;
    /** digits that dialled numbers may not begin with */
    barred_prefixes: string[];
    /** no call starts from then on; null for never */
    expires_at: string | null;
    /** IANA name; decides on which day a rate is valid */
    time_zone: string;
    /** strict: a call reserves its longest talk; shared: a slice at a time */
    mode: "strict" | "shared";
    /** talk that a call of mode shared reserves at a time */
    slice_seconds: number;
    /** most talk of all calls that overlap, together; seconds, null for no limit */
    max_time: number | null;
    /** most calls that start in one second; null for no limit */
    max_calls_per_second: number | null;
    /** how long before the cut the caller is warned */
    warn_seconds: string[];
    /** after the first warning, one more every so many seconds; null for none */
    warn_repeat_seconds: number | null;
    /** what the warned caller hears; empty for the service's own */
    warn_sound: string;
    /** what the caller hears before the call: balance, time */
    announce: string[];
    /** an event tells when the balance is below; null for never */
    low_balance: string | null;
    /** the most that its calls are charged, and hold, in an hour; null for no limit */
    max_spend_hour: string | null;
    /** the same in a day of its time zone; null for no limit */
    max_spend_day: string | null;
    /** the same in a calendar month of its time zone; null for no limit */
    max_spend_month: string | null;
    /** block: a call over such a limit blocks the account, and its calls are ended */
    spend_limit_action: "refuse" | "block";
    /** the most that one call may cost; null for no limit */
    max_call_cost: string | null;
    /** no call starts at a higher price per minute; null for no limit */
    max_price_per_minute: string | null;
    created_at: string;
    /** the fields that have another value now */
    changed: string[];
};
export type LedgerEntry = {
    created_at: string;
    kind: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    /** added to the balance: negative for a charge */
    amount: string;
    /** the account's balance after this entry */
    balance_after: string;
    /** its cause: the call's uniqueid, or the operator's own reference; moves money once */
    reference: string;
    /** why, in the operator's words */
    reason: string;
};
export type AccountShown = {
    /** the channel's accountcode */
    accountcode: string;
    /** pool: made by the dialplan for a group of calls */
    kind: "account" | "pool";
    /** what a call that starts now would meet; blocked also if it has expired */
    status: "active" | "blocked" | "closed" | "expired";
    /** ISO 4217 code */
    currency: string;
    /** sum of its ledger entries */
    balance: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** talk that counts against max_time; seconds */
    time_used: number;
    /** what calls were charged in this hour, less corrections; null without max_spend_hour */
    spent_hour: string | null;
    /** the same of this day; null without max_spend_day */
    spent_day: string | null;
    /** the same of this month; null without max_spend_month */
    spent_month: string | null;
    /** the customer's name, for people; empty where it was not set */
    name: string;
    /** the rate deck of its calls */
    deck: string;
    /** how far below zero calls may take the balance */
    credit_limit: string;
    /** most calls at once, ringing ones counted; null for no limit */
    max_channels: number | null;
    /** longest call; null for the service's own limit */
    max_call_seconds: number | null;
    /** digits that dialled numbers may not begin with */
    barred_prefixes: string[];
    /** no call starts from then on; null for never */
    expires_at: string | null;
    /** IANA name; decides on which day a rate is valid */
    time_zone: string;
    /** strict: a call reserves its longest talk; shared: a slice at a time */
    mode: "strict" | "shared";
    /** talk that a call of mode shared reserves at a time */
    slice_seconds: number;
    /** most talk of all calls that overlap, together; seconds, null for no limit */
    max_time: number | null;
    /** most calls that start in one second; null for no limit */
    max_calls_per_second: number | null;
    /** how long before the cut the caller is warned */
    warn_seconds: string[];
    /** after the first warning, one more every so many seconds; null for none */
    warn_repeat_seconds: number | null;
    /** what the warned caller hears; empty for the service's own */
    warn_sound: string;
    /** what the caller hears before the call: balance, time */
    announce: string[];
    /** an event tells when the balance is below; null for never */
    low_balance: string | null;
    /** the most that its calls are charged, and hold, in an hour; null for no limit */
    max_spend_hour: string | null;
    /** the same in a day of its time zone; null for no limit */
    max_spend_day: string | null;
    /** the same in a calendar month of its time zone; null for no limit */
    max_spend_month: string | null;
    /** block: a call over such a limit blocks the account, and its calls are ended */
    spend_limit_action: "refuse" | "block";
    /** the most that one call may cost; null for no limit */
    max_call_cost: string | null;
    /** no call starts at a higher price per minute; null for no limit */
    max_price_per_minute: string | null;
    created_at: string;
    /** its movements of money, the newest first */
    entries: LedgerEntry[];
    /** how many it has in all */
    entries_total: number;
};
export type SpendDay = {
    /** such as 2026-11-30 */
    day: string;
    /** calls that were charged on it */
    calls: number;
    /** what they were charged; refunds and corrections are not subtracted */
    charged: string;
};
export type Spend = {
    /** ISO 4217 code */
    currency: string;
    /** IANA name: whose days these are */
    zone: string;
    /** the oldest first, also those without a charge */
    days: SpendDay[];
};
export type MoneyMoved = {
    accountcode: string;
    kind: "top_up" | "refund" | "adjustment";
    /** its cause; moves money once */
    reference: string;
    /** added to the balance */
    amount: string;
    /** false if the same reference had moved it before, or if it waits for a second person: then nothing was done */
    moved: boolean;
    /** as it is now */
    balance: string;
    /** balance + credit limit − reserved */
    available: string;
    /** the number of the request that waits for a second person: nothing is moved yet; null if none does */
    approval: number | null;
};
export type EndedCalls = {
    /** the uniqueids of the calls that the services must end now */
    calls: string[];
};
export type AccountStatus = {
    accountcode: string;
    /** what a call that starts now would meet; blocked also if it has expired */
    status: "active" | "blocked" | "closed" | "expired";
};
export type TimeAdded = {
    accountcode: string;
    /** what was added */
    seconds: number;
    /** most talk of all calls that overlap, together; seconds */
    max_time: number;
    /** the part of it that no call holds yet; seconds */
    time_left: number;
};
export type StatementEntry = {
    entry_number: number;
    created_at: string;
    kind: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    /** added to the balance */
    amount: string;
    reference: string;
};
export type StatementCalls = {
    /** as the price list names it; empty if the call is not known */
    destination: string;
    /** where their charge is; those that cost nothing, where they ended */
    calls: number;
    billed_seconds: number;
    cost: string;
};
export type Statement = {
    /** ISO 4217 code */
    currency: string;
    /** IANA name */
    zone: string;
    /** when the month begins */
    from_at: string;
    /** when the next one begins */
    to_at: string;
    /** the balance before */
    opening: string;
    /** the oldest first, 1000 at most; the sum is of all */
    top_ups: StatementEntry[];
    top_up_count: number;
    top_up_sum: string;
    /** refunds, corrections, adjustments: the oldest first, 1000 at most; the sum is of all */
    others: StatementEntry[];
    other_count: number;
    other_sum: string;
    /** by destination, the dearest first */
    calls: StatementCalls[];
    call_count: number;
    billed_seconds: number;
    call_cost: string;
    /** the balance after; of a month that is not over, the present one */
    closing: string;
    /** whether opening + top_up_sum + other_sum − call_cost is closing, with no entry missing between */
    adds_up: boolean;
};
export type LedgerRow = {
    /** the account whose balance it moved */
    accountcode: string;
    /** which entry of its account it is: 1, 2, 3 without a gap */
    entry_number: number;
    created_at: string;
    kind: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    /** added to the balance: negative for a charge */
    amount: string;
    /** the account's balance after this entry */
    balance_after: string;
    /** its cause: the call's uniqueid, or the operator's own reference; moves money once */
    reference: string;
    /** why, in the operator's words */
    reason: string;
    /** ISO 4217 code */
    currency: string;
    /** who moved the money; empty for what a call itself caused */
    actor: string;
};
export type PoolShown = {
    /** the name that the dialplan gave */
    customer: string;
    status: "active" | "blocked";
    /** what its calls share */
    max_credit: string;
    /** the cost of the calls that ended since it last had no call */
    consumed: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** most talk of all calls that overlap, together; seconds, null for no limit */
    max_time: number | null;
    /** talk that counts against max_time; seconds */
    time_used: number;
    /** pool: and the customer */
    accountcode: string;
    /** most calls at once; null for no limit */
    max_channels: number | null;
    /** most calls that start in one second; null for no limit */
    max_calls_per_second: number | null;
    created_at: string;
    /** its movements of money, the newest first */
    entries: LedgerEntry[];
    /** how many it has in all */
    entries_total: number;
};
export type Pool = {
    /** the name that the dialplan gave */
    customer: string;
    status: "active" | "blocked";
    /** what its calls share */
    max_credit: string;
    /** the cost of the calls that ended since it last had no call */
    consumed: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** most talk of all calls that overlap, together; seconds, null for no limit */
    max_time: number | null;
    /** talk that counts against max_time; seconds */
    time_used: number;
    /** pool: and the customer */
    accountcode: string;
    /** most calls at once; null for no limit */
    max_channels: number | null;
    /** most calls that start in one second; null for no limit */
    max_calls_per_second: number | null;
    created_at: string;
};
export type IssuedCard = {
    serial: number;
    pin: string;
};
export type CardsIssued = {
    batch: string;
    /** how many were made */
    count: number;
    /** the first serial */
    "from": number | null;
    /** the last serial */
    to: number | null;
    /** their PINs, this once */
    cards: IssuedCard[];
};
export type Card = {
    serial: number;
    batch: string;
    /** generated: can do nothing; active: its PIN is taken; blocked: neither */
    status: "generated" | "active" | "blocked";
    /** what its account opens with */
    value: string;
    /** of its account; null if it has none */
    balance: string | null;
    /** ISO 4217 code */
    currency: string;
    /** its account, from its activation on */
    accountcode: string | null;
    /** of its account, if it has one; null for never */
    expires_at: string | null;
    first_used_at: string | null;
    last_used_at: string | null;
    /** the rate deck that its account is opened with */
    deck: string;
    /** days after its first use when its account expires; null for never */
    expires_days: number | null;
    /** a print of the key that its PIN was hashed with */
    pin_key: string;
    created_at: string;
    activated_at: string | null;
};
export type BatchSwitched = {
    batch: string;
    /** the first serial */
    "from": number;
    /** the last serial */
    to: number;
    /** how many were changed */
    changed: number;
    /** how many were left as they were */
    unchanged: number;
};
export type CardBatch = {
    batch: string;
    /** how many are in it */
    count: number;
    /** the first serial */
    "from": number;
    /** the last serial */
    to: number;
    /** of each */
    value: string;
    /** ISO 4217 code */
    currency: string;
    /** what they were made with; null for never */
    expires_at: string | null;
    created_at: string;
    /** the rate deck that their accounts are opened with */
    deck: string;
    /** days after its first use when an account expires; null for never */
    expires_days: number | null;
    /** how many can do nothing yet */
    generated: number;
    /** how many have an account, and a PIN that is taken */
    active: number;
    /** how many are blocked */
    blocked: number;
};
export type IssuedVoucher = {
    serial: number;
    code: string;
};
export type VouchersIssued = {
    batch: string;
    /** how many were made */
    count: number;
    /** the first serial */
    "from": number | null;
    /** the last serial */
    to: number | null;
    /** their codes, this once */
    vouchers: IssuedVoucher[];
};
export type Voucher = {
    serial: number;
    batch: string;
    /** only an active one can be redeemed; redeemed: its money is on an account */
    status: "generated" | "active" | "blocked" | "redeemed";
    /** what it adds to an account */
    value: string;
    /** ISO 4217 code */
    currency: string;
    /** not redeemed from then on; null for never */
    expires_at: string | null;
    /** the account that it was added to; null until it is redeemed */
    accountcode: string | null;
    redeemed_at: string | null;
    activated_at: string | null;
    /** a print of the key that its code was hashed with */
    code_key: string;
};
export type VoucherRedeemed = {
    serial: number;
    /** the account that it was added to */
    accountcode: string;
    /** what it added */
    amount: string;
    /** ISO 4217 code */
    currency: string;
    /** as it is now */
    balance: string;
    /** balance + credit limit − reserved */
    available: string;
};
export type VoucherBatch = {
    batch: string;
    /** how many are in it */
    count: number;
    /** the first serial */
    "from": number;
    /** the last serial */
    to: number;
    /** of each */
    value: string;
    /** ISO 4217 code */
    currency: string;
    /** what they were made with; null for never */
    expires_at: string | null;
    created_at: string;
    /** how many cannot be redeemed yet */
    generated: number;
    /** how many can be redeemed */
    active: number;
    /** how many are blocked */
    blocked: number;
    /** how many have added their value to an account */
    redeemed: number;
};
export type Caller = {
    /** digits, without + or 00 */
    "number": string;
    /** the account that pays for its calls without a PIN */
    accountcode: string;
    created_at: string;
};
export type PrefixChanges = {
    /** how many prefixes */
    count: number;
    /** the first three of them */
    examples: string[];
};
export type DeckChanges = {
    "new": PrefixChanges;
    changed: PrefixChanges;
    gone: PrefixChanges;
    unchanged: PrefixChanges;
    lapsed: PrefixChanges;
    blocked: PrefixChanges;
};
export type DeckPreview = {
    deck: string;
    /** the version that waits */
    version: number;
    /** ISO 4217 code of every price in it */
    currency: string;
    /** how many it has */
    rates: number;
    /** the name of the file */
    source: string;
    /** the line of the file that rates any number; null if there is none */
    any_number_line: number | null;
    /** the current version, which it would replace; 0 if there is none */
    compared_with: number;
    changes: DeckChanges | null;
    /** it lacks more than a fifth of the prefixes, or a price of today for them, or blocks them: "deck publish" wants that confirmed */
    needs_confirm: boolean;
    /** it is kept until then, if it does not become current */
    waits_until: string;
};
export type DeckPublished = {
    deck: string;
    /** the version that is current now */
    version: number;
    /** ISO 4217 code of every price in it */
    currency: string;
    /** how many it has */
    rates: number;
    /** the version that was current; 0 if there was none */
    replaced: number;
};
export type Deck = {
    deck: string;
    /** ISO 4217 code of every price in it */
    currency: string;
    /** how many the current version has */
    rates: number;
    /** the version that new calls are rated with; 0 before the first import */
    version: number;
    /** when that became current, the last time */
    imported_at: string | null;
    /** the name of the file */
    source: string;
    /** the deck that it stands on; null for none */
    parent: string | null;
    /** added to each amount of a line of its parent, per cent: 12.50; below zero for less */
    markup_percent: string;
    /** added to each price per minute of a line of its parent; below zero for less */
    markup_amount: string;
    /** the newest version that is loaded and waits to become current; null for none */
    waiting: number | null;
};
export type DeckVersion = {
    version: number;
    /** new calls are rated with it */
    current: boolean;
    /** it is loaded, and waits to become current */
    waiting: boolean;
    /** how many it has */
    rates: number;
    /** when all its rates were there; null before that, and of old versions */
    loaded_at: string | null;
    /** when it became current, the last time; null if it did not */
    imported_at: string | null;
    /** the name of the file */
    source: string;
};
export type Rate = {
    /** digits that the dialled number begins with; the longest that fits wins; empty for any number */
    prefix: string;
    /** its name, for people */
    destination: string;
    /** the price of 60 billed seconds */
    price_per_minute: string;
    /** charged once for an answered call */
    connect_fee: string;
    /** the least cost of an answered call outside its grace */
    minimum_charge: string;
    /** the first block of talk, billed whole; seconds */
    initial_increment: number;
    /** the blocks after the first, billed whole; seconds */
    increment: number;
    /** shorter talk costs nothing; 0 for none */
    grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    steps: string;
    /** the schedule by which it counts; empty where it counts while none of its prefix holds */
    schedule: string;
    /** the longest call; null for no limit of its own */
    max_seconds: number | null;
    /** the first day, in the account's time zone; null for always */
    valid_from: string | null;
    /** the last day, in the account's time zone; null for always */
    valid_until: string | null;
    /** calls to it are refused, whatever a shorter prefix costs */
    blocked: boolean;
};
export type DeckDifference = {
    /** empty for any number */
    prefix: string;
    /** its name in the version that is looked at, or in the other one if it is gone */
    destination: string;
    /** whether the prefix is new, its lines changed, or it is gone */
    change: "new" | "changed" | "gone";
    /** for a number that begins with it, by its price, else its fee, else its minimum, else an hour of talk; opened: it had no rate, or was blocked; closed: it has no rate now; blocked: calls to it are refused now */
    effect: "dearer" | "cheaper" | "same" | "opened" | "closed" | "blocked";
    /** price of 60 billed seconds in the version before; null for no rate, and for one that is blocked */
    price_before: string | null;
    /** price of 60 billed seconds in this version; null for no rate, and for one that is blocked */
    price_after: string | null;
    connect_fee_before: string | null;
    connect_fee_after: string | null;
    minimum_charge_before: string | null;
    minimum_charge_after: string | null;
    /** the first block of talk and those after it, such as 60/1; seconds */
    increments_before: string | null;
    increments_after: string | null;
    /** the prefix that rated it: a shorter one if it had no line of that day */
    rated_by_before: string | null;
    /** the prefix that rates it */
    rated_by_after: string | null;
    /** a shorter prefix rates it for less than before, or though it was blocked, or for less than its own line will from a later day on */
    falls_back: boolean;
};
export type DeckWeightOfEffect = {
    /** by what the calls cost; where that is the same, as in "deck compare" */
    effect: "dearer" | "cheaper" | "same" | "opened" | "closed" | "blocked";
    calls: number;
    talk_seconds: number;
    /** what those calls cost more, each as long as the mean of its number, with fees, increments, free seconds and steps; below 0 for less. A preview: no charge follows from it */
    difference: string;
};
export type DeckMove = {
    /** the deck of these calls: the one that is weighed, or one that stands on it */
    deck: string;
    /** its name in the version that is looked at, or in the other one */
    destination: string;
    effect: "dearer" | "cheaper" | "same" | "opened" | "closed" | "blocked";
    /** a shorter prefix rates it, for less, or though it was blocked */
    falls_back: boolean;
    /** the prefix that rated it; null for no rate */
    rated_by_before: string | null;
    /** the prefix that rates it, or blocks it; null for no rate */
    rated_by_after: string | null;
    /** null for no rate, and for one that is blocked */
    price_before: string | null;
    price_after: string | null;
    calls: number;
    talk_seconds: number;
    /** as above; null where there is no rate before or after, or it is blocked */
    difference: string | null;
};
export type DeckWeight = {
    deck: string;
    version: number;
    /** the version before; 0 for none */
    against: number;
    /** ISO 4217 code of every price in it */
    currency: string;
    /** calls that started from then on were looked at */
    since: string;
    /** answered calls that this deck rated, or a deck that stands on it, or that went over a trunk whose cost deck one of them is */
    calls: number;
    /** how long they talked */
    talk_seconds: number;
    /** the part of it that was looked up, number by number; the rest is to very many different numbers */
    weighed_seconds: number;
    /** all of it */
    effects: DeckWeightOfEffect[];
    /** those that change most, at most fifty */
    moves: DeckMove[];
};
export type DeckVersionDeleted = {
    deck: string;
    version: number;
    /** how many it had */
    rates: number;
};
export type DeckPruned = {
    deck: string;
    /** the versions that are deleted */
    versions: string[];
};
export type DeckParent = {
    deck: string;
    /** ISO 4217 code of every price in it */
    currency: string;
    /** the deck that it stands on; null for none */
    parent: string | null;
    /** added to each amount of a line of its parent, per cent: 12.50; below zero for less */
    markup_percent: string;
    /** added to each price per minute of a line of its parent; below zero for less */
    markup_amount: string;
};
export type SheetColumn = {
    /** as the sheet has it; empty where it has none */
    name: string;
    /** what it stands for; out for a column that is left out */
    meaning: "code" | "countryCode" | "name" | "price" | "secondPrice" | "fee" | "increments" | "initial" | "next" | "minimum" | "grace" | "free" | "steps" | "longest" | "from" | "until" | "change" | "blocked" | "removed" | "out";
};
export type Sheet = {
    deck: string;
    /** in the order of the sheet */
    columns: SheetColumn[];
    /** what separates its columns */
    separator: "comma" | "semicolon" | "tab" | "bar";
    /** such as 60/1, where the sheet has none */
    increments: string | null;
    /** what a hyphen between digits means, where the sheet leaves it open */
    hyphen: ("range" | "pair") | null;
    /** the decimal mark, where the sheet leaves it open */
    mark: ("point" | "comma") | null;
    /** how its days are written, where the sheet leaves it open */
    order: ("dmy" | "mdy") | null;
    /** the actor, as the audit trail names it */
    kept_by: string;
    kept_at: string;
};
export type SheetRemoved = {
    deck: string;
};
export type Schedule = {
    /** as price lists name it */
    schedule: string;
    /** days and hours on the wall: "Mo-Fr 08:00-12:00,14:00-18:00; Sa,Su,PH 00:00-24:00"; PH is a holiday of the calendar and then no weekday; 20:00-06:00 ends the next day */
    hours: string;
    /** whose holidays are PH and no weekday; null for none */
    calendar: string | null;
    /** of two that hold at an instant the higher counts; of equal ones the first by name */
    priority: number;
    /** whether a version of a deck names it: then it cannot be removed */
    is_used: boolean;
};
export type Holiday = {
    /** the calendar that it is in */
    calendar: string;
    /** on the wall of an account */
    day: string;
    /** for people */
    name: string;
};
export type HolidaysFilled = {
    calendar: string;
    /** the country, or a part of one, by ISO 3166 */
    country: "AT" | "DE" | "DE-BB" | "DE-BE" | "DE-BW" | "DE-BY" | "DE-HB" | "DE-HE" | "DE-HH" | "DE-MV" | "DE-NI" | "DE-NW" | "DE-RP" | "DE-SH" | "DE-SL" | "DE-SN" | "DE-ST" | "DE-TH" | "FR" | "GB-ENG" | "US";
    from_year: number;
    until_year: number;
    /** days that the calendar had not yet; the others stay as they are named */
    added: number;
};
export type HolidaysImported = {
    calendar: string;
    /** days that the calendar had not yet */
    added: number;
    /** days that it had by another name */
    renamed: number;
    /** days that it had by the same name */
    unchanged: number;
};
export type Trunk = {
    trunk: string;
    /** whether calls are sent to it */
    enabled: boolean;
    /** what Asterisk dials, with {number} for the digits */
    endpoint: string;
    /** digits taken from the front of the number */
    strip_digits: number;
    /** digits put in front of it then */
    add_prefix: string;
    /** the rate deck of what the carrier charges us; null if it is not known */
    cost_deck: string | null;
    /** SIP statuses that are the callee's own word; default for the usual ones */
    callee_codes: string;
    /** the same by Q.850 cause */
    callee_causes: string;
    /** whether the next route is tried also if the callee is busy */
    next_on_busy: boolean;
};
export type Route = {
    /** digits that the number begins with; empty for any number */
    prefix: string;
    trunk: string;
    /** the lowest is tried first */
    priority: number;
};
export type RouteListed = {
    /** digits that the number begins with; empty for any number */
    prefix: string;
    trunk: string;
    /** the lowest is tried first */
    priority: number;
    /** whether calls are sent to its trunk */
    enabled: boolean;
    /** what Asterisk dials */
    endpoint: string;
};
export type RouteOrder = {
    /** digits that the number begins with; empty for any number */
    prefix: string;
    /** its trunks in the order in which they are tried, with those that are off */
    trunks: string[];
};
export type RouteTried = {
    trunk: string;
    /** of the route; empty for any number */
    prefix: string;
    /** the lowest is tried first */
    priority: number;
    /** what Asterisk would dial */
    dials: string;
    /** what the carrier would charge for the talk; null if it is not known */
    cost: string | null;
    /** of cost */
    currency: string | null;
    /** what the account would be charged less cost; null if the two cannot be compared */
    margin: string | null;
    /** the trunk's cost deck; null if it has none, or that no rate for the number */
    rate_deck: string | null;
    rate_version: number | null;
    /** empty for any number */
    rate_prefix: string | null;
    rate_destination: string | null;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string | null;
    /** by that rate the carrier carries no such call */
    rate_blocked: boolean;
};
export type RoutePassedOver = {
    trunk: string;
    /** empty for any number */
    prefix: string;
    priority: number;
    /** its trunk is off, would strip the whole number, or another route has a longer prefix */
    why: "trunk_off" | "number_too_short" | "shorter_prefix";
};
export type PriceStep = {
    /** what it is about */
    step: string;
    /** what text says, by name */
    kind: "number_invalid" | "number" | "number_stripped" | "emergency" | "deck" | "day" | "rate" | "prefix" | "prefix_none" | "prefix_not_valid" | "prefix_of_other_currency" | "blocked" | "markup" | "schedule" | "schedule_none" | "answered_within" | "period" | "talk" | "grace_none" | "grace_passed" | "grace_within" | "free_seconds" | "free_seconds_whole" | "increments" | "increments_from" | "increments_cut" | "billed" | "talk_price" | "talk_price_from" | "connect_fee" | "rounding_even" | "rounded_up" | "minimum_none" | "minimum_not_more" | "minimum_charged" | "cost" | "charged_as_held" | "longest_of_service" | "longest_of_account" | "longest_of_rate" | "longest_of_max_time" | "longest_of_money" | "longest_none_money" | "longest_none_time" | "held" | "held_slice";
    /** what comes of it */
    text: string;
    /** the names, amounts, days and seconds that text says, for words of your own */
    facts: object;
};
export type PriceExplained = {
    accountcode: string;
    /** when it would start */
    at: string;
    /** why it would not be let through; null if it would */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** whether it would wait until other calls give back what they hold and have not spent */
    waits: boolean;
    /** null if no rate matches */
    rate_deck: string | null;
    rate_version: number | null;
    /** empty for any number */
    rate_prefix: string | null;
    rate_destination: string | null;
    /** the price of 60 billed seconds; null if no rate matches, and if it is blocked */
    rate_price_per_minute: string | null;
    /** charged once if it is answered */
    rate_connect_fee: string | null;
    /** the least cost if it is answered, outside its grace */
    rate_minimum_charge: string | null;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number | null;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number | null;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number | null;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number | null;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string | null;
    /** the talk, rounded up to whole increments */
    billed_seconds: number | null;
    /** in the account's currency; null if no rate matches, and if it is blocked */
    cost: string | null;
    /** the longest talk as the account stands; 0 for none */
    longest_seconds: number | null;
    /** the first grant: that, or its first slice */
    granted_seconds: number | null;
    /** what would be ring-fenced for granted_seconds */
    max_cost: string | null;
    /** how the price comes about */
    steps: PriceStep[];
};
export type RouteExplained = {
    /** the number without its international prefix; null if it is none */
    digits: string | null;
    /** whether it is free, and never refused */
    is_emergency: boolean;
    /** when the call would start */
    at: string;
    /** the trunks in the order in which they would be tried; empty: refused as no_route */
    routes: RouteTried[];
    /** the other routes that fit the number */
    passed_over: RoutePassedOver[];
    /** the account's; null if none was given */
    currency: string | null;
    price: PriceExplained | null;
};
export type Call = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the account that pays */
    accountcode: string;
    /** the switch that carried it */
    node: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** the trunk that was dialled last; empty if none was */
    trunk: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** talk beyond granted_seconds, which is not charged */
    overrun_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** Q.850 cause; null while it is in progress */
    hangup_cause: number | null;
    /** who ended it; null while it is in progress */
    hangup_source: ("caller" | "callee" | "limit" | "operator" | "service") | null;
    /** how its end is known; null while it is in progress */
    evidence: ("event" | "cel" | "cdr" | "proxy" | "sighting" | "none") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** the longest talk that service, account and rate allow, however much money there is */
    cap_seconds: number;
    /** its limit was given at the start and cannot change */
    is_fixed: boolean;
    /** an operator wants it ended */
    hangup_wanted: boolean;
    /** when its remaining legs were hung up, as its end had been missed */
    cut_at: string | null;
    /** empty if no deck rated it */
    rate_deck: string;
    rate_version: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
    /** what was added to the line's amounts, because the account's deck stands on the line's: 12.50%+0.002; empty for nothing */
    rate_markups: string;
    /** what the carrier charges us; null if it is not known */
    trunk_cost: string | null;
    /** ISO 4217 code of trunk_cost */
    trunk_currency: string | null;
};
export type LiveCall = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the account that pays */
    accountcode: string;
    /** the caller's number */
    src: string;
    /** the dialled number, without + or 00 */
    dst: string;
    rate_destination: string;
    /** the trunk that was dialled last; empty if none was */
    trunk: string;
    /** the switch that carries it */
    node: string;
    /** waiting: its pool has no room for it yet */
    state: "talking" | "ringing" | "waiting";
    /** by the switch's clock */
    start_at: string;
    /** null if it was not answered yet */
    answer_at: string | null;
    /** talk by now */
    seconds: number;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** why its grant ends there; slice: more follows before it runs out */
    limited_by: "slice" | "money" | "time" | "cap";
    /** its limit was given at the start and cannot change */
    is_fixed: boolean;
    /** an operator wants it ended */
    hangup_wanted: boolean;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** what is ring-fenced for it */
    max_cost: string;
    /** what it would be charged if it ended now */
    spent: string;
    /** the rest of max_cost */
    held: string;
    /** ISO 4217 code */
    currency: string;
};
export type CallShown = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the account that pays */
    accountcode: string;
    /** the switch that carried it */
    node: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** the trunk that was dialled last; empty if none was */
    trunk: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** talk beyond granted_seconds, which is not charged */
    overrun_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** Q.850 cause; null while it is in progress */
    hangup_cause: number | null;
    /** who ended it; null while it is in progress */
    hangup_source: ("caller" | "callee" | "limit" | "operator" | "service") | null;
    /** how its end is known; null while it is in progress */
    evidence: ("event" | "cel" | "cdr" | "proxy" | "sighting" | "none") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** the longest talk that service, account and rate allow, however much money there is */
    cap_seconds: number;
    /** its limit was given at the start and cannot change */
    is_fixed: boolean;
    /** an operator wants it ended */
    hangup_wanted: boolean;
    /** when its remaining legs were hung up, as its end had been missed */
    cut_at: string | null;
    /** empty if no deck rated it */
    rate_deck: string;
    rate_version: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
    /** what was added to the line's amounts, because the account's deck stands on the line's: 12.50%+0.002; empty for nothing */
    rate_markups: string;
    /** what the carrier charges us; null if it is not known */
    trunk_cost: string | null;
    /** ISO 4217 code of trunk_cost */
    trunk_currency: string | null;
    /** what its correction added to the balance; below 0 if it had been charged too little */
    corrected: string;
    /** what was given back */
    refunded: string;
    /** cost − corrected − refunded */
    revenue: string;
    /** how the price comes about */
    steps: PriceStep[];
};
export type CallHungUp = {
    uniqueid: string;
    /** the switch that carried it */
    node: string;
    /** false if there was nothing left to hang up */
    hung_up: boolean;
    /** when it ended, if the books have its end already */
    end_at: string | null;
};
export type Reservation = {
    created_at: string;
    /** the account whose money is ring-fenced */
    accountcode: string;
    /** the most that the call may cost */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** the call cannot be alive after this */
    expires_at: string;
    /** the switch that carries the call */
    node: string;
    /** the call */
    uniqueid: string;
};
export type CallHold = {
    at: string;
    /** authorised: at the start */
    kind: "authorised" | "extended" | "shrunk";
    /** what was ring-fenced from then on */
    max_cost: string;
    /** the talk that it paid for */
    granted_seconds: number;
};
export type CallMovement = {
    created_at: string;
    kind: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    balance_before: string;
    /** below 0 for a charge */
    amount: string;
    balance_after: string;
};
export type CallExplained = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the account that pays */
    accountcode: string;
    /** the switch that carried it */
    node: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** the trunk that was dialled last; empty if none was */
    trunk: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** talk beyond granted_seconds, which is not charged */
    overrun_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** Q.850 cause; null while it is in progress */
    hangup_cause: number | null;
    /** who ended it; null while it is in progress */
    hangup_source: ("caller" | "callee" | "limit" | "operator" | "service") | null;
    /** how its end is known; null while it is in progress */
    evidence: ("event" | "cel" | "cdr" | "proxy" | "sighting" | "none") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** the longest talk that service, account and rate allow, however much money there is */
    cap_seconds: number;
    /** its limit was given at the start and cannot change */
    is_fixed: boolean;
    /** an operator wants it ended */
    hangup_wanted: boolean;
    /** when its remaining legs were hung up, as its end had been missed */
    cut_at: string | null;
    /** empty if no deck rated it */
    rate_deck: string;
    rate_version: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
    /** what was added to the line's amounts, because the account's deck stands on the line's: 12.50%+0.002; empty for nothing */
    rate_markups: string;
    /** what the carrier charges us; null if it is not known */
    trunk_cost: string | null;
    /** ISO 4217 code of trunk_cost */
    trunk_currency: string | null;
    /** what its correction added to the balance; below 0 if it had been charged too little */
    corrected: string;
    /** what was given back */
    refunded: string;
    /** cost − corrected − refunded */
    revenue: string;
    /** same: computed_cost, cost and charged are one amount; corrected: they are, and a correction changed it later; differs: they are not, ask "verify" */
    verdict: "in_progress" | "same" | "corrected" | "differs";
    /** what its times cost at its own rate, computed anew, never more than max_cost; null while it is in progress */
    computed_cost: string | null;
    /** what the ledger took for it at its end; 0.00 if it took nothing */
    charged: string;
    /** max_cost − cost: what was ring-fenced and given back at the end; null while it is in progress */
    returned: string | null;
    /** what was reserved, extended and given up, the oldest first; events are kept for RINGFENCE_EVENT_DAYS, later this is empty and max_cost alone tells it */
    holds: CallHold[];
    /** the entries that it caused, and refunds that name it, the oldest first */
    movements: CallMovement[];
    /** how the price comes about */
    steps: PriceStep[];
};
export type Event = {
    created_at: string;
    /** order of writing, with gaps */
    event_id: string;
    /** authorised, answered, settled and so on: docs/events.md */
    kind: string;
    /** the account that it is about */
    accountcode: string;
    /** the call; null if it is about the whole account */
    uniqueid: string | null;
    /** what changed, by its kind: amounts as decimal texts, times as ISO 8601 in UTC */
    facts: object;
    /** who made the change; empty for what a call itself caused */
    actor: string;
    /** whether it was handed to every webhook that wants it */
    dispatched: boolean;
};
export type SwitchLeg = {
    /** its uniqueid; rf-…-2 was the second that Ringfence dialled */
    leg: string;
    /** the name of its channel */
    channel: string;
    /** whether it is the caller's; every other one was called */
    is_caller: boolean;
    /** null if it was never answered */
    answered_at: string | null;
    /** null while it is alive, or if the switch lost that row */
    ended_at: string | null;
    /** Q.850 cause; null if it is not known */
    hangup_cause: number | null;
};
export type SwitchRecord = {
    /** its journal (CEL), or its call records (CDR) where the journal lacks rows */
    source: "cel" | "cdr" | "proxy";
    /** null if it was never answered */
    answer_at: string | null;
    /** null while its end has not been written */
    end_at: string | null;
    /** whole seconds from answer_at to end_at; null while one is missing */
    billsec: number | null;
    /** Q.850 cause; null if it is not known */
    hangup_cause: number | null;
    /** null if it names neither */
    hangup_source: ("caller" | "callee") | null;
    /** the answer and the caller's end have the same stamp: whether there was talk is not known */
    is_unclear: boolean;
};
export type CallEvidence = {
    uniqueid: string;
    /** the oldest first; events are kept for RINGFENCE_EVENT_DAYS */
    events: Event[];
    /** the entries that it caused, and refunds that name it; the oldest first */
    entries: LedgerRow[];
    /** by the switch's journal: the caller's leg, then the called ones in the order of dialling */
    legs: SwitchLeg[];
    switch_record: SwitchRecord | null;
};
export type WebhookAdded = {
    webhook: string;
    /** where events are posted to */
    url: string;
    /** the kinds of events that it wants; empty for all */
    kinds: string[];
    /** it wants only events of this account; null for all */
    accountcode: string | null;
    /** active; paused: its events wait */
    status: string;
    /** deliveries that are still to come, counted up to 10000: then there may be more */
    waiting: number;
    /** of a waiting delivery; null if there is none */
    last_error: string | null;
    /** deliveries that were given up, counted up to 10000: then there may be more */
    dead: number;
    created_at: string;
    /** the key of its signatures, shown this once; left out if it was given */
    secret?: string;
};
export type Webhook = {
    webhook: string;
    /** where events are posted to */
    url: string;
    /** the kinds of events that it wants; empty for all */
    kinds: string[];
    /** it wants only events of this account; null for all */
    accountcode: string | null;
    /** active; paused: its events wait */
    status: string;
    /** deliveries that are still to come, counted up to 10000: then there may be more */
    waiting: number;
    /** of a waiting delivery; null if there is none */
    last_error: string | null;
    /** deliveries that were given up, counted up to 10000: then there may be more */
    dead: number;
    created_at: string;
};
export type WebhookTested = {
    webhook: string;
    /** the HTTP status of its answer */
    status: number | null;
};
export type WebhookRemoved = {
    webhook: string;
    /** deliveries that were still to come */
    waiting: number;
    /** deliveries that had been given up */
    dead: number;
};
export type DeadDelivery = {
    /** when it was given up */
    ended_at: string;
    webhook: string;
    event_id: string;
    /** of the event */
    kind: string;
    /** of the event */
    accountcode: string;
    /** the call; null if it is about the whole account */
    uniqueid: string | null;
    /** tries that were begun */
    attempts: number;
    /** HTTP status of the last try; null if there was no answer */
    last_status: number | null;
    /** what was wrong with the last try */
    last_error: string;
};
export type Delivery = {
    webhook: string;
    event_id: string;
    /** of the event */
    kind: string;
    /** of the event */
    accountcode: string;
    /** the call; null if it is about the whole account */
    uniqueid: string | null;
    /** of the event */
    created_at: string;
    /** dead: given up, until an operator retries it */
    state: "waiting" | "delivered" | "dead";
    /** tries that were begun */
    attempts: number;
    /** not to be tried before; null if it has ended */
    next_at: string | null;
    /** HTTP status of the last try; null if there was no answer */
    last_status: number | null;
    /** what was wrong with the last try; empty for nothing */
    last_error: string;
    /** when it was delivered or given up; null while it waits */
    ended_at: string | null;
};
export type DeliveriesRetried = {
    /** null for every webhook */
    webhook: string | null;
    /** how many are tried again */
    retried: number;
};
export type EventsPruned = {
    /** how many are deleted */
    events: number;
    /** how many ended deliveries are deleted */
    deliveries: number;
};
export type KeyIssued = {
    name: string;
    /** two secrets of one name may be alive */
    secret_number: number;
    status: "alive" | "expired" | "revoked";
    /** what it may do */
    roles: string[];
    /** the only account that a customer sees; null for every other role */
    accountcode: string | null;
    /** only from these addresses and networks; empty for all */
    addresses: string[];
    created_at: string;
    /** null for never */
    expires_at: string | null;
    revoked_at: string | null;
    /** to the minute */
    last_used_at: string | null;
    /** the address of that use */
    last_used_from: string | null;
    /** rf_…, shown this once */
    secret: string;
};
export type Key = {
    name: string;
    /** two secrets of one name may be alive */
    secret_number: number;
    status: "alive" | "expired" | "revoked";
    /** what it may do */
    roles: string[];
    /** the only account that a customer sees; null for every other role */
    accountcode: string | null;
    /** only from these addresses and networks; empty for all */
    addresses: string[];
    created_at: string;
    /** null for never */
    expires_at: string | null;
    revoked_at: string | null;
    /** to the minute */
    last_used_at: string | null;
    /** the address of that use */
    last_used_from: string | null;
};
export type KeysRevoked = {
    name: string;
    /** how many secrets ended */
    revoked: number;
};
export type Invitation = {
    /** by which the person logs in */
    name: string;
    /** invited: has chosen no password yet */
    status: "invited" | "active" | "blocked";
    /** what the person may do */
    roles: string[];
    /** the only account that a customer sees; null for every other role */
    accountcode: string | null;
    /** the person's address; null for none */
    mail: string | null;
    created_at: string;
    /** when the one-time token ends; null if none can be used */
    token_expires_at: string | null;
    /** when the password was chosen */
    password_at: string | null;
    /** a log-in needs a code besides the password */
    second_factor: boolean;
    last_login_at: string | null;
    /** the address of that log-in */
    last_login_from: string | null;
    /** rfi_…, shown this once; null where a mail took it to the person */
    token: string | null;
    /** a mail with the token is on its way to the person */
    mail_sent: boolean;
    /** why no mail was sent, or why the token would not work now; null if one was, or the person has no address */
    mail_failure: string | null;
};
export type Operator = {
    /** by which the person logs in */
    name: string;
    /** invited: has chosen no password yet */
    status: "invited" | "active" | "blocked";
    /** what the person may do */
    roles: string[];
    /** the only account that a customer sees; null for every other role */
    accountcode: string | null;
    /** the person's address; null for none */
    mail: string | null;
    created_at: string;
    /** when the one-time token ends; null if none can be used */
    token_expires_at: string | null;
    /** when the password was chosen */
    password_at: string | null;
    /** a log-in needs a code besides the password */
    second_factor: boolean;
    last_login_at: string | null;
    /** the address of that log-in */
    last_login_from: string | null;
};
export type Session = {
    session_number: string;
    /** the person */
    name: string;
    /** where the person logged in */
    address: string;
    created_at: string;
    /** to the minute */
    used_at: string;
    /** when it ends, however much it is used */
    ends_at: string;
};
export type PinKey = {
    /** a print of it, as cards and vouchers have it; null for second factors that no key opens */
    key: string | null;
    /** newest: hashes and encrypts from now on; older: is still needed where a number is not 0; missing: RINGFENCE_PIN_KEY lacks it, and what needs it cannot be used */
    state: "newest" | "older" | "missing";
    /** cards whose PINs it hashed, without those that have expired; a PIN is hashed anew when it is used */
    cards: number;
    /** vouchers whose codes it hashed, without those that are redeemed or have expired */
    vouchers: number;
    /** second factors of people that it encrypted */
    second_factors: number;
};
export type PinKeyRenewed = {
    /** the print of the newest key */
    key: string;
    /** second factors that were encrypted anew with it */
    renewed: number;
    /** people whose second factor no key of RINGFENCE_PIN_KEY opens: "operator reset" */
    unreadable: string[];
};
export type CashierLimit = {
    /** as the audit trail names it */
    actor: string;
    /** the most of a UTC day, of each currency */
    daily_limit: string;
    /** the most of one movement; null for the limit of the day alone */
    at_once_limit: string | null;
};
export type Cashier = {
    /** as the audit trail names it */
    actor: string;
    /** the most of a UTC day, of each currency */
    daily_limit: string;
    /** the most of one movement; null for the limit of the day alone */
    at_once_limit: string | null;
    /** null if it moved nothing today */
    currency: string | null;
    /** today, in that currency; of a door what it took counts too */
    topped_up: string;
    /** of today */
    left: string;
};
export type Approval = {
    /** number of the request */
    approval: number;
    state: "open" | "expired" | "approved" | "refused" | "withdrawn";
    operation: "account topup" | "account refund" | "account adjust";
    accountcode: string;
    /** added to the balance when it is approved */
    amount: string;
    currency: string;
    reference: string;
    /** the reference is the uniqueid of the call that is refunded */
    of_call: boolean;
    /** it may take more than is available, though calls in progress count on it */
    overdraw: boolean;
    reason: string;
    /** the actor that asked */
    requested_by: string;
    created_at: string;
    /** from then on it cannot be approved */
    expires_at: string;
    /** null while it is open */
    decided_by: string | null;
    decided_at: string | null;
};
export type ApprovalApproved = {
    /** number of the request */
    approval: number;
    state: "open" | "expired" | "approved" | "refused" | "withdrawn";
    operation: "account topup" | "account refund" | "account adjust";
    accountcode: string;
    /** added to the balance when it is approved */
    amount: string;
    currency: string;
    reference: string;
    /** the reference is the uniqueid of the call that is refunded */
    of_call: boolean;
    /** it may take more than is available, though calls in progress count on it */
    overdraw: boolean;
    reason: string;
    /** the actor that asked */
    requested_by: string;
    created_at: string;
    /** from then on it cannot be approved */
    expires_at: string;
    /** null while it is open */
    decided_by: string | null;
    decided_at: string | null;
    /** false if the same reference had moved it meanwhile: then nothing was done */
    moved: boolean;
    /** as it is now */
    balance: string;
    /** as it is now */
    available: string;
};
export type Change = {
    /** order of writing, with gaps */
    audit_id: string;
    created_at: string;
    /** who made it: cli:<unix user> on the command line, key:<name> for a key */
    actor: string;
    /** where it came from over HTTP; null on the command line */
    address: string | null;
    /** as the command line names it: account set */
    operation: string;
    /** what was changed: account alice */
    "object": string;
    /** the fields that changed, as they were; null for something new */
    before: object | null;
    /** the same fields after the change; null for something removed */
    after: object | null;
    /** the request that made it */
    request_id: string;
};
export type Job = {
    /** number of the job */
    job: number;
    kind: "verify" | "reconcile";
    /** what it looks at, as it was asked */
    parameters: object;
    /** failed: by a fault, with the reason in failure; stopped: because it was asked to stop */
    state: "waiting" | "running" | "done" | "failed" | "stopped";
    /** what it does now, or did last; null before its first sign */
    step: string | null;
    /** how much of that step: rows read, or of a comparison seconds of its time */
    done: number | null;
    /** of how much; null if that is not known */
    total: number | null;
    /** the actor that asked */
    asked_by: string;
    asked_at: string;
    /** null while it waits: one job runs at a time */
    started_at: string | null;
    /** null while it waits or runs */
    ended_at: string | null;
    /** the process that runs it or ran it */
    service: string | null;
    /** the actor that asked to stop it */
    stop_by: string | null;
    /** why it failed */
    failure: string | null;
    /** how many differences it found; null until it is done */
    difference_count: number | null;
};
export type VerifyOutcome = {
    accounts: number;
    entries: number;
    calls: number;
    reservations: number;
    /** of operators, in the audit trail */
    changes: number;
    elapsed_ms: number;
};
export type ReconcileOutcome = {
    /** by currency: what corrections would add to balances */
    amounts: {
        [key: string]: string;
    };
    calls_compared: number;
    /** not compared: still in progress */
    calls_open: number;
    /** not compared: no end in Asterisk's records */
    calls_without_end: number;
    /** not compared: of a time without any records of their switch */
    calls_without_records: number;
};
export type BooksDifference = {
    /** what does not hold */
    rule: string;
    accountcode: string;
    /** the call; null if it is about the whole account */
    uniqueid: string | null;
    /** what the books say in one place and in the other */
    text: string;
};
export type AuditDifference = {
    /** what does not hold */
    rule: string;
    /** the row of the audit trail; null if none is left */
    audit_id: string | null;
    text: string;
};
export type CallDifference = {
    /** of a call that only Asterisk knows, its answer */
    start_at: string;
    accountcode: string;
    /** talk_differs, not_in_switch_records, end_not_told, not_in_cdrs or unclear */
    finding: string;
    /** by the CDR; null if there is none */
    billsec: number | null;
    /** by Asterisk's records; null if they do not say */
    switch_billsec: number | null;
    /** cost less corrections; null without a CDR */
    charged: string | null;
    /** what it should have cost; null if that is not known */
    switch_cost: string | null;
    /** what a correction would add to the balance */
    amount: string;
    /** empty for a call without a CDR */
    currency: string;
    /** it has its correction already, and a call has only one */
    corrected_before: boolean;
    /** why it is charged as it is, if its end is not in the records */
    reason: string | null;
    uniqueid: string;
};
export type JobShown = {
    /** number of the job */
    job: number;
    kind: "verify" | "reconcile";
    /** what it looks at, as it was asked */
    parameters: object;
    /** failed: by a fault, with the reason in failure; stopped: because it was asked to stop */
    state: "waiting" | "running" | "done" | "failed" | "stopped";
    /** what it does now, or did last; null before its first sign */
    step: string | null;
    /** how much of that step: rows read, or of a comparison seconds of its time */
    done: number | null;
    /** of how much; null if that is not known */
    total: number | null;
    /** the actor that asked */
    asked_by: string;
    asked_at: string;
    /** null while it waits: one job runs at a time */
    started_at: string | null;
    /** null while it waits or runs */
    ended_at: string | null;
    /** the process that runs it or ran it */
    service: string | null;
    /** the actor that asked to stop it */
    stop_by: string | null;
    /** why it failed */
    failure: string | null;
    /** how many differences it found; null until it is done */
    difference_count: number | null;
    /** how much was looked at; null until it is done */
    outcome: (VerifyOutcome | ReconcileOutcome) | null;
    /** the first 1000 */
    differences: (BooksDifference | AuditDifference | CallDifference)[];
};
export type Switch = {
    /** Asterisk's systemname */
    node: string;
    /** the process that acts for it; null if none does */
    owner: string | null;
    /** one more at each change of owner */
    epoch: number;
    /** since when that process has it */
    acquired_at: string | null;
    /** until the lease ends; 0 or less: any process may take it */
    lease_seconds: number;
    /** calls in progress */
    live_calls: number;
    /** those of them that were answered */
    talking: number;
    /** those that talk on although their limit is past */
    past_limit: number;
    /** calls that ended within a day and had talked on beyond their limits */
    overran: number;
    /** when its calls were last compared with it */
    seen_at: string | null;
    switch_started_at: string | null;
};
export type Alarm = {
    /** what is wrong, such as endpoint_open: docs/operating.md has them all */
    alarm: string;
    /** with what: the name or the address of a switch, or the uniqueid of a call */
    subject: string;
    /** what that means, and what to do */
    details: string;
    since_at: string;
    /** the process that reports it */
    reporter: string;
};
export type Verdict = {
    /** what was read: every row, what follows an earlier proof, or what changed since a time */
    kind: "whole" | "since_proof" | "since_time";
    verified_at: string;
    /** 0 if the books balance */
    differences: number;
    elapsed_ms: number;
    /** who had the books proven */
    actor: string;
};
export type Status = {
    /** every switch */
    items: Switch[];
    total: number;
    page: number;
    limit: number;
    /** what an operator has to correct */
    alarms: Alarm[];
    /** the last proof of the books, of each kind that was made */
    verdicts: Verdict[];
};
export type Setting = {
    /** the environment variable */
    name: string;
    /** in use, without any password in it; null for none. Of a secret nothing but: set, or not set */
    value: string | null;
    /** its value is never shown */
    is_secret: boolean;
    /** the environment has it; otherwise it has its default */
    is_given: boolean;
    /** null for none */
    "default": string | null;
    help: string;
};
export type Settings = {
    /** the process whose settings these are, by the name that status shows as owner and reporter */
    service: string;
    /** every setting that there is */
    items: Setting[];
};
export type ReportRow = {
    [key: string]: (string | number) | null;
};
export type OwnAccount = {
    /** the channel's accountcode */
    accountcode: string;
    /** what a call that starts now would meet; blocked also if it has expired */
    status: "active" | "blocked" | "closed" | "expired";
    /** ISO 4217 code */
    currency: string;
    /** sum of its ledger entries */
    balance: string;
    /** how far below zero calls may take the balance */
    credit_limit: string;
    /** what is ring-fenced for calls in progress */
    reserved: string;
    /** balance + credit limit − reserved */
    available: string;
    /** calls in progress */
    active_calls: number;
    /** no call starts from then on; null for never */
    expires_at: string | null;
    /** IANA name; decides on which day a rate is valid */
    time_zone: string;
};
export type OwnCall = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
};
export type OwnCallShown = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
    /** what its correction added to the balance; below 0 if it had been charged too little */
    corrected: string;
    /** what was given back */
    refunded: string;
    /** cost − corrected − refunded */
    revenue: string;
    /** how the price comes about */
    steps: PriceStep[];
};
export type OwnCallExplained = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the caller's number, only harmless characters kept */
    src: string;
    /** the dialled number, without + or 00; empty if it was refused as invalid */
    dst: string;
    /** by the switch's clock */
    start_at: string;
    /** null if it was never answered */
    answer_at: string | null;
    /** null while it is in progress */
    end_at: string | null;
    /** whole seconds from start_at to end_at */
    duration: number;
    /** whole seconds from answer_at to end_at */
    billsec: number;
    /** what was charged: billsec rounded up to whole increments */
    billed_seconds: number;
    /** what it cost, never more than max_cost */
    cost: string;
    /** ISO 4217 code of cost, max_cost and the rate */
    currency: string;
    /** as in Asterisk's CDR; null while it is in progress */
    disposition: ("ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED") | null;
    /** why it was not let through; null if it was */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** what is ring-fenced for it; what last was, if it has ended */
    max_cost: string;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** empty for any number */
    rate_prefix: string;
    rate_destination: string;
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the least cost if it was answered, outside its grace */
    rate_minimum_charge: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string;
    /** other prices that it could meet by the time of day, and from when on; empty for none */
    rate_times: string;
    /** what its correction added to the balance; below 0 if it had been charged too little */
    corrected: string;
    /** what was given back */
    refunded: string;
    /** cost − corrected − refunded */
    revenue: string;
    /** same: computed_cost, cost and charged are one amount; corrected: they are, and a correction changed it later; differs: they are not, ask "verify" */
    verdict: "in_progress" | "same" | "corrected" | "differs";
    /** what its times cost at its own rate, computed anew, never more than max_cost; null while it is in progress */
    computed_cost: string | null;
    /** what the ledger took for it at its end; 0.00 if it took nothing */
    charged: string;
    /** max_cost − cost: what was ring-fenced and given back at the end; null while it is in progress */
    returned: string | null;
    /** what was reserved, extended and given up, the oldest first; events are kept for RINGFENCE_EVENT_DAYS, later this is empty and max_cost alone tells it */
    holds: CallHold[];
    /** the entries that it caused, and refunds that name it, the oldest first */
    movements: CallMovement[];
    /** how the price comes about */
    steps: PriceStep[];
};
export type OwnLiveCall = {
    /** uniqueid of the caller's channel */
    uniqueid: string;
    /** the caller's number */
    src: string;
    /** the dialled number, without + or 00 */
    dst: string;
    rate_destination: string;
    /** waiting: its pool has no room for it yet */
    state: "talking" | "ringing" | "waiting";
    /** by the switch's clock */
    start_at: string;
    /** null if it was not answered yet */
    answer_at: string | null;
    /** talk by now */
    seconds: number;
    /** the longest talk that max_cost pays for */
    granted_seconds: number;
    /** why its grant ends there; slice: more follows before it runs out */
    limited_by: "slice" | "money" | "time" | "cap";
    /** the price of 60 billed seconds */
    rate_price_per_minute: string;
    /** charged once if it was answered */
    rate_connect_fee: string;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number;
    /** what is ring-fenced for it */
    max_cost: string;
    /** what it would be charged if it ended now */
    spent: string;
    /** the rest of max_cost */
    held: string;
    /** ISO 4217 code */
    currency: string;
};
export type OwnEntry = {
    /** which entry of its account it is: 1, 2, 3 without a gap */
    entry_number: number;
    created_at: string;
    kind: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    /** added to the balance: negative for a charge */
    amount: string;
    /** the account's balance after this entry */
    balance_after: string;
    /** ISO 4217 code */
    currency: string;
    /** its cause: the call's uniqueid, or the operator's own reference; moves money once */
    reference: string;
};
export type OwnEvent = {
    created_at: string;
    /** docs/events.md */
    kind: "authorised" | "refused" | "answered" | "extended" | "shrunk" | "warned" | "cut" | "settled" | "cap_hit" | "low_balance" | "low_balance_over" | "spend_limit_reached" | "money_moved" | "blocked" | "unblocked" | "time_added";
    /** the call; null if it is about the whole account */
    uniqueid: string | null;
    /** what changed, by its kind: amounts as decimal texts, times as ISO 8601 in UTC */
    facts: object;
};
export type OwnPrice = {
    /** when it would start */
    at: string;
    /** why it would not be let through; null if it would */
    refusal: ("account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down") | null;
    /** whether it would wait until other calls give back what they hold and have not spent */
    waits: boolean;
    /** empty for any number */
    rate_prefix: string | null;
    rate_destination: string | null;
    /** the price of 60 billed seconds; null if no rate matches, and if it is blocked */
    rate_price_per_minute: string | null;
    /** charged once if it is answered */
    rate_connect_fee: string | null;
    /** the least cost if it is answered, outside its grace */
    rate_minimum_charge: string | null;
    /** the first block of talk, billed whole */
    rate_initial_increment_seconds: number | null;
    /** the blocks after the first, billed whole */
    rate_increment_seconds: number | null;
    /** shorter talk costs nothing; 0 for none */
    rate_grace_seconds: number | null;
    /** the first seconds of the talk, which are not billed; 0 for none */
    rate_free_seconds: number | null;
    /** other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none */
    rate_steps: string | null;
    /** the talk, rounded up to whole increments */
    billed_seconds: number | null;
    /** in the account's currency; null if no rate matches, and if it is blocked */
    cost: string | null;
    /** the longest talk as the account stands; 0 for none */
    longest_seconds: number | null;
    /** the first grant: that, or its first slice */
    granted_seconds: number | null;
    /** what would be ring-fenced for granted_seconds */
    max_cost: string | null;
    /** how the price comes about */
    steps: PriceStep[];
};
export type OwnSession = {
    /** the person */
    name: string;
    /** what the person may do */
    roles: string[];
    /** the only account that a customer sees; null for every other role */
    accountcode: string | null;
    session_number: string;
    /** must come as x-csrf-token with every request that changes something */
    csrf_token: string;
    /** when it ends, however much it is used */
    ends_at: string;
};
export type InvitationAccepted = {
    /** by which to log in */
    name: string;
};
export type PasswordChanged = {
    sessions_ended: number;
};
export type SecondFactorState = {
    /** null if a log-in needs no code */
    confirmed_at: string | null;
    recovery_codes_left: number;
};
export type SecondFactor = {
    /** in base32 */
    secret: string;
    /** the same as otpauth://…, for a QR code */
    uri: string;
};
export type RecoveryCodes = {
    /** each is good for one log-in */
    recovery_codes: string[];
};
export type SessionOfMine = {
    session_number: string;
    /** the person */
    name: string;
    /** where the person logged in */
    address: string;
    created_at: string;
    /** to the minute */
    used_at: string;
    /** when it ends, however much it is used */
    ends_at: string;
    /** the one that asks */
    is_this: boolean;
};
export type SessionsOfMine = {
    items: SessionOfMine[];
};
/**
 * open an account; its first balance is a top-up with the reference "opening"
 */
export function accountCreate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the account */
        accountcode: string;
        /** the deck that its calls are rated with, in its currency */
        deck: string;
        /** what it opens with; 0 if not given */
        balance?: string;
        /** the deck's currency, to be sure of it */
        currency?: string;
        /** the customer's name, for people */
        name?: string;
        /** how far below zero calls may take the balance */
        credit_limit?: string;
        /** most calls at once, ringing ones counted */
        max_channels?: number | null;
        /** longest call; none for the service's own limit */
        max_call_seconds?: number | null;
        /** digits it may not dial, separated by commas */
        barred_prefixes?: string[] | null;
        /** no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ) */
        expires_at?: string | null;
        /** decides on which day a rate is valid, such as Europe/Berlin */
        time_zone?: string;
        /** strict: a call reserves its longest talk; shared: a slice at a time */
        mode?: "strict" | "shared";
        /** talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set */
        slice_seconds?: number;
        /** most talk of all calls that overlap, together */
        max_time?: number | null;
        /** most calls that start in one second */
        max_calls_per_second?: number | null;
        /** when the caller is warned before the cut, such as 60,20 */
        warn_seconds?: number[] | null;
        /** after the first warning, one more every so many seconds */
        warn_repeat_seconds?: number | null;
        /** say (the time left) or a sound such as sound:beep; default for the service's own */
        warn_sound?: string;
        /** what the caller hears before the call: balance, time or balance,time */
        announce?: string[] | null;
        /** an event tells when the balance is below */
        low_balance?: string | null;
        /** the most that its calls are charged, and hold, in an hour of its time zone */
        max_spend_hour?: string | null;
        /** the most that its calls are charged, and hold, in a day of its time zone */
        max_spend_day?: string | null;
        /** the most that its calls are charged, and hold, in a calendar month of its time zone */
        max_spend_month?: string | null;
        /** what a call over such a limit meets: refuse refuses it; block blocks the account too, and ends its calls */
        spend_limit_action?: "refuse" | "block";
        /** the most that one call may cost: longer ones are cut */
        max_call_cost?: string | null;
        /** no call starts at a higher price per minute */
        max_price_per_minute?: string | null;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Account;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/accounts", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * accounts in the order of their codes
 */
export function accountList({ text, status, deck, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    text?: string;
    status?: "active" | "blocked" | "closed" | "expired";
    deck?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Account[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts${QS.query(QS.explode({
        text,
        status,
        deck,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * change what is given and nothing else; calls in progress keep their price, strict ones also what they were granted, and more money extends them
 */
export function accountSet({ accountcode, idempotencyKey, ifMatch, body }: {
    accountcode: string;
    idempotencyKey: string;
    ifMatch?: string;
    body?: {
        /** the deck that its calls are rated with, in its currency */
        deck?: string;
        /** the customer's name, for people */
        name?: string;
        /** how far below zero calls may take the balance */
        credit_limit?: string;
        /** most calls at once, ringing ones counted */
        max_channels?: number | null;
        /** longest call; none for the service's own limit */
        max_call_seconds?: number | null;
        /** digits it may not dial, separated by commas */
        barred_prefixes?: string[] | null;
        /** no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ) */
        expires_at?: string | null;
        /** decides on which day a rate is valid, such as Europe/Berlin */
        time_zone?: string;
        /** strict: a call reserves its longest talk; shared: a slice at a time */
        mode?: "strict" | "shared";
        /** talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set */
        slice_seconds?: number;
        /** most talk of all calls that overlap, together */
        max_time?: number | null;
        /** most calls that start in one second */
        max_calls_per_second?: number | null;
        /** when the caller is warned before the cut, such as 60,20 */
        warn_seconds?: number[] | null;
        /** after the first warning, one more every so many seconds */
        warn_repeat_seconds?: number | null;
        /** say (the time left) or a sound such as sound:beep; default for the service's own */
        warn_sound?: string;
        /** what the caller hears before the call: balance, time or balance,time */
        announce?: string[] | null;
        /** an event tells when the balance is below */
        low_balance?: string | null;
        /** the most that its calls are charged, and hold, in an hour of its time zone */
        max_spend_hour?: string | null;
        /** the most that its calls are charged, and hold, in a day of its time zone */
        max_spend_day?: string | null;
        /** the most that its calls are charged, and hold, in a calendar month of its time zone */
        max_spend_month?: string | null;
        /** what a call over such a limit meets: refuse refuses it; block blocks the account too, and ends its calls */
        spend_limit_action?: "refuse" | "block";
        /** the most that one call may cost: longer ones are cut */
        max_call_cost?: string | null;
        /** no call starts at a higher price per minute */
        max_price_per_minute?: string | null;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AccountSet;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "If-Match": ifMatch
        })
    }));
}
/**
 * an account and its movements of money, the newest first
 */
export function accountShow({ accountcode, limit, page }: {
    accountcode: string;
    limit?: number;
    page?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AccountShown;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}${QS.query(QS.explode({
        limit,
        page
    }))}`, {
        ...opts
    });
}
/**
 * what calls of an account were charged on each of the last days
 */
export function accountSpend({ accountcode, days, zone }: {
    accountcode: string;
    days?: number;
    zone?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Spend;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/spend${QS.query(QS.explode({
        days,
        zone
    }))}`, {
        ...opts
    });
}
/**
 * add what was paid; once for each reference
 */
export function accountTopup({ accountcode, idempotencyKey, body }: {
    accountcode: string;
    idempotencyKey: string;
    body: {
        /** how much */
        amount: string;
        /** why, for people */
        reason?: string;
        /** your own name of the cause: the same again moves nothing */
        reference: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MoneyMoved;
    } | {
        status: 202;
        data: MoneyMoved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/topup`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * give money back for a fault, or with --call for a call, at most what it cost; once for each reference
 */
export function accountRefund({ accountcode, idempotencyKey, body }: {
    accountcode: string;
    idempotencyKey: string;
    body: {
        /** how much */
        amount: string;
        /** why, for people */
        reason?: string;
        /** your own name of the cause: the same again moves nothing */
        reference?: string;
        /** the call that is refunded, in place of --reference: at most what it was charged */
        call?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MoneyMoved;
    } | {
        status: 202;
        data: MoneyMoved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/refund`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * correct a balance, up or down; once for each reference
 */
export function accountAdjust({ accountcode, idempotencyKey, body }: {
    accountcode: string;
    idempotencyKey: string;
    body: {
        /** how much */
        amount: string;
        /** why, for people */
        reason?: string;
        /** your own name of the cause: the same again moves nothing */
        reference: string;
        /** take more than is available, though calls in progress count on it */
        overdraw?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MoneyMoved;
    } | {
        status: 202;
        data: MoneyMoved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/adjust`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let an account start no call, and end those in progress, emergency calls apart; of a pool too, pool:<customer>
 */
export function accountBlock({ accountcode, idempotencyKey }: {
    accountcode: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EndedCalls;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/block`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * let a blocked account start calls again; opens a closed one again
 */
export function accountUnblock({ accountcode, idempotencyKey }: {
    accountcode: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AccountStatus;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/unblock`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * end an account for good: it starts no call, takes no money and is left out of lists; "account unblock" opens it again
 */
export function accountClose({ accountcode, idempotencyKey }: {
    accountcode: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Account;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/close`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * end all calls of an account, emergency calls apart; it may start others at once
 */
export function accountHangup({ accountcode, idempotencyKey }: {
    accountcode: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EndedCalls;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/hangup`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * let the calls in progress talk longer together than max_time says; done twice it adds twice
 */
export function accountAddTime({ accountcode, idempotencyKey, body }: {
    accountcode: string;
    idempotencyKey: string;
    body: {
        /** how much talk */
        seconds: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: TimeAdded;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/add-time`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * a month of an account: what it had, what came, what its calls cost by destination, and what is left
 */
export function accountStatement({ accountcode, month, zone }: {
    accountcode: string;
    month: string;
    zone?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Statement;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/accounts/${encodeURIComponent(accountcode)}/statement${QS.query(QS.explode({
        month,
        zone
    }))}`, {
        ...opts
    });
}
/**
 * movements of money with the balance after each, the newest first; --kind chooses among the newest 100000 entries that --account, --from and --to leave
 */
export function ledgerList({ account, kind, $from, to, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    kind?: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    $from?: string;
    to?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: LedgerRow[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/ledger${QS.query(QS.explode({
        account,
        kind,
        "from": $from,
        to,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * a pool and its ledger entries, the newest first
 */
export function poolShow({ customer, limit, page }: {
    customer: string;
    limit?: number;
    page?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PoolShown;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pools/${encodeURIComponent(customer)}${QS.query(QS.explode({
        limit,
        page
    }))}`, {
        ...opts
    });
}
/**
 * pools that have calls, by customer
 */
export function poolList({ all, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    all?: boolean;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Pool[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pools${QS.query(QS.explode({
        all,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * end all calls of a pool; it may start others at once
 */
export function poolHangup({ customer, idempotencyKey }: {
    customer: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EndedCalls;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pools/${encodeURIComponent(customer)}/hangup`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * let the calls in progress use more money together; done twice it adds twice
 */
export function poolRaise({ customer, idempotencyKey, body }: {
    customer: string;
    idempotencyKey: string;
    body: {
        /** how much more */
        amount: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Pool;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pools/${encodeURIComponent(customer)}/raise`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let the calls in progress talk longer together than max_time says; done twice it adds twice
 */
export function poolAddTime({ customer, idempotencyKey, body }: {
    customer: string;
    idempotencyKey: string;
    body: {
        /** how much talk */
        seconds: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: TimeAdded;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pools/${encodeURIComponent(customer)}/add-time`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * make a batch of cards, which can do nothing until they are activated; shows their PINs, this once
 */
export function cardGenerate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** a new name for them */
        batch: string;
        /** how many; 100,000 take some minutes */
        count: number;
        /** what each opens its account with */
        value: string;
        /** the deck that their calls are rated with */
        deck: string;
        /** digits of each: 10 to 16; 12 if not given */
        pin_digits?: number;
        /** no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ) */
        expires?: string;
        /** nor so many days after the first use */
        expires_days?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: CardsIssued;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/cards", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * cards in the order of their serials
 */
export function cardList({ batch, account, status, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    batch?: string;
    account?: string;
    status?: "generated" | "active" | "blocked";
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Card[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/cards${QS.query(QS.explode({
        batch,
        account,
        status,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * open the accounts of cards, with their values; done again it opens none a second time
 */
export function cardActivate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/cards/activate", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * take no PIN of these cards, block their accounts and end their calls
 */
export function cardBlock({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/cards/block", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * take the PINs of blocked cards again, and open the accounts that were blocked with them
 */
export function cardUnblock({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/cards/unblock", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * batches of cards, the newest first, and how many of each are in which state
 */
export function cardBatches({ batch, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    batch?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: CardBatch[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/card-batches${QS.query(QS.explode({
        batch,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * a card, without its PIN: no command shows that
 */
export function cardShow({ serial }: {
    serial: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Card;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/cards/${encodeURIComponent(serial)}`, {
        ...opts
    });
}
/**
 * the cards of a batch as CSV, without PINs, for a spreadsheet
 */
export function cardExport({ batch, format, timeZone, dateFormat, separator, decimalMark }: {
    batch: string;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/card-export${QS.query(QS.explode({
        batch,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * make a batch of vouchers, which can do nothing until they are activated; shows their codes, this once
 */
export function voucherGenerate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** a new name for them */
        batch: string;
        /** how many; 100,000 take some minutes */
        count: number;
        /** what each adds */
        value: string;
        /** of the value; the account has to have the same */
        currency: string;
        /** digits of each: 10 to 16; 12 if not given */
        code_digits?: number;
        /** not redeemed from then on, such as 2026-12-31T18:00 in your zone (TZ) */
        expires?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: VouchersIssued;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/vouchers", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * vouchers in the order of their serials
 */
export function voucherList({ batch, status, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    batch?: string;
    status?: "generated" | "active" | "blocked" | "redeemed";
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Voucher[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/vouchers${QS.query(QS.explode({
        batch,
        status,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * let vouchers be redeemed
 */
export function voucherActivate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/vouchers/activate", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let vouchers that are not redeemed yet be redeemed no more
 */
export function voucherBlock({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/vouchers/block", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let blocked vouchers be as they were before
 */
export function voucherUnblock({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the batch */
        batch: string;
        /** the first of them; the first of the batch if not given */
        "from"?: number;
        /** the last of them; the last of the batch if not given */
        to?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchSwitched;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/vouchers/unblock", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * add a voucher's value to an account, once
 */
export function voucherRedeem({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the account */
        accountcode: string;
        /** the voucher's code as it is printed */
        code: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: VoucherRedeemed;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/vouchers/redeem", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * batches of vouchers, the newest first, and how many of each are in which state
 */
export function voucherBatches({ batch, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    batch?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: VoucherBatch[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/voucher-batches${QS.query(QS.explode({
        batch,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * a voucher, without its code: no command shows that
 */
export function voucherShow({ serial }: {
    serial: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Voucher;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/vouchers/${encodeURIComponent(serial)}`, {
        ...opts
    });
}
/**
 * the vouchers of a batch as CSV, without codes, for a spreadsheet
 */
export function voucherExport({ batch, format, timeZone, dateFormat, separator, decimalMark }: {
    batch: string;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/voucher-export${QS.query(QS.explode({
        batch,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * let a number use an account without a PIN
 */
export function callerAdd({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the number, with + or 00 or without */
        "number": string;
        /** the account */
        accountcode: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Caller;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/callers", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * known numbers in their order
 */
export function callerList({ account, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Caller[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/callers${QS.query(QS.explode({
        account,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * forget a number
 */
export function callerRemove({ $number, idempotencyKey }: {
    $number: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Caller;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/callers/${encodeURIComponent($number)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * load a rate file as a version of the deck that is not current yet, and tell what it would change
 */
export function deckLoad({ deck, currency, source, changes, idempotencyKey, body }: {
    deck: string;
    currency?: string;
    source?: string;
    changes?: boolean;
    idempotencyKey: string;
    body: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: DeckPreview;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 408;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions${QS.query(QS.explode({
        currency,
        source,
        changes
    }))}`, {
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * what a version that waits would change against the current one, by prefix; without the lines of decks that it stands on
 */
export function deckPreview({ deck, version }: {
    deck: string;
    version: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckPreview;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}/preview`, {
        ...opts
    });
}
/**
 * make a version that waits current: calls that start from then on are rated with it
 */
export function deckPublish({ deck, version, idempotencyKey, body }: {
    deck: string;
    version: number;
    idempotencyKey: string;
    body?: {
        /** the current version that your preview names; the one of its load if not given */
        compared_with?: number;
        /** replace the deck though it lacks more than a fifth of the prefixes, or prices of today for them, or blocks them */
        confirm?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckPublished;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}/publish`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * make a version current that was so before: takes back what came after it; calls in progress keep their price
 */
export function deckRestore({ deck, version, idempotencyKey, body }: {
    deck: string;
    version: number;
    idempotencyKey: string;
    body: {
        /** the current version, which goes: if another one is current by now, nothing changes */
        compared_with: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckPublished;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}/restore`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * decks and where they came from
 */
export function deckList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Deck[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * the versions of a deck, the newest first; "deck list" tells the deck that it stands on
 */
export function deckShow({ deck, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    deck: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: DeckVersion[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * the rates of a deck in the order of their prefixes: its own lines, without those of a deck that it stands on
 */
export function deckRates({ deck, prefix, destination, ofVersion, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    deck: string;
    prefix?: string;
    destination?: string;
    ofVersion?: number;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Rate[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/rates${QS.query(QS.explode({
        prefix,
        destination,
        of_version: ofVersion,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * what a version changes against another one, prefix by prefix, with the price of each before and after; without the lines of decks that it stands on
 */
export function deckCompare({ deck, version, against, only, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    deck: string;
    version: number;
    against?: number;
    only?: "dearer" | "cheaper" | "new" | "gone" | "closed" | "blocked" | "fallback" | "other";
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: DeckDifference[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}/differences${QS.query(QS.explode({
        against,
        only,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * what a version changes for the calls of the last 30 days, by their talk: dearer, cheaper, without a rate, blocked; calls of decks that stand on it at the prices of those
 */
export function deckWeigh({ deck, version, against }: {
    deck: string;
    version: number;
    against?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckWeight;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}/weight${QS.query(QS.explode({
        against
    }))}`, {
        ...opts
    });
}
/**
 * delete a version of a deck that is not current, or no longer, and that rated no call
 */
export function deckDeleteVersion({ deck, version, idempotencyKey }: {
    deck: string;
    version: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckVersionDeleted;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/versions/${encodeURIComponent(version)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * delete the old versions of a deck but for the newest ones, and for those that rated calls
 */
export function deckPrune({ deck, idempotencyKey, body }: {
    deck: string;
    idempotencyKey: string;
    body: {
        /** how many old versions stay beside the current one */
        keep: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckPruned;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/prune`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let a deck stand on another one: prefixes that it lacks have the prices of that one, with a markup. A deck that does not exist is made
 */
export function deckParent({ deck, idempotencyKey, body }: {
    deck: string;
    idempotencyKey: string;
    body?: {
        /** the deck that it stands on */
        parent?: string;
        /** added to each amount of a line of the parent, -100 to 1000 per cent; nothing when not given */
        markup_percent?: string;
        /** added to each price per minute of a line of the parent; nothing when not given */
        markup_amount?: string;
        /** it stands on no deck any more */
        none?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeckParent;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/decks/${encodeURIComponent(deck)}/parent`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * how the sheets of a deck's carrier are read, as it was kept at the last import
 */
export function sheetShow({ deck }: {
    deck: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Sheet;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/sheets/${encodeURIComponent(deck)}`, {
        ...opts
    });
}
/**
 * keep how the sheets of a deck's carrier are read, for its next file
 */
export function sheetKeep({ deck, idempotencyKey, body }: {
    deck: string;
    idempotencyKey: string;
    body: {
        /** the columns of the sheet, in its order; empty where it has no names */
        names: string[];
        /** what each of them stands for: code, countryCode, name, price, secondPrice, fee, increments, initial, next, minimum, grace, free, steps, longest, from, until, change, blocked, removed, out */
        meanings: ("code" | "countryCode" | "name" | "price" | "secondPrice" | "fee" | "increments" | "initial" | "next" | "minimum" | "grace" | "free" | "steps" | "longest" | "from" | "until" | "change" | "blocked" | "removed" | "out")[];
        /** what separates its columns; a comma if not given */
        separator?: "comma" | "semicolon" | "tab" | "bar";
        /** where the sheet has none */
        increments?: string;
        /** what 425-426 means: a range, or a country with its area */
        hyphen?: "range" | "pair";
        /** the decimal mark */
        mark?: "point" | "comma";
        /** how days are written: 31/12/2026, or 12/31/2026 */
        order?: "dmy" | "mdy";
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Sheet;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/sheets/${encodeURIComponent(deck)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * forget how the sheets of a deck's carrier are read
 */
export function sheetRemove({ deck, idempotencyKey }: {
    deck: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SheetRemoved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/sheets/${encodeURIComponent(deck)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * add a schedule, or change what is given of it; calls that start from then on are priced by it
 */
export function scheduleSet({ schedule, idempotencyKey, body }: {
    schedule: string;
    idempotencyKey: string;
    body?: {
        /** days and hours on the wall: "Mo-Fr 08:00-12:00,14:00-18:00; Sa,Su,PH 00:00-24:00"; PH is a holiday of the calendar and then no weekday; 20:00-06:00 ends the next day */
        hours?: string;
        /** the calendar of holidays */
        calendar?: string | null;
        /** of two that hold at an instant the higher counts; 0 if not given */
        priority?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Schedule;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/schedules/${encodeURIComponent(schedule)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * forget a schedule that no version of a deck names
 */
export function scheduleRemove({ schedule, idempotencyKey }: {
    schedule: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Schedule;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/schedules/${encodeURIComponent(schedule)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * a schedule, its hours and its calendar
 */
export function scheduleShow({ schedule }: {
    schedule: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Schedule;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/schedules/${encodeURIComponent(schedule)}`, {
        ...opts
    });
}
/**
 * schedules in the order of their names
 */
export function scheduleList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Schedule[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/schedules${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * add a day to a calendar, or name it anew
 */
export function holidaySet({ calendar, day, idempotencyKey, body }: {
    calendar: string;
    day: string;
    idempotencyKey: string;
    body: {
        /** its name, for people */
        name: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Holiday;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/holidays/${encodeURIComponent(calendar)}/${encodeURIComponent(day)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * take a day out of a calendar
 */
export function holidayRemove({ calendar, day, idempotencyKey }: {
    calendar: string;
    day: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Holiday;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/holidays/${encodeURIComponent(calendar)}/${encodeURIComponent(day)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * holidays by calendar, in the order of their days
 */
export function holidayList({ calendar, year, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    calendar?: string;
    year?: number;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Holiday[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/holidays${QS.query(QS.explode({
        calendar,
        year,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * add the public holidays of a country, by its laws as this version knows them, to a calendar; days that it has stay
 */
export function holidayFill({ calendar, idempotencyKey, body }: {
    calendar: string;
    idempotencyKey: string;
    body: {
        /** the country, or a part of one, by ISO 3166 */
        country: "AT" | "DE" | "DE-BB" | "DE-BE" | "DE-BW" | "DE-BY" | "DE-HB" | "DE-HE" | "DE-HH" | "DE-MV" | "DE-NI" | "DE-NW" | "DE-RP" | "DE-SH" | "DE-SL" | "DE-SN" | "DE-ST" | "DE-TH" | "FR" | "GB-ENG" | "US";
        /** the first year */
        from_year: number;
        /** the last year, at most 49 later; the first if not given */
        until_year?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: HolidaysFilled;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/holidays/${encodeURIComponent(calendar)}/fill`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * add the days of a file to a calendar, or name them anew; its other days stay; "-" reads standard input
 */
export function holidayImport({ calendar, idempotencyKey, body }: {
    calendar: string;
    idempotencyKey: string;
    body: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: HolidaysImported;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 408;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/holidays/${encodeURIComponent(calendar)}/import`, {
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * add a carrier
 */
export function trunkAdd({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the trunk */
        trunk: string;
        /** what Asterisk dials, with {number} for the digits */
        endpoint: string;
        /** how many digits are taken from the front of the number */
        strip_digits?: number;
        /** digits that are put in front of it then */
        add_prefix?: string;
        /** the deck of what the carrier charges us, for the margin in reports */
        cost_deck?: string | null;
        /** SIP statuses that are the callee's own word; every other tries the next route; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md) */
        callee_codes?: string;
        /** the same by Q.850 cause, for an Asterisk before 22.7; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md) */
        callee_causes?: string;
        /** try the next route also when the callee is busy */
        next_on_busy?: "yes" | "no";
        /** no: as if its routes were not there; its numbers, emergency numbers too, go to the next shorter prefix */
        enabled?: "yes" | "no";
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Trunk;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/trunks", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * trunks in the order of their names
 */
export function trunkList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Trunk[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/trunks${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * change what is given and nothing else; calls that start two seconds later follow it
 */
export function trunkSet({ trunk, idempotencyKey, ifMatch, body }: {
    trunk: string;
    idempotencyKey: string;
    ifMatch?: string;
    body?: {
        /** what Asterisk dials, with {number} for the digits */
        endpoint?: string;
        /** how many digits are taken from the front of the number */
        strip_digits?: number;
        /** digits that are put in front of it then */
        add_prefix?: string;
        /** the deck of what the carrier charges us, for the margin in reports */
        cost_deck?: string | null;
        /** SIP statuses that are the callee's own word; every other tries the next route; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md) */
        callee_codes?: string;
        /** the same by Q.850 cause, for an Asterisk before 22.7; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md) */
        callee_causes?: string;
        /** try the next route also when the callee is busy */
        next_on_busy?: "yes" | "no";
        /** no: as if its routes were not there; its numbers, emergency numbers too, go to the next shorter prefix */
        enabled?: "yes" | "no";
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Trunk;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/trunks/${encodeURIComponent(trunk)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "If-Match": ifMatch
        })
    }));
}
/**
 * forget a carrier that no route leads to; calls in progress go on over it, and calls keep its name
 */
export function trunkRemove({ trunk, idempotencyKey }: {
    trunk: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Trunk;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/trunks/${encodeURIComponent(trunk)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * a trunk and its settings
 */
export function trunkShow({ trunk }: {
    trunk: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Trunk;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/trunks/${encodeURIComponent(trunk)}`, {
        ...opts
    });
}
/**
 * send the numbers of a prefix to a trunk; only the routes of the longest prefix that fits are tried
 */
export function routeAdd({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** digits that the number begins with; '' for any number */
        prefix: string;
        /** the trunk */
        trunk: string;
        /** the lowest is tried first; 10 if not given */
        priority?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Route;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/routes", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * change the order in which a route is tried
 */
export function routeSet({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** digits that the number begins with; '' for any number */
        prefix: string;
        /** the trunk */
        trunk: string;
        /** the lowest is tried first; 10 if not given */
        priority: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Route;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/routes", oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * send the numbers of a prefix to a trunk no more
 */
export function routeRemove({ prefix, trunk, idempotencyKey }: {
    prefix: string;
    trunk: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Route;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/routes${QS.query(QS.explode({
        prefix,
        trunk
    }))}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * routes in the order they are tried
 */
export function routeList({ trunk, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    trunk?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: RouteListed[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/routes${QS.query(QS.explode({
        trunk,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * the trunks of a prefix in the order they are tried
 */
export function routeShow({ prefix }: {
    prefix: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RouteOrder;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/routes/order${QS.query(QS.explode({
        prefix
    }))}`, {
        ...opts
    });
}
/**
 * have the trunks of a prefix tried in this order; calls that start two seconds later follow it
 */
export function routeOrder({ idempotencyKey, ifMatch, body }: {
    idempotencyKey: string;
    ifMatch?: string;
    body: {
        /** digits that the number begins with; '' for any number */
        prefix: string;
        /** every trunk of the prefix, the one that is tried first before the others */
        trunks: string[];
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RouteOrder;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/routes/order", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "If-Match": ifMatch
        })
    }));
}
/**
 * which trunks a number would be sent to, in which order, and what each charges for it
 */
export function routeExplain({ to, seconds, at, ringSeconds, account }: {
    to: string;
    seconds: number;
    at?: string;
    ringSeconds?: number;
    account?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RouteExplained;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/routes/explain${QS.query(QS.explode({
        to,
        seconds,
        at,
        ring_seconds: ringSeconds,
        account
    }))}`, {
        ...opts
    });
}
/**
 * the price of a call step by step, and the longest call that the account could make now
 */
export function rateExplain({ account, to, seconds, at, ringSeconds }: {
    account: string;
    to: string;
    seconds: number;
    at?: string;
    ringSeconds?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PriceExplained;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/rates/explain${QS.query(QS.explode({
        account,
        to,
        seconds,
        at,
        ring_seconds: ringSeconds
    }))}`, {
        ...opts
    });
}
/**
 * calls, the newest first; the filters are joined by "and", and choose among the newest 20000 calls that --account, --open, --from and --to leave
 */
export function callList({ account, open, ended, $from, to, destination, trunk, disposition, refusal, cause, costFrom, costTo, text, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    open?: boolean;
    ended?: boolean;
    $from?: string;
    to?: string;
    destination?: string;
    trunk?: string;
    disposition?: "ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED";
    refusal?: "account_not_found" | "account_blocked" | "account_expired" | "number_invalid" | "number_barred" | "no_rate" | "destination_blocked" | "price_limit" | "call_cost_limit" | "no_route" | "too_many_calls" | "too_many_calls_per_second" | "time_used_up" | "spend_limit_month" | "spend_limit_day" | "spend_limit_hour" | "insufficient_balance" | "uniqueid_reused" | "invite_repeated" | "arguments_invalid" | "overloaded" | "ledger_unavailable" | "service_stalled" | "lease_lost" | "shutting_down";
    cause?: number;
    costFrom?: string;
    costTo?: string;
    text?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Call[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls${QS.query(QS.explode({
        account,
        open,
        ended,
        "from": $from,
        to,
        destination,
        trunk,
        disposition,
        refusal,
        cause,
        cost_from: costFrom,
        cost_to: costTo,
        text,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * calls in progress on all switches, the oldest first: what each has cost by now, what is held for it beyond that, and why it may not last longer
 */
export function callLive({ account, uniqueid, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    uniqueid?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: LiveCall[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/live${QS.query(QS.explode({
        account,
        uniqueid,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * all that is known of a call, and its price step by step at its own rate
 */
export function callShow({ uniqueid }: {
    uniqueid: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CallShown;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/${encodeURIComponent(uniqueid)}`, {
        ...opts
    });
}
/**
 * end a call on its switch; the service charges what was talked (needs RINGFENCE_ARI_URL, or RINGFENCE_PROXY_RPC)
 */
export function callHangup({ uniqueid, idempotencyKey }: {
    uniqueid: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CallHungUp;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 502;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/${encodeURIComponent(uniqueid)}/hangup`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * reservations, the oldest first
 */
export function reservationList({ account, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Reservation[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/reservations${QS.query(QS.explode({
        account,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * why a call cost what it did: its price computed anew at its own rate, compared with what was charged; what was held, and the balance before and after
 */
export function callExplain({ uniqueid }: {
    uniqueid: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CallExplained;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/${encodeURIComponent(uniqueid)}/explanation`, {
        ...opts
    });
}
/**
 * what is known of a call besides its record: its events, its ledger entries, and what the switch's own journal and call records in the database have of it
 */
export function callEvidence({ uniqueid }: {
    uniqueid: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CallEvidence;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/${encodeURIComponent(uniqueid)}/evidence`, {
        ...opts
    });
}
/**
 * tell a URL of every change from now on; shows the secret of its signatures, this once
 */
export function webhookAdd({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the webhook */
        webhook: string;
        /** where events are posted to; private and loopback hosts: RINGFENCE_WEBHOOK_ALLOW */
        url: string;
        /** only these kinds, separated by commas; docs/events.md lists them */
        kinds?: string[];
        /** only events of this account, which need not exist yet */
        account?: string;
        /** a secret of your own in one line of 16 to 200 characters, which is not shown then */
        secret?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: WebhookAdded;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/webhooks", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * webhooks in the order of their names
 */
export function webhookList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Webhook[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * post an event of kind "test" from here, once, and say what the receiver answered; exits 1 if it did not take it
 */
export function webhookTest({ webhook, idempotencyKey }: {
    webhook: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: WebhookTested;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 502;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks/${encodeURIComponent(webhook)}/test`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * let a webhook's events wait; none is lost
 */
export function webhookPause({ webhook, idempotencyKey }: {
    webhook: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Webhook;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks/${encodeURIComponent(webhook)}/pause`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * tell a paused webhook what it has missed, and go on
 */
export function webhookResume({ webhook, idempotencyKey }: {
    webhook: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Webhook;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks/${encodeURIComponent(webhook)}/resume`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * forget a webhook and what it was still to be told
 */
export function webhookRemove({ webhook, idempotencyKey }: {
    webhook: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: WebhookRemoved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks/${encodeURIComponent(webhook)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * deliveries that were given up, the last first
 */
export function webhookDead({ webhook, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    webhook?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: DeadDelivery[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/dead-deliveries${QS.query(QS.explode({
        webhook,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * what became of the events for a webhook: the newest event first; with --state those that are tried next first, or that ended last
 */
export function webhookDeliveries({ webhook, state, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    webhook: string;
    state?: "waiting" | "delivered" | "dead";
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Delivery[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/webhooks/${encodeURIComponent(webhook)}/deliveries${QS.query(QS.explode({
        state,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * let dead deliveries be tried again; with --all also try now what would be tried in more than a minute
 */
export function webhookRetry({ idempotencyKey, body }: {
    idempotencyKey: string;
    body?: {
        /** the webhook */
        webhook?: string;
        /** the numbers of the events, as "webhook dead" lists them */
        event_id?: string[];
        /** all of this webhook; without a name, of every webhook */
        all?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeliveriesRetried;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/webhooks/retry", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * events, the newest first; --kind chooses among the newest 100000 events that --account, --from and --to leave
 */
export function eventList({ account, kind, uniqueid, $from, to, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    account?: string;
    kind?: string;
    uniqueid?: string;
    $from?: string;
    to?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Event[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/events${QS.query(QS.explode({
        account,
        kind,
        uniqueid,
        "from": $from,
        to,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * delete events and ended deliveries of an age, as the service does by RINGFENCE_EVENT_DAYS; what still waits stays
 */
export function eventPrune({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** how old they have to be */
        days: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EventsPruned;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/events/prune", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * make a key for a program that uses the API; shows its secret, this once
 */
export function keyCreate({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the key */
        name: string;
        /** what it may do, separated by commas: read, support, cashier, prices, admin, customer */
        roles: string[];
        /** the only account that a customer sees, for good; for the role customer alone */
        accountcode?: string;
        /** only from these addresses and networks, separated by commas; from all that may connect if not given */
        addresses?: string[];
        /** when it ends; never if not given */
        expires?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: KeyIssued;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/keys", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * the keys of the API, without their secrets
 */
export function keyList({ all, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    all?: boolean;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Key[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/keys${QS.query(QS.explode({
        all,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * give a key a second secret, and show it this once; the first one goes on until you revoke it
 */
export function keyRotate({ name, idempotencyKey }: {
    name: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: KeyIssued;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/keys/${encodeURIComponent(name)}/rotate`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * end a key at once, or one of its secrets
 */
export function keyRevoke({ name, idempotencyKey, body }: {
    name: string;
    idempotencyKey: string;
    body?: {
        /** only the secret of this number, as "key list" shows it */
        secret_number?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: KeysRevoked;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/keys/${encodeURIComponent(name)}/revoke`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * let a person use the API; sends or shows, this once, the token by which the person chooses a password within 24 hours
 */
export function operatorInvite({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** the person */
        name: string;
        /** what the person may do, separated by commas: read, support, cashier, prices, admin, customer */
        roles: string[];
        /** the only account that a customer sees, for good; for the role customer alone */
        accountcode?: string;
        /** the person's address of mail */
        mail?: string;
        /** show the token also where a mail took it to the person */
        show_token?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Invitation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/operators", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * the people who may use the API
 */
export function operatorList({ text, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    text?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Operator[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators${QS.query(QS.explode({
        text,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * a person who may use the API
 */
export function operatorShow({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Operator;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators/${encodeURIComponent(name)}`, {
        ...opts
    });
}
/**
 * give a person other roles, from the next request on, or another address of mail, which ends a one-time token
 */
export function operatorSet({ name, idempotencyKey, ifMatch, body }: {
    name: string;
    idempotencyKey: string;
    ifMatch?: string;
    body?: {
        /** what the person may do, separated by commas: read, support, cashier, prices, admin, customer */
        roles?: string[];
        /** the person's address of mail */
        mail?: string | null;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Operator;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators/${encodeURIComponent(name)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            "If-Match": ifMatch
        })
    }));
}
/**
 * end a person's sessions, and let the person log in no more
 */
export function operatorBlock({ name, idempotencyKey }: {
    name: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Operator;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators/${encodeURIComponent(name)}/block`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * let a blocked person log in again
 */
export function operatorUnblock({ name, idempotencyKey }: {
    name: string;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Operator;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators/${encodeURIComponent(name)}/unblock`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * take a person's password and second factor away, end the person's sessions, and send or show, this once, a token by which the person chooses a new one within 24 hours
 */
export function operatorReset({ name, idempotencyKey, body }: {
    name: string;
    idempotencyKey: string;
    body?: {
        /** show the token also where a mail took it to the person */
        show_token?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Invitation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operators/${encodeURIComponent(name)}/reset`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * who is logged in, the newest first
 */
export function sessionList({ name, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    name?: string;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Session[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/sessions${QS.query(QS.explode({
        name,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * end a session at once
 */
export function sessionRevoke({ sessionNumber, idempotencyKey }: {
    sessionNumber: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Session;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/sessions/${encodeURIComponent(sessionNumber)}/revoke`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * the keys of RINGFENCE_PIN_KEY by their prints, and what needs each: an older key without cards, vouchers and second factors may be removed
 */
export function pinKeyList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: PinKey[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/pin-keys${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * encrypt with the newest key of RINGFENCE_PIN_KEY what an older one encrypted: second factors of people. PINs of cards are hashed anew when they are used, codes of vouchers never
 */
export function pinKeyRenew({ idempotencyKey }: {
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PinKeyRenewed;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/pin-keys/renew", {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * set how much a key or a person with the role cashier, and none above it, or a door may move in a UTC day, of each currency; cards and vouchers that it activates count
 */
export function cashierLimit({ actor, idempotencyKey, body }: {
    actor: string;
    idempotencyKey: string;
    body: {
        /** the most of a day */
        daily_limit: string;
        /** the most of one movement, or of one card or voucher; stays as it is if not given */
        at_once?: string | null;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CashierLimit;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/cashiers/${encodeURIComponent(actor)}/limit`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * the limits of cashiers and of doors, and what is left of them today (UTC)
 */
export function cashierList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Cashier[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/cashiers${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * movements of money that wait for a second person, the newest first
 */
export function approvalList({ all, limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    all?: boolean;
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Approval[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/approvals${QS.query(QS.explode({
        all,
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * one movement of money that waits for a second person, or waited
 */
export function approvalShow({ approval }: {
    approval: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Approval;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/approvals/${encodeURIComponent(approval)}`, {
        ...opts
    });
}
/**
 * move the money that another actor asked for, within 7 days; once
 */
export function approvalApprove({ approval, idempotencyKey }: {
    approval: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ApprovalApproved;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/approvals/${encodeURIComponent(approval)}/approve`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * end a request without moving anything
 */
export function approvalRefuse({ approval, idempotencyKey }: {
    approval: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Approval;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/approvals/${encodeURIComponent(approval)}/refuse`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * take your own request back
 */
export function approvalWithdraw({ approval, idempotencyKey }: {
    approval: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Approval;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/approvals/${encodeURIComponent(approval)}/withdraw`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * what operators changed, the newest first: who, from where, on what, before and after; --actor, --address and --operation choose among the newest 100000 changes that --object, --from and --to leave
 */
export function auditList({ actor, address, $object, operation, $from, to, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    actor?: string;
    address?: string;
    $object?: string;
    operation?: string;
    $from?: string;
    to?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Change[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/audit${QS.query(QS.explode({
        actor,
        address,
        "object": $object,
        operation,
        "from": $from,
        to,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * have a service prove the books and the audit trail, as "verify" does, in a process beside it; calls go on meanwhile
 */
export function jobVerify({ idempotencyKey, body }: {
    idempotencyKey: string;
    body?: {
        /** only what changed since then; all before it is taken as it is */
        since?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Job;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/jobs/verify", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * have a service compare calls with Asterisk's own records, as "reconcile" does without --apply: it changes nothing
 */
export function jobReconcile({ idempotencyKey, body }: {
    idempotencyKey: string;
    body: {
        /** calls that started from then on, such as 2026-11-01 in your zone (TZ) */
        "from": string;
        /** and before then; now if not given */
        to?: string;
        /** talk that differs by no more is the same; 1 if not given */
        tolerance?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Job;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/jobs/reconcile", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * jobs, the newest first: what waits, what runs and how far it is, and the last 100 that ended
 */
export function jobList({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Job[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/jobs${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * a job: how far it is, and when it is done what it found, with the first 1000 differences
 */
export function jobShow({ job }: {
    job: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: JobShown;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/jobs/${encodeURIComponent(job)}`, {
        ...opts
    });
}
/**
 * end a job without a result: at once if it waits, within some seconds if it runs
 */
export function jobStop({ job, idempotencyKey }: {
    job: number;
    idempotencyKey: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Job;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/jobs/${encodeURIComponent(job)}/stop`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    });
}
/**
 * which process acts for which switch, how long its lease lasts, the calls in progress, what an operator has to correct, and how the books were proven last
 */
export function status(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Status;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/status", {
        ...opts
    });
}
/**
 * the settings of the service that answers, without secrets; on the command line those of its own environment
 */
export function settings(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Settings;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/settings", {
        ...opts
    });
}
/**
 * run a query of sql/reports; without a name, list them. Times are UTC, hours and days those of a zone; sums of calls are of the last 30 days if no period is given
 */
export function report({ name, $from, to, zone, limit, format, timeZone, dateFormat, separator, decimalMark }: {
    name: string;
    $from?: string;
    to?: string;
    zone?: string;
    limit?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: ReportRow[];
            /** whether there are more rows than these */
            is_more: boolean;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/reports/${encodeURIComponent(name)}${QS.query(QS.explode({
        "from": $from,
        to,
        zone,
        limit,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * what the account has, what its calls hold, and whether it may start calls
 */
export function ownAccount(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnAccount;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/own/account", {
        ...opts
    });
}
/**
 * the account's calls, the newest first; the filters are joined by "and", and choose among the newest 100000 calls that open, from and to leave
 */
export function ownCalls({ open, $from, to, destination, disposition, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    open?: boolean;
    $from?: string;
    to?: string;
    destination?: string;
    disposition?: "ANSWERED" | "NO ANSWER" | "BUSY" | "CONGESTION" | "FAILED";
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: OwnCall[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/calls${QS.query(QS.explode({
        open,
        "from": $from,
        to,
        destination,
        disposition,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * one of the account's calls, and its price step by step at its own rate
 */
export function ownCall({ uniqueid }: {
    uniqueid: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnCallShown;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/calls/${encodeURIComponent(uniqueid)}`, {
        ...opts
    });
}
/**
 * why one of the account's calls cost what it did: its price computed anew, compared with what was charged; what was held, and the balance before and after
 */
export function ownExplanation({ uniqueid }: {
    uniqueid: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnCallExplained;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/calls/${encodeURIComponent(uniqueid)}/explanation`, {
        ...opts
    });
}
/**
 * the account's calls in progress, the oldest first: what each has cost by now, what is held for it beyond that, and why it may not last longer
 */
export function ownLive({ limit, page, format, timeZone, dateFormat, separator, decimalMark }: {
    limit?: number;
    page?: number;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: OwnLiveCall[];
            /** how many rows there are */
            total: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** nothing older was looked at, as there are too many rows */
            since?: string;
            page: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/calls/live${QS.query(QS.explode({
        limit,
        page,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * the account's movements of money with the balance after each, the newest first; kind chooses among the newest 100000 entries that from and to leave
 */
export function ownLedger({ kind, $from, to, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    kind?: "top_up" | "call_charge" | "refund" | "adjustment" | "correction" | "pool_closed";
    $from?: string;
    to?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: OwnEntry[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/ledger${QS.query(QS.explode({
        kind,
        "from": $from,
        to,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * what calls of the account were charged on each of the last days
 */
export function ownSpend({ days, zone }: {
    days?: number;
    zone?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Spend;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/spend${QS.query(QS.explode({
        days,
        zone
    }))}`, {
        ...opts
    });
}
/**
 * a month of the account: what it had, what came, what its calls cost by destination, and what is left
 */
export function ownStatement({ month, zone }: {
    month: string;
    zone?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Statement;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/statement${QS.query(QS.explode({
        month,
        zone
    }))}`, {
        ...opts
    });
}
/**
 * what happened to the account and its calls, the newest first, among the newest 100000 events that from and to leave
 */
export function ownEvents({ kind, $from, to, limit, page, cursor, count, format, timeZone, dateFormat, separator, decimalMark }: {
    kind?: "authorised" | "refused" | "answered" | "extended" | "shrunk" | "warned" | "cut" | "settled" | "cap_hit" | "low_balance" | "low_balance_over" | "spend_limit_reached" | "money_moved" | "blocked" | "unblocked" | "time_added";
    $from?: string;
    to?: string;
    limit?: number;
    page?: number;
    cursor?: string;
    count?: boolean;
    format?: "json" | "csv";
    timeZone?: string;
    dateFormat?: "iso" | "spreadsheet";
    separator?: "comma" | "semicolon" | "tab";
    decimalMark?: "point" | "comma";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: OwnEvent[];
            /** how many rows there are; if count or a page was asked for */
            total?: number;
            /** false if there are more than total */
            total_is_exact?: boolean;
            /** whether there may be more behind these */
            is_more: boolean;
            /** reads on, if given as cursor; even an answer with few items, or none, may have one */
            next_cursor?: string;
            /** nothing older was looked at, as there are too many rows; next_cursor, if there is one, reads on */
            since?: string;
            /** if no cursor was given */
            page?: number;
            limit: number;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/events${QS.query(QS.explode({
        kind,
        "from": $from,
        to,
        limit,
        page,
        cursor,
        count,
        format,
        time_zone: timeZone,
        date_format: dateFormat,
        separator,
        decimal_mark: decimalMark
    }))}`, {
        ...opts
    });
}
/**
 * the price of a call step by step, and the longest call that the account could make now
 */
export function ownPrice({ to, seconds }: {
    to: string;
    seconds: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnPrice;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/price${QS.query(QS.explode({
        to,
        seconds
    }))}`, {
        ...opts
    });
}
/**
 * events as they happen, each once, as server-sent events; a listener that comes back with Last-Event-ID misses none
 */
export function eventFollow({ account, kinds, after }: {
    account?: string;
    kinds?: string[];
    after?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/events/stream${QS.query(QS.explode({
        account,
        after
    }), QS.form({
        kinds
    }))}`, {
        ...opts
    });
}
/**
 * calls in progress, as server-sent events: a snapshot, then what changes each second
 */
export function callFollow({ account }: {
    account?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/calls/live/stream${QS.query(QS.explode({
        account
    }))}`, {
        ...opts
    });
}
/**
 * the account's events as they happen, each once, as server-sent events; a listener that comes back with Last-Event-ID misses none
 */
export function ownEventFollow({ kinds, after }: {
    kinds?: ("authorised" | "refused" | "answered" | "extended" | "shrunk" | "warned" | "cut" | "settled" | "cap_hit" | "low_balance" | "low_balance_over" | "spend_limit_reached" | "money_moved" | "blocked" | "unblocked" | "time_added")[];
    after?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/own/events/stream${QS.query(QS.form({
        kinds
    }), QS.explode({
        after
    }))}`, {
        ...opts
    });
}
/**
 * the account's calls in progress, as server-sent events: a snapshot, then what changes each second
 */
export function ownLiveFollow(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/own/calls/live/stream", {
        ...opts
    });
}
/**
 * log in: sets the session as a cookie, and ends the one that the browser had
 */
export function sessionBegin({ body }: {
    body: {
        /** the person */
        name: string;
        /** the password */
        password: string;
        /** the code of the authenticator, or a recovery code */
        code?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnSession;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/session", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * who is logged in here, and the CSRF token of the session
 */
export function sessionShow(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnSession;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/session", {
        ...opts
    });
}
/**
 * log out
 */
export function sessionEnd({ xCsrfToken }: {
    xCsrfToken: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/session", {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    });
}
/**
 * choose a password by the one-time token of "operator invite" or "operator reset"
 */
export function invitationAccept({ body }: {
    body: {
        /** the one-time token */
        token: string;
        /** the new password, of 12 characters or more */
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: InvitationAccepted;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/invitation", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * ask for a mail with a one-time token for a new password; the answer is the same for whatever name
 */
export function passwordForgotten({ body }: {
    body: {
        /** the person */
        name: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/forgotten-password", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * choose another password, by a code too where there is a second factor; ends the person's other sessions
 */
export function passwordChange({ xCsrfToken, body }: {
    xCsrfToken: string;
    body: {
        /** the password */
        password: string;
        /** the code of the authenticator, or a recovery code */
        code?: string;
        /** the new password, of 12 characters or more */
        new_password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PasswordChanged;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/password", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    }));
}
/**
 * whether the person has a second factor, and how many recovery codes are left
 */
export function secondFactorShow(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SecondFactorState;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/second-factor", {
        ...opts
    });
}
/**
 * begin a second factor: shows, this once, what an authenticator needs. A log-in needs no code before the first one is confirmed
 */
export function secondFactorEnrol({ xCsrfToken, body }: {
    xCsrfToken: string;
    body: {
        /** the password */
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SecondFactor;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/second-factor", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    }));
}
/**
 * confirm the second factor by a first code; shows ten recovery codes, this once
 */
export function secondFactorConfirm({ xCsrfToken, body }: {
    xCsrfToken: string;
    body: {
        /** the code of the authenticator, or a recovery code */
        code: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RecoveryCodes;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/second-factor/confirm", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    }));
}
/**
 * remove the second factor and its recovery codes
 */
export function secondFactorRemove({ xCsrfToken, body }: {
    xCsrfToken: string;
    body: {
        /** the password */
        password: string;
        /** the code of the authenticator, or a recovery code */
        code?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/second-factor/remove", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    }));
}
/**
 * replace the recovery codes; shows ten new ones, this once
 */
export function recoveryCodesRenew({ xCsrfToken, body }: {
    xCsrfToken: string;
    body: {
        /** the password */
        password: string;
        /** the code of the authenticator, or a recovery code */
        code?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RecoveryCodes;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/recovery-codes", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    }));
}
/**
 * the person's own sessions, the newest first
 */
export function sessionsOfMine(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SessionsOfMine;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/my/sessions", {
        ...opts
    });
}
/**
 * end one of the person's own sessions at once
 */
export function sessionOfMineEnd({ xCsrfToken, sessionNumber }: {
    xCsrfToken: string;
    sessionNumber: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 414;
        data: Problem;
    } | {
        status: 415;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/my/sessions/${encodeURIComponent(sessionNumber)}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "x-csrf-token": xCsrfToken
        })
    });
}
