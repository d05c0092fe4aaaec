/** How long a key is remembered, and how many are. Ms. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 10_000;

/**
 * Which content each `Idempotency-Key` came with lately. The same key with other content is refused.
 *
 * No answer is kept here. A repeat is done again, and the ledger does each thing once by its call, so the repeat gets the first answer.
 * If a key is forgotten here, or another process never knew it, a mistaken switch gets no warning, and nothing else happens.
 */
export class IdempotencyKeys {
  /** In the order of first use. */
  private readonly kept = new Map<string, { content: string; at: number }>();

  /** Whether the key is new, or came with this content before. */
  fits(key: string, content: string): boolean {
    const now = performance.now();
    for (const [old, { at }] of this.kept) {
      if (at >= now - KEPT_MS && this.kept.size < MOST_KEPT) break;
      this.kept.delete(old);
    }
    const known = this.kept.get(key);
    if (!known) this.kept.set(key, { content, at: now });
    return known === undefined || known.content === content;
  }
}
