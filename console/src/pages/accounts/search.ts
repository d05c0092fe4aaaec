/** What the addresses of these pages say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const STATUSES = ['active', 'blocked', 'expired', 'closed'] as const;
export const TABS = ['activity', 'live', 'prices', 'limits', 'callers', 'history'] as const;
export const ACTIONS = ['topup', 'refund', 'adjust', 'block', 'hangup', 'close'] as const;
export const SHOWN = ['money', 'top_up', 'call_charge', 'refund', 'adjustment', 'calls'] as const;

export type Tab = (typeof TABS)[number];
export type Action = (typeof ACTIONS)[number];
export type Shown = (typeof SHOWN)[number];

export interface ListSearch {
  /** Part of the code. */
  text?: string;
  status?: (typeof STATUSES)[number];
  deck?: string;
  /** Whether the form of a new account is open. */
  new?: true;
}

export function listSearch(raw: Record<string, unknown>): ListSearch {
  const [text, deck, status] = [textOf(raw.text), textOf(raw.deck), oneOf(STATUSES, raw.status)];
  return {
    ...(text && { text }),
    ...(status && { status }),
    ...(deck && { deck }),
    ...(String(raw.new) === 'true' && { new: true }),
  };
}

export interface AccountSearch {
  /** The first if not given. */
  tab?: Tab;
  /** The form that is open. */
  do?: Action;
  /** What the activity is reduced to. */
  show?: Shown;
  /** The setting that is being changed. */
  edit?: string;
  /** The number whose price is asked for. */
  number?: string;
  /** The talk that the price is asked for. */
  seconds?: number;
}

export function accountSearch(raw: Record<string, unknown>): AccountSearch {
  const [tab, action, show] = [oneOf(TABS, raw.tab), oneOf(ACTIONS, raw.do), oneOf(SHOWN, raw.show)];
  const [edit, number] = [textOf(raw.edit), textOf(raw.number)];
  const seconds = Number(raw.seconds);
  return {
    ...(tab && { tab }),
    ...(action && { do: action }),
    ...(show && { show }),
    ...(edit && { edit }),
    ...(number && { number }),
    ...(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400 && { seconds }),
  };
}
