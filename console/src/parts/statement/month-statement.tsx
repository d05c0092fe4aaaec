/** A month of an account as a page that prints well: for its customer and for operators. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useReading } from '../../texts/texts';
import { readable } from '../amounts';
import { Asked, Empty, Note } from '../page';
import { Amount } from '../shown';
import { clockTime, duration } from '../times';
import { boundsOf, isMonth, type Month, monthAt, monthName, monthsOn } from './month';
import { readStatement, type Source } from './read-statement';
import type { Entry, Statement } from './statement';
import classes from './statement.module.css';

interface Account {
  accountcode: string;
  currency: string;
  time_zone: string;
}

interface MonthStatementProps {
  account: Account;
  source: Source;
  /** The present one if not given. */
  month: Month | undefined;
  onMonth: (month: Month) => void;
  /** A link to another month, which has these properties of a button. */
  linkTo: (month: Month, props: object) => ReactNode;
  /** The path of the calls in the API; what it asks of them beside the time. */
  calls: { path: string; search?: Record<string, string> };
  /** What the reader does where the sums differ. */
  differs: string;
}

export function MonthStatement({
  account,
  source,
  month: asked,
  onMonth,
  linkTo,
  calls,
  differs,
}: MonthStatementProps) {
  const { statement: words } = useReading().texts;
  const { time_zone: zone } = account;
  const present = monthAt(Date.now(), zone);
  const month = asked ?? present;
  const bounds = boundsOf(month, zone);
  const csv = new URLSearchParams({
    ...calls.search,
    format: 'csv',
    from: new Date(bounds.from).toISOString(),
    to: new Date(bounds.to).toISOString(),
    time_zone: zone,
  });
  const to = (other: Month, text: string) => (
    <Button size="md" variant="default" renderRoot={props => linkTo(other, props)}>
      {text}
    </Button>
  );
  return (
    <>
      <div className={classes.choice} data-screen="">
        <TextInput
          size="md"
          type="month"
          key={month}
          label={words.month}
          // Where a browser has no such field it is text, which is no month while it is being typed.
          defaultValue={month}
          max={present}
          onChange={({ currentTarget: { value } }) => isMonth(value) && onMonth(value)}
        />
        {to(monthsOn(month, -1), words.before)}
        {month < present && to(monthsOn(month, 1), words.after)}
        {month <= present && (
          <>
            <Button size="md" variant="default" component="a" href={`${calls.path}?${csv}`} download={`${month}.csv`}>
              {words.csv}
            </Button>
            <Button size="md" onClick={() => window.print()}>
              {words.print}
            </Button>
          </>
        )}
      </div>
      {month > present ? (
        <Empty>{words.future}</Empty>
      ) : (
        <Read key={month} account={account} source={source} month={month} differs={differs} />
      )}
    </>
  );
}

type ReadProps = Pick<MonthStatementProps, 'account' | 'source' | 'differs'> & { month: Month };

function Read({ account, source, month, differs }: ReadProps) {
  const { texts, language } = useReading();
  const { accountcode, time_zone: zone } = account;
  const [rows, setRows] = useState(0);
  const query = useQuery({
    queryKey: ['statement', accountcode, month, zone],
    queryFn: async ({ signal }) => ({
      statement: await readStatement(source, { month, zone, signal, onRead: setRows }),
      readAt: new Date().toISOString(),
    }),
    staleTime: 60_000,
    // It may be many requests: it is read once, and again when it is asked for.
    refetchOnWindowFocus: false,
    refetchInterval: false,
  });
  return (
    <>
      {query.isPending && <p role="status">{texts.statement.reading(rows.toLocaleString(language))}</p>}
      <Asked query={query}>{read => <Shown account={account} month={month} differs={differs} {...read} />}</Asked>
    </>
  );
}

interface ShownProps {
  account: Account;
  month: Month;
  differs: string;
  statement: Statement;
  readAt: string;
}

