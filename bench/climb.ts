import { type Load, openLoop, type Shape } from './open-loop';

const WARM_UP_RATE = 250;

/** How long a start may take if its rate counts as carried. Ms. */
export const CARRIED_MS = 250;

/** A rate is carried if nearly all its starts are granted in less than that. */
export const isCarried = (load: Load): boolean => load.granted >= 0.99 * load.offered && load.p99Ms < CARRIED_MS;

/** Offers more and more calls until the shape falls behind, each rate to a new one, and prints a row for each. */
export async function climb(
  title: string,
  rates: readonly number[],
  { seconds, accounts }: { seconds: number; accounts: number },
  open: () => Promise<Shape>,
): Promise<Load[]> {
  const rows: Load[] = [];
  console.log(`\n  ${title}\n  calls/s offered   granted/s   refused   p50 ms   p99 ms   max ms`);
  for (const rate of [WARM_UP_RATE, ...rates]) {
    const shape = await open();
    const load = await openLoop(shape, { rate, seconds, accounts }).finally(() => shape.close());
    // Not shown: V8 compiles the code, and the database fills its caches.
    if (rate === WARM_UP_RATE) continue;
    rows.push(load);
    const cells = [rate, load.grantedPerSecond, load.refused, load.p50Ms, load.p99Ms, load.maxMs];
    const widths = [17, 12, 10, 9, 9, 9];
    console.log(
      `  ${cells
        .map((cell, index) => format(cell).padStart(widths[index] as number))
        .join('')
        .slice(2)}`,
    );
    if (!isCarried(load)) break;
  }
  return rows;
}

const format = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));
