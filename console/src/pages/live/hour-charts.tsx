/** The last hour as small charts side by side, one for each figure. uPlot is loaded with them. */
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { readable } from '../../parts/amounts';
import { useReading } from '../../texts/texts';
import { percent, timeOr } from './facts';
import { acdOf, asrOf, type Hour, type Minute, reasonsOf, refusedOf } from './hour';
import classes from './live.module.css';

interface Figure {
  title: string;
  /** For drawing alone; null where there is nothing to draw. */
  valueOf: (minute: Minute) => number | null;
  /** The same in words. */
  says: (minute: Minute) => string | null;
  /** A height of the axis in words. */
  axis: (value: number) => string;
  isBars?: boolean;
  /** Of the lines of its axis; round numbers if not given. */
  distances?: number[];
  /** The top of the axis, if it is always the same. */
  most?: number;
  /** The top of the axis is at least that: 1 if not given. */
  leastTop?: number;
  mood?: 'wrong';
}

/** Of an axis that counts: it has no halves. */
const COUNTS = [1, 2, 5].flatMap(step => [1, 10, 100, 1_000, 10_000].map(times => step * times)).sort((a, b) => a - b);
/** Of an axis of talk; seconds. */
const TIMES = [15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

export default function HourCharts({ hour }: { hour: Hour }) {
  const { texts, language } = useReading();
  const { live } = texts;
  /** The minute under the pointer, in all charts; null for the last one. */
  const [pointed, setPointed] = useState<number | null>(null);
  const currencies = [...hour.whole.money].filter(([, { margin }]) => margin !== null).map(([currency]) => currency);
  const currencyKey = currencies.join(' ');
  const figures = useMemo<Figure[]>(() => {
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
          (currency): Figure => ({
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
        <Chart key={figure.title} figure={figure} hour={hour} pointed={pointed} onPoint={setPointed} />
      ))}
      {currencies.length === 0 && (
        <div className={classes.chart}>
          <h2>{live.noMargin}</h2>
          <p>{live.noMarginWhy}</p>
        </div>
      )}
    </section>
  );
}

interface ChartProps {
  figure: Figure;
  hour: Hour;
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

const HEIGHT = 96;

function Chart({ figure, hour, pointed, onPoint }: ChartProps) {
  const { texts, language } = useReading();
  const { colorScheme } = useMantineColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { minutes } = hour;
  const data = useMemo<uPlot.AlignedData>(
    () => [minutes.map(({ at }) => at / 1000), minutes.map(figure.valueOf)],
    [minutes, figure],
  );
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: its colours are read anew where the reader changes them
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(figure, element, language, onPoint), latest.current, element);
    };
    draw();
    // The colours of the page have changed by then.
    const redraw = () => requestAnimationFrame(draw);
    system.addEventListener('change', redraw);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      system.removeEventListener('change', redraw);
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [figure, language, colorScheme, onPoint]);
  useEffect(() => plot.current?.setData(data), [data]);
  const minute = minutes[pointed ?? minutes.length - 1];
  const none = texts.common.none;
  const drawn = minutes.filter(each => figure.valueOf(each) !== null);
  const byValue = drawn.toSorted((one, other) => (figure.valueOf(one) ?? 0) - (figure.valueOf(other) ?? 0));
  const said = (each: Minute | undefined) => (each && figure.says(each)) ?? none;
  return (
    <figure className={classes.chart}>
      <figcaption>
        <h2>{figure.title}</h2>
        <span>
          {pointed !== null && minute && <time>{clockOf(minute.at, language)} </time>}
          <b>{said(minute)}</b>
        </span>
      </figcaption>
      <div
        ref={place}
        className={classes.plot}
        role="img"
        aria-label={texts.live.chartSays(figure.title, said(minutes.at(-1)), said(byValue[0]), said(byValue.at(-1)))}
      />
    </figure>
  );
}

const clockOf = (at: number, language: string): string =>
  new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function optionsOf(
  { axis, isBars, distances, most, leastTop = 1, mood }: Figure,
  element: HTMLElement,
  language: string,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const stroke = colour(mood === 'wrong' ? '--rf-wrong' : '--rf-ours');
  const soft = colour(mood === 'wrong' ? '--rf-wrong-soft' : '--rf-ours-soft');
  const dimmed = colour('--mantine-color-dimmed');
  const lines = { stroke: colour('--rf-line'), width: 1 };
  const font = `11px ${style.fontFamily}`;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'hour' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      y: {
        range: (_plot, least, top) => {
          const high = most ?? Math.max(top ?? 0, leastTop);
          const low = Math.min(0, least ?? 0);
          return [low, high + (most ? 0 : (high - low) * 0.08)];
        },
      },
    },
    axes: [
      {
        stroke: dimmed,
        font,
        size: 20,
        gap: 2,
        grid: { show: false },
        ticks: { show: false },
        space: 60,
        values: (_plot, splits) => splits.map(split => clockOf(split * 1000, language)),
      },
      {
        stroke: dimmed,
        font,
        size: 38,
        gap: 4,
        grid: lines,
        ticks: { show: false },
        space: 28,
        ...(distances && { incrs: distances }),
        values: (_plot, splits) => splits.map(axis),
      },
    ],
    series: [
      {},
      {
        stroke,
        fill: isBars ? stroke : soft,
        width: isBars ? 0 : 1.5,
        // A minute between two without a value has no line.
        points: isBars ? { show: false } : { show: true, size: 3, width: 0, fill: stroke },
        spanGaps: false,
        ...(isBars && { paths: uPlot.paths.bars?.({ size: [0.5, 12] }) as uPlot.Series.PathBuilder }),
      },
    ],
    hooks: { setCursor: [plot => onPoint(plot.cursor.idx ?? null)] },
  };
}
