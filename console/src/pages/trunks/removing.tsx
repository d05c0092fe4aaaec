/** A trunk that is taken out of a prefix, and put back where it was. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { routeAdd, routeRemove } from '../../api/operations';
import { Note, RefusalNote } from '../../parts/page';
import { TRUNKS_KEY } from './questions';
import classes from './trunks.module.css';
import { useWords } from './words';

interface Gone {
  prefix: string;
  trunk: string;
  priority: number;
}

export function useRemoving() {
  const [gone, setGone] = useState<Gone | null>(null);
  const remove = useChange({
    run: ({ prefix, trunk }: Omit<Gone, 'priority'>, idempotencyKey) =>
      told(routeRemove({ prefix, trunk, idempotencyKey })),
    stale: [TRUNKS_KEY],
    onDone: setGone,
  });
  const back = useChange({
    run: (body: Gone, idempotencyKey) => told(routeAdd({ idempotencyKey, body })),
    stale: [TRUNKS_KEY],
    onDone: () => setGone(null),
  });
  return {
    go: (prefix: string, trunk: string) => remove.mutate({ prefix, trunk }),
    undo: () => gone && back.mutate(gone),
    gone,
    error: remove.error ?? back.error,
  };
}

export function RemovedNote({ removing: { gone, undo, error } }: { removing: ReturnType<typeof useRemoving> }) {
  const words = useWords();
  return (
    <div className={classes.notes}>
      <RefusalNote error={error} />
      {gone && (
        <Note mood="ours">
          {words.routeRemoved(gone.trunk, words.routeOf(gone.prefix))}{' '}
          <Button size="compact-xs" variant="default" onClick={undo}>
            {words.undo}
          </Button>
        </Note>
      )}
    </div>
  );
}
