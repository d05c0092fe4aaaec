import { chargeFor } from '../../../src/credit/rules/charge';
import { costWithoutGrace } from '../../../src/rating/price';
import type { Rate } from '../../../src/rating/rate';
import { NOON, rate } from './rules-fixture';

describe('the charge', () => {
  const call = (more: Partial<Rate> = {}, grantedSeconds = 600) => ({
    startAt: NOON,
    grantedSeconds,
    maxCost: costWithoutGrace(rate(more), grantedSeconds),
    tariff: rate(more),
  });
  const end = (answerAt: number | null, endAt: number) => ({
    answerAt,
    endAt,
    disposition: 'ANSWERED' as const,
    hangupCause: 16,
    hangupSource: 'caller' as const,
    evidence: 'event' as const,
  });

  test.each([
    [
      'never answered',
      call(),
      end(null, NOON + 30_000),
      { duration: 30, billsec: 0, billedSeconds: 0, overrunSeconds: 0, cost: 0n },
    ],
    [
      '999 ms are no second',
      call(),
      end(NOON, NOON + 60_999),
      { duration: 60, billsec: 60, billedSeconds: 60, overrunSeconds: 0, cost: 1_000_000n },
    ],
    [
      'a second minute',
      call(),
      end(NOON, NOON + 61_000),
      { duration: 61, billsec: 61, billedSeconds: 120, overrunSeconds: 0, cost: 2_000_000n },
    ],
    [
      'talk beyond the grant is told, not charged',
      call({}, 60),
      end(NOON, NOON + 75_000),
      { duration: 75, billsec: 75, billedSeconds: 60, overrunSeconds: 15, cost: 1_000_000n },
    ],
    [
      'a clock that stepped back',
      call(),
      end(NOON, NOON - 5_000),
      { duration: 0, billsec: 0, billedSeconds: 60, overrunSeconds: 0, cost: 1_000_000n },
    ],
    [
      'within its grace',
      call({ graceSeconds: 6 }),
      end(NOON, NOON + 5_999),
      { duration: 5, billsec: 5, billedSeconds: 0, overrunSeconds: 0, cost: 0n },
    ],
    [
      'beyond a grace that is longer than the grant',
      call({ graceSeconds: 90 }, 60),
      end(NOON, NOON + 95_000),
      { duration: 95, billsec: 95, billedSeconds: 60, overrunSeconds: 35, cost: 1_000_000n },
    ],
  ] as const)('%s', (_, open, ended, charge) => {
    expect(chargeFor(open, ended)).toEqual(charge);
  });
});
