/** What a number would cost the customer, and whether it may be called now. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { told } from '../../api/ask';
import { type OwnPrice, ownPrice } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { Asked, Empty, Note } from '../../parts/page';
import { Amount } from '../../parts/shown';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { WithAccount } from './own';
import classes from './own.module.css';
import { keyOfLine, linesOf, type TariffFacts } from './price-sum';
import { MOST_MINUTES, pricesSearch, withoutGaps } from './search';
import { Steps, Sum, SumLine } from './sum';
import { useWords } from './words';

export const Route = createLazyRoute('/own/prices')({ component: Prices });

function Prices() {
  const own = useWords();
  const { to, minutes = 1 } = Route.useSearch();
  const navigate = Route.useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget));
    void navigate({ search: pricesSearch(typed) });
  };
  return (
    <>
      {/* Another address has other values in its fields. */}
      <form className={classes.filters} key={`${to} ${minutes}`} onSubmit={submit}>
        <TextInput
          size="md"
          name="to"
          label={own.prices.to}
          description={own.prices.toHelp}
          inputMode="tel"
          autoComplete="off"
          maxLength={200}
          required
          defaultValue={to}
        />
        <TextInput
          size="md"
          name="minutes"
          type="number"
          min={1}
          max={MOST_MINUTES}
          label={own.prices.minutes}
          inputMode="numeric"
          autoComplete="off"
          required
          defaultValue={minutes}
        />
        <Button size="md" type="submit">
          {own.prices.go}
        </Button>
      </form>
      {to === undefined ? (
        <Empty>{own.prices.lead}</Empty>
      ) : (
        <WithAccount>{({ currency }) => <Price to={to} seconds={minutes * 60} currency={currency} />}</WithAccount>
      )}
    </>
  );
}

function Price({ to, seconds, currency }: { to: string; seconds: number; currency: string }) {
  const query = useQuery({
    queryKey: ['own', 'price', to, seconds],
    queryFn: () => told(ownPrice({ to: withoutGaps(to), seconds })),
  });
  return <Asked query={query}>{price => <PriceFacts price={price} seconds={seconds} currency={currency} />}</Asked>;
}

/** The rate of a price; null if there is none for the number. */
function rateOf(price: OwnPrice): TariffFacts | null {
  const facts = {
    rate_price_per_minute: price.rate_price_per_minute,
    rate_connect_fee: price.rate_connect_fee,
    rate_minimum_charge: price.rate_minimum_charge,
    rate_initial_increment_seconds: price.rate_initial_increment_seconds,
    rate_increment_seconds: price.rate_increment_seconds,
    rate_grace_seconds: price.rate_grace_seconds,
    rate_free_seconds: price.rate_free_seconds,
    rate_steps: price.rate_steps,
  };
  return Object.values(facts).every(fact => fact !== null) ? (facts as TariffFacts) : null;
}

function PriceFacts({ price, seconds, currency }: { price: OwnPrice; seconds: number; currency: string }) {
  const { language } = useReading();
  const own = useWords();
  const { cost, billed_seconds: billed, rate_destination: destination, steps } = price;
  const rate = rateOf(price);
  return (
    <>
      {cost === null ? (
        <p className={classes.figure}>{own.prices.noRate}</p>
      ) : (
        <>
          <p className={classes.figure}>
            {destination !== null && <span dir="auto">{destination}</span>}
            <br />
            <b>{readable(cost, language)}</b> {currency} {own.prices.forTalk(duration(seconds))}
          </p>
          <MayCall price={price} />
          {rate !== null && billed !== null && (
            <>
              <h2 className={classes.sub}>{own.calls.priceTitle}</h2>
              <Sum caption={own.calls.priceTitle} currency={currency}>
                {linesOf(rate, seconds, billed, cost).map(line => (
                  <SumLine key={keyOfLine(line)} line={line} />
                ))}
                <tr data-total="">
                  <th scope="row">{own.calls.cost}</th>
                  <td>
                    <Amount value={cost} />
                  </td>
                </tr>
              </Sum>
              <p className={classes.small}>
                {own.calls.increments(rate.rate_initial_increment_seconds, rate.rate_increment_seconds)}
              </p>
            </>
          )}
        </>
      )}
      {cost === null && <MayCall price={price} />}
      <Steps summary={own.prices.steps} steps={steps} />
    </>
  );
}

function MayCall({ price: { refusal, waits, longest_seconds: longest } }: { price: OwnPrice }) {
  const own = useWords();
  if (refusal !== null) return <Note mood="wrong">{own.prices.mayNot(own.refusals[refusal])}</Note>;
  if (waits) return <Note mood="attention">{own.prices.waits}</Note>;
  return <Note mood="ours">{longest === null ? own.prices.mayFree : own.prices.may(duration(longest))}</Note>;
}
