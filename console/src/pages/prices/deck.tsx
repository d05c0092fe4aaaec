/** One deck: its rates, its versions, and what differs between two of them. */
import { Button, Tabs } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeckVersion } from '../../api/operations';
import { useMay } from '../../api/session';
import { readable } from '../../parts/amounts';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Note, Page } from '../../parts/page';
import { State } from '../../parts/shown';
import { useReading } from '../../texts/texts';
import { useDeckList, useVersions } from './deck-query';
import { Compared } from './differences';
import classes from './prices.module.css';
import { Rates } from './rates';
import { type DeckSearch, given, TABS, type Tab } from './search';
import { Versions } from './versions';
import { useWords } from './words';

export const Route = createLazyRoute('/prices/decks/$deck')({ component: DeckPage });

/** undefined takes it out of the address. */
export type SetSearch = (more: { [Name in keyof DeckSearch]: DeckSearch[Name] | undefined }) => void;

function DeckPage() {
  const words = useWords();
  const may = useMay();
  const { deck } = Route.useParams();
  if (!may('deckShow')) return <NoPermission title={words.title} />;
  return <OneDeck key={deck} deck={deck} />;
}

function OneDeck({ deck }: { deck: string }) {
  const { language } = useReading();
  const words = useWords();
  const may = useMay();
  const query = useVersions(deck);
  const decks = useDeckList();
  const [done, setDone] = useState<string | null>(null);
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const set: SetSearch = more =>
    void navigate({ search: given({ ...search, ...more }), replace: true, resetScroll: false });
  const about = decks.data?.items.find(each => each.deck === deck);
  const versions = query.data?.items ?? [];
  const current = versions.find(version => version.current);
  const shown = search.version ?? current?.version;
  return (
    <Page
      title={deck}
      hasTimes
      beside={
        about && (
          <>
            <State mood="quiet">{about.currency}</State>
            {about.parent !== null && (
              <span className={classes.beside}>
                {words.standsOn} <bdi>{about.parent}</bdi>
                {words.markup(readable(about.markup_percent, language), readable(about.markup_amount, language))}
              </span>
            )}
            {current && (
              <span className={classes.beside}>
                {words.currentIs(current.version, current.rates.toLocaleString(language))}
              </span>
            )}
          </>
        )
      }
      actions={
        <>
          {shown !== undefined && (
            <Button variant="default" component="a" href={exportAddress(deck, shown)} download>
              {words.exportAll}
            </Button>
          )}
          {may('deckLoad') && (
            <Button renderRoot={props => <Link {...props} to="/prices/import" search={{ deck }} />}>
              {words.importList}
            </Button>
          )}
        </>
      }
    >
      <div className={classes.notes}>
        {done && <Note mood="ours">{done}</Note>}
        <Waiting deck={deck} versions={versions} />
      </div>
      <Asked query={query}>
        {() => <DeckTabs deck={deck} versions={versions} search={search} onSearch={set} onDone={setDone} />}
      </Asked>
    </Page>
  );
}

/** The whole of a version as the file that an import takes. */
const exportAddress = (deck: string, version: number): string =>
  `/api/v1/decks/${encodeURIComponent(deck)}/rates?of_version=${version}&format=csv`;

/** An upload that was left stands here, until it is published or taken back. */
function Waiting({ deck, versions }: { deck: string; versions: readonly DeckVersion[] }) {
  const words = useWords();
  const waiting = versions.filter(version => version.waiting);
  return waiting.map(({ version, source }) => (
    <Note key={version} mood="attention">
      {words.isWaiting(version)} <bdi>{source}</bdi>.{' '}
      <Link to="/prices/import" search={{ deck, version }} className={classes.goOn}>
        {words.goOn}
      </Link>
    </Note>
  ));
}

interface DeckTabsProps {
  deck: string;
  versions: readonly DeckVersion[];
  search: DeckSearch;
  onSearch: SetSearch;
  onDone: (text: string | null) => void;
}

function DeckTabs({ deck, versions, search, onSearch, onDone }: DeckTabsProps) {
  const words = useWords();
  const { tab = 'rates' } = search;
  const choose = (name: string | null) => {
    const chosen = TABS.find(each => each === name);
    // What one tab was reduced to is nothing of another.
    if (chosen) onSearch({ ...NOTHING, tab: chosen === 'rates' ? undefined : chosen });
  };
  const panel = (name: Tab, content: React.ReactNode) => (
    <Tabs.Panel value={name} className={classes.panel}>
      {tab === name && content}
    </Tabs.Panel>
  );
  const shared = { deck, versions, search, onSearch };
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List>
        {TABS.map(name => (
          <Tabs.Tab key={name} value={name}>
            {words.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {panel('rates', <Rates {...shared} />)}
      {panel('versions', <Versions {...shared} onDone={onDone} />)}
      {panel('differences', <Compared {...shared} />)}
    </Tabs>
  );
}

const NOTHING: { [Name in keyof DeckSearch]: undefined } = {
  version: undefined,
  against: undefined,
  prefix: undefined,
  name: undefined,
  only: undefined,
  restore: undefined,
};
