import { EventLoopWatch } from '../../src/metrics/event-loop';

/** Keeps the only thread there is from everything else. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('what a process stood still for is known at once, before a timer could run, and kept', async () => {
  const loop = new EventLoopWatch();
  const before = loop.stoodStillMs();
  standStill(300);
  expect(loop.stoodStillMs() - before).toBeGreaterThan(200);
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(loop.stoodStillMs() - before).toBeGreaterThan(200);
  expect(loop.metrics).toMatchObject([{ type: 'counter', samples: [{ labels: {} }] }]);
  loop.close();
});
