/** When a record that is missing proves something: only where its switch wrote all the time. No clock, no file, no SQL. */
import type { Span } from './reconcile-store';

export const HOUR_MS = 3_600_000;

/**
 * The longest time between two rows in which the journal's writer counts as alive. Shorter: no switch but a busy one would ever be proven.
 * Longer: a call that ended while the writer was away would be given back. Ms.
 */
export const MOST_GAP_MS = 60_000;

/**
 * How far a call's instants may be from those of the journal. A door's call has the service's clock, its switch ends a call some seconds
 * after its limit, and a row may come a while after younger ones. Ms.
 */
export const APART_MS = 60_000;

/**
 * Whether a switch wrote its journal from before this span until after it, and never paused for longer than MOST_GAP_MS. A call that ended
 * in the span would then be in the journal. An end of the span that is not followed by a row proves nothing: the writer may have died in the
 * span, and a writer that lives again later says nothing of what it missed.
 *
 * `minutesIn`: the stretches in which it wrote in an hour since 1970, in their order; no longer pause than MOST_GAP_MS is within one.
 * Asked for one hour after the other, until the answer is certain.
 */
export async function isWithoutGap(minutesIn: (hour: number) => Promise<Span[]>, span: Span): Promise<boolean> {
  const [from, to] = [span.from - APART_MS, span.to + APART_MS];
  // The first row must be before the span.
  let writtenUntil = from - MOST_GAP_MS;
  for (let hour = Math.floor(writtenUntil / HOUR_MS); ; hour++) {
    for (const minute of await minutesIn(hour)) {
      if (minute.from > writtenUntil + MOST_GAP_MS) return false;
      writtenUntil = Math.max(writtenUntil, minute.to);
      if (writtenUntil >= to) return true;
    }
    // Whatever the next hour has comes too late.
    if ((hour + 1) * HOUR_MS > writtenUntil + MOST_GAP_MS) return false;
  }
}
