/** How a trunk carried its calls, in the cells of tables. */
import { Note } from '../../parts/page';
import { State } from '../../parts/shown';
import { clockTime, duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { byCause, type Cause, type Day } from './figures';
import type { Talking } from './talking';
import classes from './trunks.module.css';
import { useWords } from './words';

export function TrunkState({ isOn, hasRoute }: { isOn: boolean; hasRoute: boolean }) {
  const words = useWords();
  if (!isOn) return <State mood="attention">{words.off}</State>;
  return hasRoute ? <State mood="ours">{words.on}</State> : <State mood="quiet">{words.noRoute}</State>;
}

/** `61 %`. */
export function Share({ percent }: { percent: number | null }) {
  const { texts, language } = useReading();
  return (
    <span className={classes.figure}>{percent === null ? texts.common.none : percentText(percent, language)}</span>
  );
}

export const percentText = (percent: number, language: string): string =>
  `${percent.toLocaleString(language, { maximumFractionDigits: percent > 0 && percent < 10 ? 1 : 0 })} %`;

/** Minutes and seconds of talk. */
export function TalkText({ seconds }: { seconds: number | null }) {
  const { common } = useReading().texts;
  return <span className={classes.figure}>{seconds === null ? common.none : duration(Math.round(seconds))}</span>;
}

/** `4.2 s`: of what is waited for, tenths count. */
export function DelayText({ seconds }: { seconds: number | null }) {
  const { texts, language } = useReading();
  return <span className={classes.figure}>{seconds === null ? texts.common.none : delayText(seconds, language)}</span>;
}

export const delayText = (seconds: number, language: string): string =>
  `${seconds.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;

export const hourText = (at: number, language: string): string =>
  new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** A bar for each of the last 24 hours: its calls, and of them those that were answered. */
export function Bars({ day, isLarge }: { day: Day | undefined; isLarge?: boolean }) {
  const words = useWords();
  const { language } = useReading();
  if (!day || day.calls === 0) return null;
  const most = Math.max(...day.hours.map(({ calls }) => calls));
  return (
    <div
      className={classes.bars}
      data-large={isLarge ? '' : undefined}
      role="img"
      aria-label={words.barsSay(day.calls, day.answered)}
    >
      {day.hours.map(({ at, calls, answered }) => (
        <span key={at} title={words.hourSays(hourText(at, language), calls, answered)}>
          <i data-part="calls" style={{ height: `${((calls - answered) / most) * 100}%` }} />
          <i data-part="answered" style={{ height: `${(answered / most) * 100}%` }} />
        </span>
      ))}
    </div>
  );
}

/** The two most frequent causes. */
export function CausesInShort({ causes }: { causes: readonly Cause[] | undefined }) {
  const { calls, common } = useReading().texts;
  if (!causes || causes.length === 0) return <>{common.none}</>;
  return (
    <span className={classes.causes}>
      {byCause(causes)
        .slice(0, 2)
        .map(({ cause, calls: count }) => (
          <span key={String(cause)}>
            <b>{count}</b> {cause === null ? common.none : (calls.causes[cause] ?? cause)}
          </span>
        ))}
    </span>
  );
}

/** How many calls talk over a trunk; with a plus where there are more calls than are told. */
export function TalkingNow({ talking: { count, isMore }, trunk }: { talking: Talking; trunk: string }) {
  const { common } = useReading().texts;
  return <span className={classes.figure}>{count === null ? common.none : `${count(trunk)}${isMore ? '+' : ''}`}</span>;
}

export function NotHeard({ talking: { hearing } }: { talking: Talking }) {
  const words = useWords();
  const { language } = useReading();
  if (hearing.is !== 'lost') return null;
  const since = clockTime(new Date(hearing.since).toISOString(), language);
  return (
    <div className={classes.notes}>
      <Note mood="attention">{words.notHeardSince(since)}</Note>
    </div>
  );
}
