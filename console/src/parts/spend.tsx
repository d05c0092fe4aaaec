/** What calls of an account were charged on each of the last days, as bars. */
import { type QueryKey, useQuery } from '@tanstack/react-query';
import type { Spend } from '../api/operations';
import { useReading } from '../texts/texts';
import { readable, shareOf, sumOf } from './amounts';
import classes from './spend.module.css';

interface SpendBarsProps {
  queryKey: QueryKey;
  ask: () => Promise<Spend>;
}

/** Nothing where no day has a charge. */
export function SpendBars({ queryKey, ask }: SpendBarsProps) {
  const { texts, language } = useReading();
  const { data } = useQuery({ queryKey, queryFn: ask, staleTime: 60_000 });
  if (!data) return null;
  const { currency, days } = data;
  const [first, last] = [days[0], days.at(-1)];
  const most = days.reduce((top, { charged }) => (shareOf(top, charged) < 1 ? charged : top), '0');
  if (!first || !last || shareOf(most, most) === 0) return null;
  const dayText = (day: string) =>
    new Date(`${day}T12:00:00`).toLocaleDateString(language, { day: '2-digit', month: 'short' });
  const money = (amount: string) => `${readable(amount, language)} ${currency}`;
  return (
    <figure className={classes.chart}>
      <figcaption>
        {texts.common.spent(days.length, money(sumOf(...days.map(({ charged }) => charged))), money(most))}
      </figcaption>
      <div className={classes.bars} aria-hidden="true">
        {days.map(({ day, charged }) => (
          <span key={day} title={`${dayText(day)}: ${money(charged)}`}>
            <i style={{ height: `${shareOf(charged, most) * 100}%` }} />
          </span>
        ))}
      </div>
      <div className={classes.axis} aria-hidden="true">
        <span>{dayText(first.day)}</span>
        <span>{dayText(last.day)}</span>
      </div>
    </figure>
  );
}
