import os, { getPriority } from 'node:os';

/** The priorities that processes of jobs were given, by their pid. */
export const given = new Map<number, number>();
const setPriority = os.setPriority;

/**
 * From now on a job's process has the priority of its test.
 *
 * A process that gives way has no promise of time: beside four busy processes on two cores one took minutes. So each gets the priority that the
 * service gives it, which is noted in `given`, and then that of the test. Who may not give it back tests without.
 */
export function letJobsKeepUp(): void {
  jest.spyOn(os, 'setPriority').mockImplementation(((pid: number, priority: number): void => {
    setPriority(pid, priority);
    given.set(pid, getPriority(pid));
    try {
      setPriority(pid, getPriority());
    } catch {}
  }) as typeof os.setPriority);
}
