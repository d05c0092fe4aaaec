/** The sums of a statement, against a ledger that was made by chance. */
import fc from 'fast-check';
import { type AnsweredCall, type Entry, statementOf } from '../../console/src/parts/statement/statement';
import { formatAmount, micros, parseAmount } from '../../src/money/micros';

const [FROM, TO] = [Date.parse('2026-11-01T00:00:00Z'), Date.parse('2026-12-01T00:00:00Z')];

/** Entries that follow one another; `opening` is the balance before them. */
function ledgerOf(opening: bigint, movements: readonly { kind: Entry['kind']; amount: bigint }[]): Entry[] {
  let balance = opening;
  return movements.map(({ kind, amount }, index) => {
    balance += amount;
    return {
      entry_number: index + 2,
      created_at: '2026-11-05T12:00:00.000Z',
      kind,
      amount: formatAmount(micros(amount)),
      balance_after: formatAmount(micros(balance)),
      reference: `ref-${index}`,
    };
  });
}

const callOf = (uniqueid: string, more: Partial<AnsweredCall> = {}): AnsweredCall => ({
  uniqueid,
  end_at: '2026-11-05T12:00:00.000Z',
  billed_seconds: 60,
  cost: '1.00',
  rate_destination: 'Germany',
  ...more,
});

const before: Entry = {
  entry_number: 1,
  created_at: '2026-10-05T12:00:00.000Z',
  kind: 'top_up',
  amount: '10.00',
  balance_after: '10.00',
  reference: 'opening',
};

const rows = (entries: Entry[], calls: AnsweredCall[] = [], first: Entry | null = before) =>
  statementOf({ entries, before: first, calls, from: FROM, to: TO });

test('opening 10.00, a top-up of 5.00 and calls of 2.00 and 0.000001 leave 12.999999, by destination', () => {
  const entries = ledgerOf(10_000_000n, [
    { kind: 'call_charge', amount: -2_000_000n },
    { kind: 'top_up', amount: 5_000_000n },
    { kind: 'call_charge', amount: -1n },
  ]);
  const calls = [
    callOf('ref-0', { billed_seconds: 120 }),
    callOf('ref-2', { rate_destination: 'UK', billed_seconds: 1 }),
  ];
  const statement = rows(entries, calls);
  expect(statement).toMatchObject({
    opening: '10.00',
    closing: '12.999999',
    topUpSum: '5.00',
    otherSum: '0.00',
    addsUp: true,
  });
  expect(statement.calls).toEqual([
    { destination: 'Germany', calls: 1, billedSeconds: 120, cost: '2.00' },
    { destination: 'UK', calls: 1, billedSeconds: 1, cost: '0.000001' },
  ]);
  expect(statement.callSum).toEqual({ calls: 2, billedSeconds: 121, cost: '2.000001' });
});

test('a call that began in the month before counts where its charge is; one that is charged later does not count here', () => {
  const entries = ledgerOf(10_000_000n, [{ kind: 'call_charge', amount: -1_000_000n }]);
  const statement = rows(entries, [callOf('ref-0'), callOf('charged-in-december')]);
  expect(statement.callSum).toEqual({ calls: 1, billedSeconds: 60, cost: '1.00' });
});

test('a call that cost nothing counts where it ended', () => {
  const free = { cost: '0.00', rate_destination: 'Own numbers' };
  const calls = [
    callOf('free', free),
    callOf('before', { ...free, end_at: '2026-10-31T23:59:59.999Z' }),
    callOf('after', { ...free, end_at: '2026-12-01T00:00:00.000Z' }),
    callOf('open', { ...free, end_at: null }),
  ];
  expect(rows([], calls).calls).toEqual([{ destination: 'Own numbers', calls: 1, billedSeconds: 60, cost: '0.00' }]);
});

test('a charge whose call is not known counts without a destination', () => {
  const statement = rows(ledgerOf(10_000_000n, [{ kind: 'call_charge', amount: -3_000_000n }]));
  expect(statement.calls).toEqual([{ destination: '', calls: 1, billedSeconds: 0, cost: '3.00' }]);
  expect(statement.addsUp).toBe(true);
});

test('a month without an entry keeps the balance of before; an account without one has nothing', () => {
  expect(rows([])).toMatchObject({ opening: '10.00', closing: '10.00', addsUp: true });
  expect(rows([], [], null)).toMatchObject({ opening: '0.00', closing: '0.00', addsUp: true });
});

test('sums that do not agree with the ledger are found: an entry is missing, or has another balance', () => {
  const entries = ledgerOf(10_000_000n, [
    { kind: 'top_up', amount: 5_000_000n },
    { kind: 'call_charge', amount: -1_000_000n },
    { kind: 'refund', amount: 500_000n },
  ]);
  expect(rows(entries).addsUp).toBe(true);
  expect(rows(entries.filter((_, index) => index !== 1)).addsUp).toBe(false);
  expect(rows(entries.slice(1)).addsUp).toBe(false);
  const [first, ...rest] = entries as [Entry, ...Entry[]];
  expect(rows([first, ...rest.map(each => ({ ...each, balance_after: '1.00' }))]).addsUp).toBe(false);
});

test('whatever moved, opening and movements are exactly the closing balance', () => {
  const kind = fc.constantFrom<Entry['kind']>('top_up', 'call_charge', 'refund', 'adjustment', 'correction');
  const movement = fc
    .tuple(kind, fc.bigInt({ min: 1n, max: 10n ** 15n }))
    .map(([of, amount]) => ({ kind: of, amount: of === 'call_charge' ? -amount : amount }));
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.array(movement, { minLength: 1 }), (opening, movements) => {
      const entries = ledgerOf(opening, movements);
      const { topUpSum, otherSum, callSum, closing, addsUp } = rows(entries, [], null);
      const moved = parseAmount(topUpSum) + parseAmount(otherSum) - parseAmount(callSum.cost);
      expect(formatAmount(micros(opening + moved))).toBe(closing);
      expect(addsUp).toBe(true);
    }),
  );
});
