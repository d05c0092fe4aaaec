/** Server-sent events of the API, held open as long as a page is. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { readSession, SESSION_KEY } from './session';

/** Whether the page hears of changes; if not, since when (ms since 1970). */
export type Hearing = { is: 'opening' } | { is: 'live' } | { is: 'lost'; since: number };

const AGAIN_MS = 2_000;

/**
 * Follows `url` and hands each message to the handler of its name. A browser resumes by itself after a broken connection, with the last id it
 * had; after an answer that is no stream it gives up, so we ask again here, and whether the session has ended.
 */
export function useStream(url: string, handlers: Record<string, (data: unknown) => void>): Hearing {
  const [hearing, setHearing] = useState<Hearing>({ is: 'opening' });
  const latest = useRef(handlers);
  latest.current = handlers;
  const names = Object.keys(handlers).join(' ');
  const queries = useQueryClient();
  useEffect(() => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lost = () => setHearing(before => (before.is === 'lost' ? before : { is: 'lost', since: Date.now() }));
    const open = () => {
      source = new EventSource(url);
      source.onopen = () => setHearing({ is: 'live' });
      source.onerror = () => {
        lost();
        if (source?.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(async () => {
          await readSession()
            .then(session => session === null && queries.setQueryData(SESSION_KEY, null))
            .catch(() => undefined);
          open();
        }, AGAIN_MS);
      };
      for (const name of names.split(' ')) {
        source.addEventListener(name, message => latest.current[name]?.(JSON.parse((message as MessageEvent).data)));
      }
    };
    setHearing({ is: 'opening' });
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, [url, names, queries]);
  return hearing;
}
