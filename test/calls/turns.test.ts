import { Turns } from '../../src/calls/turns';

beforeEach(() => void jest.useFakeTimers());
const sleep = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

const callOf = (accountcode: string, node = 'ast1') => ({ port: { node }, state: { accountcode } });

/** Does as many works for a call, each of so long. Returns the list of those that have begun. */
const begun = (turns: Turns, call: ReturnType<typeof callOf>, count: number, ms: number): number[] => {
  const started: number[] = [];
  for (let index = 0; index < count; index++) {
    void turns.take(call, async () => {
      started.push(index);
      await new Promise(resolve => setTimeout(resolve, ms));
    });
  }
  return started;
};

test('32 of 100 works of an account go on at once, the others when one of them is done, in the order in which they came', async () => {
  const started = begun(new Turns(), callOf('alice'), 100, 10);
  expect(started).toHaveLength(32);
  await sleep(10);
  expect(started).toHaveLength(64);
  await sleep(20);
  expect(started).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('the first work of another account, and of the same one on another switch, waits for none of them', () => {
  const turns = new Turns();
  begun(turns, callOf('alice'), 100, 10);
  expect(begun(turns, callOf('bob'), 1, 10)).toHaveLength(1);
  expect(begun(turns, callOf('alice', 'ast2'), 1, 10)).toHaveLength(1);
});

test('works that are never done keep the others waiting for half a second, once', async () => {
  const turns = new Turns();
  begun(turns, callOf('alice'), 32, Number.MAX_SAFE_INTEGER % 2 ** 31);
  const others = begun(turns, callOf('alice'), 40, 10);
  await sleep(499);
  expect(others).toHaveLength(0);
  await sleep(1);
  expect(others).toHaveLength(32);
  await sleep(10);
  expect(others).toHaveLength(40);
});

test('a work that fails is told so, and the next one has its turn', async () => {
  const turns = new Turns();
  const failed = Array.from({ length: 33 }, () => turns.take(callOf('alice'), () => Promise.reject(new Error('no'))));
  expect(await Promise.allSettled(failed)).toEqual(Array(33).fill({ status: 'rejected', reason: new Error('no') }));
  expect(await turns.take(callOf('alice'), async () => 'done')).toBe('done');
});
