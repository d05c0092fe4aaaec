/** A price as a sum, and as the service's own steps. */
import type { ReactNode } from 'react';
import type { PriceStep } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { Amount } from '../../parts/shown';
import { duration } from '../../parts/times';
import type { OwnTexts } from '../../texts/own-en';
import { stepsIn } from '../../texts/steps';
import { useReading } from '../../texts/texts';
import classes from './own.module.css';
import type { Line } from './price-sum';
import { useWords } from './words';

export function Sum({ caption, currency, children }: { caption: string; currency: string; children: ReactNode }) {
  return (
    <>
      <p className={classes.inSum}>{currency}</p>
      <table className={classes.sum} aria-label={caption}>
        <tbody>{children}</tbody>
      </table>
    </>
  );
}

export function SumLine({ line }: { line: Line }) {
  const { language } = useReading();
  const own = useWords();
  return (
    <tr>
      <th scope="row">{lineText(line, own.calls, language)}</th>
      <td>
        <Amount value={'amount' in line ? line.amount : '0'} />
      </td>
    </tr>
  );
}

function lineText(line: Line, words: OwnTexts['calls'], language: string): string {
  switch (line.is) {
    case 'free':
      return words.free(line.graceSeconds);
    case 'unbilled':
      return words.unbilled(line.freeSeconds);
    case 'talk':
      return words.talk(duration(line.billedSeconds), readable(line.pricePerMinute, language));
    default:
      return words[line.is];
  }
}

export function Steps({ summary, steps }: { summary: string; steps: readonly PriceStep[] }) {
  const { language } = useReading();
  return (
    <details className={classes.steps}>
      <summary>{summary}</summary>
      <dl className={classes.facts}>
        {stepsIn(steps, language).map(({ subject, text }) => (
          <Step key={subject} subject={subject} text={text} />
        ))}
      </dl>
    </details>
  );
}

function Step({ subject, text }: { subject: string; text: string }) {
  return (
    <>
      <dt>{subject}</dt>
      <dd dir="auto">{text}</dd>
    </>
  );
}
