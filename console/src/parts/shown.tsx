/** Amounts, times and states in the reader's language. */
import { Text, VisuallyHidden } from '@mantine/core';
import { useReading } from '../texts/texts';
import { lessBy, placesOf, readable, shareOf, sumOf } from './amounts';
import classes from './parts.module.css';
import { clockTime } from './times';

interface AmountProps {
  value: string;
  currency?: string;
  /** How many decimals the longest amount of its column has: so the decimal marks stand below each other. */
  places?: number;
}

/** An amount for a cell: right-aligned, tabular. The currency stands once, in the column's header or beside. */
export function Amount({ value, currency, places = 2 }: AmountProps) {
  const { language } = useReading();
  const missing = places - placesOf([value]);
  return (
    <span className={classes.amount}>
      {readable(value, language)}
      {missing > 0 && (
        <span className={classes.places} aria-hidden="true">
          {'0'.repeat(missing)}
        </span>
      )}
      {currency && <span className={classes.currency}> {currency}</span>}
    </span>
  );
}

/** An instant in the reader's zone. */
export function Instant({ at }: { at: string | null }) {
  const { language, texts } = useReading();
  if (at === null) return <span>{texts.common.none}</span>;
  return (
    <time dateTime={at} title={at} className={classes.figure}>
      {clockTime(at, language)}
    </time>
  );
}

export type Mood = 'ours' | 'attention' | 'wrong' | 'quiet';

/** A state as a word; its colour says nothing that the word does not. */
export function State({ mood, children }: { mood: Mood; children: string }) {
  return (
    <span className={classes.state} data-mood={mood}>
      {children}
    </span>
  );
}

export interface Credit {
  balance: string;
  /** What calls in progress have cost by now; part of `reserved`. "0" where it is not known. */
  spent: string;
  reserved: string;
  available: string;
  currency: string;
  /** How far below zero calls may take the balance; part of `available`. */
  creditLimit?: string;
}

/** The balance as one bar of three: spent in calls now, held, available, with the figures in words. What is held is not gone. */
export function BalanceBar({ balance, spent, reserved, available, currency, creditLimit = '0' }: Credit) {
  const { texts, language } = useReading();
  const held = lessBy(reserved, spent);
  const isBelow = available.startsWith('-');
  const whole = sumOf(reserved, isBelow ? '0' : available);
  const parts = [
    { name: texts.common.spentInCalls, amount: spent, style: 'spent' },
    { name: texts.common.heldForCalls, amount: held, style: 'held' },
    { name: texts.common.available, amount: available, style: 'available' },
  ];
  return (
    <figure className={classes.credit}>
      <div className={classes.bar} aria-hidden="true">
        {parts.slice(0, 2).map(({ style, amount }) => (
          <span key={style} data-part={style} style={{ width: `${shareOf(amount, whole) * 100}%` }} />
        ))}
      </div>
      <figcaption className={classes.legend}>
        {parts.map(({ name, amount, style }) => (
          <span key={style}>
            <i data-part={style} aria-hidden="true" />
            <b>{readable(amount, language)}</b> {name}
          </span>
        ))}
        <Text span c="dimmed">
          {texts.common.balance} {readable(balance, language)} {currency}
          {shareOf(creditLimit, creditLimit) > 0 && `, ${texts.common.creditLimit} ${readable(creditLimit, language)}`}
        </Text>
      </figcaption>
    </figure>
  );
}

/** What a call has spent (solid) of what is ring-fenced for it, and what it holds beyond that (hatched): a bar for a row. `says`: both in words. */
export function SpentBar({ spent, held, says }: { spent: string; held: string; says: string }) {
  const whole = sumOf(spent, held);
  return (
    <div className={classes.spentBar} role="img" aria-label={says} title={says}>
      <span data-part="spent" style={{ width: `${shareOf(spent, whole) * 100}%` }} />
      <span data-part="held" style={{ width: `${shareOf(held, whole) * 100}%` }} />
    </div>
  );
}

/** Text for those who hear the page. */
export const Heard = VisuallyHidden;
