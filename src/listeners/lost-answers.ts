/** A client whose connection broke repeats its request at once. Ms. */
const KEPT_MS = 30_000;
const MOST_KEPT = 1_000;

/**
 * Answers whose connections broke before they arrived. When the same peer sends the same message again, it gets that answer, once, and
 * the message is not done again.
 */
export class LostAnswers<Answer> {
  private readonly kept = new Map<string, { answer: Promise<Answer>; at: number }[]>();
  private count = 0;

  keep(key: string, answer: Promise<Answer>): void {
    this.forget();
    if (this.count >= MOST_KEPT) return;
    const known = this.kept.get(key) ?? [];
    known.push({ answer, at: performance.now() });
    this.kept.set(key, known);
    this.count++;
  }

  /** The kept answer; undefined for a message that is new here. */
  take(key: string): Promise<Answer> | undefined {
    this.forget();
    const known = this.kept.get(key);
    const first = known?.shift();
    if (!known || !first) return undefined;
    this.count--;
    if (known.length === 0) this.kept.delete(key);
    return first.answer;
  }

  private forget(): void {
    const since = performance.now() - KEPT_MS;
    for (const [key, answers] of this.kept) {
      const fresh = answers.filter(({ at }) => at >= since);
      this.count -= answers.length - fresh.length;
      if (fresh.length > 0) this.kept.set(key, fresh);
      else this.kept.delete(key);
    }
  }
}
