import { createHash } from 'node:crypto';
import type { CallEnd } from '../src/credit/rules/charge';
import type { StartRequest } from '../src/credit/rules/start';
import { quantile } from './quantile';

/** A way to keep the books. */
export interface Shape {
  /** Resolves when the start is durable, with whether it was granted. */
  start(request: StartRequest): Promise<boolean>;
  end(request: StartRequest, end: CallEnd): Promise<void>;
  close(): Promise<void>;
  /** Processor time so far of the process that keeps the books; ms. With the load's, if that is the same process. */
  processorMs(): number;
}

export interface Load {
  offeredPerSecond: number;
  grantedPerSecond: number;
  offered: number;
  granted: number;
  refused: number;
  /** How long each call that was granted waited. */
  waitedMs: number[];
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** How long refused callers waited. */
  refusedP50Ms: number;
  refusedP99Ms: number;
  /** `Shape.processorMs` for each call that was offered; ms. */
  processorMsACall: number;
}

const TICK_MS = 1;

/**
 * Starts calls at random at `rate` a second for `seconds`, whether or not earlier ones were answered. Ends each one to three seconds later,
 * and waits for the last of them.
 *
 * Latency counts from the instant at which the call should have started, so a shape that falls behind cannot hide it.
 */
export async function openLoop(
  shape: Shape,
  load: { rate: number; seconds: number; accounts: number; seed?: number },
): Promise<Load> {
  const random = seeded(load.seed ?? load.rate);
  const latencies: number[] = [];
  const refusedAfter: number[] = [];
  const spentBefore = shape.processorMs();
  let offered = 0;
  const running: Promise<void>[] = [];
  // A failure is told when all are awaited. Unhandled until then, it would end the bench and leave its service and database running.
  const run = (step: Promise<void>) => {
    step.catch(() => undefined);
    running.push(step);
  };
  const ends: { at: number; run: () => Promise<void> }[] = [];
  const began = performance.now();
  const until = began + load.seconds * 1000;
  let due = began;
  const prefix = `bench-${Date.now()}`;

  const begin = (shouldStartAt: number) => {
    const account = Math.floor(random() * load.accounts);
    const startAt = Date.now();
    const request: StartRequest = {
      uniqueid: `${prefix}.${offered++}`,
      accountcode: `account-${account}`,
      node: 'bench',
      src: '100',
      dst: `${String(Math.floor(random() * 1_000)).padStart(3, '0')}${String(Math.floor(random() * 1e7)).padStart(7, '0')}`,
      startAt,
      emergency: false,
      dialog: createHash('md5').update(`${prefix}.${offered}`).digest('hex'),
      routable: true,
      ringSeconds: 60,
    };
    run(
      shape.start(request).then(granted => {
        if (!granted) {
          refusedAfter.push(performance.now() - shouldStartAt);
          return;
        }
        latencies.push(performance.now() - shouldStartAt);
        const holdMs = 1_000 + random() * 2_000;
        const end: CallEnd = {
          answerAt: startAt,
          endAt: startAt + holdMs,
          disposition: 'ANSWERED',
          hangupCause: 16,
          hangupSource: 'caller',
          evidence: 'event',
        };
        ends.push({ at: performance.now() + holdMs, run: () => shape.end(request, end) });
      }),
    );
  };

  const endThoseDue = (now: number) => {
    for (let index = ends.length - 1; index >= 0; index--) {
      const end = ends[index] as (typeof ends)[number];
      if (end.at > now) continue;
      ends[index] = ends.at(-1) as (typeof ends)[number];
      ends.pop();
      run(end.run());
    }
  };

  let swept = began;
  for (let now = began; now < until; now = performance.now()) {
    while (due <= now) {
      begin(due);
      due += (-Math.log(1 - random()) * 1000) / load.rate;
    }
    if (now - swept > 10) {
      endThoseDue(now);
      swept = now;
    }
    await new Promise(resolve => setTimeout(resolve, TICK_MS));
  }
  const elapsedSeconds = (performance.now() - began) / 1000;
  // Grants that come later belong to a queue, not to what is carried.
  const grantedMeanwhile = latencies.length;
  while (running.length > 0 || ends.length > 0) {
    await Promise.all(running.splice(0));
    endThoseDue(Number.POSITIVE_INFINITY);
  }
  return {
    offeredPerSecond: load.rate,
    grantedPerSecond: Math.round(grantedMeanwhile / elapsedSeconds),
    offered,
    granted: latencies.length,
    refused: refusedAfter.length,
    waitedMs: latencies,
    p50Ms: quantileOrZero(latencies, 0.5),
    p99Ms: quantileOrZero(latencies, 0.99),
    maxMs: quantileOrZero(latencies, 1),
    refusedP50Ms: quantileOrZero(refusedAfter, 0.5),
    refusedP99Ms: quantileOrZero(refusedAfter, 0.99),
    processorMsACall: (shape.processorMs() - spentBefore) / Math.max(1, offered),
  };
}

const quantileOrZero = (values: number[], share: number): number => (values.length === 0 ? 0 : quantile(values, share));

/** Mulberry32: the same calls in every run of a seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
