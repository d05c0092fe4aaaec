/** One line of figures: what is now, and what the last hour was. */
import { UnstyledButton } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { readable, sumOf } from '../../parts/amounts';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import type { ShownCall } from './board';
import { acdOf, asrOf, type Hour, MINUTE_MS, reasonsOf, refusedOf } from './hour';
import classes from './live.module.css';

interface FactsProps {
  calls: readonly ShownCall[] | null;
  isMore: boolean;
  hour: Hour | undefined;
  account: string | undefined;
}

export function Facts({ calls, isMore, hour, account }: FactsProps) {
  const { texts, language } = useReading();
  const { live, common } = texts;
  const [isByReason, setByReason] = useState(false);
  const { count, spend } = useMemo(() => nowOf(calls ?? []), [calls]);
  const refused = hour ? refusedOf(hour.whole) : 0;
  const last = hour?.minutes.at(-1);
  return (
    <div>
      <dl className={classes.facts}>
        <Fact name={account === undefined ? live.callsNow : live.callsNowOf(account)}>
          {calls ? `${count}${isMore ? '+' : ''}` : common.none}
        </Fact>
        {hour && last && (
          <>
            <Fact name={live.startsASecond}>{decimal(last.starts / (MINUTE_MS / 1000), language)}</Fact>
            <Fact name={live.asr}>{percent(asrOf(hour.whole), language) ?? common.none}</Fact>
            <Fact name={live.acd}>{timeOr(acdOf(hour.whole)) ?? common.none}</Fact>
          </>
        )}
        <Fact name={live.spendAMinute}>
          {spend.length === 0
            ? common.none
            : spend.map(([currency, amount]) => `${readable(amount, language)} ${currency}`).join(' · ')}
        </Fact>
        {hour && (
          <Fact name={live.refusedInHour}>
            {refused}
            {refused > 0 && (
              <UnstyledButton
                className={classes.more}
                aria-expanded={isByReason}
                onClick={() => setByReason(!isByReason)}
              >
                {isByReason ? '▾' : '▸'} {live.byReason}
              </UnstyledButton>
            )}
          </Fact>
        )}
      </dl>
      {hour && isByReason && refused > 0 && (
        <ul className={classes.reasons}>
          {reasonsOf(hour.whole).map(([reason, times]) => (
            <li key={reason}>
              <b>{times}</b> <code>{reason}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How many calls are in progress, and what those that talk cost a minute, by currency. */
function nowOf(calls: readonly ShownCall[]): { count: number; spend: [string, string][] } {
  const prices = new Map<string, string[]>();
  let count = 0;
  for (const { call, endedAt } of calls) {
    if (endedAt !== null) continue;
    count++;
    if (call.state !== 'talking' || call.currency === '') continue;
    const known = prices.get(call.currency);
    if (known) known.push(call.rate_price_per_minute);
    else prices.set(call.currency, [call.rate_price_per_minute]);
  }
  return { count, spend: [...prices].map(([currency, amounts]) => [currency, sumOf(...amounts)]) };
}

const decimal = (value: number, language: string): string =>
  value.toLocaleString(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const percent = (value: number | null, language: string): string | null =>
  value === null ? null : `${value.toLocaleString(language, { maximumFractionDigits: 0 })} %`;

export const timeOr = (seconds: number | null): string | null => (seconds === null ? null : duration(seconds));
