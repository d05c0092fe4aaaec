import { INVARIANTS } from '../../simulation/invariants';
import { type Run, simulate } from '../../simulation/simulate';

/** In each run of the tests; more with `npm run simulate -- --seeds 100000`. */
const SEEDS = 1_200;

const told = ({ seed, violations, trace }: Run): string =>
  [
    ...trace.slice(-40),
    ...violations.map(({ invariant, detail }) => `seed ${seed} VIOLATED ${invariant}: ${detail}`),
    `replay: npm run simulate -- --seed ${seed}`,
  ].join('\n');

test(`${SEEDS} seeds break no invariant`, async () => {
  const sum = { calls: 0, answered: 0, charged: 0, crashes: 0, extended: 0, shrunk: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await simulate(seed);
    if (run.violations.length > 0) throw new Error(told(run));
    for (const key of ['calls', 'answered', 'charged', 'crashes'] as const) sum[key] += run[key];
    for (const kind of ['extended', 'shrunk'] as const) sum[kind] += run.told[kind];
  }
  // A simulation in which nothing happens finds nothing.
  expect(sum.answered).toBeGreaterThan(SEEDS / 2);
  expect(sum.charged).toBeGreaterThan(SEEDS / 2);
  expect(sum.crashes).toBeGreaterThan(SEEDS / 2);
  expect(sum.extended).toBeGreaterThan(SEEDS / 2);
  expect(sum.shrunk).toBeGreaterThan(SEEDS / 10);
}, 300_000);

test('the same seed is the same run, to the last line of its trace', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const [once, again] = [await simulate(seed), await simulate(seed)];
    expect(again).toEqual(once);
  }
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 50; seed++) hashes.add((await simulate(seed)).traceHash);
  expect(hashes.size).toBe(50);
});

test('the clock that a run took the place of is there again', async () => {
  const before = [setTimeout, setInterval, setImmediate, clearTimeout, performance, Date.now, Math.random];
  await simulate(1);
  expect([setTimeout, setInterval, setImmediate, clearTimeout, performance, Date.now, Math.random]).toEqual(before);
});

test('every invariant has a name of its own', () => {
  expect(new Set(INVARIANTS).size).toBe(INVARIANTS.length);
});
