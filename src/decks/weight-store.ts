/** Reads the calls that a deck rated, or that were carried at its prices, to weigh a version by them. */
import type { Knex } from 'knex';
import { urlOf } from '../database/connection';
import type { Row } from '../database/rows';
import { prefixesOf, type Rate } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
import { comparisonsByDatabase } from './comparisons';
import { type Lines, type Move, type Talk, type Weight, weighed } from './weights';

/** The calls of so many days are looked at. */
export const WEIGHED_DAYS = 30;

/** The newest so many of them: those of a busy month would be read for minutes. */
const MOST_CALLS = 1_000_000;

/** Beginnings of numbers, those with most talk: what lies behind is told apart. */
const MOST_NUMBERS = 50_000;

const PREFIXES_AT_ONCE = 2_000;

export interface DeckWeight {
  deck: string;
  version: number;
  /** 0 for none. */
  before: number;
  currency: string;
  /** Calls from then on were looked at. */
  since: Date;
  /** Of the calls that this deck rated or cost. */
  calls: number;
  seconds: number;
  /** Part of `seconds`: what the rest talked with was too scattered to be looked up. */
  weighedSeconds: number;
  weights: Weight[];
  /** The first of them. */
  moves: Move[];
}

export interface WeightRequest {
  deck: string;
  version: number;
  before: number;
  currency: string;
  /** `2026-12-31`: on which day the prices of both are looked up. */
  day: string;
  /** Calls that started then or later. */
  since: Date;
  mostMoves: number;
}

/** Calls go on, so none is kept. One at a time: it reads a month of calls, on a connection that uploads need too. */
const weighings = comparisonsByDatabase<DeckWeight>({ mostKept: 0, mostAtOnce: 1 });

/**
 * As `weigh`, in its turn: who asks for the same while it is in progress gets the same result.
 * @throws the reason of `signal`
 */
export function weighOnce(database: Knex, request: WeightRequest, signal?: AbortSignal): Promise<DeckWeight> {
  const { deck, before, version, day, mostMoves } = request;
  const name = JSON.stringify([deck, before, version, day, mostMoves]);
  return weighings(urlOf(database)).result(name, stop => weigh(database, request, stop), signal);
}

/**
 * What a version changes for the talk of calls that were made: those that the deck rated for accounts, and those over trunks whose cost deck it
 * is.
 * @throws the reason of `signal`
 */
export async function weigh(database: Knex, request: WeightRequest, signal?: AbortSignal): Promise<DeckWeight> {
  const { deck, version, before, currency, day, since: wanted, mostMoves } = request;
  const since = await firstOfNewest(database, wanted);
  const longest = await longestPrefixOf(database, [before, version]);
  signal?.throwIfAborted();
  const trunks: string[] = await database('asttrunk').where({ cost_deck: deck, removed_at: null }).pluck('trunk');
  const rows: Row[] = await database('astcdr')
    .where('start_at', '>=', since)
    .where('billsec', '>', 0)
    .where(of => {
      of.where({ rate_deck: deck });
      if (trunks.length > 0) of.orWhereIn('trunk', trunks);
    })
    .select(
      database.raw('LEFT(dst, ?) AS digits, COUNT(*) AS calls, SUM(billsec) AS seconds', [longest]),
      // Of all groups, also of those behind the limit.
      database.raw('SUM(COUNT(*)) OVER () AS all_calls, SUM(SUM(billsec)) OVER () AS all_seconds'),
    )
    .groupBy('digits')
    .orderBy('seconds', 'desc')
    .limit(MOST_NUMBERS);
  const talks = rows.map(
    (row): Talk => ({ digits: row.digits, calls: Number(row.calls), seconds: Number(row.seconds) }),
  );
  const prefixes = [...new Set(talks.flatMap(({ digits }) => prefixesOf(digits)))];
  const [old, young] = [
    await linesOf(database, before, prefixes, signal),
    await linesOf(database, version, prefixes, signal),
  ];
  const { weights, moves } = weighed(talks, day, old, young);
  return {
    deck,
    version,
    before,
    currency,
    since,
    calls: Number(rows[0]?.all_calls ?? 0),
    seconds: Number(rows[0]?.all_seconds ?? 0),
    weighedSeconds: talks.reduce((sum, { seconds }) => sum + seconds, 0),
    weights,
    moves: moves.slice(0, mostMoves),
  };
}

/** The start from which on there are a million calls; `wanted` if there are fewer since then. Reads the index alone. */
async function firstOfNewest(database: Knex, wanted: Date): Promise<Date> {
  const [oldest] = await database('astcdr')
    .where('start_at', '>=', wanted)
    .orderBy('start_at', 'desc')
    .offset(MOST_CALLS - 1)
    .limit(1)
    .select('start_at');
  return oldest?.start_at ?? wanted;
}

async function longestPrefixOf(database: Knex, versions: readonly number[]): Promise<number> {
  const [row] = await database('astratedeckversion').whereIn('version', versions).max({ longest: 'longest_prefix' });
  return Number(row?.longest ?? 0);
}

async function linesOf(
  database: Knex,
  version: number,
  prefixes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Lines> {
  const lines = new Map<string, Rate[]>();
  for (let at = 0; at < prefixes.length; at += PREFIXES_AT_ONCE) {
    signal?.throwIfAborted();
    const rows: Row[] = await database('astrate as r')
      .join('astratedeckversion as v', 'v.version', 'r.version')
      .leftJoin('astratedeck as d', 'd.deck', 'v.deck')
      .where('r.version', version)
      .whereIn('r.prefix', prefixes.slice(at, at + PREFIXES_AT_ONCE))
      .select(database.raw(RATE_COLUMNS));
    for (const rate of rows.map(rateOf)) {
      const own = lines.get(rate.prefix);
      if (own) own.push(rate);
      else lines.set(rate.prefix, [rate]);
    }
  }
  return lines;
}
