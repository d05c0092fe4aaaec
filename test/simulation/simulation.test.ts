import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { INVARIANTS } from '../../simulation/invariants';
import { simulate } from '../../simulation/simulate';
import { projectRoot } from '../../src/config/project-root';

/** In each run of the tests; more with `npm run simulate -- --seeds 100000`. */
const SEEDS = 1_200;

/** Generous, because all this is work of one core, which it shares on a busy machine. Ms. */
const WITHIN_MS = 900_000;

/** In a process of its own, compiled: within jest it takes twice as long. */
test(
  `${SEEDS} seeds break no invariant`,
  async () => {
    const program = join(projectRoot, 'dist/simulation/main.js');
    const run = promisify(execFile)(process.execPath, [program, '--seeds', String(SEEDS), '--json'], {
      timeout: WITHIN_MS,
    });
    const { stdout } = await run.catch(error => {
      throw new Error(`npm run simulate -- --seeds ${SEEDS} failed:\n${error.stdout}${error.stderr}`);
    });
    const sum = JSON.parse(stdout);
    expect(sum).toMatchObject({ seeds: SEEDS, failed: 0 });
    // A simulation in which nothing happens finds nothing.
    expect(sum.answered).toBeGreaterThan(SEEDS / 2);
    expect(sum.charged).toBeGreaterThan(SEEDS / 2);
    expect(sum.crashes).toBeGreaterThan(SEEDS / 2);
    expect(sum.extended).toBeGreaterThan(SEEDS / 2);
    expect(sum.shrunk).toBeGreaterThan(SEEDS / 10);
  },
  WITHIN_MS,
);

test(
  'the same seed is the same run, to the last line of its trace',
  async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const [once, again] = [await simulate(seed), await simulate(seed)];
      expect(again).toEqual(once);
    }
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) hashes.add((await simulate(seed)).traceHash);
    expect(hashes.size).toBe(50);
  },
  WITHIN_MS,
);

test('the clock that a run took the place of is there again', async () => {
  const before = [setTimeout, setInterval, setImmediate, clearTimeout, performance, Date.now, Math.random];
  await simulate(1);
  expect([setTimeout, setInterval, setImmediate, clearTimeout, performance, Date.now, Math.random]).toEqual(before);
});

test('every invariant has a name of its own', () => {
  expect(new Set(INVARIANTS).size).toBe(INVARIANTS.length);
});
