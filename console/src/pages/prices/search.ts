/** What the addresses of these pages say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const TABS = ['rates', 'versions', 'differences'] as const;
export const KINDS = ['dearer', 'cheaper', 'new', 'gone', 'fallback', 'other'] as const;

export type Tab = (typeof TABS)[number];
export type Kind = (typeof KINDS)[number];

export interface DeckSearch {
  /** The first if not given. */
  tab?: Tab;
  /** The version whose rates are shown, or that is compared; the current one if not given. */
  version?: number;
  /** The version that it is compared with. */
  against?: number;
  prefix?: string;
  /** Part of a destination's name. */
  name?: string;
  /** What of the differences is shown; all if not given. */
  only?: Kind;
  /** The version whose being made current again is asked for. */
  restore?: number;
}

export function deckSearch(raw: Record<string, unknown>): DeckSearch {
  const prefix = textOf(raw.prefix);
  const search = {
    tab: oneOf(TABS, raw.tab),
    version: versionOf(raw.version),
    against: versionOf(raw.against, 0),
    prefix: prefix !== undefined && /^\d{1,32}$/.test(prefix) ? prefix : undefined,
    name: textOf(raw.name),
    only: oneOf(KINDS, raw.only),
    restore: versionOf(raw.restore),
  };
  return given(search);
}

export interface ImportSearch {
  deck?: string;
  /** The version that was uploaded. */
  version?: number;
  only?: Kind;
  /** The version that was current before, once the uploaded one is. */
  replaced?: number;
}

export function importSearch(raw: Record<string, unknown>): ImportSearch {
  return given({
    deck: textOf(raw.deck),
    version: versionOf(raw.version),
    only: oneOf(KINDS, raw.only),
    replaced: versionOf(raw.replaced, 0),
  });
}

function versionOf(raw: unknown, least = 1): number | undefined {
  const version = typeof raw === 'number' || typeof raw === 'string' ? Number(raw) : Number.NaN;
  return Number.isSafeInteger(version) && version >= least && raw !== '' ? version : undefined;
}

/** Only what is set stands in an address. */
export const given = <Search extends object>(
  search: Search,
): { [Name in keyof Search]?: Exclude<Search[Name], undefined> } =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as never;
