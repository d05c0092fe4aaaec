/** The rates of a version, found by prefix or by the name of a destination. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type FormEvent, useEffect, useState } from 'react';
import { told } from '../../api/ask';
import { type DeckVersion, deckRates, type Rate } from '../../api/operations';
import { placesOf, readable } from '../../parts/amounts';
import { typedNumber } from '../../parts/field-values';
import { Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { stepsIn } from '../../parts/rate-pieces';
import { Amount, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { duration } from '../../parts/times';
import type { PriceTexts } from '../../texts/prices-en';
import { useReading, useTexts } from '../../texts/texts';
import type { SetSearch } from './deck';
import { deckKey } from './deck-query';
import classes from './prices.module.css';
import type { DeckSearch } from './search';
import { useWords } from './words';

const AT_ONCE = 100;

interface RatesProps {
  deck: string;
  versions: readonly DeckVersion[];
  search: DeckSearch;
  onSearch: SetSearch;
}

export function Rates({ deck, versions, search, onSearch }: RatesProps) {
  const words = useWords();
  const { common } = useTexts();
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const current = versions.find(version => version.current)?.version;
  const of = search.version ?? current;
  const { prefix, name } = search;
  const query = useParts<Rate>([...deckKey(deck), 'rates', of, prefix, name], cursor =>
    told(
      deckRates({
        deck,
        limit: AT_ONCE,
        ...(of !== undefined && { ofVersion: of }),
        ...(prefix !== undefined && { prefix }),
        ...(name !== undefined && { destination: name }),
        // A name is no key: counting would read all rates before the first is shown.
        ...(cursor === undefined ? { count: name === undefined } : { cursor }),
      }),
    ),
  );
  if (of === undefined) return <Empty>{words.noVersion}</Empty>;
  return (
    <>
      <Find key={`${prefix} ${name}`} prefix={prefix} name={name} onSearch={onSearch}>
        {versions.length > 1 && (
          <NativeSelect
            label={words.ofVersion}
            value={String(of)}
            data={versions
              .filter(each => each.loaded_at ?? each.imported_at)
              .map(each => ({ value: String(each.version), label: words.versionAs(each.version, stateOf(each)) }))}
            onChange={({ currentTarget: { value } }) =>
              onSearch({ version: Number(value) === current ? undefined : Number(value) })
            }
          />
        )}
      </Find>
      <ListParts query={query}>
        {rows =>
          rows.length > 0 ? (
            <Found rows={rows} isNarrow={isNarrow} />
          ) : query.hasNextPage ? (
            <p>{words.furtherHelp}</p>
          ) : (
            <Empty>
              <p>{prefix === undefined && name === undefined ? words.noRate : words.noRateFound}</p>
              {(prefix !== undefined || name !== undefined) && (
                <Button variant="default" onClick={() => onSearch({ prefix: undefined, name: undefined })}>
                  {common.all}
                </Button>
              )}
            </Empty>
          )
        }
      </ListParts>
    </>
  );
}

/** `outdated`: it was uploaded and never published, and a newer one is current. */
export type StateOfVersion = 'current' | 'waiting' | 'earlier' | 'outdated' | 'incomplete';

export function stateOf({ current, waiting, imported_at: at, loaded_at: loaded }: DeckVersion): StateOfVersion {
  if (current) return 'current';
  if (waiting) return 'waiting';
  if (at !== null) return 'earlier';
  return loaded === null ? 'incomplete' : 'outdated';
}

interface FindProps {
  prefix: string | undefined;
  name: string | undefined;
  onSearch: SetSearch;
  children: React.ReactNode;
}

/** One field for both: digits are the beginning of a number, anything else is a part of a name. */
function Find({ prefix, name, onSearch, children }: FindProps) {
  const words = useWords();
  const { common } = useTexts();
  const [text, setText] = useState(prefix ?? name ?? '');
  useEffect(() => setText(prefix ?? name ?? ''), [prefix, name]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const digits = typedNumber(text).replace(/^(\+|00)/, '');
    const isPrefix = /^\d{1,32}$/.test(digits);
    onSearch({ prefix: isPrefix ? digits : undefined, name: isPrefix ? undefined : text.trim() || undefined });
  };
  return (
    <form className={classes.filters} onSubmit={submit} aria-label={words.tabs.rates}>
      <TextInput
        type="search"
        name="text"
        label={words.prefixOrName}
        maxLength={100}
        dir="auto"
        autoComplete="off"
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default">
        {common.search}
      </Button>
      {children}
    </form>
  );
}

