/** What the address of the live board says. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const STATES = ['talking', 'ringing', 'waiting'] as const;
export type CallState = (typeof STATES)[number];

export interface LiveSearch {
  /** In account, numbers, destination, trunk, switch or uniqueid. */
  text?: string;
  /** The calls of this account alone, asked of the service: also those behind the 1,000 oldest of all. */
  account?: string;
  trunk?: string;
  state?: CallState;
  /** The uniqueid of the open row. */
  row?: string;
  /** Whether the charts of the last hour are shown; undefined where the window decides. */
  hour?: boolean;
}

/** Puts these into the address, beside what stands there. */
export type Change = (search: Partial<LiveSearch>) => void;

/** Bad values are ignored. */
export function validateSearch(search: Record<string, unknown>): LiveSearch {
  const found: LiveSearch = {};
  for (const name of ['text', 'account', 'trunk', 'row'] as const) {
    const text = textOf(search[name]);
    if (text !== undefined) found[name] = text;
  }
  const state = oneOf(STATES, search.state);
  if (state) found.state = state;
  if (typeof search.hour === 'boolean') found.hour = search.hour;
  return found;
}
