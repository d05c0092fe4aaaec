/** How far a job is: a bar, a count, and how long it may still take. */
import { useRef } from 'react';
import type { Job } from '../../api/operations';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import classes from './desk.module.css';
import { useWords } from './words';

export function Progress({ job }: { job: Job }) {
  const { language } = useReading();
  const desk = useWords();
  const { step, done, total } = job;
  const left = useSecondsLeft(job);
  const word = Object.entries(desk.steps).find(([name]) => name === step)?.[1] ?? step ?? desk.begins;
  const count = done === null ? '' : done.toLocaleString(language);
  const says =
    total === null || total === 0
      ? `${word} ${count}`
      : `${word} ${count} / ${total.toLocaleString(language)} (${Math.floor((100 * (done ?? 0)) / total)} %)`;
  return (
    <span className={classes.progress}>
      {total !== null && total > 0 ? (
        <progress aria-label={word} value={Math.min(done ?? 0, total)} max={total} />
      ) : (
        <progress aria-label={word} />
      )}
      <span className={classes.under}>
        {says}
        {left !== null && `, ${desk.left(duration(left))}`}
      </span>
    </span>
  );
}

/** By the speed since this page saw the step first; null while that says nothing. Seconds. */
function useSecondsLeft({ job, step, done, total }: Job): number | null {
  const first = useRef<{ of: string; done: number; at: number } | null>(null);
  if (done === null || total === null) return null;
  const of = `${job} ${step}`;
  if (first.current?.of !== of) first.current = { of, done, at: Date.now() };
  const [read, seconds] = [done - first.current.done, (Date.now() - first.current.at) / 1_000];
  return read > 0 && seconds >= 2 ? ((total - done) * seconds) / read : null;
}
