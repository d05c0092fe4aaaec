/** Loaded into a `ringfence serve` before its own code: answers what only that process knows. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** `stall`: since the last time it was asked. `heap`: after what is not needed is gone. A profile is written to the folder when it stops. */
export type Question = { ask: 'stall' } | { ask: 'heap' } | { ask: 'profile' } | { ask: 'stopProfile'; dir: string };

export interface Inside {
  /** The longest time for which the event loop stood still; ms. */
  stallMs?: number;
  heapBytes?: number;
  /** Timers, sockets, requests and what else keeps the process busy. */
  handles?: number;
}

/** How often the event loop is looked at, which is taken off. Ms. */
const EVERY_MS = 5;

const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();
const session = new Session();

process.on('message', (question: Question) => answer(question, inside => process.send?.(inside)));
// A service that is stopped must not wait for questions.
process.channel?.unref();

function answer(question: Question, tell: (inside: Inside) => void): void {
  switch (question.ask) {
    case 'stall': {
      const stallMs = Math.max(0, delay.max / 1e6 - EVERY_MS);
      delay.reset();
      tell({ stallMs });
      return;
    }
    case 'heap':
      // The first leaves what only finalizers hold.
      for (let times = 0; times < 2; times++) (globalThis as { gc?: () => void }).gc?.();
      tell({ heapBytes: heldBytes(), handles: process.getActiveResourcesInfo().length });
      return;
    case 'profile':
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.start', () => tell({}));
      return;
    case 'stopProfile':
      session.post('Profiler.stop', (_, { profile }) => {
        writeFileSync(join(question.dir, `serve-${Date.now()}.cpuprofile`), JSON.stringify(profile));
        session.disconnect();
        tell({});
      });
  }
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
