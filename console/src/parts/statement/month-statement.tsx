/** A month of an account as a page that prints well: for its customer and for operators. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Statement, StatementEntry } from '../../api/operations';
import { useReading } from '../../texts/texts';
import { readable } from '../amounts';
import { Asked, Empty, Note } from '../page';
import { Amount } from '../shown';
import { clockTime, duration } from '../times';
import { boundsOf, isMonth, type Month, monthAt, monthName, monthsOn } from './month';
import classes from './statement.module.css';

interface Account {
  accountcode: string;
  currency: string;
  time_zone: string;
}

interface MonthStatementProps {
  account: Account;
  ask: (month: Month, signal: AbortSignal) => Promise<Statement>;
  /** The present one if not given. */
  month: Month | undefined;
  onMonth: (month: Month) => void;
  /** A link to another month, which has these properties of a button. */
  linkTo: (month: Month, props: object) => ReactNode;
  /** The paths of calls and entries in the API; what is asked of them beside the time. */
  files: { calls: string; entries: string; search?: Record<string, string> };
  /** What the reader does where the sums differ. */
  differs: string;
}

export function MonthStatement({ account, ask, month: asked, onMonth, linkTo, files, differs }: MonthStatementProps) {
  const { statement: words } = useReading().texts;
  const { time_zone: zone } = account;
  const present = monthAt(Date.now(), zone);
  const month = asked ?? present;
  const bounds = boundsOf(month, zone);
  const csv = new URLSearchParams({
    ...files.search,
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
  // All rows, however many: the API writes them as fast as they are taken.
  const file = (path: string, text: string, name: string) => (
    <Button size="md" variant="default" component="a" href={`${path}?${csv}`} download={name}>
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
            {file(files.calls, words.csv, `${month}.csv`)}
            {file(files.entries, words.entriesCsv, `${month}-entries.csv`)}
            <Button size="md" onClick={() => window.print()}>
              {words.print}
            </Button>
          </>
        )}
      </div>
      {month > present ? (
        <Empty>{words.future}</Empty>
      ) : (
        <Read key={month} account={account} ask={ask} month={month} differs={differs} />
      )}
    </>
  );
}

type ReadProps = Pick<MonthStatementProps, 'account' | 'ask' | 'differs'> & { month: Month };

function Read({ account, ask, month, differs }: ReadProps) {
  const { accountcode, time_zone: zone } = account;
  const query = useQuery({
    queryKey: ['statement', accountcode, month, zone],
    queryFn: async ({ signal }) => ({ statement: await ask(month, signal), readAt: new Date().toISOString() }),
    staleTime: 60_000,
    // It may read the calls of a whole month: it is read once, and again when it is asked for.
    refetchOnWindowFocus: false,
    refetchInterval: false,
  });
  return <Asked query={query}>{read => <Shown account={account} month={month} differs={differs} {...read} />}</Asked>;
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
  const { opening, closing, top_ups: topUps, others, adds_up: addsUp } = statement;
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
        <Movements
          entries={topUps}
          count={statement.top_up_count}
          sum={statement.top_up_sum}
          caption={words.topUps}
          zone={zone}
          currency={currency}
        />
      )}
      <h3>{words.calls}</h3>
      {statement.call_count === 0 ? <p>{words.noCall}</p> : <CallSums statement={statement} currency={currency} />}
      {others.length > 0 && (
        <>
          <h3>{words.others}</h3>
          <Movements
            entries={others}
            count={statement.other_count}
            sum={statement.other_sum}
            caption={words.others}
            zone={zone}
            currency={currency}
            isOther
          />
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
  entries: readonly StatementEntry[];
  /** How many there are, those that are not told included. */
  count: number;
  sum: string;
  caption: string;
  zone: string;
  currency: string;
  /** Whether its kinds differ, and are told. */
  isOther?: boolean;
}

function Movements({ entries, count, sum, caption, zone, currency, isOther = false }: MovementsProps) {
  const { texts, language } = useReading();
  const { statement: words } = texts;
  return (
    <>
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
              {isOther && <td>{words.kinds[kind]}</td>}
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
      {count > entries.length && (
        <p className={classes.small}>
          {words.firstOnly(entries.length.toLocaleString(language), count.toLocaleString(language))}
        </p>
      )}
    </>
  );
}

function CallSums({ statement: { calls, ...sum }, currency }: { statement: Statement; currency: string }) {
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
        {calls.map(({ destination, calls: number, billed_seconds: billedSeconds, cost }) => (
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
          <td data-side="right">{count(sum.call_count)}</td>
          <td data-side="right">{duration(sum.billed_seconds)}</td>
          <td data-side="right">
            <Amount value={sum.call_cost} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
