/** Memory of other processes. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The most that a process has had in memory so far, and what it has now; kB. null if it is gone. */
export function residentKb(pid: number): { peak: number; now: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return { peak: of('VmHWM'), now: of('VmRSS') };
  } catch {
    return null;
  }
}

/** Resolves with the exit code of a process, how long it took, and the most memory that it had, looked at every 20 ms; ms and kB. */
export function watchPeak(child: ChildProcess): Promise<{ code: number | null; ms: number; peakKb: number }> {
  const EVERY_MS = 20;
  const since = performance.now();
  let peakKb = 0;
  const looking = setInterval(() => {
    peakKb = residentKb(child.pid as number)?.peak || peakKb;
  }, EVERY_MS);
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', code => {
      clearInterval(looking);
      done({ code, ms: Math.round(performance.now() - since), peakKb });
    });
  });
}
