import { chained, endAt, hashOf, type NewEntry, NO_ENTRIES } from '../../src/credit/entry-chain';
import { parseProof, proofText } from '../../src/credit/proof-text';
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

describe('a proof that is kept', () => {
  const hash = 'a'.repeat(64);
  const ends = new Map([
    ['zoe', { entryCount: 3, entryHash: hash }],
    ['"a\n7 b', { entryCount: 4_000_000_000, entryHash: hash }],
    ['without entries', NO_ENTRIES],
  ]);

  test('is read as it was written, whatever an account is called; the same books have the same text', () => {
    const text = proofText({ books: 'b-1', ends });
    expect(text.split('\n')).toHaveLength(4);
    const read = parseProof(text);
    expect(read).toEqual({ books: 'b-1', ends: new Map([...ends].filter(([, { entryCount }]) => entryCount > 0)) });
    expect(proofText({ books: 'b-1', ends: new Map([...ends].reverse()) })).toBe(text);
  });

  test.each([
    ['nothing', ''],
    ['something else', 'accountcode,balance\n'],
    ['one without its end', `ringfence-proof 1 b-1\n3 ${hash} "zoe"`],
    ['a hash that is cut', `ringfence-proof 1 b-1\n3 ${hash.slice(1)} "zoe"\n`],
    ['an account twice', `ringfence-proof 1 b-1\n3 ${hash} "zoe"\n4 ${hash} "zoe"\n`],
    ['an entry 0', `ringfence-proof 1 b-1\n0 ${hash} "zoe"\n`],
    ['a name that is no JSON', `ringfence-proof 1 b-1\n3 ${hash} "zo"e"\n`],
    ['no books', `ringfence-proof 1 \n3 ${hash} "zoe"\n`],
  ])('%s is none', (_what, text) => {
    expect(parseProof(text)).toBeNull();
  });
});
