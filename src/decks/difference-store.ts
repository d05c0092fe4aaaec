/** Reads two versions of a deck side by side. */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';
import { cursorOf, type ListOrder } from '../operator/cursor';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { prefixesOf, type Rate } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
import { deckNamed, noVersionOf } from './deck-store';
import { Ancestors, type Difference, type DifferenceKind, differenceOf, isOfKind } from './differences';

/** A cursor names both versions: a comparison that is read on stays the one that was begun. */
export const DIFFERENCES_ORDER: ListOrder = {
  name: 'differences',
  columns: [
    { column: 'before', kind: 'number' },
    { column: 'version', kind: 'number' },
    { column: 'prefix', kind: 'text' },
  ],
};

/** Two versions of a deck, the day on which their prices are compared, and what of it is wanted. */
export interface Comparison {
  /** 0 for none: then all is new. */
  before: number;
  version: number;
  /** `2026-12-31`. */
  day: string;
  kind?: DifferenceKind | undefined;
}

/** More than a prefix may have. */
const LINES_AT_ONCE = 5_000;

/** Lines of each version that one part of the list looks at, at most: two versions that are nearly the same have long stretches without any. */
const MOST_LINES_A_PART = 50_000;

/** @throws Refused deck_not_found, version_not_found, version_incomplete */
export async function refuseIncomplete(database: Knex, deck: string, version: number): Promise<void> {
  const row = await database('astratedeckversion').where({ deck, version }).first('imported_at', 'loaded_at');
  if (!row) throw await noVersionOf(database, deck, version);
  if (row.imported_at === null && row.loaded_at === null) {
    const name = `version ${version} of deck ${JSON.stringify(deck)}`;
    throw new Refused('version_incomplete', `${name} is being loaded or deleted: wait, or take another one`);
  }
}

/** The currency of a version: its own, or that of its deck if it is from before a version had one. Assumes that it is there. */
export async function currencyOf(database: Knex, deck: string, version: number): Promise<string> {
  const row = await database('astratedeckversion').where({ deck, version }).first('currency');
  return row?.currency ?? (await deckNamed(database, deck)).currency;
}

/**
 * The differences of two complete versions, in the order of their prefixes. By pages the whole is compared, and counted; by key a part is, which
 * may have few differences, or none, and then says where to read on.
 * @throws the reason of `signal`
 */
export async function listDifferences(
  database: Knex,
  comparison: Comparison,
  { limit, offset, byKey }: PageRequest,
  signal?: AbortSignal,
): Promise<Page<Difference>> {
  const { before, version, kind } = comparison;
  const isCounted = byKey === undefined || byKey.isCounted;
  const [, , begun] = byKey?.after ?? [];
  const after = begun === undefined ? null : String(begun);
  const items: Difference[] = [];
  let total = 0;
  let looked = 0;
  // What is counted is the whole, wherever it is read on.
  let last = isCounted ? null : after;
  let cutAt: string | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const window = await windowBehind(database, comparison, last);
    for (const difference of window.differences) {
      if (kind !== undefined && !isOfKind(difference, kind)) continue;
      total++;
      if (total <= offset || (after !== null && difference.prefix <= after)) continue;
      if (items.length < limit) items.push(difference);
      else cutAt ??= items.at(-1)?.prefix ?? null;
    }
    if (cutAt !== null && !isCounted) break;
    if (window.end === null) break;
    last = window.end;
    looked += LINES_AT_ONCE;
    if (!isCounted && looked >= MOST_LINES_A_PART) {
      cutAt = last;
      break;
    }
  }
  const next =
    byKey !== undefined && cutAt !== null
      ? cursorOf(DIFFERENCES_ORDER, [String(before), String(version), cutAt])
      : null;
  return { items, ...(isCounted && { total }), ...(next !== null && { nextCursor: next }) };
}

interface Window {
  differences: Difference[];
  /** The last prefix that was looked at; null at the end of both versions. */
  end: string | null;
}

/** The differences of the next prefixes behind `last`. */
async function windowBehind(
  database: Knex,
  { before, version, day }: Comparison,
  last: string | null,
): Promise<Window> {
  const sides = [new Ancestors(day), new Ancestors(day)] as const;
  if (last !== null) {
    const around = await linesOf(
      database,
      [before, version],
      query => void query.whereIn('r.prefix', prefixesOf(last)),
    );
    for (const [index, of] of [before, version].entries()) {
      const own = around.filter(rate => rate.version === of);
      // The shortest first. Two lines of a prefix are of different days.
      for (const prefix of prefixesOf(last).reverse()) {
        const lines = own.filter(rate => rate.prefix === prefix);
        if (lines.length === 0) continue;
        sides[index]?.of(prefix);
        sides[index]?.add(prefix, lines);
      }
    }
  }
  const behind = (of: number) =>
    linesOf(database, [of], query => {
      if (last !== null) query.where('r.prefix', '>', last);
      query.limit(LINES_AT_ONCE);
    });
  const [olds, news] = [byPrefix(await behind(before)), byPrefix(await behind(version))];
  // The last prefix of a full reading may have more lines.
  const ends = [olds, news].filter(({ isFull }) => isFull).map(({ lines }) => [...lines.keys()].at(-1) as string);
  const horizon = ends.sort().at(0) ?? null;
  const prefixes = [...new Set([...olds.lines.keys(), ...news.lines.keys()])].sort();
  const differences: Difference[] = [];
  let end: string | null = null;
  for (const prefix of prefixes) {
    if (horizon !== null && prefix >= horizon) break;
    end = prefix;
    const [own, newOwn] = [olds.lines.get(prefix) ?? [], news.lines.get(prefix) ?? []];
    const [old, young] = [
      { own, inherited: sides[0].of(prefix) },
      { own: newOwn, inherited: sides[1].of(prefix) },
    ];
    sides[0].add(prefix, own);
    sides[1].add(prefix, newOwn);
    const difference = differenceOf(prefix, day, old, young);
    if (difference) differences.push(difference);
  }
  return { differences, end: horizon === null ? null : end };
}

/** Lines of versions in the order of the table's key. For digits that is the order of JavaScript's texts. */
async function linesOf(
  database: Knex,
  versions: readonly number[],
  narrow: (query: Knex.QueryBuilder) => void,
): Promise<Rate[]> {
  const query = database('astrate as r')
    .join('astratedeckversion as v', 'v.version', 'r.version')
    .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
    .whereIn('r.version', versions)
    .orderBy(['r.version', 'r.prefix', 'r.line'])
    .select(database.raw(RATE_COLUMNS));
  narrow(query);
  const rows: Row[] = await query;
  return rows.map(rateOf);
}

function byPrefix(rates: readonly Rate[]): { lines: Map<string, Rate[]>; isFull: boolean } {
  const lines = new Map<string, Rate[]>();
  for (const rate of rates) {
    const own = lines.get(rate.prefix);
    if (own) own.push(rate);
    else lines.set(rate.prefix, [rate]);
  }
  return { lines, isFull: rates.length === LINES_AT_ONCE };
}
