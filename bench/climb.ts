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
    print(cells, [17, 12, 10, 9, 9, 9]);
    if (!isCarried(load)) break;
  }
  return rows;
}

/** How much more than it carries is offered. */
const PAST_THE_KNEE = [1, 1.5, 3];

/** The product's default start deadline: so long may a caller wait past the knee. Ms. */
export const PATIENT_MS = 2_000;

/**
 * Offers as many calls as the shape carries, and then more. Prints what is granted then, how long callers wait for a grant or a refusal, and
 * what a call costs the process that keeps the books, whether it is granted or refused; `processorOf` says what works in that process.
 */
export async function pastTheKnee(
  title: string,
  knee: number,
  { seconds, accounts }: { seconds: number; accounts: number },
  processorOf: 'service' | 'ledger and load',
  open: () => Promise<Shape>,
): Promise<Load[]> {
  const rows: Load[] = [];
  console.log(
    `\n  ${title}, past the ${knee} calls/s that it carries\n  calls/s offered   granted/s   p50 ms   p99 ms   refused   p50 ms   p99 ms   processor ms a call (${processorOf})`,
  );
  for (const times of PAST_THE_KNEE) {
    const shape = await open();
    const load = await openLoop(shape, { rate: knee * times, seconds, accounts }).finally(() => shape.close());
    rows.push(load);
    const { p50Ms, p99Ms, refused, refusedP50Ms, refusedP99Ms } = load;
    print(
      [knee * times, load.grantedPerSecond, p50Ms, p99Ms, refused, refusedP50Ms, refusedP99Ms],
      [17, 12, 9, 9, 10, 9, 9],
      load.processorMsACall.toFixed(3).padStart(`   processor ms a call (${processorOf})`.length),
    );
  }
  return rows;
}

function print(cells: number[], widths: number[], last = ''): void {
  const padded = cells.map((cell, index) => format(cell).padStart(widths[index] as number));
  console.log(`  ${padded.join('').slice(2)}${last}`);
}

const format = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));
