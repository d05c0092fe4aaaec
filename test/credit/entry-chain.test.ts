import { chained, endAt, hashOf, type NewEntry, NO_ENTRIES } from '../../src/credit/entry-chain';
import { parseAmount } from '../../src/money/micros';

const entry = (more: Partial<NewEntry> = {}): NewEntry => ({
  accountcode: 'alice',
  kind: 'top_up',
  reference: 'r',
  amount: parseAmount('1'),
  balanceAfter: parseAmount('1'),
  reason: '',
  ...more,
});

test('entries are numbered from 1 on, and each hash depends on the one before', () => {
  const first = chained(NO_ENTRIES, entry());
  const second = chained(endAt(first), entry({ reference: 's' }));
  expect([first.number, second.number]).toEqual([1, 2]);
  expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(second.hash).toBe(hashOf(first.hash, { ...entry({ reference: 's' }), number: 2 }));
  expect(second.hash).not.toBe(hashOf('', { ...entry({ reference: 's' }), number: 2 }));
});

test.each<[string, Partial<NewEntry>]>([
  ['account', { accountcode: 'alicf' }],
  ['kind', { kind: 'refund' }],
  ['reference', { reference: 'q' }],
  ['amount', { amount: parseAmount('1.000001') }],
  ['sign', { amount: parseAmount('-1') }],
  ['balance', { balanceAfter: parseAmount('0.999999') }],
  ['reason', { reason: ' ' }],
])('another %s is another hash', (_what, more) => {
  expect(chained(NO_ENTRIES, entry(more)).hash).not.toBe(chained(NO_ENTRIES, entry()).hash);
});

test('no text can look like two fields', () => {
  const one = chained(NO_ENTRIES, entry({ reference: 'r|1.000000|1.000000|', reason: '' }));
  const other = chained(NO_ENTRIES, entry({ reference: 'r', reason: '1.000000|1.000000|' }));
  expect(one.hash).not.toBe(other.hash);
});
