/** Whether money may be moved on an account as an operator, or a comparison with the switch's records, requests. */
import { canBeWritten, formatAmount, LARGEST, type Micros, micros, ZERO } from '../../money/micros';
import type { EntryKind } from '../books';
import { type Account, available } from './account';
import { isPool } from './pool';

/** A movement of money for which an operator asks; `amount` is added to the balance. */
export interface Movement {
  accountcode: string;
  kind: Exclude<EntryKind, 'call_charge' | 'pool_closed'>;
  amount: Micros;
  /**
   * The operator's own reference, or for a correction the call's uniqueid: the same again moves nothing. A refund whose reference is the
   * uniqueid of a call is a refund of that call.
   */
  reference: string;
  /** Whether the reference must be a call's. */
  ofCall?: boolean;
  /** It is the top-up of the voucher that its reference names. */
  ofVoucher?: boolean;
  reason: string;
  /** The actor: `cli:<unix user>`, or the name of a door. */
  actor: string;
  /** Whether an adjustment or a correction may take more than is available, and so leave calls in progress with less behind them. */
  overdraw?: boolean;
}

/** The reference of a voucher's top-up. No other top-up may have it: `verify` looks for the voucher of each, and a voucher is entered once. */
export const referenceOfVoucher = (serial: number): string => `voucher-${serial}`;

const isOfVoucher = (reference: string): boolean => /^voucher-\d+$/.test(reference);

export type MovementRefusal =
  | 'account_not_found'
  | 'account_is_pool'
  | 'account_closed'
  | 'amount_not_positive'
  | 'call_not_found'
  | 'call_in_progress'
  | 'more_than_charged'
  | 'reference_reused'
  | 'more_than_available'
  | 'balance_out_of_range';

/** What the ledger has for a movement's reference. */
export interface MovementContext {
  /** What this kind of movement with the same reference moved before; null for nothing. */
  movedBefore: Micros | null;
  /** The call that the reference names; null if it names none. */
  call: NamedCall | null;
}

export interface NamedCall {
  accountcode: string;
  hasEnded: boolean;
  cost: Micros;
  /** What its correction, and its refund, added to the balance; null for none. */
  corrected: Micros | null;
  refunded: Micros | null;
}

/** `facts`: the names and amounts of `detail`, for a program that says it in its own words. */
export type MovementRefused = { refusal: MovementRefusal; detail: string; facts: Readonly<Record<string, string>> };

/** `moved` false: the same was moved before, and the account stays as it is. */
export type MovementDecision = { moved: boolean; account: Account } | MovementRefused;

/**
 * The account with its new balance, or why the movement is refused. `account` null: no account has that code. Assumes that the account is
 * locked, and that `context` was read under that lock: ends and corrections of its calls are written under it too.
 */
