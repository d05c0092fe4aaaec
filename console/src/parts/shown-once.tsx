/** Secrets that the service shows once and keeps nowhere: so that none is missed, none is lost unasked, and none is left on the screen. */
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { forgetHeld, useHeld } from '../api/held';
import { useTexts } from '../texts/texts';
import { LeaveQuestion } from './leave-question';
import { Note } from './page';
import classes from './parts.module.css';

export interface Once<Made> {
  /** What was made and is not kept yet, the newest first. */
  made: readonly Made[];
  /** Whether an answer is awaited that may bring one. */
  isAwaited: boolean;
  /** Makes one, or null where there is none to show. It is shown wherever on its page the reader is when it comes. */
  show: (make: () => Promise<Made | null>) => Promise<void>;
  keep: (made: Made) => void;
}

interface Shown<Made> {
  made: readonly Made[];
  awaited: number;
}

/** `place`: the page that shows it. It is there again when its person comes back after a session that was lost. */
export function useOnce<Made>(place: string): Once<Made> {
  const [shown, change] = useHeld<Shown<Made>>(place);
  const { made, awaited } = shown ?? { made: [], awaited: 0 };
  const changed = (more: number, all: (made: readonly Made[]) => readonly Made[] = others => others) =>
    change(before => {
      const next = { made: all(before?.made ?? []), awaited: (before?.awaited ?? 0) + more };
      return next.made.length === 0 && next.awaited === 0 ? null : next;
    });
  return {
    made,
    isAwaited: awaited > 0,
    async show(make) {
      changed(1);
      try {
        const fresh = await make();
        if (fresh !== null) changed(0, others => [fresh, ...others]);
      } finally {
        changed(-1);
      }
    },
    keep: kept => changed(0, all => all.filter(each => each !== kept)),
  };
}

interface ShownOnceProps<Made> {
  once: Once<Made>;
  /** What it is and what to do with it, and the secret itself. */
  tell: (made: Made) => { lead: string; secret: string };
}

export function ShownOnce<Made>({ once: { made, isAwaited, keep }, tell }: ShownOnceProps<Made>) {
  const { common } = useTexts();
  return (
    <>
      {(made.length > 0 || isAwaited) && (
        <div className={classes.once}>
          <LeaveQuestion onLeave={forgetHeld}>{common.leaveLoses}</LeaveQuestion>
        </div>
      )}
      {made.map(each => {
        const { lead, secret } = tell(each);
        return <Secret key={secret} lead={lead} secret={secret} onKept={() => keep(each)} />;
      })}
    </>
  );
}

function Secret({ lead, secret, onKept }: { lead: string; secret: string; onKept: () => void }) {
  const { common } = useTexts();
  const place = useRef<HTMLDivElement>(null);
  // It comes above the form that made it, and may be out of sight there. No button of it takes the key that was just pressed.
  useEffect(() => place.current?.focus(), []);
  const [isCopied, setCopied] = useState(false);
  // Browsers give no clipboard to a page that came over plain HTTP from elsewhere.
  const canCopy = typeof navigator.clipboard?.writeText === 'function';
  const copy = () =>
    void navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <div ref={place} className={classes.once} tabIndex={-1}>
      <Note mood="attention">
        {lead}
        <code>{secret}</code>
        <div className={classes.onceButtons}>
          {canCopy && (
            <Button variant="default" size="xs" onClick={copy}>
              {isCopied ? common.copied : common.copy}
            </Button>
          )}
          <Button size="xs" onClick={onKept}>
            {common.kept}
          </Button>
        </div>
      </Note>
    </div>
  );
}
