import { createHash, timingSafeEqual } from 'node:crypto';

/** The keys that are let in: each key's name and SHA-256. The keys themselves are not stored. */
export interface Keys {
  /** Whether the service has no keys, and asks for none. */
  readonly isEmpty: boolean;
  /** The name of a key; null for an unknown key. Takes equally long for any key. */
  nameOf(key: string): string | null;
}

/**
 * Entries `name=<SHA-256 of the key, in hex>`. A name may come twice, so that its key can be changed while both keys work.
 * @throws Error that shows no text that could be a key.
 */
export function parseKeys(entries: readonly string[]): Keys {
  const keys = entries.map((entry, index) => {
    const [, name, hash] = /^([A-Za-z0-9_-]{1,40})=([0-9A-Fa-f]{64})$/.exec(entry) ?? [];
    // The wrong entry may be the key itself.
    if (name === undefined || hash === undefined) {
      throw new Error(
        `entry ${index + 1} is not a name with the SHA-256 of its key, 64 hex digits: docs/doors/rest.md says how to make one`,
      );
    }
    return { name, hash: Buffer.from(hash, 'hex') };
  });
  return {
    isEmpty: keys.length === 0,
    nameOf(key) {
      const given = createHash('sha256').update(key).digest();
      return keys.filter(({ hash }) => timingSafeEqual(hash, given))[0]?.name ?? null;
    },
  };
}