function Found({ rows, isNarrow }: { rows: readonly Rate[]; isNarrow: boolean }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const price = placesOf(rows.map(rate => rate.price_per_minute));
  const fee = placesOf(rows.map(rate => rate.connect_fee));
  const prefixCell = ({ prefix }: Rate) => <span className={classes.prefix}>{prefix || words.anyNumber}</span>;
  const blocked = <State mood="wrong">{words.blocked}</State>;
  const besidesOf = (rate: Rate): string[] => [
    ...(rate.schedule === '' ? [] : [words.bySchedule(rate.schedule)]),
    ...(isZero(rate.minimum_charge) ? [] : [words.atLeast(readable(rate.minimum_charge, language))]),
    ...(rate.grace_seconds > 0 ? [words.freeBelow(rate.grace_seconds)] : []),
    ...(rate.free_seconds > 0 ? [words.firstFree(rate.free_seconds)] : []),
    ...stepsIn(rate.steps).map(({ from, perMinute, each }) =>
      words.stepFrom(from, readable(perMinute, language), each),
    ),
    ...(rate.max_seconds === null ? [] : [words.atMost(duration(rate.max_seconds))]),
  ];
  const besides = (rate: Rate) => besidesOf(rate).map(each => <span key={each}>{each}</span>);
  const hasBesides = rows.some(rate => besidesOf(rate).length > 0);
  const hasDays = rows.some(rate => rate.valid_from !== null || rate.valid_until !== null);
  const wide: Column<Rate>[] = [
    { head: words.prefix, cell: prefixCell },
    { head: words.destination, cell: rate => <Clipped>{rate.destination}</Clipped> },
    {
      head: words.perMinute,
      cell: rate => (rate.blocked ? blocked : <Amount value={rate.price_per_minute} places={price} />),
      isFigure: true,
    },
    {
      head: words.fee,
      cell: rate => (rate.blocked ? common.none : <Amount value={rate.connect_fee} places={fee} />),
      isFigure: true,
    },
    { head: words.increments, cell: rate => (rate.blocked ? common.none : incrementsOf(rate)), isFigure: true },
    // Most decks have none of these.
    ...(hasBesides
      ? [{ head: words.besides, cell: (rate: Rate) => <span className={classes.besides}>{besides(rate)}</span> }]
      : []),
    ...(hasDays ? [{ head: words.days, cell: (rate: Rate) => daysOf(rate, words) }] : []),
  ];
  const narrow: Column<Rate>[] = [
    {
      head: words.prefix,
      cell: rate => (
        <div className={classes.card}>
          {prefixCell(rate)}
          <Clipped>{rate.destination}</Clipped>
          {hasDays && <span>{daysOf(rate, words)}</span>}
        </div>
      ),
    },
    {
      head: words.perMinute,
      isFigure: true,
      cell: rate =>
        rate.blocked ? (
          blocked
        ) : (
          <div className={classes.card}>
            <Amount value={rate.price_per_minute} places={price} />
            <span>{incrementsOf(rate)}</span>
            {!isZero(rate.connect_fee) && <span>{words.plusFee(readable(rate.connect_fee, language))}</span>}
            {besides(rate)}
          </div>
        ),
    },
  ];
  return (
    <Rows
      caption={words.tabs.rates}
      columns={isNarrow ? narrow : wide}
      rows={rows}
      keyOf={rate => `${rate.prefix} ${rate.schedule} ${rate.valid_from} ${rate.valid_until}`}
    />
  );
}

const isZero = (amount: string): boolean => /^0\.0*$/.test(amount);

const incrementsOf = (rate: Rate): string => `${rate.initial_increment}/${rate.increment}`;

function daysOf({ valid_from: from, valid_until: until }: Rate, words: PriceTexts): string {
  if (from === null && until === null) return words.always;
  if (until === null) return words.fromDay(from ?? '');
  return from === null ? words.untilDay(until) : words.betweenDays(from, until);
}
