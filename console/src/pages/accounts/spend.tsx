/** What calls were charged on each of the last days, as bars. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { told } from '../../api/ask';
import { type AccountShown, ledgerList } from '../../api/operations';
import { readable, shareOf, sumOf } from '../../parts/amounts';
import { localDay } from '../../parts/days';
import { useReading } from '../../texts/texts';
import { accountKey } from './account-query';
import classes from './accounts.module.css';
import { lastDays, spendOf } from './spend-days';

const DAYS = 30;
/** The most that the API hands out at once. A busy account has fewer days, which are complete. */
const AT_ONCE = 1_000;

export function Spend({ account: { accountcode, currency } }: { account: AccountShown }) {
  const { texts, language } = useReading();
  const { accounts: words } = texts;
  const [days] = useState(() => lastDays(Date.now(), DAYS));
  const { data } = useQuery({
    queryKey: [...accountKey(accountcode), 'spend'],
    queryFn: () =>
      told(
        ledgerList({
          account: accountcode,
          kind: 'call_charge',
          $from: new Date(`${days[0]}T00:00:00`).toISOString(),
          limit: AT_ONCE,
          count: false,
        }),
      ),
    staleTime: 60_000,
  });
  if (!data) return null;
  const shown = spendOf(data.items, { days, dayOf: localDay, isCut: data.is_more });
  const [first, last] = [shown[0], shown.at(-1)];
  const most = shown.reduce((top, { amount }) => (shareOf(top, amount) < 1 ? amount : top), '0');
  if (!first || !last || shareOf(most, most) === 0) return null;
  const dayText = (day: string) =>
    new Date(`${day}T12:00:00`).toLocaleDateString(language, { day: '2-digit', month: 'short' });
  const money = (amount: string) => `${readable(amount, language)} ${currency}`;
  return (
    <figure className={classes.chart}>
      <figcaption>
        {words.spent(shown.length, money(sumOf(...shown.map(({ amount }) => amount))), money(most))}
      </figcaption>
      <div className={classes.bars} aria-hidden="true">
        {shown.map(({ day, amount }) => (
          <span key={day} title={`${dayText(day)}: ${money(amount)}`}>
            <i style={{ height: `${shareOf(amount, most) * 100}%` }} />
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
