import { readdirSync, readFileSync } from 'node:fs';

const TICK_MS = 10;

/** Processor time of a process so far, as the kernel counts it; ms, in steps of 10. @throws the file system's error if it is gone. */
export const processorMs = (pid: number): number => timesOf(pid).ms;

/** The same of this process, in microseconds. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The same of a process group: its leader and the processes that it leads. 0 if there is none. */
export function groupProcessorMs(leader: number): number {
  let all = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const { group, ms } = timesOf(Number(name));
      if (group === leader) all += ms;
    } catch {
      // It ended meanwhile.
    }
  }
  return all;
}

function timesOf(pid: number): { group: number; ms: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in field 2 may hold spaces and brackets, so the fields are counted from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { group: Number(fields[2]), ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}
