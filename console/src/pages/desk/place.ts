/** Where the reader is on a part of the desk, and what was done there last. */
import { useEffect, useRef, useState } from 'react';
import { given } from './search';

/** undefined takes it out of the address. */
export type More<Search> = { [Name in keyof Search]?: Search[Name] | undefined };

interface Open {
  open?: unknown;
  do?: unknown;
}

export interface Place<Search extends Open> {
  search: Search;
  /** Puts it into the address. Nothing happens when the reader has left this part. */
  set: (more: More<Search>) => void;
  /** What was done last; null for nothing, or if it was taken up again. */
  done: string | null;
  /** Opens a form above the list; what was done before is told no more. */
  begin: (form: Search['do']) => void;
  /**
   * A form, or the row that it is of, is done with: tells `text`, and closes the form. An answer may come late: if the reader has another form or
   * row open by then, or is elsewhere, the address stays as it is. `then`: what the address says too.
   */
  end: (text: string | null, then?: More<Search>) => void;
}

/** `go` goes to an address of this part. */
export function usePlace<Search extends Open>(search: Search, go: (search: Search) => void): Place<Search> {
  const [done, setDone] = useState<string | null>(null);
  /** What the address says now; null when this part was left. */
  const now = useRef<Search | null>(null);
  useEffect(() => {
    now.current = search;
    return () => {
      now.current = null;
    };
  }, [search]);
  const set = (more: More<Search>) => {
    if (now.current === null) return;
    now.current = given({ ...now.current, ...more }) as Search;
    go(now.current);
  };
  return {
    search,
    set,
    done,
    begin(form) {
      setDone(null);
      const none: More<Open> = { open: undefined };
      set({ ...none, do: form } as More<Search>);
    },
    end(text, then) {
      setDone(text);
      if (now.current?.open !== search.open || now.current?.do !== search.do) return;
      const none: More<Open> = { do: undefined };
      set({ ...none, ...then } as More<Search>);
    },
  };
}
