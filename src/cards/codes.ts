/** Codes that people enter by key: a card's PIN, a voucher's code. Only the holder of the paper knows the code. The database holds hashes. */
import { createHmac, randomInt, scrypt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { printOf } from '../operator/pin-key';

/** What a code opens. The same digits for another kind are another code. */
export type CodeKind = 'card' | 'voucher';

/** A code as the database holds it. */
export interface HashedCode {
  hash: Buffer;
  /** The key that it was hashed with. */
  key: string;
}

/** Fewest and most digits of a code. Ten digits are safe for a batch of some thousands; see docs/cards.md. */
export const CODE_DIGITS = { least: 10, most: 16, usual: 12 };

/** Whether a text can be a code. Checked before any hash is computed. */
export const isCode = (text: string): boolean => CODE_PATTERN.test(text);
const CODE_PATTERN = new RegExp(`^[0-9]{${CODE_DIGITS.least},${CODE_DIGITS.most}}$`);

/** crypto.randomInt accepts no wider range. */
const MOST_DIGITS_AT_ONCE = 8;

/** Random digits. Each of the 10^digits codes is equally likely. */
export function newCode(digits: number): string {
  if (digits <= MOST_DIGITS_AT_ONCE) return String(randomInt(10 ** digits)).padStart(digits, '0');
  return newCode(MOST_DIGITS_AT_ONCE) + newCode(digits - MOST_DIGITS_AT_ONCE);
}

/** `count` different codes. */
export function newCodes(count: number, digits: number): string[] {
  const codes = new Set<string>();
  while (codes.size < count) codes.add(newCode(digits));
  return [...codes];
}

/**
 * 8 ms and 4 MiB per code, on the machine where this was chosen. With twice as much, 100,000 cards would take a quarter of an hour on two
 * cores, and a code of ten digits would still not be safe from an attacker with the key.
 */
const COST = { N: 4_096, r: 8, p: 1 };
const HASH_BYTES = 32;

/**
 * Hashes codes with the keys of RINGFENCE_PIN_KEY, the newest first.
 *
 * The salt is made from the key and the kind, the same for all codes. So a code can be looked up by its hash, and a database without the
 * key reveals nothing about it.
 */
export class CodeHasher {
  constructor(
    private readonly keys: readonly string[],
    private readonly kind: CodeKind,
  ) {}

  /** Hashes with the newest key. */
  async hash(code: string): Promise<HashedCode> {
    return (await this.hashes(code, 1))[0] as HashedCode;
  }

  /** Hashes with every key, the newest first. A code that was hashed before the key was changed is found by an older key's hash. */
  hashes(code: string, most = this.keys.length): Promise<HashedCode[]> {
    return Promise.all(
      this.keys.slice(0, most).map(async key => ({
        hash: await slowHash(code, createHmac('sha256', key).update(`ringfence:${this.kind}`).digest()),
        key: printOf(key),
      })),
    );
  }

  /** Hashes many codes, as many at once as there are processors. Calls `onDone` after each with the number of codes done. */
  async hashAll(codes: readonly string[], onDone: (count: number) => void = () => {}): Promise<HashedCode[]> {
    const hashed: HashedCode[] = [];
    let [next, done] = [0, 0];
    const work = async () => {
      for (let index = next++; index < codes.length; index = next++) {
        hashed[index] = await this.hash(codes[index] as string);
        onDone(++done);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    return hashed;
  }
}

const slowHash = (code: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(code, salt, HASH_BYTES, COST, (error, hash) => (error ? reject(error) : resolve(hash))),
  );
