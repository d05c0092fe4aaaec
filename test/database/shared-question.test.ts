import { sharedQuestion } from '../../src/database/shared-question';
import { eventually } from '../eventually';

/** A question that is answered when the test says so: each key by itself in capitals. */
function slow(restMs?: (tookMs: number) => number) {
  const asked: { keys: string[]; answer(): void; fail(): void }[] = [];
  const ask = sharedQuestion(
    (keys: string[]) =>
      new Promise<string>((resolve, reject) => {
        const answer = () => resolve(keys.join('').toUpperCase());
        asked.push({ keys, answer, fail: () => reject(new Error('not now')) });
      }),
    restMs,
  );
  return { ask, asked, keys: () => asked.map(({ keys }) => keys.join('')) };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

test('who asks while a question is being answered shares the next one, and one alone waits for nobody', async () => {
  const { ask, asked, keys } = slow();
  const answers = [ask(['a']), ask(['b']), ask(['c', 'a'])];
  await turn();
  expect(keys()).toEqual(['a']);
  asked[0]?.answer();
  await turn();
  expect(keys()).toEqual(['a', 'bca']);
  const later = ask(['d']);
  asked[1]?.answer();
  await turn();
  expect(keys()).toEqual(['a', 'bca', 'd']);
  asked[2]?.answer();
  expect(await Promise.all([...answers, later])).toEqual(['A', 'BCA', 'BCA', 'D']);
  const again = ask(['e']);
  expect(keys()).toEqual(['a', 'bca', 'd', 'e']);
  asked[3]?.answer();
  expect(await again).toBe('E');
});

test('a costly question is answered at once, and the next one waits for the rest that it is to have', async () => {
  const { ask, asked, keys } = slow(() => 300);
  const [first, second] = [ask(['a']), ask(['b'])];
  const askedAt = performance.now();
  asked[0]?.answer();
  expect(await first).toBe('A');
  expect(keys()).toEqual(['a']);
  const third = ask(['c']);
  await eventually(async () => asked[1] ?? null, 'the next question');
  expect(performance.now() - askedAt).toBeGreaterThan(290);
  expect(keys()).toEqual(['a', 'bc']);
  asked[1]?.answer();
  expect(await Promise.all([second, third])).toEqual(['BC', 'BC']);
});

test('a question that fails fails for those who asked it, and not for the next', async () => {
  const { ask, asked } = slow();
  const [first, second, third] = [ask(['a']), ask(['b']), ask(['c'])];
  asked[0]?.fail();
  await expect(first).rejects.toThrow('not now');
  await turn();
  asked[1]?.fail();
  await expect(Promise.allSettled([second, third])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  const fourth = ask(['d']);
  asked[2]?.answer();
  expect(await fourth).toBe('D');
});
