/** Asks, in its place, before a page is left on which something stands that is nowhere else. */
import { Button } from '@mantine/core';
import { type ShouldBlockFn, useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTexts } from '../texts/texts';
import { Note } from './page';
import classes from './parts.module.css';

/** A row that opens, or a filter, is another address of the same page. */
const isAnotherPage: ShouldBlockFn = ({ current, next }) => current.pathname !== next.pathname;

/**
 * As long as it is there, another page comes only after a yes. `children`: what would be lost. Where the window itself is closed or loaded anew, the
 * browser asks in its own words.
 */
export function LeaveQuestion({ children, onLeave }: { children: string; onLeave?: () => void }) {
  const leaving = useBlocker({ shouldBlockFn: isAnotherPage, enableBeforeUnload: true, withResolver: true });
  const { status, proceed, reset } = leaving;
  // What was at stake is kept meanwhile: the page that was asked for waits no more.
  useEffect(() => (status === 'blocked' ? reset : undefined), [status, reset]);
  if (status !== 'blocked') return null;
  const leave = () => {
    onLeave?.();
    proceed();
  };
  return <Question text={children} onLeave={leave} onStay={reset} />;
}

function Question({ text, onLeave, onStay }: { text: string; onLeave: () => void; onStay: () => void }) {
  const { common } = useTexts();
  const stay = useRef<HTMLButtonElement>(null);
  // Also brings the question into view.
  useEffect(() => stay.current?.focus(), []);
  return (
    <Note mood="wrong">
      <p className={classes.ask}>{text}</p>
      <div className={classes.onceButtons}>
        <Button ref={stay} variant="default" onClick={onStay}>
          {common.stay}
        </Button>
        <Button color="red" onClick={onLeave}>
          {common.leaveAnyway}
        </Button>
      </div>
    </Note>
  );
}
