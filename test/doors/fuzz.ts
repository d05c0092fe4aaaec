/** Random and mutated messages from one seed, which every door must bear. */
import type { TestDatabase } from '../database/test-database';
import { Wire } from './door-fixture';

/** How many messages a door must bear. */
export const MESSAGES = 100_000;
/** The number of connections at once. */
export const CONNECTIONS = 12;
/** How many of the messages over HTTP have their HTTP mutated too, each over a connection of its own. */
export const RAW = 4_000;

/** A whole number below the given one. */
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

/** A whole message with up to four places cut out, doubled, overwritten, filled with one of `pieces`, or ended there. */
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

/** Balances, limits and entries of all accounts, except those whose money a test moves meanwhile. */
export async function booksOf({ database }: TestDatabase, ...but: string[]) {
  return {
    accounts: await database('astaccount')
      .whereNotIn('accountcode', but)
      .orderBy('accountcode')
      .select('accountcode', 'balance', 'credit_limit'),
    entries: await database('astledger').whereNotIn('accountcode', but).orderBy('entry_id'),
  };
}

export interface Thrown {
  /** The next message with whole HTTP; the door gets MESSAGES less RAW of them. */
  message(): Buffer;
  /** The next message with mutated HTTP. */
  raw(): Buffer;
  /** Receives the answer to a message. */
  heard(answer: string): void;
}

/** Throws MESSAGES at a door that speaks HTTP. */
export async function throwHttp(port: number, { message, raw, heard }: Thrown): Promise<void> {
  let left = MESSAGES - RAW;
  const throwWhole = async () => {
    let wire = await Wire.open(port);
    while (left-- > 0) {
      wire.send(message());
      const answer = await wire.answer();
      heard(answer);
      if (/Connection: close/.test(answer) || wire.ended) wire = await Wire.open(port);
    }
    wire.close();
  };
  const throwRaw = async () => {
    for (let count = 0; count < RAW; count++) {
      const wire = await Wire.open(port);
      wire.send(raw());
      wire.socket.end();
      const closed = new Promise(resolve => wire.socket.once('close', resolve));
      wire.socket.resume();
      await closed;
    }
  };
  await Promise.all([...Array.from({ length: CONNECTIONS }, throwWhole), throwRaw()]);
}

/** The results of another client meanwhile. */
export interface Bystander {
  asked: number;
  /** How often it was told that a decision took too long, as on a machine that is busy with other tests. */
  late: number;
  /** Its slowest question's share of the whole time. */
  slowestShare: number;
}

/**
 * Another client, which asks again and again until all messages are thrown. `ask` gets the number of the question, from 1, and returns
 * whether it was served or told that it is late.
 */
export async function bystander(
  thrown: Promise<unknown>,
  ask: (time: number) => Promise<'served' | 'late'>,
  pauseMs = 20,
): Promise<Bystander> {
  let isOver = false;
  const over = thrown.finally(() => {
    isOver = true;
  });
  let [asked, late, slowestMs] = [0, 0, 0];
  const beganAt = performance.now();
  const asking = async () => {
    while (!isOver) {
      const startedAt = performance.now();
      if ((await ask(++asked)) === 'late') late++;
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all([over, asking()]);
  return { asked, late, slowestShare: slowestMs / (performance.now() - beganAt) };
}

/** The other client was served all the while. A busy machine slows all questions alike; a message that blocks the door slows one. */
export function expectServed({ asked, late, slowestShare }: Bystander): void {
  expect(asked).toBeGreaterThan(20);
  expect(late).toBeLessThan(asked / 10);
  expect(slowestShare).toBeLessThan(0.1);
}

/** No message threw an error inside the door, and for each reason at most one line a second was written, however much was refused. */
// biome-ignore lint/suspicious/noExplicitAny: lines of any event
export function expectBorne(lines: readonly any[]): void {
  expect(lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
  const timesOf = new Map<string, number[]>();
  for (const { event, reason, time } of lines) {
    if (event === 'door_refused') timesOf.set(reason, [...(timesOf.get(reason) ?? []), time]);
  }
  // One for the first second, and one because a line is stamped a moment after the decision.
  const tooMany = [...timesOf].filter(
    ([, times]) => times.length > ((times.at(-1) as number) - (times[0] as number)) / 1_000 + 2,
  );
  expect(tooMany.map(([reason]) => reason)).toEqual([]);
}
