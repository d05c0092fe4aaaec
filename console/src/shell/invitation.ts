/** The one-time token of a link in a mail, `https://…/#invitation=rfi_…`. */
import { useState, useSyncExternalStore } from 'react';

let taken: string | null = null;
const listeners = new Set<() => void>();

/** Takes the token out of the address: neither the browser's history nor whoever looks at the screen shall keep it. */
function take(): void {
  const [, token] = /^#invitation=(rfi_[\w-]{1,100})$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  taken = token;
  for (const listener of listeners) listener();
}

take();
// A link that is opened in a tab where the console is already loads nothing anew.
addEventListener('hashchange', take);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The token that a link has brought, until `done` is called; null for none. */
export function useInvitation(): { token: string | null; done: () => void } {
  const token = useSyncExternalStore(subscribe, () => taken);
  const [done] = useState(() => () => {
    taken = null;
    for (const listener of listeners) listener();
  });
  return { token, done };
}
