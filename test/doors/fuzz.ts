/** Random and mutated messages, from one seed: what every door has to bear. */
import type { TestDatabase } from '../database/test-database';
import { Wire } from './door-fixture';

/** How many a door has to bear. */
export const MESSAGES = 100_000;
/** How many connections they come over at once. */
export const CONNECTIONS = 12;
/** Of the messages over HTTP those whose HTTP is mutated too, each over a connection of its own. */
export const RAW = 4_000;

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

export interface Thrown {
  /** The next message, whose HTTP is whole; RAW less than MESSAGES are asked for. */
  message(): Buffer;
  /** The next one of those whose HTTP is not. */
  raw(): Buffer;
  /** What came back for a message. */
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

/** How somebody else fared meanwhile. */
export interface Bystander {
  asked: number;
  /** How often he was told that it could not be decided in time, as on a machine that is busy with other tests. */
  late: number;
  /** Of the time of all, what his slowest question took. */
  slowestShare: number;
}

/**
 * How somebody else fares, who asks again and again until all is thrown; `ask` is told which time it is, from 1, and says whether he was
 * served or told that it is late.
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

/** He was served all the while: a message that holds the door up, as a busy machine holds up all of them alike, is found out. */
export function expectServed({ asked, late, slowestShare }: Bystander): void {
  expect(asked).toBeGreaterThan(20);
  expect(late).toBeLessThan(asked / 10);
  expect(slowestShare).toBeLessThan(0.1);
}

/** Nothing was thrown inside of the door, and at most a line a second was written for each reason, however much was refused. */
// biome-ignore lint/suspicious/noExplicitAny: lines of any event
export function expectBorne(lines: readonly any[]): void {
  expect(lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
  const timesOf = new Map<string, number[]>();
  for (const { event, reason, time } of lines) {
    if (event === 'door_refused') timesOf.set(reason, [...(timesOf.get(reason) ?? []), time]);
  }
  // One for its first second, and one as what is logged is stamped a moment after it was decided.
  const tooMany = [...timesOf].filter(
    ([, times]) => times.length > ((times.at(-1) as number) - (times[0] as number)) / 1_000 + 2,
  );
  expect(tooMany.map(([reason]) => reason)).toEqual([]);
}
