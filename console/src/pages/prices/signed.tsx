/** How a change of a price is shown. */
import type { DeckDifference } from '../../api/operations';
import { Amount, type Mood } from '../../parts/shown';
import classes from './prices.module.css';

/** An amount that is added, with its sign. */
export function Signed({ amount, places }: { amount: string; places: number }) {
  return (
    <span className={classes.signed}>
      {!amount.startsWith('-') && '+'}
      <Amount value={amount} places={places} />
    </span>
  );
}

export const MOODS: Record<DeckDifference['effect'], Mood> = {
  dearer: 'attention',
  cheaper: 'ours',
  same: 'quiet',
  opened: 'ours',
  closed: 'wrong',
  blocked: 'wrong',
};
