/** The days on which one line of a file rates its prefix. */
interface Span {
  line: number;
  /** First and last day, `2026-12-31`; null for no bound. */
  from: string | null;
  until: string | null;
}

/**
 * Finds prefixes that are there twice for one day, which would leave the price of a call to chance.
 *
 * Remembers every prefix of the file: about 100 MB for a million. A prefix that is there once and always valid, as nearly all are, is
 * stored only as the number of its line.
 */
export class Overlaps {
  private readonly seen = new Map<string, number | Span[]>();

  /** The earlier line that rates the same prefix on a day of this one; null if there is none. */
  add(prefix: string, span: Span): number | null {
    const known = this.seen.get(prefix);
    if (known === undefined) {
      this.seen.set(prefix, span.from === null && span.until === null ? span.line : [span]);
      return null;
    }
    const spans = typeof known === 'number' ? [{ line: known, from: null, until: null }] : known;
    const clash = spans.find(other => startsBeforeEnd(span, other) && startsBeforeEnd(other, span));
    this.seen.set(prefix, [...spans, span]);
    return clash?.line ?? null;
  }
}

const startsBeforeEnd = (one: Span, other: Span): boolean =>
  one.from === null || other.until === null || one.from <= other.until;
