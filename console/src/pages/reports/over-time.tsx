/** A report over time, a chart for each currency. uPlot is loaded with it. */
import { useCallback, useMemo, useState } from 'react';
import type { ReportRow } from '../../api/operations';
import { Chart, COUNTS, type Figure } from '../../parts/chart';
import { useReading } from '../../texts/texts';
import { kindOf } from './catalogue';
import { figureText } from './figures';
import classes from './reports.module.css';
import { type Point, type Series, seriesOf } from './rows';
import { useWords } from './words';

const HEIGHT = 180;
const DAY_MS = 86_400_000;

interface OverTimeProps {
  rows: readonly ReportRow[];
  measure: string;
  over: 'hour' | 'minute' | 'day';
  /** When the period begins; ms since 1970. */
  from: number | undefined;
  isCut: boolean;
}

export default function OverTime({ rows, measure, over, from, isCut }: OverTimeProps) {
  const series = useMemo(
    () => seriesOf(rows, { measure, over, isCut, ...(from !== undefined && { from }) }),
    [rows, measure, over, from, isCut],
  );
  const [pointed, setPointed] = useState<number | null>(null);
  return series.map(each => (
    <div key={each.currency} className={classes.series}>
      <One series={each} measure={measure} over={over} pointed={pointed} onPoint={setPointed} />
    </div>
  ));
}

interface OneProps {
  series: Series;
  measure: string;
  over: 'hour' | 'minute' | 'day';
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

function One({ series: { currency, points }, measure, over, pointed, onPoint }: OneProps) {
  const { language } = useReading();
  const words = useWords();
  const kind = kindOf(measure);
  const isRatio = kind === 'percent' || kind === 'seconds';
  const title = `${words.columns[measure] ?? measure}${currency && `, ${currency}`}`;
  const figure = useMemo<Figure<Point>>(
    () => ({
      title,
      // For drawing alone.
      valueOf: ({ value }) => (value === null ? null : Number(value)),
      says: ({ value }) => (value === null ? null : figureText(measure, value, language)),
      axis: height =>
        kind === 'seconds' ? figureText(measure, String(height), language) : height.toLocaleString(language),
      isBars: !isRatio,
      ...(kind === 'percent' && { most: 100 }),
      ...(kind === 'seconds' && { leastTop: 60 }),
      ...(kind === 'count' && { distances: COUNTS }),
      ...(kind === 'money' && { leastTop: 0.01 }),
    }),
    [title, measure, kind, isRatio, language],
  );
  const clockOf = useCallback((at: number) => timeText(at, over, language), [over, language]);
  const isLong = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0) > 2 * DAY_MS;
  const tickOf = useCallback((at: number) => timeText(at, isLong ? 'day' : 'minute', language), [isLong, language]);
  return (
    <Chart
      figure={figure}
      points={points}
      height={HEIGHT}
      clockOf={clockOf}
      tickOf={tickOf}
      saysOf={(last, least, most) => words.chartSays(title, last, least, most)}
      isLastTimed
      pointed={pointed}
      onPoint={onPoint}
    />
  );
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;

function timeText(at: number, over: OverTimeProps['over'], language: string): string {
  const form = { hour: { ...DAY, ...CLOCK }, minute: CLOCK, day: DAY }[over];
  return new Date(at).toLocaleString(language, form);
}
