import { isInTime, isTooLate, type LaneWork, MOST_IN_A_BATCH } from '../../src/credit/admission';
import { OverloadLog } from '../../src/credit/overload-log';

const AT_REST: LaneWork = { queued: 0, batchMs: 10, inFlightMs: null };

describe('a start that comes', () => {
  test.each<[string, Partial<LaneWork>, number, boolean]>([
    ['is taken by a lane at rest', {}, 2_000, true],
    [
      'is taken by a lane at rest whose last batches were slower than it can wait: only a batch shows whether the next one is',
      { batchMs: 3_000 },
      2_000,
      true,
    ],
    [
      'is refused beside the batch that tries a database that was slow',
      { batchMs: 3_000, inFlightMs: 5 },
      2_000,
      false,
    ],
    ['is taken behind one batch that fits into its time', { batchMs: 900, inFlightMs: 0 }, 2_000, true],
    ['is refused behind a batch if both do not', { batchMs: 1_100, inFlightMs: 0 }, 2_000, false],
    [
      'is taken behind a batch that takes longer than usual: how long it still takes is unknown',
      { batchMs: 10, inFlightMs: 1_500 },
      2_000,
      true,
    ],
    [
      'is taken in a burst of half its time: 10 batches of 100 ms',
      { queued: 9 * MOST_IN_A_BATCH, batchMs: 100 },
      2_000,
      true,
    ],
    ['is refused behind more', { queued: 10 * MOST_IN_A_BATCH, batchMs: 100 }, 2_000, false],
    [
      'is refused by the time of its own caller, such as a proxy that waits for 450 ms',
      { queued: 9 * MOST_IN_A_BATCH, batchMs: 100 },
      450,
      false,
    ],
  ])('%s', (_, work, deadlineMs, inTime) => {
    expect(isInTime({ ...AT_REST, inFlightMs: work.queued ? 100 : null, ...work }, deadlineMs)).toBe(inTime);
  });
});

describe('a start whose turn comes', () => {
  test.each([
    ['is begun if a batch fits into what is left of its time', 100, 2_000, 90, false],
    ['is not begun if none does', 80, 2_000, 90, true],
    ['is begun in the first half of its time, however slow the last batches were', 1_000, 2_000, 5_000, false],
    ['is not begun after that', 999, 2_000, 5_000, true],
    ['is begun at once by a caller that waits for less than a batch', 50, 50, 90, false],
  ])('%s', (_, leftMs, deadlineMs, batchMs, tooLate) => {
    expect(isTooLate(leftMs, deadlineMs, batchMs)).toBe(tooLate);
  });
});

test('an overload is two lines in the log, and not one for each start', () => {
  const lines: object[] = [];
  const log = new OverloadLog(line => void lines.push(line));
  log.note('granted', 3, 0);
  for (let now = 1_000; now < 4_000; now++) log.note('overloaded', 300, now);
  log.note('granted', 200, 4_500);
  expect(lines).toMatchObject([{ event: 'overload_began', waiting: 300 }]);
  log.note('insufficient_balance', 1, 5_000);
  log.note('granted', 1, 5_001);
  expect(lines).toMatchObject([{}, { event: 'overload_over', refused: 3_000, seconds: 3 }]);
  log.note('overloaded', 400, 9_000);
  expect(lines).toMatchObject([{}, {}, { event: 'overload_began', waiting: 400 }]);
});
