/** How long a key is remembered, and how many are. Ms. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 10_000;

/**
 * Which `Idempotency-Key` stood on which content lately, so that one that comes with another content is refused.
 *
 * That and no more: no answer is kept here. A repeat is done again, and the ledger, which does each thing once by its call, answers
 * it as the first time. So what this forgets, or another process never knew, costs a warning to a mistaken switch and nothing else.
 */
export class IdempotencyKeys {
  /** In the order of their first use. */
  private readonly kept = new Map<string, { content: string; at: number }>();

  /** Whether the key is new, or stands for this content. */
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
