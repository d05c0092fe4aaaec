/** What the addresses of these pages say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const TABS = ['trunks', 'routes', 'try'] as const;
export const LIST_ACTIONS = ['trunk', 'route'] as const;
export const TRUNK_ACTIONS = ['off', 'on', 'edit', 'remove'] as const;

export type Tab = (typeof TABS)[number];
export type TrunkAction = (typeof TRUNK_ACTIONS)[number];

/** How an address names the route of any number, whose prefix is empty. */
export const ANY_NUMBER = 'any';

export interface TrunksSearch {
  /** The first if not given. */
  tab?: Tab;
  /** The form of a new trunk, or of a new route, is open. */
  new?: (typeof LIST_ACTIONS)[number];
  /** The prefix whose order is open; `any` for any number. */
  prefix?: string;
  /** Only prefixes that begin with, or are the beginning of, this. */
  filter?: string;
  /** The number that is tried. */
  number?: string;
  /** Whose call it would be. */
  account?: string;
  /** The talk that it is tried for. */
  seconds?: number;
}

export function trunksSearch(raw: Record<string, unknown>): TrunksSearch {
  const [tab, form] = [oneOf(TABS, raw.tab), oneOf(LIST_ACTIONS, raw.new)];
  const [number, account, filter] = [textOf(raw.number), textOf(raw.account), textOf(raw.filter)];
  const prefix = textOf(raw.prefix);
  const seconds = Number(raw.seconds);
  return {
    ...(tab && { tab }),
    ...(form && { new: form }),
    ...(prefix && (prefix === ANY_NUMBER || /^\d{1,32}$/.test(prefix)) && { prefix }),
    ...(filter && { filter }),
    ...(number && { number }),
    ...(account && { account }),
    ...(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400 && { seconds }),
  };
}

export interface TrunkSearch {
  /** The form that is open. */
  do?: TrunkAction;
}

export function trunkSearch(raw: Record<string, unknown>): TrunkSearch {
  const action = oneOf(TRUNK_ACTIONS, raw.do);
  return action ? { do: action } : {};
}
