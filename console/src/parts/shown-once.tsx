/** A secret that the service shows once and keeps nowhere: so that it is not missed, and not left on the screen. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '../texts/texts';
import { Note } from './page';
import classes from './parts.module.css';

interface ShownOnceProps {
  /** What it is, and what to do with it. */
  lead: string;
  secret: string;
  onKept: () => void;
}

export function ShownOnce({ lead, secret, onKept }: ShownOnceProps) {
  const { common } = useTexts();
  const [isCopied, setCopied] = useState(false);
  // Browsers give no clipboard to a page that came over plain HTTP from elsewhere.
  const canCopy = typeof navigator.clipboard?.writeText === 'function';
  const copy = () =>
    void navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <div className={classes.once}>
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
