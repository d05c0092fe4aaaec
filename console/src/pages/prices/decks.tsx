/** All decks: what each is, where its prices came from, and what waits to become current. */
import { Button } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import type { Deck } from '../../api/operations';
import { useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Page } from '../../parts/page';
import { Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import { useDeckList } from './deck-query';
import classes from './prices.module.css';
import { useWords } from './words';

export const Route = createLazyRoute('/prices')({ component: PricesPage });

function PricesPage() {
  const words = useWords();
  const may = useMay();
  if (!may('deckList')) return <NoPermission title={words.title} />;
  return (
    <Page
      title={words.title}
      hasTimes
      actions={
        may('deckLoad') && (
          <Button renderRoot={props => <Link {...props} to="/prices/import" />}>{words.importList}</Button>
        )
      }
    >
      <List />
    </Page>
  );
}

function List() {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const query = useDeckList();
  const navigate = Route.useNavigate();
  const columns: Column<Deck>[] = [
    {
      head: words.deck,
      cell: ({ deck }) => (
        <Link
          to="/prices/decks/$deck"
          params={{ deck }}
          tabIndex={-1}
          className={classes.name}
          // The row would open it a second time.
          onClick={event => event.stopPropagation()}
        >
          <Clipped>{deck}</Clipped>
        </Link>
      ),
    },
    { head: words.currency, cell: ({ currency }) => currency },
    { head: words.rates, cell: ({ rates }) => rates.toLocaleString(language), isFigure: true },
    { head: words.version, cell: ({ version }) => version || common.none, isFigure: true, isExtra: true },
    { head: words.currentSince, cell: ({ imported_at: at }) => <Instant at={at} />, isExtra: true },
    { head: words.file, cell: ({ source }) => <Clipped>{source || common.none}</Clipped>, isExtra: true },
    {
      head: words.waits,
      cell: ({ waiting }) =>
        waiting === null ? common.none : <State mood="attention">{words.versionNumber(waiting)}</State>,
    },
  ];
  return (
    <Asked query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty command="ringfence deck import retail rates.csv --currency EUR">{words.noDeck}</Empty>
        ) : (
          <Rows
            caption={words.title}
            columns={columns}
            rows={items}
            keyOf={({ deck }) => deck}
            onOpen={({ deck }) => void navigate({ to: '/prices/decks/$deck', params: { deck } })}
          />
        )
      }
    </Asked>
  );
}
