/** The last hour as small charts side by side, one for each figure. uPlot is loaded with them. */
import { useCallback, useMemo, useState } from 'react';
import { readable } from '../../parts/amounts';
import { Chart, COUNTS, type Figure } from '../../parts/chart';
import chartClasses from '../../parts/chart.module.css';
import { useReading } from '../../texts/texts';
import { percent, timeOr } from './facts';
import { acdOf, asrOf, type Hour, type Minute, reasonsOf, refusedOf } from './hour';
import classes from './live.module.css';

/** Of an axis of talk; seconds. */
const TIMES = [15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

const HEIGHT = 96;

export default function HourCharts({ hour }: { hour: Hour }) {
  const { texts, language } = useReading();
  const { live } = texts;
  /** The minute under the pointer, in all charts; null for the last one. */
  const [pointed, setPointed] = useState<number | null>(null);
  const clock = useCallback((at: number) => clockOf(at, language), [language]);
  const currencies = [...hour.whole.money].filter(([, { margin }]) => margin !== null).map(([currency]) => currency);
  const currencyKey = currencies.join(' ');
  const figures = useMemo<Figure<Minute>[]>(() => {
    const whole = (value: number) => value.toLocaleString(language);
    return [
      {
        title: live.startsAMinute,
        valueOf: ({ starts }) => starts,
        says: ({ starts }) => whole(starts),
        axis: whole,
        isBars: true,
        distances: COUNTS,
      },
      {
        title: live.asrChart,
        valueOf: asrOf,
        says: minute => percent(asrOf(minute), language),
        axis: whole,
        most: 100,
      },
      {
        title: live.acdChart,
        valueOf: acdOf,
        says: minute => timeOr(acdOf(minute)),
        axis: value => timeOr(value) ?? '',
        leastTop: 60,
        distances: TIMES,
      },
      ...currencyKey
        .split(' ')
        .filter(Boolean)
        .map(
          (currency): Figure<Minute> => ({
            title: live.marginChart(currency),
            valueOf: ({ money }) => Number(money.get(currency)?.margin ?? 0),
            says: ({ money }) => readable(money.get(currency)?.margin ?? '0.00', language),
            axis: value => value.toLocaleString(language),
            isBars: true,
          }),
        ),
      {
        title: live.refusedChart,
        valueOf: refusedOf,
        says: minute => [whole(refusedOf(minute)), ...reasonsOf(minute).map(([reason]) => reason)].join(' '),
        axis: whole,
        isBars: true,
        distances: COUNTS,
        mood: 'wrong',
      },
    ];
  }, [live, language, currencyKey]);
  return (
    <section className={classes.charts} aria-label={live.lastHour}>
      {figures.map(figure => (
        <Chart
          key={figure.title}
          figure={figure}
          points={hour.minutes}
          height={HEIGHT}
          clockOf={clock}
          saysOf={(last, least, most) => live.chartSays(figure.title, last, least, most)}
          pointed={pointed}
          onPoint={setPointed}
        />
      ))}
      {currencies.length === 0 && (
        <div className={chartClasses.chart}>
          <h2>{live.noMargin}</h2>
          <p>{live.noMarginWhy}</p>
        </div>
      )}
    </section>
  );
}

const clockOf = (at: number, language: string): string =>
  new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
