/** One number: where it would go, what each carrier charges for it, and what is left of the sale. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Refused, told } from '../../api/ask';
import { type RouteExplained, type RouteTried, routeExplain } from '../../api/operations';
import { placesOf, readable } from '../../parts/amounts';
import { typedNumber } from '../../parts/field-values';
import { Asked, Empty, Note } from '../../parts/page';
import { Amount } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { TRUNKS_KEY } from './questions';
import type { TrunksSearch } from './search';
import type { SetSearch } from './trunks';
import classes from './trunks.module.css';
import { useWords } from './words';

const A_MINUTE_SECONDS = 60;

interface TryNumberProps {
  search: TrunksSearch;
  onSearch: SetSearch;
}

export function TryNumber({ search, onSearch }: TryNumberProps) {
  const words = useWords();
  const { number, account, seconds = A_MINUTE_SECONDS } = search;
  const [typed, setTyped] = useState({ number: number ?? '', account: account ?? '', seconds: String(seconds) });
  const query = useQuery({
    queryKey: [...TRUNKS_KEY, 'try', number, account, seconds],
    queryFn: () => told(routeExplain({ to: typedNumber(number ?? ''), account, seconds })),
    enabled: number !== undefined,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const talk = Number(typed.seconds);
    onSearch({
      number: typed.number.trim() || undefined,
      account: typed.account.trim() || undefined,
      seconds: Number.isInteger(talk) && talk > 0 && talk !== A_MINUTE_SECONDS ? talk : undefined,
    });
  };
  const { error } = query;
  const isUnknown = error instanceof Refused && error.refusal === 'account_not_found';
  const set = (name: keyof typeof typed) => (event: { currentTarget: { value: string } }) =>
    setTyped({ ...typed, [name]: event.currentTarget.value });
  return (
    <>
      <form className={classes.filters} onSubmit={submit} aria-label={words.tabs.try}>
        <TextInput
          name="number"
          type="tel"
          label={words.number}
          placeholder="+49 30 123456"
          autoComplete="off"
          value={typed.number}
          onChange={set('number')}
        />
        <TextInput
          name="account"
          label={words.account}
          placeholder={words.noAccount}
          autoComplete="off"
          dir="auto"
          error={isUnknown ? error.detail : undefined}
          value={typed.account}
          onChange={set('account')}
        />
        <TextInput
          name="seconds"
          label={words.seconds}
          inputMode="numeric"
          autoComplete="off"
          w={120}
          value={typed.seconds}
          onChange={set('seconds')}
        />
        <Button type="submit">{words.tryIt}</Button>
      </form>
      {number === undefined ? (
        <Empty command="ringfence route explain --to 4930123456 --seconds 60 --account alice">{words.noNumber}</Empty>
      ) : (
        !isUnknown && <Asked query={query}>{found => <Found found={found} number={number} seconds={seconds} />}</Asked>
      )}
    </>
  );
}

function Found({ found, number, seconds }: { found: RouteExplained; number: string; seconds: number }) {
  const words = useWords();
  const { digits, routes, passed_over: passed } = found;
  if (digits === null) return <Note mood="wrong">{words.isNoNumber(number)}</Note>;
  return (
    <>
      <div className={classes.notes}>
        <Verdict found={found} digits={digits} />
      </div>
      {found.price && <Sale found={found} seconds={seconds} />}
      {routes.length > 0 && (
        <section aria-label={words.whichTrunks}>
          <h2>{words.whichTrunks}</h2>
          <p className={classes.lead}>{words.byRoutesOf(routes[0]?.prefix ?? '')}</p>
          <Tried routes={routes} hasSale={found.price !== null} />
        </section>
      )}
      {passed.length > 0 && (
        <section aria-label={words.passedOver}>
          <h2>{words.passedOver}</h2>
          <ul className={classes.passed}>
            {passed.map(({ prefix, trunk, why }) => (
              <li key={`${prefix} ${trunk}`}>
                <b>{prefix || words.anyNumber}</b> → {trunk}: {words.why[why]}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** In a sentence what would become of the call. */
