/** Commands that Ctrl-C and SIGTERM stop between two of their transactions, so that their row of the audit trail tells what they did. */
import type { Presented } from './derive';

/** Runs `work` with a signal that SIGINT and SIGTERM abort. Meanwhile neither ends the process. */
export async function stoppable<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(interrupted.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const stopping: Presented = { lend: (_context, _given, run) => stoppable(signal => run({ signal })) };

export const STOPPING: Record<string, Presented> = { 'event prune': stopping, 'webhook retry': stopping };
