/** What two versions differ in is looked for once, however many want to know. */
import { Comparisons } from '../../src/decks/comparisons';
import type { DeckChanges } from '../../src/decks/deck-change-store';

const none = { count: 0, examples: [] };
const changesOf = (count: number): DeckChanges => ({
  new: { count, examples: [] },
  changed: none,
  gone: none,
  unchanged: none,
  lapsed: none,
  blocked: none,
});

/** Comparisons that end when they are told. */
class Compared {
  readonly begun: { signal: AbortSignal; end: (changes: DeckChanges) => void; fail: (error: Error) => void }[] = [];
  readonly compare = (signal: AbortSignal): Promise<DeckChanges> =>
    new Promise((end, fail) => {
      this.begun.push({ signal, end, fail });
    });
}

let comparisons: Comparisons<DeckChanges>;
let compared: Compared;
beforeEach(() => {
  comparisons = new Comparisons({ mostKept: 100, mostAtOnce: 2 });
  compared = new Compared();
});
const wanted = (name: string, signal?: AbortSignal) => comparisons.result(name, compared.compare, signal);

test('ten that ask for the same at once get the result of one comparison, and so does who asks later', async () => {
  const asked = Array.from({ length: 10 }, () => wanted('1 2'));
  expect(compared.begun).toHaveLength(1);
  compared.begun[0]?.end(changesOf(7));
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, () => changesOf(7)));
  expect(await wanted('1 2')).toEqual(changesOf(7));
  expect(comparisons.known('1 2')).toEqual(changesOf(7));
  expect(compared.begun).toHaveLength(1);
});

test('another version is another comparison', async () => {
  const asked = [wanted('1 2'), wanted('1 3')];
  compared.begun[1]?.end(changesOf(3));
  compared.begun[0]?.end(changesOf(2));
  expect(await Promise.all(asked)).toEqual([changesOf(2), changesOf(3)]);
});

test('one that leaves learns so at once, and the comparison goes on for the others', async () => {
  const leaving = new AbortController();
  const [left, stays] = [wanted('1 2', leaving.signal), wanted('1 2', new AbortController().signal)];
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  expect(compared.begun[0]?.signal.aborted).toBe(false);
  compared.begun[0]?.end(changesOf(1));
  expect(await stays).toEqual(changesOf(1));
});

test('when all have left it is stopped, leaves nothing, and who asks then gets a new one', async () => {
  const leaving = new AbortController();
  const left = [wanted('1 2', leaving.signal), wanted('1 2', leaving.signal)];
  leaving.abort(new Error('gone'));
  for (const each of left) await expect(each).rejects.toThrow('gone');
  expect(compared.begun[0]?.signal.aborted).toBe(true);
  const later = wanted('1 2');
  expect(compared.begun).toHaveLength(2);
  compared.begun[0]?.fail(new Error('stopped'));
  compared.begun[1]?.end(changesOf(4));
  expect(await later).toEqual(changesOf(4));
  await expect(wanted('1 9', leaving.signal)).rejects.toThrow('gone');
  expect(compared.begun).toHaveLength(2);
});

test('one that fails fails for all who wait, and is tried again by the next', async () => {
  const asked = [wanted('1 2'), wanted('1 2')];
  compared.begun[0]?.fail(new Error('the database is away'));
  for (const each of asked) await expect(each).rejects.toThrow('the database is away');
  const again = wanted('1 2');
  compared.begun[1]?.end(changesOf(5));
  expect(await again).toEqual(changesOf(5));
});

test('two run at once; of those that wait the oldest begins next, and one that all have left never does', async () => {
  const leaving = new AbortController();
  const asked = [wanted('1 2'), wanted('1 3')];
  const left = wanted('1 4', leaving.signal);
  const waiting = [wanted('1 5'), wanted('1 6')];
  expect(compared.begun).toHaveLength(2);
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  compared.begun[0]?.fail(new Error('the database is away'));
  await expect(asked[0]).rejects.toThrow('the database is away');
  await new Promise(setImmediate);
  expect(compared.begun).toHaveLength(3);
  compared.begun[1]?.end(changesOf(3));
  compared.begun[2]?.end(changesOf(5));
  expect(await Promise.all([asked[1], waiting[0]])).toEqual([changesOf(3), changesOf(5)]);
  await new Promise(setImmediate);
  expect(compared.begun).toHaveLength(4);
  compared.begun[3]?.end(changesOf(6));
  expect(await waiting[1]).toEqual(changesOf(6));
  // Both turns are free again.
  const later = [wanted('1 7'), wanted('1 8')];
  expect(compared.begun).toHaveLength(6);
  compared.begun[4]?.end(changesOf(7));
  compared.begun[5]?.end(changesOf(8));
  await Promise.all(later);
});

test('where none is kept, those who ask at once get one result, and the next one a new one', async () => {
  comparisons = new Comparisons({ mostKept: 0, mostAtOnce: 1 });
  const [both, other] = [[wanted('1 2'), wanted('1 2')], wanted('1 3')];
  expect(compared.begun).toHaveLength(1);
  compared.begun[0]?.end(changesOf(1));
  expect(await Promise.all(both)).toEqual([changesOf(1), changesOf(1)]);
  const again = wanted('1 2');
  await new Promise(setImmediate);
  compared.begun[1]?.end(changesOf(3));
  expect(await other).toEqual(changesOf(3));
  await new Promise(setImmediate);
  compared.begun[2]?.end(changesOf(2));
  expect(await again).toEqual(changesOf(2));
});
