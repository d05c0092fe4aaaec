import fc from 'fast-check';
import {
  codeOf,
  enrolmentOf,
  IV_BYTES,
  opened,
  RECOVERY_BYTES,
  recoveryCode,
  SECRET_BYTES,
  sealed,
  stepOf,
} from '../../src/access/second-factor';

/** RFC 6238, appendix B: the secret of its examples, and the last six digits of its codes. */
const secret = Buffer.from('12345678901234567890');

test.each([
  [59, '287082', 1],
  [1_111_111_109, '081804', 37_037_036],
  [1_234_567_890, '005924', 41_152_263],
  [20_000_000_000, '353130', 666_666_666],
])('at %i s the code is %s, as in RFC 6238', (seconds, digits, step) => {
  expect(stepOf(secret, digits, seconds * 1_000, null)).toBe(step);
});

test.each([
  [0, null, 1, 'now'],
  [30, null, 1, 'half a minute later: clocks differ'],
  [-30, null, 1, 'half a minute earlier'],
  [60, null, null, 'a minute later'],
  [-60, null, null, 'a minute earlier'],
  [0, 0, 1, 'after a code of the half minute before'],
  [0, 1, null, 'a second time'],
  [0, 2, null, 'after a later code'],
])(
  '%i s away, with the step %j used last, it is of the step %j: %s',
  (away: number, last: number | null, step: number | null, _why: string) => {
    expect(stepOf(secret, '287082', (59 + away) * 1_000, last)).toBe(step);
  },
);

test('an authenticator gets the secret in base32, with the name of the person', () => {
  const { secret: text, uri } = enrolmentOf(secret, 'anna');
  expect(text).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(uri).toBe('otpauth://totp/Ringfence:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ringfence');
});

test('a code is read however it is typed', () => {
  for (const text of ['123456', '123 456', ' 123-456\n'])
    expect(codeOf(text)).toEqual({ kind: 'totp', digits: '123456' });
  const code = recoveryCode(Buffer.alloc(RECOVERY_BYTES, 7));
  for (const text of [code, code.toUpperCase(), code.replaceAll('-', ' '), code.replaceAll('-', '')]) {
    expect(codeOf(text)).toEqual(codeOf(code));
  }
  expect(codeOf(code).kind).toBe('recovery');
  expect(codeOf('12345').kind).toBe('recovery');
});

test('a recovery code has 80 bits, and every one counts', () => {
  const bits = fc.uint8Array({ minLength: RECOVERY_BYTES, maxLength: RECOVERY_BYTES });
  fc.assert(
    fc.property(bits, fc.nat(79), (bytes, bit) => {
      const code = recoveryCode(Buffer.from(bytes));
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(recoveryCode(other)).not.toBe(code);
    }),
  );
});

describe('a secret that is kept', () => {
  const [key, other] = ['k'.repeat(32), 'o'.repeat(32)];
  const iv = Buffer.alloc(IV_BYTES, 1);
  const kept = sealed(Buffer.alloc(SECRET_BYTES, 5), 7, key, iv);

  test('is opened by its key, also behind a newer one, and fits into its column', () => {
    expect(opened(kept, 7, [key])).toEqual({ secret: Buffer.alloc(SECRET_BYTES, 5), place: 0 });
    expect(opened(kept, 7, [other, key])).toEqual({ secret: Buffer.alloc(SECRET_BYTES, 5), place: 1 });
    expect(kept.length).toBeLessThanOrEqual(200);
  });

  test('is closed to other keys and other people, and where a bit of it was changed', () => {
    expect(opened(kept, 7, [other])).toBeNull();
    expect(opened(kept, 7, [])).toBeNull();
    expect(opened(kept, 8, [key])).toBeNull();
    const bytes = Buffer.from(kept, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] as number) ^ 1;
      expect(opened(changed.toString('base64url'), 7, [key])).toBeNull();
    }
    for (const text of ['', 'short']) expect(opened(text, 7, [key])).toBeNull();
  });
});
