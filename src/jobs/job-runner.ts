/** Runs the jobs that operators ask for: one at a time over all services, each in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { projectRoot } from '../config/project-root';
import { SMALL_HEAP } from '../config/small-heap';
import { openDatabase } from '../database/connection';
import { isGone } from '../ownership/process-identity';
import { giveWay } from '../process/give-way';
import { Loop } from '../process/loop';
import type { JobProgress } from './job';
import type { Order, Told } from './job-process';
import {
  endJob,
  type JobEnd,
  noteProgress,
  type OpenJob,
  type OwnJob,
  openJobs,
  pruneJobs,
  takeJob,
} from './job-store';

/** As it was built: a process of its own runs no TypeScript. */
const PROGRAM = join(projectRoot, 'dist', 'src', 'jobs', 'job-process.js');

/** How soon a job begins that is asked for. Ms. */
const LOOK_MS = 1_000;
/** How often the service shows that it works on a job. Ms. */
const SIGN_MS = 1_000;
/** How long the last notes may take when the service stops. Ms. */
const STOP_MS = 3_000;
/** Ends also a process that stands still. A job has nothing to leave in order: its result is one transaction. */
const END = 'SIGKILL';
/** How much of what a job's process says is logged if it fails. Characters. */
const MOST_SAID = 2_000;

/** Connections to the database: its own, and few, so that calls never wait for jobs. */
const CONNECTIONS = 2;

export interface JobsOptions {
  databaseUrl: string;
  /** The service's name, as `ownName` writes it. */
  service: string;
  evidenceFiles: ReadonlyMap<string, string>;
  log: Logger;
}

export interface Jobs {
  /** Ends the job that runs here. */
  stop(): Promise<void>;
}

/** Starts looking for jobs; logs whatever goes wrong, waits, and looks again. */
export function startJobs(options: JobsOptions): Jobs {
  const { databaseUrl, log } = options;
  const database = openDatabase(databaseUrl, { most: CONNECTIONS });
  const runner = new JobRunner(database, options);
  const loop = new Loop({
    step: () => runner.step(),
    idleMs: LOOK_MS,
    onFault: fault => log.warn({ event: 'jobs_stalled', error: String(fault) }),
  });
  loop.wake();
  return {
    async stop() {
      runner.stop();
      // A database that does not answer must not delay the stop: another service sees that this one is gone.
      await Promise.race([loop.stop(), after(STOP_MS)]);
      await database.destroy();
    },
  };
}

const after = (ms: number): Promise<null> => new Promise(resolve => setTimeout(resolve, ms, null).unref());

class JobRunner {
  private isStopping = false;
  private child: ChildProcess | null = null;

  constructor(
    private readonly database: Knex,
    private readonly options: JobsOptions,
  ) {}

  stop(): void {
    this.isStopping = true;
    this.child?.kill(END);
  }

  /** Tells of a job whose service is gone, and does the next one. Resolves when it has ended, with whether there was one. */
  async step(): Promise<boolean> {
    const { database } = this;
    const open = await openJobs(database);
    const running = open.find(({ state }) => state === 'running');
    if (running && !(await this.isLost(running))) return false;
    const next = open.find(({ state }) => state === 'waiting');
    if (!next || this.isStopping) return false;
    const job = { jobId: next.jobId, service: this.options.service };
    const taken = await takeJob(database, job);
    if (!taken) return false;
    const { askedBy, ...asked } = taken;
    await this.run({ job, asked, actor: askedBy, evidenceFiles: [...this.options.evidenceFiles] });
    await pruneJobs(database);
    return true;
  }

  /** Whether the process that runs a job is gone. Then the job has failed. */
  private async isLost({ jobId, service, isSilent }: OpenJob): Promise<boolean> {
    const its = service as string;
    if (!isSilent && !isGone(its)) return false;
    const failure = 'the service that ran it is gone: ask for it again';
    const isTold = await endJob(this.database, { jobId, service: its }, { state: 'failed', failure });
    if (isTold) this.options.log.warn({ event: 'job_lost', job: jobId, service: its });
    return true;
  }

  private async run(order: Order): Promise<void> {
    const { databaseUrl, log } = this.options;
    const { job, asked } = order;
    log.info({ event: 'job_started', job: job.jobId, kind: asked.kind });
    const child = fork(PROGRAM, [], {
      execArgv: [...SMALL_HEAP],
      env: { ...process.env, RINGFENCE_DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    // At once: the threads that it makes later have it too.
    if (child.pid !== undefined) giveWay(child.pid);
    let progress: JobProgress | null = null;
    let failure: string | null = null;
    let said = '';
    child.on('message', (told: Told) => {
      if ('progress' in told) progress = told.progress;
      else failure = told.failure;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_SAID);
    });
    const ended = new Promise<string>(resolve => {
      child.on('error', error => resolve(String(error)));
      // Not `exit`: what it said last may still be on its way.
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    // It may have ended before it could be told, or not have begun: then `ended` says so.
    if (child.pid !== undefined) child.send(order, () => undefined);
    if (this.isStopping) child.kill(END);
    let isStopWanted = false;
    const waited = () => Promise.race([ended, after(SIGN_MS)]);
    let end = await waited();
    for (; end === null; end = await waited()) {
      const sign = await this.sign(job, progress);
      if (sign === 'go on') continue;
      isStopWanted ||= sign === 'stop';
      child.kill(END);
    }
    this.child = null;
    const how = isStopWanted
      ? ({ state: 'stopped' } as const)
      : ({ state: 'failed', failure: this.isStopping ? STOPPED : (failure ?? `its process ended: ${end}`) } as const);
    // A process that was done has written so itself.
    const isUnfinished = await this.end(job, how);
    if (!isUnfinished) log.info({ event: 'job_ended', job: job.jobId });
    else log.warn({ event: 'job_unfinished', job: job.jobId, ...how, end, said });
  }

  /** Tells how it ended as soon as the database is there: what ended its process is often that the database is away. */
  private async end(job: OwnJob, how: JobEnd): Promise<boolean> {
    for (;;) {
      try {
        return await endJob(this.database, job, how);
      } catch (error) {
        // Then the next service tells that this one is gone.
        if (this.isStopping) throw error;
        this.options.log.warn({ event: 'job_end_not_noted', job: job.jobId, error: String(error) });
        await after(SIGN_MS);
      }
    }
  }

  /** A fault of the database ends no job: its process may get its answers all the same. */
  private async sign(job: OwnJob, progress: JobProgress | null): Promise<'go on' | 'stop' | 'lost'> {
    try {
      return await noteProgress(this.database, job, progress);
    } catch (error) {
      this.options.log.warn({ event: 'job_not_noted', job: job.jobId, error: String(error) });
      return 'go on';
    }
  }
}

const STOPPED = 'the service that ran it was stopped: ask for it again';
