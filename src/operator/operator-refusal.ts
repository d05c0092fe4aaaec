/**
 * Every reason for which Ringfence does not do what an operator asks, over all use-cases: the command line answers with its
 * detail and exit code 3.
 */
export const OPERATOR_REFUSALS = [
  'field_invalid',
  'account_exists',
  'account_is_pool',
  'account_not_found',
  'amount_not_positive',
  'balance_out_of_range',
  'batch_exists',
  'batch_not_found',
  'call_in_progress',
  'call_not_found',
  'caller_exists',
  'caller_not_found',
  'card_not_found',
  'currency_mismatch',
  'deck_not_found',
  'delivery_not_found',
  'file_invalid',
  'more_than_available',
  'more_than_charged',
  'no_call_in_progress',
  'pin_key_missing',
  'pool_not_found',
  'prefixes_gone',
  'reference_reused',
  'report_not_found',
  'route_exists',
  'time_not_limited',
  'trunk_exists',
  'trunk_not_found',
  'voucher_expired',
  'voucher_not_active',
  'voucher_not_found',
  'voucher_redeemed',
  'webhook_exists',
  'webhook_not_found',
] as const;

export type OperatorRefusal = (typeof OPERATOR_REFUSALS)[number];

/** The business says no. Thrown, so that the transaction it is said in leaves nothing behind. */
export class Refused extends Error {
  override name = 'Refused';
  constructor(
    readonly refusal: OperatorRefusal,
    /** One line that names the field, its value and what to do. May hold hostile text: whoever prints it makes it harmless. */
    readonly detail: string,
    /** Further lines where one cannot say it all, such as the bad lines of a file. */
    readonly more: string[] = [],
  ) {
    super(detail);
  }
}

export const noDeck = (field: string, deck: string): Refused =>
  new Refused('deck_not_found', `${field} ${JSON.stringify(deck)} does not exist: import it with "deck import" first`);
