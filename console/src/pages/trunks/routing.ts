/** What routes do with numbers, and what a change of them would do. Pure. */
import type { RouteListed } from '../../api/operations';

export interface Way {
  /** Empty for any number. */
  prefix: string;
  /** In the order in which they are tried. */
  routes: readonly RouteListed[];
}

/** The routes by their prefix: any number first, then in the order of digits. */
export function waysOf(routes: readonly RouteListed[]): readonly Way[] {
  const byPrefix = new Map<string, RouteListed[]>();
  for (const route of routes) byPrefix.set(route.prefix, [...(byPrefix.get(route.prefix) ?? []), route]);
  return [...byPrefix]
    .map(([prefix, own]) => ({ prefix, routes: own.toSorted(inOrder) }))
    .sort((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

const inOrder = (one: RouteListed, other: RouteListed): number =>
  one.priority - other.priority || (one.trunk < other.trunk ? -1 : 1);

/** Where the numbers of a prefix go while none of its own trunks is on: the next shorter prefix that has one; null for nowhere. */
export function fallbackOf(ways: readonly Way[], prefix: string): Way | null {
  const shorter = ways
    .filter(way => way.prefix.length < prefix.length && prefix.startsWith(way.prefix))
    .map(({ prefix: of, routes }) => ({ prefix: of, routes: routes.filter(({ enabled }) => enabled) }))
    .filter(({ routes }) => routes.length > 0);
  return shorter.reduce<Way | null>((best, way) => (best && best.prefix.length > way.prefix.length ? best : way), null);
}

/** A prefix that has no trunk of its own that is on, and where its numbers go instead. */
export interface Gap {
  prefix: string;
  instead: Way | null;
}

/** The prefixes whose own trunks are all off. */
export const gapsIn = (ways: readonly Way[]): readonly Gap[] =>
  ways
    .filter(({ routes }) => routes.every(({ enabled }) => !enabled))
    .map(({ prefix }) => ({ prefix, instead: fallbackOf(ways, prefix) }));

/** The same with those together that go the same way. */
export function gapsByWay(gaps: readonly Gap[]): readonly { prefixes: readonly string[]; instead: Way | null }[] {
  const groups = new Map<string | undefined, { prefixes: string[]; instead: Way | null }>();
  for (const { prefix, instead } of gaps) {
    const key = instead?.prefix;
    const group = groups.get(key) ?? { prefixes: [], instead };
    group.prefixes.push(prefix);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What turning a trunk off would do: the prefixes that others go on carrying, and those that would have none. */
export function withoutTrunk(ways: readonly Way[], trunk: string): { kept: number; gaps: readonly Gap[] } {
  const after = ways.map(({ prefix, routes }) => ({
    prefix,
    routes: routes.map(route => (route.trunk === trunk ? { ...route, enabled: false } : route)),
  }));
  const isOn = ({ routes }: Way) => routes.some(({ enabled, trunk: of }) => enabled && of === trunk);
  const touched = new Set(ways.filter(isOn).map(({ prefix }) => prefix));
  const gaps = gapsIn(after).filter(({ prefix }) => touched.has(prefix));
  return { kept: touched.size - gaps.length, gaps };
}

/** The list with what stands at `from` at `to`. */
export function moved<Item>(list: readonly Item[], from: number, to: number): readonly Item[] {
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

/** One person's order, of the trunks that there are by now: what was added meanwhile comes last, what was removed is gone. */
export const merged = (mine: readonly string[], there: readonly string[]): readonly string[] => [
  ...mine.filter(trunk => there.includes(trunk)),
  ...there.filter(trunk => !mine.includes(trunk)),
];

export const isSameOrder = (one: readonly string[], other: readonly string[]): boolean => one.join() === other.join();

/** Whether a prefix has to do with what was typed: one begins the other. */
export const isAbout = (prefix: string, typed: string): boolean => prefix.startsWith(typed) || typed.startsWith(prefix);

/** The priority of a route that is tried after these. */
export const lastPriority = (routes: readonly Pick<RouteListed, 'priority'>[]): number =>
  Math.max(0, ...routes.map(({ priority }) => priority)) + 10;
