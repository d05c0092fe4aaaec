import { CodeHasher, isCode, newCode, newCodes } from '../../src/cards/codes';

const [OLD, NEW] = ['old-secret-of-thirty-two-characters!', 'new-secret-of-thirty-two-characters!'];

test.each([10, 12, 16])('codes of %d digits are that long, with zeros in front too', digits => {
  const codes = Array.from({ length: 500 }, () => newCode(digits));
  for (const code of codes) expect(code).toMatch(new RegExp(`^[0-9]{${digits}}$`));
  expect(codes.some(code => code.startsWith('0'))).toBe(true);
});

test('every digit comes as often as any other, in every place', () => {
  const codes = Array.from({ length: 20_000 }, () => newCode(12));
  for (let place = 0; place < 12; place++) {
    const counts = new Array(10).fill(0);
    for (const code of codes) counts[Number(code[place])]++;
    // 2,000 each, ± 6 standard deviations of 42.
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(255);
  }
});

test('no two of a batch are alike', () => {
  const all = Array.from({ length: 10 }, (_, digit) => String(digit));
  expect(newCodes(10, 1).sort()).toEqual(all);
});

test.each(['123456789', '12345678901234567', '12345678901a', ' 123456789012', '', '1234567890\n'])(
  '%j is no code',
  text => {
    expect(isCode(text)).toBe(false);
  },
);

test('a hash is the same for the same code, and another for another code, kind or key', async () => {
  const hash = async (code: string, keys: string[], kind: 'card' | 'voucher') =>
    (await new CodeHasher(keys, kind).hash(code)).hash.toString('hex');
  const one = await hash('123456789012', [OLD], 'card');
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash('123456789012', [OLD], 'card')).toBe(one);
  const others = [
    await hash('123456789013', [OLD], 'card'),
    await hash('123456789012', [OLD], 'voucher'),
    await hash('123456789012', [NEW], 'card'),
  ];
  expect(new Set([one, ...others]).size).toBe(4);
});

test('the newest key hashes, and the older ones are looked for behind it', async () => {
  const both = new CodeHasher([NEW, OLD], 'card');
  const [newest, older] = await both.hashes('123456789012');
  expect(await both.hash('123456789012')).toEqual(newest);
  expect(await new CodeHasher([OLD], 'card').hash('123456789012')).toEqual(older);
  expect(newest?.key).not.toBe(older?.key);
  // What tells a key from another tells nothing of it.
  expect(newest?.key).toMatch(/^[0-9a-f]{8}$/);
});

test('many are hashed in their order, and each is told', async () => {
  const codes = ['1000000001', '1000000002', '1000000003', '1000000004', '1000000005'];
  const hasher = new CodeHasher([OLD], 'card');
  const told: number[] = [];
  const hashed = await hasher.hashAll(codes, count => told.push(count));
  expect(told).toEqual([1, 2, 3, 4, 5]);
  expect(hashed[3]).toEqual(await hasher.hash('1000000004'));
});
