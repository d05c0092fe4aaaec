/** What is kept of a carrier's sheets, beside the columns: by whom and when, to be changed or forgotten. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Refused, told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type Sheet, sheetKeep, sheetRemove, sheetShow } from '../../api/operations';
import { Note, RefusalNote } from '../../parts/page';
import { Instant } from '../../parts/shown';
import { deckKey } from './deck-query';
import classes from './prices.module.css';
import { isSame, type Reading } from './sheet/kept';
import { useWords } from './words';

const keyOf = (deck: string) => [...deckKey(deck), 'sheet'];

/** What is kept for a deck: undefined while it is asked, null for nothing. A question that fails keeps no file from being read. */
export function useKeptSheet(deck: string | undefined): Sheet | null | undefined {
  const { data, error } = useQuery({
    queryKey: keyOf(deck ?? ''),
    enabled: deck !== undefined,
    queryFn: async () => {
      try {
        return await told(sheetShow({ deck: deck as string }));
      } catch (refused) {
        if (refused instanceof Refused && refused.refusal === 'sheet_not_found') return null;
        throw refused;
      }
    },
  });
  return deck === undefined || error ? null : data;
}

interface KeptProps {
  deck: string;
  /** null for nothing, or a deck that is new. */
  kept: Sheet | null;
  /** Whether the columns are read as it says. */
  isUsed: boolean;
  /** Names of columns that are kept and not in this file. */
  missing: readonly string[];
  /** How the file is read now; null while something is open. */
  reading: Reading | null;
  onForgotten: () => void;
}

export function KeptSheet({ deck, kept, isUsed, missing, reading, onForgotten }: KeptProps) {
  const words = useWords();
  const keep = useChange({
    run: ({ columns, ...more }: Reading, idempotencyKey) => {
      const names = columns.map(({ name }) => name);
      const meanings = columns.map(({ meaning }) => meaning);
      const chosen = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null));
      return told(sheetKeep({ deck, idempotencyKey, body: { names, meanings, ...chosen } }));
    },
    stale: [keyOf(deck)],
  });
  const forget = useChange({
    run: (_: string, idempotencyKey) => told(sheetRemove({ deck, idempotencyKey })),
    stale: [keyOf(deck)],
    onDone: onForgotten,
  });
  const isNew = reading !== null && (kept === null || !isSame(kept, reading));
  if (!kept && !isNew) return <RefusalNote error={keep.error ?? forget.error} />;
  return (
    <div className={classes.kept}>
      <Note mood="ours">
        {kept && (
          <div>
            {isUsed ? words.readAsKept : words.keptIsOther} <bdi>{kept.kept_by}</bdi>, <Instant at={kept.kept_at} />.{' '}
            {isUsed && missing.length > 0 && (
              <>
                {words.keptIsMissing}{' '}
                {missing.slice(0, 5).map((name, at) => (
                  <span key={`${name} ${at.toString()}`}>
                    {at > 0 && ', '}“<bdi>{name}</bdi>”
                  </span>
                ))}
                .
              </>
            )}
          </div>
        )}
        <div className={classes.buttons}>
          {isNew && (
            <Button size="xs" variant="default" loading={keep.isPending} onClick={() => keep.mutate(reading)}>
              {kept ? words.keepThis : words.keepFirst}
            </Button>
          )}
          {kept && (
            <Button size="xs" variant="default" loading={forget.isPending} onClick={() => forget.mutate(deck)}>
              {words.forget}
            </Button>
          )}
        </div>
        <RefusalNote error={keep.error ?? forget.error} />
      </Note>
    </div>
  );
}
