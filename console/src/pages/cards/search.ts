/** What the addresses of these pages say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

/** Cards if the address does not say so. */
export const KINDS = ['cards', 'vouchers'] as const;
/** The states of vouchers; cards have all but the last. */
export const STATUSES = ['generated', 'active', 'blocked', 'redeemed'] as const;
export const SWITCHES = ['activate', 'block', 'unblock'] as const;

export type Kind = (typeof KINDS)[number];
export type Status = (typeof STATUSES)[number];
export type Switch = (typeof SWITCHES)[number];

export interface ListSearch {
  kind?: 'vouchers';
  /** The form that is open. */
  do?: 'make' | 'redeem';
  /** The account that a voucher is redeemed for. */
  account?: string;
}

const kindIn = (raw: Record<string, unknown>) => (raw.kind === 'vouchers' ? { kind: 'vouchers' as const } : {});

export function listSearch(raw: Record<string, unknown>): ListSearch {
  const [action, account] = [oneOf(['make', 'redeem'] as const, raw.do), textOf(raw.account)];
  return { ...kindIn(raw), ...(action && { do: action }), ...(account && { account }) };
}

export interface BatchSearch {
  kind?: 'vouchers';
  status?: Status;
  /** The one that is shown above the list. */
  serial?: number;
  /** The form that is open: for the one that is shown, or for the batch. */
  do?: Switch;
}

export function batchSearch(raw: Record<string, unknown>): BatchSearch {
  const [status, action] = [oneOf(STATUSES, raw.status), oneOf(SWITCHES, raw.do)];
  const serial = Number(raw.serial);
  return {
    ...kindIn(raw),
    ...(status && { status }),
    ...(Number.isSafeInteger(serial) && serial >= 1 && { serial }),
    ...(action && { do: action }),
  };
}