export function decideMovement(
  movement: Movement,
  account: Account | null,
  { movedBefore, call }: MovementContext,
): MovementDecision {
  const { accountcode, kind, amount, reference } = movement;
  const mayTake = kind === 'adjustment' || kind === 'correction';
  if (mayTake ? amount === ZERO : amount <= ZERO) {
    const wanted = mayTake ? 'other than 0' : 'greater than 0';
    const detail = `amount ${formatAmount(amount)} must be ${wanted}`;
    return { refusal: 'amount_not_positive', detail, facts: { amount: formatAmount(amount) } };
  }
  if (!account) {
    const detail = `there is no account ${JSON.stringify(accountcode)}`;
    return { refusal: 'account_not_found', detail, facts: { accountcode } };
  }
  if (isPool(account) && kind !== 'correction') {
    const detail = `accountcode ${JSON.stringify(accountcode)} is a pool, which holds no money of its own: use "pool raise"`;
    return { refusal: 'account_is_pool', detail, facts: { accountcode } };
  }
  if (movedBefore !== null) {
    if (movedBefore === amount) return { moved: false, account };
    return {
      refusal: 'reference_reused',
      detail: `reference ${JSON.stringify(reference)} moved ${formatAmount(movedBefore)} before: use another reference`,
      facts: { reference, moved: formatAmount(movedBefore), currency: account.currency },
    };
  }
  if (kind === 'top_up' && isOfVoucher(reference) && !movement.ofVoucher) {
    const detail = `reference ${JSON.stringify(reference)} is that of a voucher: use another reference`;
    return { refusal: 'reference_reused', detail, facts: { reference } };
  }
  // After the answer to a movement that was made before: a repeat gets the same answer.
  if (account.closed && kind !== 'correction') {
    const detail = `accountcode ${JSON.stringify(accountcode)} is closed: open it with "account unblock" first`;
    return { refusal: 'account_closed', detail, facts: { accountcode } };
  }
  const refused =
    kind === 'refund'
      ? refundRefused(movement, call)
      : kind === 'correction'
        ? correctionRefused(movement, call)
        : null;
  if (refused) return refused;
  const free = available(account);
  if (amount < ZERO && free + amount < ZERO && !movement.overdraw) {
    const there = `only ${formatAmount(free)} is available`;
    return {
      refusal: 'more_than_available',
      detail: `amount ${formatAmount(amount)} is too much, ${there}: take less, or add --overdraw to go below`,
      facts: { amount: formatAmount(amount), available: formatAmount(free), currency: account.currency },
    };
  }
  const changed = { ...account, balance: micros(account.balance + amount) };
  // What calls in progress hold will be charged, and must fit as well.
  const isWritable = canBeWritten(amount) && canBeWritten(changed.balance);
  if (!isWritable || !canBeWritten(micros(changed.balance - account.reserved))) {
    const held = account.reserved === ZERO ? '' : ` with ${formatAmount(account.reserved)} held by calls`;
    return {
      refusal: 'balance_out_of_range',
      detail: `amount ${formatAmount(amount)} is too large for the balance of ${formatAmount(account.balance)}${held}: at most ${formatAmount(LARGEST)} above or below zero can be kept`,
      facts: { amount: formatAmount(amount), balance: formatAmount(account.balance), currency: account.currency },
    };
  }
  return { moved: true, account: changed };
}

/** Why this cannot be a refund of the call that it names; null if it can, or if it names none. */
function refundRefused(
  { accountcode, amount, reference, ofCall }: Movement,
  call: NamedCall | null,
): MovementRefused | null {
  const name = JSON.stringify(reference);
  if (!call && !ofCall) return null;
  if (call?.accountcode !== accountcode) {
    const detail = `account ${JSON.stringify(accountcode)} has no call ${name}: "call list --account" tells its calls`;
    return { refusal: 'call_not_found', detail, facts: { uniqueid: reference } };
  }
  if (!call.hasEnded) {
    return {
      refusal: 'call_in_progress',
      detail: `call ${name} has not ended, and is not charged yet: refund it then`,
      facts: { uniqueid: reference },
    };
  }
  const charged = micros(call.cost - (call.corrected ?? ZERO));
  if (amount <= charged) return null;
  const detail = `amount ${formatAmount(amount)} is more than call ${name} was charged: refund ${formatAmount(charged)} at most`;
  const facts = { amount: formatAmount(amount), uniqueid: reference, charged: formatAmount(charged) };
  return { refusal: 'more_than_charged', detail, facts };
}

/** Why this cannot be a correction of a call; null if it can. What was refunded, perhaps a moment ago, is not given back a second time. */
function correctionRefused(
  { accountcode, amount, reference }: Movement,
  call: NamedCall | null,
): MovementRefused | null {
  const refunded = call?.accountcode === accountcode ? call.refunded : null;
  if (!call || refunded === null || amount <= call.cost - refunded) return null;
  const detail = `call ${JSON.stringify(reference)} was refunded ${formatAmount(refunded)}: amount ${formatAmount(amount)} is more than is left of it`;
  const facts = { amount: formatAmount(amount), uniqueid: reference, refunded: formatAmount(refunded) };
  return { refusal: 'more_than_charged', detail, facts };
}
