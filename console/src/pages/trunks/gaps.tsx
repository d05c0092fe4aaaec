import { type Gap, gapsByWay } from './routing';
import classes from './trunks.module.css';
import { useWords } from './words';

const MOST_NAMED = 6;

/** A line for each way that their numbers go instead. */
export function GapList({ gaps }: { gaps: readonly Gap[] }) {
  const words = useWords();
  const lines = gapsByWay(gaps).map(({ prefixes, instead }) => {
    const named = prefixes.slice(0, MOST_NAMED).map(prefix => words.routeOf(prefix));
    const numbers = words.numbersOf(named.join(', '), prefixes.length - named.length);
    const trunks = instead?.routes.map(({ trunk }) => trunk).join(', ');
    return instead ? words.gapTo(numbers, words.routeOf(instead.prefix), trunks ?? '') : words.gapNowhere(numbers);
  });
  return (
    <ul className={classes.gaps}>
      {lines.map(line => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