function Verdict({ found, digits }: { found: RouteExplained; digits: string }) {
  const words = useWords();
  const { calls } = useReading().texts;
  const { routes, price, is_emergency: isEmergency } = found;
  const [first, ...others] = routes.map(({ trunk }) => trunk);
  if (first === undefined) return <Note mood="wrong">{words.goesNowhere(digits)}</Note>;
  const way = words.goesTo(digits, first, others.join(', '));
  if (isEmergency) {
    return (
      <Note mood="ours">
        {way} {words.emergency}
      </Note>
    );
  }
  if (price?.refusal) {
    return (
      <Note mood="attention">
        {words.wouldRefuse(price.accountcode, calls.refusals[price.refusal])} {way}
      </Note>
    );
  }
  return <Note mood="ours">{way}</Note>;
}

function Sale({
  found: { price, currency, is_emergency: isEmergency },
  seconds,
}: {
  found: RouteExplained;
  seconds: number;
}) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  if (!price || isEmergency) return null;
  const money = (amount: string | null) =>
    amount === null ? common.none : `${readable(amount, language)} ${currency ?? ''}`;
  const rate =
    price.rate_deck === null
      ? common.none
      : `${price.rate_deck} ${price.rate_version} · ${price.rate_prefix || words.anyNumber}`;
  const facts: [string, string][] = [
    [words.sold(duration(seconds)), money(price.cost)],
    [words.destination, price.rate_destination ?? common.none],
    [words.perMinute, money(price.rate_price_per_minute)],
    [words.rate, rate],
    [words.longest, price.longest_seconds === null ? common.none : duration(price.longest_seconds)],
  ];
  return (
    <section aria-label={words.sale}>
      <h2>{words.sale}</h2>
      <dl className={classes.facts}>
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{fact}</dd>
          </div>
        ))}
      </dl>
      <details className={classes.how}>
        <summary>{words.howPriced}</summary>
        <ol lang="en">
          {price.steps.map(({ step, text }) => (
            <li key={`${step} ${text}`}>
              <b>{step}</b>: {text}
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

function Tried({ routes, hasSale }: { routes: readonly RouteTried[]; hasSale: boolean }) {
  const words = useWords();
  const { common } = useReading().texts;
  const amount = (name: 'rate_price_per_minute' | 'cost' | 'margin') => {
    const places = placesOf(routes.map(route => route[name] ?? '0'));
    return ({ [name]: value, currency }: RouteTried) =>
      value === null ? common.none : <Amount value={value} places={places} {...(currency && { currency })} />;
  };
  const marginOf = amount('margin');
  const columns: Column<RouteTried>[] = [
    { head: words.place, isFigure: true, cell: route => routes.indexOf(route) + 1 },
    {
      head: words.trunk,
      cell: ({ trunk }) => (
        <Link to="/trunks/$trunk" params={{ trunk }} className={classes.name}>
          <Clipped>{trunk}</Clipped>
        </Link>
      ),
    },
    { head: words.dials, cell: ({ dials }) => <Clipped>{dials}</Clipped>, isExtra: true },
    {
      head: words.carriersDestination,
      isExtra: true,
      cell: ({ rate_destination: destination }) =>
        destination === null ? words.costUnknown : <Clipped>{destination}</Clipped>,
    },
    {
      head: words.costDeck,
      isExtra: true,
      cell: ({ rate_deck: deck, rate_version: version, rate_prefix: prefix }) =>
        deck === null ? common.none : <Clipped>{`${deck} ${version} · ${prefix || words.anyNumber}`}</Clipped>,
    },
    {
      head: words.perMinute,
      isFigure: true,
      isExtra: true,
      cell: amount('rate_price_per_minute'),
    },
    { head: words.costs, isFigure: true, cell: amount('cost') },
  ];
  if (hasSale) {
    columns.push({
      head: words.earns,
      isFigure: true,
      cell: route => (
        <span data-loss={route.margin?.startsWith('-') ? '' : undefined} className={classes.margin}>
          {marginOf(route)}
        </span>
      ),
    });
  }
  const isDear = routes.some(({ margin }) => margin?.startsWith('-'));
  return (
    <>
      <Rows caption={words.whichTrunks} columns={columns} rows={routes} keyOf={({ trunk }) => trunk} />
      {isDear && hasSale && (
        <div className={classes.notes} data-below="">
          <Note mood="attention">{words.losesMoney}</Note>
        </div>
      )}
      {routes.some(({ cost }) => cost === null) && <p className={classes.small}>{words.costUnknownWhy}</p>}
    </>
  );
}
