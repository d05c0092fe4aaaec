/** Slow hashes of passwords, which name their scheme and its parameters: `$scrypt$ln=15,r=8,p=3$salt$hash`. Pure. */
import { scrypt, timingSafeEqual } from 'node:crypto';

/**
 * 32 MiB, and a quarter of a second of one processor on the machine where this was chosen. Source: OWASP's Password Storage Cheat Sheet, which
 * holds this equal to 128 MiB in one pass. Memory is what a service beside a switch has less of.
 * Exported for tests, whose people need no such passwords.
 */
export const COST = { ln: 15, r: 8, p: 3 };
const HASH_BYTES = 32;
export const SALT_BYTES = 16;

/** No hash of ours needs more; one that was written into the table by hand must not take the service's memory. */
const MOST_BYTES = 64 * 1_024 * 1_024;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]{43})$/;

/** The hash of a password with this salt, as it is kept. */
export async function passwordHash(password: string, salt: Buffer): Promise<string> {
  const { ln, r, p } = COST;
  const hash = await slowHash(password, salt, COST);
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether a password has this hash. Takes as long where `kept` is null, for a person who is unknown or has no password. */
export async function isPasswordOf(password: string, kept: string | null): Promise<boolean> {
  const [, ln, r, p, salt, hash] = FORM.exec(kept ?? hashOfNone()) ?? [];
  if (salt === undefined || hash === undefined) throw new Error('a password hash in astoperator is of no known scheme');
  const computed = await slowHash(password, Buffer.from(salt, 'base64url'), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(computed, Buffer.from(hash, 'base64url')) && kept !== null;
}

/** The hash of no password: no text has 256 bits of zero as its hash. */
const hashOfNone = () => `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** The same letters may be typed in two forms of Unicode. */
const slowHash = (password: string, salt: Buffer, { ln, r, p }: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N: 2 ** ln, r, p, maxmem: MOST_BYTES }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  );
