import type { KeyboardEvent } from 'react';

/** For a button that ends something: a key that is still held down from the question before does not answer it. */
export function notHeldDown(event: KeyboardEvent): void {
  if (event.repeat) event.preventDefault();
}
