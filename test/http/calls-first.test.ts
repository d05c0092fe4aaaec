/** Requests of the API begin while no call waits for the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CallsFirst } from '../../src/http/calls-first';

let callsWait: boolean;
beforeEach(() => {
  callsWait = true;
});

/** Turns of requests, and which of them have begun. */
function asked(turns: CallsFirst, count: number) {
  const begun: number[] = [];
  const all = Array.from({ length: count }, (_, number) => turns.turn().then(() => begun.push(number)));
  return { begun, all: Promise.all(all) };
}

test('a request begins at once while no call waits', async () => {
  callsWait = false;
  const { begun } = asked(new CallsFirst(() => callsWait), 3);
  await Promise.resolve();
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
});

test('requests wait while a call does, and begin in their order as soon as it does not', async () => {
  const { begun, all } = asked(new CallsFirst(() => callsWait, 60_000), 3);
  await sleep(30);
  expect(begun).toEqual([]);
  callsWait = false;
  await all;
  expect(begun).toEqual([0, 1, 2]);
});

test('one begins in a turn of the event loop: the others wait for a call that comes then', async () => {
  const turns = new CallsFirst(() => callsWait, 60_000);
  const { begun, all } = asked(turns, 3);
  const first = turns.turn().then(() => expect(begun).toEqual([0, 1, 2]));
  callsWait = false;
  // Each turn of the loop is looked at: on a busy machine a timer would come when several have passed.
  while (begun.length === 0) await new Promise(resolve => setImmediate(resolve));
  callsWait = true;
  await sleep(20);
  expect(begun.length).toBeLessThan(3);
  callsWait = false;
  await all;
  await first;
});

test('a request that came while others wait goes behind them', async () => {
  const turns = new CallsFirst(() => callsWait, 60_000);
  const { begun, all } = asked(turns, 2);
  callsWait = false;
  const last = turns.turn().then(() => begun.push(9));
  await Promise.all([all, last]);
  expect(begun).toEqual([0, 1, 9]);
});

test('where calls wait all the time, each request begins after a moment', async () => {
  const began = performance.now();
  const { all } = asked(new CallsFirst(() => callsWait, 40), 20);
  await all;
  expect(performance.now() - began).toBeGreaterThanOrEqual(40);
  // And again, when none has waited for a while.
  const later = performance.now();
  await asked(new CallsFirst(() => callsWait, 40), 1).all;
  expect(performance.now() - later).toBeGreaterThanOrEqual(40);
});
