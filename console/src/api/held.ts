/**
 * What the service showed once and its person has not kept yet, by the place of the page that shows it.
 *
 * In the memory of this window alone, and for that person: a session that is lost takes the page away, and whoever logs in under the same name
 * finds it there again. It is gone when its person leaves its page or logs out, and when another person logs in.
 */
import { useCallback, useSyncExternalStore } from 'react';

const held = new Map<string, unknown>();
let owner: string | null = null;
/** What was asked for before it changed brings nothing any more. */
let round = 0;
const listeners = new Set<() => void>();

const tell = (): void => {
  for (const listen of listeners) listen();
};
const subscribe = (listen: () => void): (() => void) => {
  listeners.add(listen);
  return () => listeners.delete(listen);
};

/** Nothing is held any more, and answers that are awaited bring nothing. */
export function forgetHeld(): void {
  held.clear();
  round++;
  tell();
}

/** From now on what is held is this person's; what another person held is gone. */
export function heldIsOf(person: string): void {
  if (owner === person) return;
  owner = person;
  forgetHeld();
}

/** Whose things are held; null while there are none. */
export const useHolder = (): string | null => useSyncExternalStore(subscribe, () => (held.size > 0 ? owner : null));

/** What a place holds, null for nothing, and how it is changed: by an answer, too, that comes when the session is lost. */
export function useHeld<Value>(
  place: string,
): [Value | null, (change: (before: Value | null) => Value | null) => void] {
  const value = useSyncExternalStore(subscribe, () => (held.get(place) as Value | undefined) ?? null);
  const begun = useSyncExternalStore(subscribe, () => round);
  const change = useCallback(
    (make: (before: Value | null) => Value | null) => {
      if (begun !== round) return;
      const next = make((held.get(place) as Value | undefined) ?? null);
      if (next === null) held.delete(place);
      else held.set(place, next);
      tell();
    },
    [place, begun],
  );
  return [value, change];
}
