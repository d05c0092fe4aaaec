import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const NICENESS = 10;

/**
 * Gives a process that carries no calls a low priority (nice 10), so that it leaves the processor to whatever carries calls on this machine. Linux has a
 * priority for each thread: all that the process has get it, and those that they make later. Where one gives way even more, or this process may not
 * set it, it stays as it is: nothing is refused because of that.
 */
export function giveWay(pid: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      if (getPriority(thread) < NICENESS) setPriority(thread, NICENESS);
    } catch {}
  }
}

/** The main thread alone where the system does not name the others. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
