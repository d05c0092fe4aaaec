/**
 * The process of one job. A service starts it, says what to do, and gets its progress: what reads millions of rows takes neither memory nor
 * time of the process that carries calls. It writes the result itself, and ends with its service.
 */
import { inTransaction, openDatabase } from '../database/connection';
import { DatabaseFault } from '../database/fault';
import type { Asked, JobProgress } from './job';
import { finishJob, type OwnJob } from './job-store';
import { workOn } from './job-work';

/** What the service sends, once. The URL of the database is in the environment: a command line is seen by all users of the machine. */
export interface Order {
  job: OwnJob;
  asked: Asked;
  actor: string;
  evidenceFiles: [node: string, folder: string][];
}

/** What it gets. */
export type Told = { progress: JobProgress } | { failure: string };

/** How often progress is told at most. Ms. */
const TELL_MS = 500;

async function work({ job, asked, actor, evidenceFiles }: Order): Promise<void> {
  const databaseUrl = process.env.RINGFENCE_DATABASE_URL as string;
  const database = openDatabase(databaseUrl);
  let toldAt = Number.NEGATIVE_INFINITY;
  const onProgress = (progress: JobProgress) => {
    const now = performance.now();
    if (now - toldAt < TELL_MS) return;
    toldAt = now;
    process.send?.({ progress } satisfies Told);
  };
  const tools = { databaseUrl, database, evidenceFiles: new Map(evidenceFiles), actor, onProgress };
  const { alsoWrite, ...result } = await workOn(asked, tools);
  await inTransaction(
    database,
    async transaction => {
      // What counts as ended may be hours old: its verdict must not take the place of a later one.
      if (await finishJob(transaction, job, result)) await alsoWrite?.(transaction);
    },
    { idempotent: true },
  );
  await database.destroy();
}

/** Without the message of a database, which may hold values of customers. */
const failureOf = (error: unknown): string =>
  error instanceof DatabaseFault
    ? `the database failed: ${error.code}${error.statement ? ` (${error.statement})` : ''}`
    : String(error instanceof Error ? error.message : error);

function fail(failure: string): void {
  process.send?.({ failure } satisfies Told, () => process.exit(1));
}

if (process.send === undefined) {
  process.stderr.write('only a service starts this program\n');
  process.exit(2);
}
process.once('disconnect', () => process.exit(1));
process.once('message', (order: Order) => {
  work(order).then(
    () => process.exit(0),
    error => fail(failureOf(error)),
  );
});
