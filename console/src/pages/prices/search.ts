/** What the addresses of these pages say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const TABS = ['rates', 'versions', 'differences'] as const;
export const KINDS = ['dearer', 'cheaper', 'new', 'gone', 'closed', 'blocked', 'fallback', 'other'] as const;

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

interface Version {
  version: number;
  current: boolean;
  /** When it became current, the last time. An instant of the API sorts as a text. */
  imported_at: string | null;
}

/**
 * What a version is compared with at first: the one that was current last before it became so, or is while it did not. After a way back that
 * may be one with a higher number. undefined for none.
 */
export function beforeOf<Each extends Version>(
  versions: readonly Each[],
  version: number | undefined,
): Each | undefined {
  const its = versions.find(each => each.version === version);
  if (!its) return undefined;
  const { imported_at: at } = its;
  if (at === null) return versions.find(each => each.current);
  const earlier = versions.filter(each => each.imported_at !== null && each.imported_at < at);
  return earlier.sort((one, other) => ((one.imported_at ?? '') < (other.imported_at ?? '') ? 1 : -1))[0];
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
