/** What a report says at a glance: its largest rows as bars. */

import type { ReportRow } from '../../api/operations';
import { placesOf } from '../../parts/amounts';
import { Amount } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { useReading } from '../../texts/texts';
import { kindOf } from './catalogue';
import { figureText } from './figures';
import classes from './reports.module.css';
import { rankingsOf } from './rows';
import { useWords } from './words';

/** As many as can be taken in at once. */
const MOST_BARS = 10;

export function Rankings({ rows, measure, nameIn }: { rows: readonly ReportRow[]; measure: string; nameIn: string }) {
  const { language } = useReading();
  const words = useWords();
  const name = (column: string) => words.columns[column] ?? column;
  const isRatio = measure === 'asr_percent' || measure === 'acd_seconds';
  return rankingsOf(rows, measure, nameIn, MOST_BARS).map(({ currency, bars, rest }) => {
    // Their decimal marks stand below each other.
    const places = placesOf([...bars.map(({ value }) => value), rest.sum ?? '0']);
    const isExact = kindOf(measure) === 'money' || kindOf(measure) === 'minutes';
    const shown = (value: string) =>
      isExact ? <Amount value={value} places={places} /> : figureText(measure, value, language);
    const title = `${words.rankedBy(name(measure), name(nameIn))}${currency && `, ${currency}`}`;
    return (
      <figure key={currency} className={classes.ranking}>
        <figcaption>
          {title}
          {isRatio && rest.count > 0 && `: ${words.mostCalls}`}
        </figcaption>
        <ol aria-label={title}>
          {bars.map(({ name: label, value, share, isBelow }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the ranking
            <li key={index}>
              <Clipped>{label}</Clipped>
              <span className={classes.bar} aria-hidden="true">
                <i data-below={isBelow ? '' : undefined} style={{ width: `${share * 100}%` }} />
              </span>
              <b>{shown(value)}</b>
            </li>
          ))}
        </ol>
        {rest.count > 0 && (
          <p>
            {words.further(rest.count.toLocaleString(language))}
            {rest.sum !== null && <span>{shown(rest.sum)}</span>}
          </p>
        )}
      </figure>
    );
  });
}
