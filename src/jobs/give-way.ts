import { setPriority } from 'node:os';

const NICENESS = 10;

/**
 * Gives a process that carries no calls a low priority (nice 10), so that it leaves the processor to whatever carries calls on this machine. Where it gives way even more, or this process may not set it, it stays as it is: nothing is
 * refused because of that.
 */
export function giveWay(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {}
}
