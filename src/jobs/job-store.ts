/** Jobs and their results: astjob. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault, orFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { type Facts, plainJson } from '../operator/facts';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import type { Asked, JobProgress, JobResult, JobState } from './job';

/** A job as an operator sees it. */
export interface JobView {
  jobId: number;
  kind: Asked['kind'];
  parameters: Facts;
  state: JobState;
  /** How far it is; nulls as long as that is not known. */
  step: string | null;
  done: number | null;
  total: number | null;
  askedBy: string;
  askedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  /** The process that runs it or ran it, as `ownName` writes it. */
  service: string | null;
  /** The actor that asked to stop it. */
  stopBy: string | null;
  failure: string | null;
  /** null until it is done. */
  differenceCount: number | null;
}

/** The same with its result. */
export interface JobShown extends JobView {
  outcome: Facts | null;
  /** The first of them. */
  differences: Facts[];
}

/** Jobs that wait at most: each keeps the database busy for minutes, one after the other. */
const MOST_WAITING = 20;

/** Ended jobs that are kept. */
const KEPT_JOBS = 100;

/** A job whose process has shown no sign for so long is told failed. */
const SILENT_SECONDS = 30;

const OPEN: readonly JobState[] = ['waiting', 'running'];

/** All but the result, which may be large. */
const SHOWN = [
  'job_id',
  'kind',
  'parameters',
  'state',
  'step',
  'done',
  'total',
  'asked_by',
  'asked_at',
  'started_at',
  'ended_at',
  'service',
  'stop_by',
  'failure',
  'difference_count',
];

const objectOf = (jobId: number): string => `job ${jobId}`;

/** Writes down what a service must do. @throws Refused too_many_jobs; DatabaseFault */
export function askJob(acting: Acting, { kind, parameters }: Asked): Promise<JobView> {
  return inTransaction(acting.database, async transaction => {
    const [row] = await transaction('astjob').where({ state: 'waiting' }).count({ waiting: '*' });
    if (Number((row as Row | undefined)?.waiting) >= MOST_WAITING) {
      throw new Refused('too_many_jobs', `${MOST_WAITING} jobs wait already: stop some, or ask again later`).about({
        most: MOST_WAITING,
      });
    }
    const [id] = await transaction('astjob').insert({
      kind,
      parameters: plainJson(parameters, 0),
      asked_by: acting.actor,
      asked_at: transaction.raw('UTC_TIMESTAMP(3)'),
    });
    const jobId = Number(id);
    await writeAudit(transaction, acting, {
      operation: `job ${kind}`,
      object: objectOf(jobId),
      before: null,
      after: { ...parameters },
    });
    return viewOf(await rowNumbered(transaction, jobId, SHOWN));
  });
}

/** Jobs, the newest first. */
export async function listJobs(database: Knex, { limit, offset }: PageRequest): Promise<Page<JobView>> {
  const [row] = await orFault(() => database('astjob').count({ total: '*' }));
  const rows: Row[] = await orFault(() =>
    database('astjob').select(SHOWN).orderBy('job_id', 'desc').limit(limit).offset(offset),
  );
  return { items: rows.map(viewOf), total: Number((row as Row | undefined)?.total) };
}

/** @throws Refused job_not_found; DatabaseFault */
export async function jobNumbered(database: Knex, jobId: number): Promise<JobShown> {
  const row = await rowNumbered(database, jobId, [...SHOWN, 'outcome', 'differences']);
  const { outcome, differences } = row;
  return {
    ...viewOf(row),
    outcome: outcome === null ? null : JSON.parse(outcome),
    differences: differences === null ? [] : JSON.parse(differences),
  };
}

/**
 * Ends a job that waits, at once; one that runs is ended by its service, within some seconds. Asked again, nothing more is done.
 * @throws Refused job_not_found, job_ended; DatabaseFault
 */
export function stopJob(acting: Acting, jobId: number): Promise<JobView> {
  const { actor } = acting;
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const job = () => transaction('astjob').where({ job_id: jobId });
      const row: Row | undefined = await job().forUpdate().first('state', 'stop_by');
      if (!row) throw noJob(jobId);
      const { state, stop_by } = row;
      const isOurs = commitWasLost && stop_by === actor;
      if (!OPEN.includes(state) && !isOurs) {
        throw new Refused('job_ended', `job ${jobId} has ended, it is ${state}: nothing is left to stop`).about({
          job: jobId,
          state,
        });
      }
      if (stop_by === null) {
        const isWaiting = state === 'waiting';
        await job().update({
          stop_by: actor,
          ...(isWaiting && { state: 'stopped', ended_at: transaction.raw('UTC_TIMESTAMP(3)') }),
        });
        await writeAudit(transaction, acting, {
          operation: 'job stop',
          object: objectOf(jobId),
          before: { state, stop_by },
          after: { state: isWaiting ? 'stopped' : state, stop_by: actor },
        });
      }
      return viewOf(await rowNumbered(transaction, jobId, SHOWN));
    },
    { idempotent: true },
  );
}

const noJob = (jobId: number): Refused =>
  new Refused('job_not_found', `job ${jobId} does not exist: "job list" shows them`).about({ job: jobId });

