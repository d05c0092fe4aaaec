/** The time by the database's clock, as far as it is known: what calls in progress count by. */
import { createContext, useContext, useSyncExternalStore } from 'react';

/** What is known of that clock. */
export interface Clock {
  /** How far the reader's clock is ahead, ms. */
  aheadMs: number;
  /** No news since then, by the reader's clock, ms: what is shown is of that time. null while there is news. */
  stoppedAt: number | null;
}

export const ClockContext = createContext<Clock>({ aheadMs: 0, stoppedAt: null });

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Ms since 1970 by the database's clock; the component is drawn again each second. */
export function useNow(): number {
  useSyncExternalStore(subscribe, () => second);
  return nowBy(useContext(ClockContext));
}

export const nowBy = ({ aheadMs, stoppedAt }: Clock): number => (stoppedAt ?? Date.now()) - aheadMs;
