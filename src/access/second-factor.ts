/** The second factor of a person: six digits of an authenticator, or a recovery code. Pure. */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/** 160 bits: what RFC 4226 recommends, and every authenticator takes. */
export const SECRET_BYTES = 20;

/** What a person copies into an authenticator. */
export interface Enrolment {
  secret: string;
  /** The same as a link, which a page can show as a QR code. */
  uri: string;
}

export function enrolmentOf(secret: Buffer, operator: string): Enrolment {
  const text = base32(secret);
  const query = new URLSearchParams({ secret: text, issuer: 'Ringfence' });
  return { secret: text, uri: `otpauth://totp/Ringfence:${encodeURIComponent(operator)}?${query}` };
}

/** RFC 4648, without padding. Assumes a multiple of 40 bits. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return (bits.match(/.{5}/g) ?? []).map(five => letters[Number.parseInt(five, 2)]).join('');
}

const STEP_MS = 30_000;

/**
 * The six digits of a half minute since 1970. Source: RFC 6238 with SHA-1, 30 s and six digits: other values are ignored by some
 * authenticators. By hand: a package for these lines would be one more to trust beside every password.
 */
export function digitsOf(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = (hash.at(-1) as number) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The half minute of an instant. */
export const stepAt = (nowMs: number): number => Math.floor(nowMs / STEP_MS);

/** What a person has typed as a code. */
export type Code = { kind: 'totp'; digits: string } | { kind: 'recovery'; text: string };

/** Blanks and dashes do not count, nor does the case of letters. */
export function codeOf(text: string): Code {
  const plain = text.replace(/[\s-]/g, '').toLowerCase();
  return /^\d{6}$/.test(plain) ? { kind: 'totp', digits: plain } : { kind: 'recovery', text: plain };
}

/**
 * The half minute since 1970 of these digits; null if they are wrong, or of no later half minute than `last`. The half minutes before and after
 * that of `nowMs` count too, as clocks differ.
 */
export function stepOf(secret: Buffer, digits: string, nowMs: number, last: number | null): number | null {
  const now = stepAt(nowMs);
  const steps = [now, now - 1, now + 1].filter(step => step >= 0 && (last === null || step > last));
  return steps.find(step => isSame(digitsOf(secret, step), digits)) ?? null;
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

export const RECOVERY_CODES = 10;
export const RECOVERY_BYTES = 10;

/** Letters and digits that are not taken for one another. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** A recovery code of 80 bits, such as 7d2k-0m9x-q4rb-t6vz: too many for a plain hash to be turned back. */
export function recoveryCode(bits: Buffer): string {
  const number = BigInt(`0x${bits.toString('hex')}`);
  const letters = Array.from({ length: 16 }, (_, index) => LETTERS[Number((number >> BigInt(index * 5)) & 31n)]);
  return (letters.join('').match(/.{4}/g) as string[]).join('-');
}

/** The key that encrypts secrets, from a key of RINGFENCE_PIN_KEY; none of the keys made from that for other ends is this one. */
const keyOf = (key: string): Buffer => createHmac('sha256', key).update('ringfence:second-factor').digest();

export const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The secret of a person as it is kept: only with the key, and only for this person, it can be read again. */
export function sealed(secret: Buffer, operatorId: number, key: string, iv: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), iv).setAAD(Buffer.from(`${operatorId}`));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
}

/** A secret that was kept, in the clear. */
export interface Opened {
  secret: Buffer;
  /** The place of its key among the keys: 0 for the newest. */
  place: number;
}

/** The secret again, by the first of `keys` that fits; null if none does. */
export function opened(kept: string, operatorId: number, keys: readonly string[]): Opened | null {
  const bytes = Buffer.from(kept, 'base64url');
  const [iv, tag, text] = [
    bytes.subarray(0, IV_BYTES),
    bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES),
    bytes.subarray(IV_BYTES + TAG_BYTES),
  ];
  for (const [place, key] of keys.entries()) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(key), iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(`${operatorId}`)).setAuthTag(tag);
      return { secret: Buffer.concat([decipher.update(text), decipher.final()]), place };
    } catch {
      // Another key's.
    }
  }
  return null;
}
