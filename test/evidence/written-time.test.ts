import fc from 'fast-check';
import { APART_MS, HOUR_MS, isWithoutGap, MOST_GAP_MS } from '../../src/evidence/written-time';

const MINUTE_MS = 60_000;

/** Rows as the stores tell them: the first and the last of each minute, by the hour. */
const minutesOf = (rows: readonly number[]) => async (hour: number) => {
  const minutes = new Map<number, number[]>();
  for (const at of rows.filter(each => Math.floor(each / HOUR_MS) === hour)) {
    const minute = Math.floor(at / MINUTE_MS);
    minutes.set(minute, [...(minutes.get(minute) ?? []), at]);
  }
  return [...minutes.values()]
    .map(each => ({ from: Math.min(...each), to: Math.max(...each) }))
    .sort((one, other) => one.from - other.from);
};

/** The rule in other words: seen over all rows, no pause is too long, and both ends are followed by a row outside. */
function isProven(rows: readonly number[], from: number, to: number): boolean {
  const sorted = rows.toSorted((one, other) => one - other);
  const before = sorted.filter(at => at <= from - APART_MS).at(-1);
  const after = sorted.find(at => at >= to + APART_MS);
  if (before === undefined || after === undefined || before < from - APART_MS - MOST_GAP_MS) return false;
  const between = sorted.filter(at => at >= before && at <= after);
  return between.every((at, index) => index === 0 || at - (between[index - 1] as number) <= MOST_GAP_MS);
}

const START = 1_780_315_200_000;

test.each<[string, boolean, number, number[]]>([
  ['rows every minute, from two before to two after', true, 120, [-120, -60, 0, 60, 120, 180, 240]],
  ['the call is shorter than any pause', true, 1, [-61, -1, 59, 61]],
  ['no row', false, 60, []],
  ['a pause of 61 s', false, 120, [-120, -60, 0, 61, 120, 180, 240]],
  ['no row a minute before', false, 60, [-59, 0, 60, 120, 180]],
  ['the one before is too old', false, 60, [-121, -59, 0, 60, 120, 180]],
  ['no row a minute after', false, 60, [-120, -60, 0, 60, 119]],
  ['the one after is too late', false, 60, [-120, -60, 0, 60, 121]],
  ['a row at the very end is no proof of what comes then', false, 60, [-120, -60, 0, 60]],
])('%s: proven %s', async (_why, proven, seconds, rows) => {
  const at = rows.map(second => START + second * 1000);
  const span = { from: START, to: START + seconds * 1000 };
  expect([await isWithoutGap(minutesOf(at), span), isProven(at, span.from, span.to)]).toEqual([proven, proven]);
});

test('it is the same rule for any rows, across the ends of hours', async () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 66_000 }), { maxLength: 250 });
  const proofs = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(
      pauses,
      fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
      fc.integer({ min: 0, max: 300_000 }),
      async (waits, offset, length) => {
        let at = START + offset;
        const rows = waits.map(wait => {
          at += wait % 64_000;
          return at;
        });
        const from = START + offset + 130_000;
        const proven = isProven(rows, from, from + length);
        proofs.add(proven);
        expect(await isWithoutGap(minutesOf(rows), { from, to: from + length })).toBe(proven);
      },
    ),
    { numRuns: 500 },
  );
  expect(proofs.size).toBe(2);
});

test('a day of silence is not asked for hour by hour', async () => {
  const asked: number[] = [];
  const silent = async (hour: number) => {
    asked.push(hour);
    return [];
  };
  expect(await isWithoutGap(silent, { from: START, to: START + 24 * HOUR_MS })).toBe(false);
  expect(asked).toHaveLength(1);
});
