/** What one version of a deck changes against another: each prefix with its price before and after. */
import { Button, NativeSelect } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { told } from '../../api/ask';
import { type DeckDifference, type DeckVersion, deckCompare } from '../../api/operations';
import { lessBy, placesOf, readable } from '../../parts/amounts';
import { Chips } from '../../parts/chips';
import { Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import type { SetSearch } from './deck';
import { deckKey } from './deck-query';
import classes from './prices.module.css';
import { stateOf } from './rates';
import { beforeOf, type DeckSearch, type Kind } from './search';
import { MOODS, Signed } from './signed';
import { Weight } from './weight';
import { useWords } from './words';

const AT_ONCE = 50;

interface ComparedProps {
  deck: string;
  versions: readonly DeckVersion[];
  search: DeckSearch;
  onSearch: SetSearch;
}

/** Two versions to choose, and their differences. */
export function Compared({ deck, versions, search, onSearch }: ComparedProps) {
  const words = useWords();
  const complete = versions.filter(each => stateOf(each) !== 'incomplete');
  const current = complete.find(each => each.current)?.version;
  const version = search.version ?? current;
  const against = search.against ?? beforeOf(complete, version)?.version;
  const data = complete.map(each => ({
    value: String(each.version),
    label: words.versionAs(each.version, stateOf(each)),
  }));
  if (version === undefined || complete.length < 2) return <Empty>{words.oneVersion}</Empty>;
  return (
    <>
      <div className={classes.filters}>
        <NativeSelect
          label={words.from}
          data={data}
          value={String(against ?? '')}
          onChange={event => onSearch({ against: Number(event.currentTarget.value) })}
        />
        <NativeSelect
          label={words.to}
          data={data}
          value={String(version)}
          onChange={event => onSearch({ version: Number(event.currentTarget.value) })}
        />
        {against !== undefined && (
          <Button variant="default" onClick={() => onSearch({ version: against, against: version })}>
            {words.exchange}
          </Button>
        )}
      </div>
      {against !== undefined && (
        <>
          <Weight deck={deck} version={version} against={against} />
          <Differences
            deck={deck}
            version={version}
            against={against}
            only={search.only}
            onOnly={only => onSearch({ only })}
          />
        </>
      )}
    </>
  );
}

interface DifferencesProps {
  deck: string;
  version: number;
  /** 0 for none. */
  against: number;
  only: Kind | undefined;
  onOnly: (only: Kind | undefined) => void;
}

export function Differences({ deck, version, against, only, onOnly }: DifferencesProps) {
  const words = useWords();
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const query = useParts<DeckDifference>([...deckKey(deck), 'differences', version, against, only], cursor =>
    told(
      deckCompare({
        deck,
        version,
        against,
        limit: AT_ONCE,
        ...(only !== undefined && { only }),
        ...(cursor === undefined ? { count: false } : { cursor }),
      }),
    ),
  );
  return (
    <section aria-label={words.tabs.differences}>
      <h2 className={classes.subhead}>{words.byPrefix}</h2>
      <div className={classes.chips}>
        <Chips
          label={words.show}
          words={words.kinds}
          chosen={only ?? 'all'}
          onChoose={kind => onOnly(kind === 'all' ? undefined : kind)}
        />
      </div>
      <ListParts query={query}>
        {rows =>
          rows.length > 0 ? (
            <Found rows={rows} isNarrow={isNarrow} />
          ) : query.hasNextPage ? (
            <p>{words.furtherHelp}</p>
          ) : (
            <Empty>{only === undefined ? words.noDifference : words.noDifferenceOfKind}</Empty>
          )
        }
      </ListParts>
      <p className={classes.explain}>{words.comparedToday}</p>
    </section>
  );
}

function Found({ rows, isNarrow }: { rows: readonly DeckDifference[]; isNarrow: boolean }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const places = placesOf(rows.flatMap(row => [row.price_before ?? '0', row.price_after ?? '0']));
  /** What has a prefix and no price is blocked. */
  const noPrice = (ratedBy: string | null) => (ratedBy === null ? words.noRateAtAll : words.blocked);
  const price = (amount: string | null, ratedBy: string | null) =>
    amount === null ? (
      <span className={classes.noRate}>{noPrice(ratedBy)}</span>
    ) : (
      <Amount value={amount} places={places} />
    );
  const prefixCell = ({ prefix }: DeckDifference) => (
    <span className={classes.prefix}>{prefix || words.anyNumber}</span>
  );
  const whatCell = (row: DeckDifference) => <What row={row} />;
  const wide: Column<DeckDifference>[] = [
    { head: words.prefix, cell: prefixCell },
    { head: words.destination, cell: row => <Clipped>{row.destination}</Clipped> },
    { head: words.before, cell: row => price(row.price_before, row.rated_by_before), isFigure: true },
    { head: words.after, cell: row => price(row.price_after, row.rated_by_after), isFigure: true },
    {
      head: words.difference,
      cell: row => {
        const change = changeOf(row);
        return change === null ? common.none : <Signed amount={change} places={places} />;
      },
      isFigure: true,
    },
    { head: words.what, cell: whatCell },
  ];
  const narrow: Column<DeckDifference>[] = [
    {
      head: words.prefix,
      cell: row => (
        <div className={classes.card}>
          {prefixCell(row)}
          <Clipped>{row.destination}</Clipped>
          {whatCell(row)}
        </div>
      ),
    },
    {
      head: `${words.before} → ${words.after}`,
      isFigure: true,
      cell: row => (
        <div className={classes.card}>
          <span>{row.price_before === null ? noPrice(row.rated_by_before) : readable(row.price_before, language)}</span>
          <strong>
            {row.price_after === null ? noPrice(row.rated_by_after) : readable(row.price_after, language)}
          </strong>
        </div>
      ),
    },
  ];
  return (
    <Rows
      caption={words.tabs.differences}
      columns={isNarrow ? narrow : wide}
      rows={rows}
      keyOf={({ prefix }) => prefix}
    />
  );
}

/** What the price per minute changes by; null where one of both is none, or it stays. */
function changeOf({ price_before: before, price_after: after }: DeckDifference): string | null {
  if (before === null || after === null) return null;
  const change = lessBy(after, before);
  return /^-?0\.0*$/.test(change) ? null : change;
}

/** In words: what became of the prefix, what of its price, and what else is different. */
function What({ row }: { row: DeckDifference }) {
  const { language } = useReading();
  const words = useWords();
  const { change, effect, rated_by_after: ratedBy, falls_back: fallsBack, prefix } = row;
  const read = (amount: string | null) => (amount === null ? words.noRateAtAll : readable(amount, language));
  const others = [
    row.connect_fee_before !== row.connect_fee_after &&
      words.feeChange(read(row.connect_fee_before), read(row.connect_fee_after)),
    row.minimum_charge_before !== row.minimum_charge_after &&
      words.minimumChange(read(row.minimum_charge_before), read(row.minimum_charge_after)),
    row.increments_before !== row.increments_after &&
      words.incrementsChange(row.increments_before ?? words.noRateAtAll, row.increments_after ?? words.noRateAtAll),
  ].filter(text => text !== false);
  const hasBoth = row.price_before !== null && row.price_after !== null;
  return (
    <span className={classes.what}>
      {change !== 'changed' && <State mood="quiet">{words.changes[change]}</State>}
      {effect !== 'same' && <State mood={MOODS[effect]}>{words.effects[effect]}</State>}
      {ratedBy !== null && ratedBy !== prefix && (
        <State mood={fallsBack ? 'wrong' : 'quiet'}>
          {fallsBack ? words.fallsBack(ratedBy || words.anyNumber) : words.ratedBy(ratedBy || words.anyNumber)}
        </State>
      )}
      {hasBoth && others.map(text => <span key={text}>{text}</span>)}
      {change === 'changed' && effect === 'same' && others.length === 0 && <span>{words.elseChanged}</span>}
    </span>
  );
}