async function rowNumbered(database: Knex, jobId: number, columns: string[]): Promise<Row> {
  const row: Row | undefined = await orFault(() => database('astjob').where({ job_id: jobId }).first(columns));
  if (!row) throw noJob(jobId);
  return row;
}

const numberOr = (column: unknown): number | null => (column === null ? null : Number(column));

const viewOf = (row: Row): JobView => ({
  jobId: row.job_id,
  kind: row.kind,
  parameters: JSON.parse(row.parameters),
  state: row.state,
  step: row.step,
  done: numberOr(row.done),
  total: numberOr(row.total),
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  service: row.service,
  stopBy: row.stop_by,
  failure: row.failure,
  differenceCount: numberOr(row.difference_count),
});

/** A job that waits or runs, as services see it. */
export interface OpenJob {
  jobId: number;
  state: 'waiting' | 'running';
  /** The process that runs it. */
  service: string | null;
  /** That process has shown no sign for 30 s. */
  isSilent: boolean;
}

/** The oldest first. @throws DatabaseFault */
export async function openJobs(database: Knex): Promise<OpenJob[]> {
  const isSilent = database.raw(`alive_at < UTC_TIMESTAMP(3) - INTERVAL ${SILENT_SECONDS} SECOND AS is_silent`);
  const rows: Row[] = await orFault(() =>
    database('astjob').whereIn('state', OPEN).orderBy('job_id').select('job_id', 'state', 'service', isSilent),
  );
  return rows.map(row => ({
    jobId: row.job_id,
    state: row.state,
    service: row.service,
    isSilent: Number(row.is_silent) === 1,
  }));
}

/** A job that this service runs. */
export interface OwnJob {
  jobId: number;
  service: string;
}

/** Begins a job that waits. Returns what it must do; null if it waits no longer, or another one runs. @throws DatabaseFault */
export async function takeJob(
  database: Knex,
  { jobId, service }: OwnJob,
): Promise<(Asked & { askedBy: string }) | null> {
  const now = database.raw('UTC_TIMESTAMP(3)');
  try {
    const taken = await database('astjob')
      .where({ job_id: jobId, state: 'waiting' })
      .update({ state: 'running', is_running: 1, service, started_at: now, alive_at: now });
    if (taken === 0) return null;
  } catch (error) {
    const fault = asFault(error);
    if (isFault(fault, 'duplicate')) return null;
    throw fault;
  }
  const { kind, parameters, askedBy } = viewOf(await rowNumbered(database, jobId, SHOWN));
  return { kind, parameters, askedBy } as unknown as Asked & { askedBy: string };
}

const running = (database: Knex, { jobId, service }: OwnJob): Knex.QueryBuilder =>
  database('astjob').where({ job_id: jobId, state: 'running', service });

/**
 * Shows that this service works on a job, and how far it is. Returns whether it must go on: `stop` if an operator wants it stopped, `lost`
 * if it counts as ended. @throws DatabaseFault
 */
export function noteProgress(
  database: Knex,
  job: OwnJob,
  progress: JobProgress | null,
): Promise<'go on' | 'stop' | 'lost'> {
  return orFault(async () => {
    const row: Row | undefined = await running(database, job).first('stop_by');
    if (!row) return 'lost';
    if (row.stop_by !== null) return 'stop';
    await running(database, job).update({ alive_at: database.raw('UTC_TIMESTAMP(3)'), ...progress });
    return 'go on';
  });
}

/** Keeps the result of a job that runs, within a transaction. Returns false, and keeps nothing, if it counts as ended. */
export async function finishJob(transaction: Knex.Transaction, job: OwnJob, result: JobResult): Promise<boolean> {
  const finished = await running(transaction, job).update({
    state: 'done',
    is_running: null,
    ended_at: transaction.raw('UTC_TIMESTAMP(3)'),
    outcome: plainJson(result.outcome, 0),
    difference_count: result.differenceCount,
    differences: plainJson(result.differences, 0),
  });
  return finished > 0;
}

/** How a job ends that has no result. */
export type JobEnd = { state: 'stopped' } | { state: 'failed'; failure: string };

/** Ends a job that runs without a result. Returns false if it had ended already. @throws DatabaseFault */
export async function endJob(database: Knex, job: OwnJob, how: JobEnd): Promise<boolean> {
  const failure = 'failure' in how ? [...how.failure].slice(0, 500).join('') : null;
  const ended = await orFault(() =>
    running(database, job).update({
      state: how.state,
      is_running: null,
      ended_at: database.raw('UTC_TIMESTAMP(3)'),
      failure,
    }),
  );
  return ended > 0;
}

/** Forgets ended jobs, but for the newest 100. @throws DatabaseFault */
export async function pruneJobs(database: Knex): Promise<void> {
  const ended = () => database('astjob').whereNotIn('state', OPEN);
  await orFault(async () => {
    const row: Row | undefined = await ended()
      .orderBy('job_id', 'desc')
      .offset(KEPT_JOBS - 1)
      .first('job_id');
    if (row) await ended().where('job_id', '<', row.job_id).delete();
  });
}
