/** Server-sent events of the API, held open as long as a page is looked at. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { SESSION_KEY } from './session';

/** Whether the page hears of changes; if not, since when (ms since 1970). */
export type Hearing = { is: 'opening' } | { is: 'live' } | { is: 'lost'; since: number };

/** The first wait before it asks again, and the longest. Ms. */
const AGAIN_MS = 2_000;
const MOST_AGAIN_MS = 30_000;

/** Twice as long after each failure, and never at the same time as all other browsers: a service that starts is not overrun by them. */
const waitAfter = (failures: number): number =>
  Math.min(MOST_AGAIN_MS, AGAIN_MS * 2 ** (failures - 1)) * (0.5 + Math.random());

/**
 * Follows `url` and hands each message to the handler of its name. A browser resumes by itself after a broken connection, with the last id it
 * had; after an answer that is no stream it gives up, so we ask again here, and whether the session is still the same. A page in the background
 * holds no connection: a browser has six for all its pages.
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
    let failures = 0;
    const lost = () => setHearing(before => (before.is === 'lost' ? before : { is: 'lost', since: Date.now() }));
    const close = () => {
      clearTimeout(timer);
      source?.close();
      source = null;
    };
    const open = () => {
      close();
      const opened = new EventSource(url);
      source = opened;
      opened.onopen = () => {
        failures = 0;
        setHearing({ is: 'live' });
      };
      opened.onerror = () => {
        lost();
        if (opened.readyState !== EventSource.CLOSED) return;
        failures++;
        timer = setTimeout(open, waitAfter(failures));
        void queries.invalidateQueries({ queryKey: SESSION_KEY });
      };
      for (const name of names.split(' ')) {
        opened.addEventListener(name, message => latest.current[name]?.(JSON.parse((message as MessageEvent).data)));
      }
    };
    const look = () => {
      if (document.hidden) close();
      else if (source === null) open();
    };
    setHearing({ is: 'opening' });
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      close();
    };
  }, [url, names, queries]);
  return hearing;
}