function Shown({ account, month, differs, statement, readAt }: ShownProps) {
  const { accountcode, currency, time_zone: zone } = account;
  const { texts, language } = useReading();
  const { statement: words } = texts;
  const { from, to } = boundsOf(month, zone);
  const { opening, closing, topUps, others, topUpSum, otherSum, addsUp } = statement;
  const isOver = Date.parse(readAt) >= to;
  // The day on which a period ends, and not the first one behind it.
  const days = [from, to - 1].map(at => dayText(at, language, zone)) as [string, string];
  return (
    <article className={classes.statement}>
      <h2>{words.heading(monthName(month, language))}</h2>
      <dl className={classes.facts}>
        <dt>{words.account}</dt>
        <dd dir="auto">{accountcode}</dd>
        <dt>{words.period}</dt>
        <dd>{words.between(...days, zone)}</dd>
      </dl>
      {!isOver && <p>{words.soFar(clockTime(readAt, language, zone))}</p>}
      <Balance what={words.opening} amount={opening} currency={currency} />
      <h3>{words.topUps}</h3>
      {topUps.length === 0 ? (
        <p>{words.noTopUp}</p>
      ) : (
        <Movements entries={topUps} sum={topUpSum} caption={words.topUps} zone={zone} currency={currency} />
      )}
      <h3>{words.calls}</h3>
      {statement.callSum.calls === 0 ? <p>{words.noCall}</p> : <CallSums statement={statement} currency={currency} />}
      {others.length > 0 && (
        <>
          <h3>{words.others}</h3>
          <Movements entries={others} sum={otherSum} caption={words.others} zone={zone} currency={currency} isOther />
        </>
      )}
      <Balance what={words.closing} amount={closing} currency={currency} />
      {addsUp ? <p className={classes.small}>{words.addsUp}</p> : <Note mood="wrong">{differs}</Note>}
    </article>
  );
}

const dayText = (at: number, language: string, zone: string): string =>
  new Intl.DateTimeFormat(language, { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' }).format(at);

function Balance({ what, amount, currency }: { what: string; amount: string; currency: string }) {
  const { language } = useReading();
  return (
    <p className={classes.balance}>
      <span>{what}</span>
      <span>
        {readable(amount, language)} {currency}
      </span>
    </p>
  );
}

interface MovementsProps {
  entries: readonly Entry[];
  sum: string;
  caption: string;
  zone: string;
  currency: string;
  /** Whether its kinds differ, and are told. */
  isOther?: boolean;
}

function Movements({ entries, sum, caption, zone, currency, isOther = false }: MovementsProps) {
  const { texts, language } = useReading();
  const { statement: words } = texts;
  return (
    <table className={classes.table} aria-label={caption}>
      <thead>
        <tr>
          <th scope="col">{words.date}</th>
          {isOther && <th scope="col">{words.what}</th>}
          <th scope="col">{words.reference}</th>
          <th scope="col" data-side="right">
            {currency}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ entry_number: number, created_at: at, kind, reference, amount }) => (
          <tr key={number}>
            <td>{dayText(Date.parse(at), language, zone)}</td>
            {isOther && <td>{texts.own.money.kinds[kind]}</td>}
            <td dir="auto">{reference}</td>
            <td data-side="right">
              <Amount value={amount} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={isOther ? 3 : 2}>
            {words.sum}
          </th>
          <td data-side="right">
            <Amount value={sum} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

function CallSums({ statement: { calls, callSum }, currency }: { statement: Statement; currency: string }) {
  const { texts, language } = useReading();
  const { statement: words } = texts;
  const count = (some: number) => some.toLocaleString(language);
  return (
    <table className={classes.table} aria-label={words.calls}>
      <thead>
        <tr>
          <th scope="col">{words.destination}</th>
          <th scope="col" data-side="right">
            {words.count}
          </th>
          <th scope="col" data-side="right">
            {words.billed}
          </th>
          <th scope="col" data-side="right">
            {currency}
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map(({ destination, calls: number, billedSeconds, cost }) => (
          <tr key={destination}>
            <td dir="auto">{destination === '' ? words.unknown : destination}</td>
            <td data-side="right">{count(number)}</td>
            <td data-side="right">{duration(billedSeconds)}</td>
            <td data-side="right">
              <Amount value={cost} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{words.sum}</th>
          <td data-side="right">{count(callSum.calls)}</td>
          <td data-side="right">{duration(callSum.billedSeconds)}</td>
          <td data-side="right">
            <Amount value={callSum.cost} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
