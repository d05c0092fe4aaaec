/** What a version of a deck changes for calls that were made: their talk, by the rate before and the rate after. Pure. */
import { divide, type Micros, micros, ZERO } from '../money/micros';
import { prefixesOf, type Rate, rateOn } from '../rating/rate';
import { EFFECTS, type Effect, effectOf, isCheaper } from './differences';

/** The talk to all numbers that begin so. */
export interface Talk {
  digits: string;
  calls: number;
  seconds: number;
}

/** Talk that goes from one rate to another. */
export interface Move {
  before: Rate | null;
  after: Rate | null;
  effect: Effect;
  /** A shorter prefix rates it, for less, or though it was blocked. */
  fallsBack: boolean;
  calls: number;
  seconds: number;
  /** What that talk costs more, by the prices per minute alone; below 0 for less. null where there is no rate before or after, or it is blocked. */
  difference: Micros | null;
}

/** All talk of one effect. */
export interface Weight {
  effect: Effect;
  calls: number;
  seconds: number;
  difference: Micros;
}

/** The lines of a version, by their prefixes. */
export type Lines = ReadonlyMap<string, readonly Rate[]>;

/** The rate that a number which begins so has in a version; null for none. */
export function rateIn(lines: Lines, digits: string, day: string): Rate | null {
  const candidates = prefixesOf(digits).flatMap(prefix => lines.get(prefix) ?? []);
  return rateOn(day, candidates);
}

/** All of it by effect, and each pair of rates whose price differs, those first that change most. */
export function weighed(
  talks: readonly Talk[],
  day: string,
  before: Lines,
  after: Lines,
): { weights: Weight[]; moves: Move[] } {
  const moves = new Map<string, Omit<Move, 'difference'>>();
  for (const { digits, calls, seconds } of talks) {
    const [was, is] = [rateIn(before, digits, day), rateIn(after, digits, day)];
    const key = `${was?.prefix ?? '-'} ${is?.prefix ?? '-'}`;
    const move = moves.get(key);
    if (move) {
      move.calls += calls;
      move.seconds += seconds;
      continue;
    }
    const effect = effectOf(was, is);
    const fallsBack = was !== null && is !== null && is.prefix.length < was.prefix.length && isCheaper(was, is);
    moves.set(key, { before: was, after: is, effect, fallsBack, calls, seconds });
  }
  const all = [...moves.values()].map(move => ({ ...move, difference: differenceOf(move) }));
  const weights = EFFECTS.map(effect => {
    const those = all.filter(move => move.effect === effect);
    const sum = (of: (move: Move) => number) => those.reduce((total, move) => total + of(move), 0);
    return {
      effect,
      calls: sum(({ calls }) => calls),
      seconds: sum(({ seconds }) => seconds),
      difference: micros(those.reduce((total, { difference }) => total + (difference ?? ZERO), 0n)),
    };
  });
  const differing = all.filter(({ effect }) => effect !== 'same').sort((one, other) => sizeOf(other) - sizeOf(one));
  return { weights, moves: differing };
}

/** Rounded up to the millionth. */
function differenceOf({ before, after, seconds }: Omit<Move, 'difference'>): Micros | null {
  if (before === null || after === null || before.isBlocked || after.isBlocked) return null;
  return micros(divide((after.pricePerMinute - before.pricePerMinute) * BigInt(seconds), 60n, 'up'));
}

/** For the order alone. What loses its rate weighs as much as it cost. */
function sizeOf({ difference, before, after, seconds }: Move): number {
  if (difference !== null) return Math.abs(Number(difference));
  const priced = before === null || before.isBlocked ? after : before;
  return (Number(priced?.pricePerMinute ?? ZERO) * seconds) / 60;
}
