/** What every page has: a heading with its actions, and what it shows while it waits, or is refused, or has nothing. */
import { Button, Skeleton, Stack } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { isPassing, Refused } from '../api/ask';
import { useTexts } from '../texts/texts';
import classes from './parts.module.css';
import type { Mood } from './shown';
import { readersZone } from './times';

interface PageProps {
  title: string;
  /** What the window is called, if more exact than the title. */
  windowTitle?: string;
  /** Beside the title: a state, a currency. */
  beside?: ReactNode;
  actions?: ReactNode;
  /** Whether it shows times: then it names their zone, once. */
  hasTimes?: boolean;
  children: ReactNode;
}

export function Page({ title, windowTitle = title, beside, actions, hasTimes, children }: PageProps) {
  const { common } = useTexts();
  useEffect(() => {
    document.title = `${windowTitle} · Ringfence`;
  }, [windowTitle]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 dir="auto">{title}</h1>
        {beside}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
      {hasTimes && <p className={classes.zone}>{common.timesIn(readersZone())}</p>}
    </div>
  );
}

/** A sentence in its place: what was refused, what needs somebody, what was done. Read aloud when it appears. */
export function Note({ mood, children }: { mood: Exclude<Mood, 'quiet'>; children: ReactNode }) {
  return (
    <div className={classes.note} data-mood={mood} role={mood === 'wrong' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** Why a request was refused, and what to do; nothing without an error. */
export function RefusalNote({ error }: { error: unknown }) {
  const { shell } = useTexts();
  if (!error) return null;
  if (!(error instanceof Refused)) return <Note mood="wrong">{String(error)}</Note>;
  const { refusal, detail, problems, lines: wrong } = error;
  const lines = [...problems, ...wrong.map(({ line, says }) => `${line}: ${says(place => place)}`)];
  return (
    <Note mood={isPassing(error) ? 'attention' : 'wrong'}>
      {refusal === 'unreachable' ? shell.away : detail}
      {lines.length > 0 && (
        <ul>
          {lines.map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Note>
  );
}

/** Nothing is there yet: why, and the command or the button that changes it. */
export function Empty({ children, command }: { children: ReactNode; command?: string }) {
  return (
    <div className={classes.empty}>
      <div>{children}</div>
      {command && <code>{command}</code>}
    </div>
  );
}

interface AskedProps<Data> {
  /** Of useQuery, or of useInfiniteQuery. */
  query: { data: Data | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  children: (data: Data) => ReactNode;
}

/** What a question was answered. What was known stays while it is asked again, also if that fails. */
export function Asked<Data>({ query, children }: AskedProps<Data>) {
  const { common } = useTexts();
  const { data, error, isPending, refetch } = query;
  if (data !== undefined) {
    return (
      <>
        <RefusalNote error={error} />
        {children(data)}
      </>
    );
  }
  if (isPending) {
    return (
      <Stack gap={8} role="status" aria-label={common.loading}>
        {[1, 2, 3].map(line => (
          <Skeleton key={line} height={32} />
        ))}
      </Stack>
    );
  }
  return (
    <Stack gap={8} align="flex-start">
      <RefusalNote error={error} />
      <Button variant="default" onClick={() => void refetch()}>
        {common.again}
      </Button>
    </Stack>
  );
}
