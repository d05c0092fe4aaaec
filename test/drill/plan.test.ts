import { FAULTS } from '../../lab/drill/faults';
import { drawDrills, numbersOf, planCalls } from '../../lab/drill/plan';
import { Random } from '../../lab/drill/random';

const first = (seed: string, runs: number): string[] => {
  const drawn = drawDrills(seed, FAULTS);
  return Array.from({ length: runs }, () => drawn.next().value!.name);
};

test('one seed is always the same drills and the same calls; another seed is others', () => {
  const calls = (seed: string) => planCalls(new Random(seed), { run: 3, seconds: 5, perSecond: 6 });
  expect(first('7', 50)).toEqual(first('7', 50));
  expect(first('7', 50)).not.toEqual(first('8', 50));
  expect(calls('7/3')).toEqual(calls('7/3'));
  expect(calls('7/3')).not.toEqual(calls('8/3'));
});

test('the first runs are one of each drill, and 200 runs have each at least three times and the kills most often', () => {
  expect(first('7', FAULTS.length).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  const drawn = first('7', 200);
  const times = (name: string) => drawn.filter(each => each === name).length;
  for (const { name } of FAULTS) expect(times(name)).toBeGreaterThanOrEqual(3);
  expect(times('service-killed')).toBeGreaterThan(30);
  expect(times('database-away')).toBeLessThan(8);
});

test('no number is dialled twice in 200 runs, and each names its run', () => {
  const numbers = Array.from({ length: 200 }, (_, run) =>
    planCalls(new Random(`7/${run}`), { run, seconds: 20, perSecond: 6 }).map(({ number }) => {
      expect(number.startsWith(numbersOf(run))).toBe(true);
      return number;
    }),
  ).flat();
  expect(new Set(numbers).size).toBe(24_000);
});

test('calls talk 0.5 to 6 s, and nobody for more than 2.5 s after the last was made', () => {
  const calls = planCalls(new Random('talk'), { run: 1, seconds: 30, perSecond: 6 });
  expect(calls).toHaveLength(180);
  expect(Math.min(...calls.map(({ talkMs }) => talkMs))).toBeGreaterThanOrEqual(500);
  expect(Math.max(...calls.map(({ talkMs }) => talkMs))).toBeLessThanOrEqual(6_000);
  for (const [index, { talkMs }] of calls.entries()) expect(index / 6 + talkMs / 1000).toBeLessThanOrEqual(32.5);
});

test('a drill that wants longer calls has them, but for those that come last', () => {
  const talkMs = { shortest: 10_000, longest: 15_000 };
  const calls = planCalls(new Random('long'), { run: 1, seconds: 30, perSecond: 6, talkMs });
  const early = calls.slice(0, 120).map(call => call.talkMs);
  expect(Math.min(...early)).toBeGreaterThanOrEqual(10_000);
  expect(Math.max(...early)).toBeGreaterThan(14_000);
  for (const [index, call] of calls.entries()) expect(index / 6 + (call.talkMs - 1) / 1000).toBeLessThanOrEqual(32.5);
});
