/** What a number costs this account, and why. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { told } from '../../api/ask';
import { type AccountShown, type PriceExplained, rateExplain } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { typedNumber } from '../../parts/field-values';
import { Asked, Empty, Note } from '../../parts/page';
import { duration } from '../../parts/times';
import { stepsIn } from '../../texts/steps';
import { useReading } from '../../texts/texts';
import type { SetSearch } from './account';
import { accountKey } from './account-query';
import classes from './accounts.module.css';
import { quoted } from './activity';
import type { AccountSearch } from './search';
import { useWords } from './words';

const A_MINUTE_SECONDS = 60;

interface PricesProps {
  account: AccountShown;
  search: AccountSearch;
  onSearch: SetSearch;
}

export function Prices({ account, search, onSearch }: PricesProps) {
  const words = useWords();
  const { common } = useReading().texts;
  const { accountcode } = account;
  const { number, seconds = A_MINUTE_SECONDS } = search;
  const [typed, setTyped] = useState({ number: number ?? '', seconds: String(seconds) });
  const query = useQuery({
    queryKey: [...accountKey(accountcode), 'price', number, seconds],
    queryFn: () => told(rateExplain({ account: accountcode, to: typedNumber(number ?? ''), seconds })),
    enabled: number !== undefined,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const talk = Number(typed.seconds);
    onSearch({
      number: typed.number.trim() || undefined,
      seconds: Number.isInteger(talk) && talk > 0 && talk !== A_MINUTE_SECONDS ? talk : undefined,
    });
  };
  return (
    <>
      <form className={classes.filters} onSubmit={submit} aria-label={words.tabs.prices}>
        <TextInput
          name="number"
          type="tel"
          label={words.number}
          placeholder="+49 30 123456"
          autoComplete="off"
          value={typed.number}
          onChange={event => setTyped({ ...typed, number: event.currentTarget.value })}
        />
        <TextInput
          name="seconds"
          label={words.seconds}
          inputMode="numeric"
          autoComplete="off"
          w={120}
          value={typed.seconds}
          onChange={event => setTyped({ ...typed, seconds: event.currentTarget.value })}
        />
        <Button type="submit" variant="default">
          {common.search}
        </Button>
      </form>
      {number === undefined ? (
        <Empty command={`ringfence rate explain --account ${quoted(accountcode)} --to 4930123456 --seconds 60`}>
          {words.noNumber}
        </Empty>
      ) : (
        <Asked query={query}>{price => <Explained price={price} seconds={seconds} account={account} />}</Asked>
      )}
    </>
  );
}

interface ExplainedProps {
  price: PriceExplained;
  seconds: number;
  account: AccountShown;
}

function Explained({ price, seconds, account: { currency } }: ExplainedProps) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const money = (amount: string | null) =>
    amount === null ? common.none : `${readable(amount, language)} ${currency}`;
  const talk = (whole: number | null) => (whole === null ? common.none : duration(whole));
  const facts: [string, string][] = [
    [words.destination, price.rate_destination ?? common.none],
    [words.costOf(duration(seconds)), money(price.cost)],
    [words.longest, talk(price.longest_seconds)],
    [words.wouldHold, money(price.max_cost)],
    [
      words.deck,
      price.rate_deck === null ? common.none : `${price.rate_deck} ${price.rate_version} · ${price.rate_prefix}`,
    ],
  ];
  return (
    <>
      {price.refusal !== null && <Note mood="attention">{words.wouldRefuse(texts.calls.refusals[price.refusal])}</Note>}
      <dl className={classes.facts} style={{ marginTop: 16 }}>
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{fact}</dd>
          </div>
        ))}
      </dl>
      <h2>{words.howPriced}</h2>
      <ol className={classes.steps}>
        {stepsIn(price.steps, language).map(({ subject, text }) => (
          <li key={`${subject} ${text}`}>
            <b>{subject}</b>: {text}
          </li>
        ))}
      </ol>
    </>
  );
}
