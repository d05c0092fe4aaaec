/** The questions of these pages, each under one key, so that a change knows what is old after it. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { told, toldWithVersion } from '../../api/ask';
import {
  deckList,
  type RouteListed,
  report,
  routeList,
  routeShow,
  type Trunk,
  trunkList,
  trunkShow,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { instantOf, readersZone } from '../../parts/times';
import { causesOf, daysOf, HOUR_MS } from './figures';
import { waysOf } from './routing';

/** Begins the key of everything about trunks and routes. */
export const TRUNKS_KEY = ['trunks'] as const;

/** The most that the API hands out at once. */
const AT_ONCE = 1_000;
/** Somebody else may change a trunk meanwhile. Ms. */
const LOOK_MS = 10_000;
const REPORT_MS = 60_000;

/** Every item of a list that is read page by page. */
async function allOf<Item>(read: (page: number) => Promise<{ items: Item[]; is_more: boolean }>): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; ; page++) {
    const part = await read(page);
    items.push(...part.items);
    if (!part.is_more) return items;
  }
}

export const useTrunks = () =>
  useQuery<Trunk[]>({
    queryKey: [...TRUNKS_KEY, 'list'],
    queryFn: () => allOf(page => told(trunkList({ limit: AT_ONCE, page }))),
    refetchInterval: LOOK_MS,
  });

export const useRoutes = () =>
  useQuery<RouteListed[]>({
    queryKey: [...TRUNKS_KEY, 'routes'],
    queryFn: () => allOf(page => told(routeList({ limit: AT_ONCE, page }))),
    refetchInterval: LOOK_MS,
  });

/** The routes by their prefix; undefined until they are read. */
export function useWays() {
  const { data } = useRoutes();
  return useMemo(() => data && waysOf(data), [data]);
}

export interface TrunkNow {
  trunk: Trunk;
  /** Of its settings: `If-Match` takes it. */
  version: string;
}

export const readTrunk = async (trunk: string): Promise<TrunkNow> => {
  const { facts, version } = await toldWithVersion(trunkShow({ trunk }));
  return { trunk: facts, version };
};

export const useTrunk = (trunk: string) =>
  useQuery({ queryKey: [...TRUNKS_KEY, 'one', trunk], queryFn: () => readTrunk(trunk), refetchInterval: LOOK_MS });

export interface OrderNow {
  trunks: readonly string[];
  version: string;
}

export const readOrder = async (prefix: string): Promise<OrderNow> => {
  const { facts, version } = await toldWithVersion(routeShow({ prefix }));
  return { trunks: facts.trunks, version };
};

export const orderKey = (prefix: string) => [...TRUNKS_KEY, 'order', prefix] as const;

export const useOrder = (prefix: string) =>
  useQuery({ queryKey: orderKey(prefix), queryFn: () => readOrder(prefix), refetchInterval: LOOK_MS });

/** The last day of each trunk; undefined until it is read. `hours`: how many of its 24 are told; a very large company has fewer. */
export function useDays() {
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ['report', 'last-day-per-trunk'],
    queryFn: () => told(report({ name: 'last-day-per-trunk', zone: readersZone() })),
    refetchInterval: REPORT_MS,
  });
  return useMemo(() => {
    if (!data) return undefined;
    const oldest = String(data.items.at(-1)?.hour);
    // Of the oldest hour that is told, a part is missing then.
    const rows = data.is_more ? data.items.filter(({ hour }) => hour !== oldest) : data.items;
    const hours = data.is_more ? Math.round((dataUpdatedAt - instantOf(oldest)) / HOUR_MS) : 24;
    return { days: daysOf(rows, dataUpdatedAt), hours };
  }, [data, dataUpdatedAt]);
}

export function useCauses() {
  const { data } = useQuery({
    queryKey: ['report', 'last-day-causes-per-trunk'],
    queryFn: () => told(report({ name: 'last-day-causes-per-trunk', zone: readersZone() })),
    refetchInterval: REPORT_MS,
  });
  return useMemo(() => data && causesOf(data.items), [data]);
}

/** The row of a trunk in the report of 30 days; undefined until it is read, null if it carried no call. */
export function useMonth(trunk: string) {
  const { data } = useQuery({
    queryKey: ['report', 'asr-and-acd-per-trunk'],
    queryFn: () => told(report({ name: 'asr-and-acd-per-trunk', zone: readersZone() })),
    staleTime: 10 * REPORT_MS,
  });
  return data && (data.items.find(row => row.trunk === trunk) ?? null);
}

/** The names of the decks, for what a trunk costs. */
export function useDecks(): readonly string[] {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['decks', 'names'],
    queryFn: async () => (await told(deckList({ limit: AT_ONCE }))).items.map(({ deck }) => deck),
    enabled: may('deckList'),
    staleTime: 60_000,
  });
  return data ?? [];
}
