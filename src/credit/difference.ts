import { amountOf } from '../database/values';
import { formatAmount, micros } from '../money/micros';

/** What can be wrong with the books. */
export type Rule =
  | 'balance_is_sum_of_entries'
  | 'reserved_is_sum_of_reservations'
  | 'time_reserved_is_sum_of_grants'
  | 'spent_is_sum_of_charges'
  | 'active_calls_is_number_of_reservations'
  | 'pool_without_calls_is_empty'
  | 'call_costs_are_sum_of_charges'
  | 'call_has_its_charge'
  | 'charge_has_its_call'
  | 'correction_has_its_call'
  | 'refund_is_of_its_call'
  | 'corrected_cost_is_within_max_cost'
  | 'cost_is_within_max_cost'
  | 'open_call_has_its_reservation'
  | 'reservation_has_its_open_call'
  | 'entry_has_its_account'
  | 'entry_follows_the_one_before'
  | 'account_has_its_last_entry'
  | 'balance_after_is_running_sum'
  | 'call_is_charged_by_its_tariff'
  | 'max_cost_is_cost_of_grant'
  | 'rate_is_that_of_its_deck'
  | 'currency_is_that_of_its_deck'
  | 'currency_is_that_of_its_calls'
  | 'card_has_its_account'
  | 'card_has_its_opening'
  | 'account_is_blocked_with_its_card'
  | 'voucher_has_its_entry'
  | 'entry_has_its_voucher'
  | 'caller_has_its_account';

/** One thing that does not match. */
export interface Difference {
  rule: Rule;
  accountcode: string;
  /** null if it is about the whole account. */
  uniqueid: string | null;
  /** What the books say in one place and in the other: a sentence with the numbers. */
  text: string;
}

/** A DECIMAL column as people read it. `times` is -1n for what a charge took. */
export const decimal = (column: string, sign = 1n): string => formatAmount(micros(amountOf(column) * sign));
