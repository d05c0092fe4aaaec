/** One figure over time, by uPlot. Only pages that are loaded when they are opened may import it. */
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useReading } from '../texts/texts';
import classes from './chart.module.css';

export interface Figure<Point> {
  title: string;
  /** For drawing alone; null where there is nothing to draw. */
  valueOf: (point: Point) => number | null;
  /** The same in words. */
  says: (point: Point) => string | null;
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
export const COUNTS = [1, 2, 5]
  .flatMap(step => [1, 10, 100, 1_000, 10_000].map(times => step * times))
  .sort((a, b) => a - b);

interface ChartProps<Point extends { at: number }> {
  figure: Figure<Point>;
  /** The oldest first; `at`: ms since 1970. */
  points: readonly Point[];
  height: number;
  /** A time in words. */
  clockOf: (at: number) => string;
  /** A time as its axis has it; in the same words if not given. */
  tickOf?: (at: number) => string;
  /** All of it in a sentence: the last value, the least and the most. */
  saysOf: (last: string, least: string, most: string) => string;
  /** Whether the time of the last point is told too. */
  isLastTimed?: boolean;
  /** The point under the pointer, in all charts that are shown together; null for the last one. */
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

export function Chart<Point extends { at: number }>({
  figure,
  points,
  height,
  clockOf,
  tickOf = clockOf,
  saysOf,
  isLastTimed = false,
  pointed,
  onPoint,
}: ChartProps<Point>) {
  const { texts } = useReading();
  const { colorScheme } = useMantineColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [points.map(({ at }) => at / 1000), points.map(figure.valueOf)],
    [points, figure],
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
      plot.current = new uPlot(optionsOf(figure, { element, height, tickOf, onPoint }), latest.current, element);
    };
    draw();
    // The colours of the page have changed by then.
    const redraw = () => requestAnimationFrame(draw);
    system.addEventListener('change', redraw);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      system.removeEventListener('change', redraw);
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [figure, height, tickOf, colorScheme, onPoint]);
  useEffect(() => plot.current?.setData(data), [data]);
  const point = points[pointed ?? points.length - 1];
  const none = texts.common.none;
  const drawn = points.filter(each => figure.valueOf(each) !== null);
  const byValue = drawn.toSorted((one, other) => (figure.valueOf(one) ?? 0) - (figure.valueOf(other) ?? 0));
  const said = (each: Point | undefined) => (each && figure.says(each)) ?? none;
  return (
    <figure className={classes.chart}>
      <figcaption>
        <h2>{figure.title}</h2>
        <span>
          {(isLastTimed || pointed !== null) && point && <time>{clockOf(point.at)} </time>}
          <b>{said(point)}</b>
        </span>
      </figcaption>
      <div
        ref={place}
        className={classes.plot}
        style={{ height }}
        role="img"
        aria-label={saysOf(said(points.at(-1)), said(byValue[0]), said(byValue.at(-1)))}
      />
    </figure>
  );
}

interface Drawing {
  element: HTMLElement;
  height: number;
  tickOf: (at: number) => string;
  onPoint: (index: number | null) => void;
}

function optionsOf<Point>(
  { axis, isBars, distances, most, leastTop = 1, mood }: Figure<Point>,
  { element, height, tickOf, onPoint }: Drawing,
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
    height,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'hour' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      // The first bar and the last one are whole.
      ...(isBars && { x: { range: (plot, least, top) => widened(plot.data[0], least, top) } }),
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
        values: (_plot, splits) => splits.map(split => tickOf(split * 1000)),
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

/** By half of the distance of two points; half a minute where there is one. */
function widened(places: ArrayLike<number>, least: number | null, top: number | null): uPlot.Range.MinMax {
  const [first, second] = [places[0], places[1]];
  const half = first !== undefined && second !== undefined ? (second - first) / 2 : 30;
  return least === null || top === null ? [null, null] : [least - half, top + half];
}
