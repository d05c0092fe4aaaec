/** The versions of a deck, the newest first, and the way back to one. */
import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type DeckVersion, deckDeleteVersion, deckRestore } from '../../api/operations';
import { useMay } from '../../api/session';
import { Panel } from '../../parts/form';
import { Empty, RefusalNote } from '../../parts/page';
import { Instant, type Mood, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import type { SetSearch } from './deck';
import { staleOf } from './deck-query';
import { Differences } from './differences';
import classes from './prices.module.css';
import { type StateOfVersion, stateOf } from './rates';
import { beforeOf, type DeckSearch } from './search';
import { Weight } from './weight';
import { useWords } from './words';

const MOODS: Record<StateOfVersion, Mood> = {
  current: 'ours',
  waiting: 'attention',
  earlier: 'quiet',
  outdated: 'quiet',
  incomplete: 'quiet',
};

interface VersionsProps {
  deck: string;
  versions: readonly DeckVersion[];
  search: DeckSearch;
  onSearch: SetSearch;
  onDone: (text: string | null) => void;
}

export function Versions({ deck, versions, search, onSearch, onDone }: VersionsProps) {
  const { language } = useReading();
  const words = useWords();
  const may = useMay();
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const remove = useChange({
    run: (version: number, idempotencyKey) => told(deckDeleteVersion({ deck, version, idempotencyKey })),
    stale: staleOf(deck),
    onDone: ({ version }) => onDone(words.takenBack(version)),
  });
  const current = versions.find(version => version.current);
  const wanted = versions.find(({ version }) => version === search.restore);
  if (versions.length === 0) return <Empty>{words.noVersion}</Empty>;
  const actions = (each: DeckVersion) => {
    const { version } = each;
    const state = stateOf(each);
    const before = beforeOf(versions, version)?.version;
    return (
      <span className={classes.rowActions}>
        {state !== 'incomplete' && (state !== 'current' || before !== undefined) && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.compareOf(version)}
            onClick={() =>
              onSearch({
                tab: 'differences',
                version,
                against: before ?? (state === 'waiting' ? 0 : current?.version),
                restore: undefined,
              })
            }
          >
            {words.compare}
          </Button>
        )}
        {state === 'earlier' && current && may('deckRestore') && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.restoreOf(version)}
            onClick={() => {
              onDone(null);
              onSearch({ restore: version });
            }}
          >
            {words.restore}
          </Button>
        )}
        {state === 'waiting' && may('deckPublish') && (
          <Button
            size="xs"
            variant="default"
            renderRoot={props => <Link {...props} to="/prices/import" search={{ deck, version }} />}
          >
            {words.goOn}
          </Button>
        )}
        {(state === 'waiting' || state === 'outdated') && may('deckDeleteVersion') && (
          <Button
            size="xs"
            variant="default"
            loading={remove.isPending}
            aria-label={words.takeBackOf(version)}
            onClick={() => remove.mutate(version)}
          >
            {words.takeBack}
          </Button>
        )}
      </span>
    );
  };
  const state = (version: DeckVersion) => (
    <State mood={MOODS[stateOf(version)]}>{words.states[stateOf(version)]}</State>
  );
  const number = ({ version }: DeckVersion) => <span className={classes.prefix}>{version}</span>;
  const wide: Column<DeckVersion>[] = [
    { head: words.version, cell: number, isFigure: true },
    { head: words.state, cell: state },
    { head: words.rates, cell: ({ rates }) => rates.toLocaleString(language), isFigure: true },
    { head: words.currentSince, cell: ({ imported_at: at }) => <Instant at={at} /> },
    { head: words.file, cell: ({ source }) => <Clipped>{source}</Clipped> },
    { head: words.actions, cell: actions },
  ];
  const narrow: Column<DeckVersion>[] = [
    {
      head: words.version,
      cell: version => (
        <div className={classes.card}>
          <span className={classes.what}>
            {number(version)} {state(version)}
          </span>
          <Clipped>{version.source}</Clipped>
          <span>{words.ratesCount(version.rates.toLocaleString(language))}</span>
          <Instant at={version.imported_at} />
          {actions(version)}
        </div>
      ),
    },
  ];
  return (
    <>
      <RefusalNote error={remove.error} />
      {wanted && current && wanted !== current && may('deckRestore') && (
        <Restore
          key={wanted.version}
          deck={deck}
          wanted={wanted}
          current={current}
          search={search}
          onSearch={onSearch}
          onDone={onDone}
        />
      )}
      <Rows
        caption={words.tabs.versions}
        columns={isNarrow ? narrow : wide}
        rows={versions}
        keyOf={({ version }) => String(version)}
      />
    </>
  );
}

interface RestoreProps extends Pick<VersionsProps, 'deck' | 'search' | 'onSearch' | 'onDone'> {
  wanted: DeckVersion;
  current: DeckVersion;
}

/** Asks before, with all that it changes below. What is replaced is the version that stands here: if another one came, the API refuses. */
function Restore({ deck, wanted, current, search, onSearch, onDone }: RestoreProps) {
  const { language } = useReading();
  const words = useWords();
  const restore = useChange({
    run: (comparedWith: number, idempotencyKey) =>
      told(deckRestore({ deck, version: wanted.version, idempotencyKey, body: { compared_with: comparedWith } })),
    stale: staleOf(deck),
    onDone: ({ version, replaced }) => {
      onDone(words.restored(version, replaced));
      onSearch({ restore: undefined, only: undefined });
    },
  });
  return (
    <Panel
      title={words.restoreOf(wanted.version)}
      lead={words.restoreLead(wanted.version, wanted.rates.toLocaleString(language), current.version)}
      go={words.restoreGo(wanted.version)}
      isBusy={restore.isPending}
      error={restore.error}
      onGo={() => restore.mutate(current.version)}
      onCancel={() => onSearch({ restore: undefined, only: undefined })}
    >
      <Weight deck={deck} version={wanted.version} against={current.version} />
      <Differences
        deck={deck}
        version={wanted.version}
        against={current.version}
        only={search.only}
        onOnly={only => onSearch({ only })}
      />
    </Panel>
  );
}
