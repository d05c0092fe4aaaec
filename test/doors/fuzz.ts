/** Random and mutated messages, from one seed: what every door has to bear. */
import type { TestDatabase } from '../database/test-database';

/** A whole number below the one that is given. */
export type Random = (below: number) => number;

/** mulberry32: the same numbers in every run. */
export function randomOf(seed: number): Random {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const anyOf = <Item>(items: readonly Item[], random: Random): Item => items[random(items.length)] as Item;

export const randomBytes = (most: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length: random(most) }, () => random(256)));

/** A whole message with up to four places cut out, doubled, overwritten, filled with one of `pieces`, or ended. */
export function mutated(whole: Buffer, pieces: readonly string[], random: Random): Buffer {
  let bytes = whole;
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1);
    const end = Math.min(bytes.length, at + random(40));
    const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    const how = random(5);
    if (how === 0) bytes = Buffer.concat([before, after]);
    else if (how === 1) bytes = Buffer.concat([before, piece, piece, after]);
    else if (how === 2) bytes = Buffer.concat([before, Buffer.from([random(256)]), bytes.subarray(at + 1)]);
    else if (how === 3) bytes = Buffer.concat([before, Buffer.from(anyOf(pieces, random)), bytes.subarray(at)]);
    else bytes = before;
  }
  return bytes;
}

/** Balances, limits and entries of every account, but of those whom a test lets move money meanwhile. */
export async function booksOf({ database }: TestDatabase, ...but: string[]) {
  return {
    accounts: await database('astaccount')
      .whereNotIn('accountcode', but)
      .orderBy('accountcode')
      .select('accountcode', 'balance', 'credit_limit'),
    entries: await database('astledger').whereNotIn('accountcode', but).orderBy('entry_id'),
  };
}
