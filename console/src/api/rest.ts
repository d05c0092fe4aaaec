/** A page that nobody looks at asks nothing: each question would count as a use of the session, which ends 30 minutes after the last one. */
import { focusManager } from '@tanstack/react-query';

const REST_AFTER_MS = 10 * 60_000;

/** Questions that repeat stop after ten minutes without a pointer and a key, and go on with the next one. */
export function restWhenLeft(): void {
  let timer: ReturnType<typeof setTimeout>;
  const noteUse = () => {
    clearTimeout(timer);
    // Back to what the browser says of this page.
    if (focusManager.isFocused() !== !document.hidden) focusManager.setFocused(undefined);
    timer = setTimeout(() => focusManager.setFocused(false), REST_AFTER_MS);
  };
  for (const kind of ['pointermove', 'pointerdown', 'keydown', 'visibilitychange']) {
    document.addEventListener(kind, noteUse, { passive: true });
  }
  noteUse();
}
