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
  const [total, delays] = loop.metrics;
  expect(total).toMatchObject({ type: 'counter', samples: [{ labels: {} }] });
  const within = (bound: string) => delays?.samples.find(({ labels }) => labels.le === bound)?.value as number;
  expect(delays).toMatchObject({ name: 'ringfence_event_loop_delay_seconds', type: 'histogram' });
  expect(within('+Inf')).toBeGreaterThan(within('0.1'));
  loop.close();
});
