/**
 * What a version of a deck changes for calls that were made: their talk, by the rate before and the rate after. Pure.
 *
 * A preview for a person who decides, and for the order of what changes: no charge follows from it. Each call to a number is taken to last as
 * long as the mean of them, and to have the price of the hour in which it started.
 */
import { type Micros, micros, ZERO } from '../money/micros';
import { cost } from '../rating/price';
import { prefixesOf, type Rate, rateOn, scheduledLines } from '../rating/rate';
import { EFFECTS, type Effect, effectOf, isCheaper } from './differences';

/** The talk to all numbers that begin so. */
export interface Talk {
  digits: string;
  calls: number;
  seconds: number;
  /** The schedules that held when those calls started, in the order in which they count. */
  held?: readonly string[];
}

/** The talk of the calls of one deck, and what rates it before and after: with the lines of the decks that it stands on. */
export interface DeckTalk {
  deck: string;
  talks: readonly Talk[];
  before: Lines;
  after: Lines;
}

/** Talk that goes from one rate to another. */
export interface Move {
  /** The deck of the calls: the one that is weighed, or one that stands on it. */
  deck: string;
  before: Rate | null;
  after: Rate | null;
  effect: Effect;
  /** A shorter prefix rates it, for less, or though it was blocked. */
  fallsBack: boolean;
  calls: number;
  seconds: number;
  /** What those calls cost more, with fees, increments, free seconds and steps; below 0 for less. null where there is no rate before or after, or it is blocked. */
  difference: Micros | null;
}

/** All talk of one effect. */
export interface Weight {
  effect: Effect;
  calls: number;
  seconds: number;
  difference: Micros;
}

/** Lines by their prefixes; of equal prefixes those of a nearer deck come first. */
export type Lines = ReadonlyMap<string, readonly Rate[]>;

/** The rate that a number which begins so has in a version while these schedules hold; null for none. */
export function rateIn(lines: Lines, digits: string, day: string, held: readonly string[] = []): Rate | null {
  const candidates = prefixesOf(digits).flatMap(prefix => lines.get(prefix) ?? []);
  const own = held.length === 0 ? [] : scheduledLines(day, candidates);
  for (const name of held) {
    const line = own.find(({ schedule }) => schedule === name);
    if (line) return line;
  }
  return rateOn(day, candidates);
}

const nameOf = (rate: Rate | null): string => (rate === null ? '-' : `${rate.prefix}/${rate.schedule ?? ''}`);

/** Calls that go from one rate to another, and what they cost by each; null by none, and by one that is blocked. */
interface Priced extends Pick<Move, 'deck' | 'before' | 'after' | 'calls' | 'seconds'> {
  costBefore: Micros | null;
  costAfter: Micros | null;
}

/** All of it by effect, and each pair of a deck's rates whose price differs, those first that change most. */
export function weighed(decks: readonly DeckTalk[], day: string): { weights: Weight[]; moves: Move[] } {
  const all = decks.flatMap(each => pairsOf(each, day)).map(pair => ({ pair, move: moveOf(pair) }));
  const weights = EFFECTS.map(effect => {
    const those = all.flatMap(({ move }) => (move.effect === effect ? [move] : []));
    const sum = (of: (move: Move) => number) => those.reduce((total, move) => total + of(move), 0);
    return {
      effect,
      calls: sum(({ calls }) => calls),
      seconds: sum(({ seconds }) => seconds),
      difference: micros(those.reduce((total, { difference }) => total + (difference ?? ZERO), 0n)),
    };
  });
  const differing = all
    .filter(({ move }) => move.effect !== 'same')
    .sort(({ pair: one }, { pair: other }) => Number(sizeOf(other) - sizeOf(one)))
    .map(({ move }) => move);
  return { weights, moves: differing };
}

function pairsOf({ deck, talks, before, after }: DeckTalk, day: string): Priced[] {
  const pairs = new Map<string, Priced>();
  for (const { digits, calls, seconds, held } of talks) {
    const [was, is] = [rateIn(before, digits, day, held), rateIn(after, digits, day, held)];
    // Of a prefix that several decks of a chain have, one line counts on a day and in a schedule.
    const key = `${nameOf(was)} ${nameOf(is)}`;
    const known = pairs.get(key);
    const mean = Math.max(1, Math.round(seconds / calls));
    pairs.set(key, {
      deck,
      before: was,
      after: is,
      calls: calls + (known?.calls ?? 0),
      seconds: seconds + (known?.seconds ?? 0),
      costBefore: costOf(was, mean, calls, known?.costBefore),
      costAfter: costOf(is, mean, calls, known?.costAfter),
    });
  }
  return [...pairs.values()];
}

/** What so many calls of `mean` seconds cost, with those before them; null for no rate, and for one that is blocked. */
function costOf(rate: Rate | null, mean: number, calls: number, before: Micros | null | undefined): Micros | null {
  if (rate === null || rate.isBlocked) return null;
  return micros((before ?? ZERO) + cost(rate, mean) * BigInt(calls));
}

function moveOf({ costBefore, costAfter, ...pair }: Priced): Move {
  const { before, after } = pair;
  const difference = costBefore === null || costAfter === null ? null : micros(costAfter - costBefore);
  // Where calls as long as these cost the same, longer ones may not.
  const effect = difference ? (difference > 0n ? 'dearer' : 'cheaper') : effectOf(before, after);
  const isShorter = before !== null && after !== null && after.prefix.length < before.prefix.length;
  const fallsBack = isShorter && (isCheaper(before, after) || (difference !== null && difference < 0n));
  return { ...pair, effect, fallsBack, difference };
}

/** For the order alone. What loses its rate weighs as much as it cost. */
function sizeOf({ costBefore, costAfter }: Priced): bigint {
  const size = costBefore === null || costAfter === null ? (costBefore ?? costAfter ?? 0n) : costAfter - costBefore;
  return size < 0n ? -size : size;
}
