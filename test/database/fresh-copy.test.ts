import { FreshCopy } from '../../src/database/fresh-copy';

/** A table that counts how often it was read, and answers when the test says so. */
function table() {
  const readings: { answer(value: string): void; fail(): void }[] = [];
  const faults: unknown[] = [];
  const copy = new FreshCopy<string>({
    read: () =>
      new Promise((resolve, reject) => {
        readings.push({ answer: resolve, fail: () => reject(new Error('away')) });
      }),
    onFault: fault => faults.push(fault),
  });
  return { copy, readings, faults };
}

/** Lets everything happen that waits for no time. */
const turn = () => jest.advanceTimersByTimeAsync(0);

async function opened(value = 'old') {
  const all = table();
  const open = all.copy.open();
  all.readings[0]?.answer(value);
  await open;
  return all;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a copy of at most two seconds is taken as it is', async () => {
  const { copy, readings } = await opened();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await copy.fresh(1_000)).toEqual({ value: 'old' });
  expect(readings).toHaveLength(1);
});

test('the first who asks after an idle hour gets what is there now, and all who ask meanwhile share his reading', async () => {
  const { copy, readings } = await opened();
  await jest.advanceTimersByTimeAsync(3_600_000);
  const asked = [copy.fresh(1_000), copy.fresh(1_000), copy.fresh(1_000)];
  await turn();
  expect(readings).toHaveLength(2);
  readings[1]?.answer('new');
  expect(await Promise.all(asked)).toEqual([{ value: 'new' }, { value: 'new' }, { value: 'new' }]);
  expect(copy.latest()).toBe('new');
});

test('an answer that took longer than two seconds is old itself: it is asked for once more', async () => {
  const { copy, readings } = await opened();
  await jest.advanceTimersByTimeAsync(10_000);
  const asked = copy.fresh(5_000);
  await jest.advanceTimersByTimeAsync(2_500);
  readings[1]?.answer('of 2.5 s ago');
  await turn();
  expect(readings).toHaveLength(3);
  readings[2]?.answer('now');
  expect(await asked).toEqual({ value: 'now' });
});

test('who waits too long gets nothing, and the reading goes on for the next', async () => {
  const { copy, readings } = await opened();
  await jest.advanceTimersByTimeAsync(10_000);
  const hasty = copy.fresh(500);
  const patient = copy.fresh(1_500);
  await jest.advanceTimersByTimeAsync(500);
  expect(await hasty).toBeNull();
  expect(copy.latest()).toBe('old');
  readings[1]?.answer('new');
  expect(await patient).toEqual({ value: 'new' });
  expect(readings).toHaveLength(2);
});

test('a database that says no is told at once, and the next who asks asks it again', async () => {
  const { copy, readings, faults } = await opened();
  await jest.advanceTimersByTimeAsync(10_000);
  const asked = [copy.fresh(60_000), copy.fresh(60_000)];
  await turn();
  readings[1]?.fail();
  expect(await Promise.all(asked)).toEqual([null, null]);
  expect(faults).toHaveLength(1);
  expect(copy.latest()).toBe('old');
  const again = copy.fresh(60_000);
  await turn();
  readings[2]?.answer('new');
  expect(await again).toEqual({ value: 'new' });
});

test('what was never read is no copy', async () => {
  const { copy, readings } = table();
  expect(() => copy.latest()).toThrow('never read');
  const open = copy.open();
  readings[0]?.fail();
  await expect(open).rejects.toThrow('away');
});
