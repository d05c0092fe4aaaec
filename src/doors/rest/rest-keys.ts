import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may come in: the name of each key, and its SHA-256. The keys themselves are nowhere here. */
export interface Keys {
  /** Whether there is none, so that nobody is asked for one. */
  readonly isEmpty: boolean;
  /** The name of a key; null for one that is not known. Takes as long whichever it is. */
  nameOf(key: string): string | null;
}

/**
 * Entries `name=<SHA-256 of the key, in hex>`; a name may stand there twice, so that its key can be changed while both work.
 * @throws Error that shows no entry that could be a key.
 */
export function parseKeys(entries: readonly string[]): Keys {
  const keys = entries.map((entry, index) => {
    const [, name, hash] = /^([A-Za-z0-9_-]{1,40})=([0-9A-Fa-f]{64})$/.exec(entry) ?? [];
    // What is wrong may be the key itself.
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
