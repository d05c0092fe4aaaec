import { SendQueue } from '../../src/live/send-queue';

const part = (length: number) => new Uint8Array(length);

test('parts come out in their order, up to the bound and no more', () => {
  const queue = new SendQueue(100);
  const parts = [part(40), part(60)];
  expect(parts.map(each => queue.push(each))).toEqual([true, true]);
  expect(queue.push(part(1))).toBe(false);
  expect(queue.shift()).toBe(parts[0]);
  expect(queue.push(part(41))).toBe(false);
  expect(queue.push(part(40))).toBe(true);
  expect([queue.shift()?.length, queue.shift()?.length, queue.shift()]).toEqual([60, 40, undefined]);
});

test('a part that is larger than the bound is taken where nothing waits: a snapshot is one', () => {
  const queue = new SendQueue(100);
  expect(queue.push(part(500))).toBe(true);
  expect(queue.push(part(1))).toBe(false);
  queue.shift();
  expect(queue.push(part(1))).toBe(true);
});

test('what is cleared is gone, and leaves room', () => {
  const queue = new SendQueue(100);
  queue.push(part(100));
  queue.clear();
  expect(queue.shift()).toBeUndefined();
  expect(queue.push(part(100))).toBe(true);
});
