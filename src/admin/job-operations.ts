/** Long work that an operator asks for, and a service does: proofs of the books. */
import { type Static, Type } from 'typebox';
import { JOB_STATES, MOST_KEPT, reconciliation, verification } from '../jobs/job';
import { askJob, type JobShown, type JobView, jobNumbered, listJobs, stopJob } from '../jobs/job-store';
import {
  amountFact,
  anyFacts,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import type { Facts } from '../operator/facts';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { instant, whole } from '../operator/schema';

const job = whole(1, 4_294_967_295, {
  description: 'the number of the job, as "job list" shows it',
  unit: 'number',
  example: 17,
});

const JOB = factsOf('Job', {
  job: wholeFact('number of the job'),
  kind: wordFact(['verify', 'reconcile']),
  parameters: anyFacts('what it looks at, as it was asked'),
  state: wordFact(JOB_STATES, 'failed: by a fault, with the reason in failure; stopped: because it was asked to stop'),
  step: orNull(textFact('what it does now, or did last; null before its first sign')),
  done: orNull(wholeFact('how much of that step: rows read, or of a comparison seconds of its time')),
  total: orNull(wholeFact('of how much; null if that is not known')),
  asked_by: textFact('the actor that asked'),
  asked_at: instantFact(),
  started_at: orNull(instantFact('null while it waits: one job runs at a time')),
  ended_at: orNull(instantFact('null while it waits or runs')),
  service: orNull(textFact('the process that runs it or ran it')),
  stop_by: orNull(textFact('the actor that asked to stop it')),
  failure: orNull(textFact('why it failed')),
  difference_count: orNull(wholeFact('how many differences it found; null until it is done')),
});

const VERIFY_OUTCOME = factsOf('VerifyOutcome', {
  accounts: wholeFact(),
  entries: wholeFact(),
  calls: wholeFact(),
  reservations: wholeFact(),
  changes: wholeFact('of operators, in the audit trail'),
  elapsed_ms: wholeFact(),
});

const RECONCILE_OUTCOME = factsOf('ReconcileOutcome', {
  amounts: Type.Object(
    {},
    { description: 'by currency: what corrections would add to balances', additionalProperties: amountFact() },
  ),
  calls_compared: wholeFact(),
  calls_open: wholeFact('not compared: still in progress'),
  calls_without_end: wholeFact("not compared: no end in Asterisk's records"),
  calls_without_records: wholeFact('not compared: of a time without any records of their switch'),
});

const BOOKS_DIFFERENCE = factsOf('BooksDifference', {
  rule: textFact('what does not hold'),
  accountcode: textFact(),
  uniqueid: orNull(textFact('the call; null if it is about the whole account')),
  text: textFact('what the books say in one place and in the other'),
});

const TRAIL_DIFFERENCE = factsOf('AuditDifference', {
  rule: textFact('what does not hold'),
  audit_id: orNull(textFact('the row of the audit trail; null if none is left')),
  text: textFact(),
});

const CALL_DIFFERENCE = factsOf('CallDifference', {
  start_at: instantFact('of a call that only Asterisk knows, its answer'),
  accountcode: textFact(),
  finding: textFact('talk_differs, not_in_switch_records, end_not_told, not_in_cdrs or unclear'),
  billsec: orNull(wholeFact('by the CDR; null if there is none')),
  switch_billsec: orNull(wholeFact("by Asterisk's records; null if they do not say")),
  charged: orNull(amountFact('cost less corrections; null without a CDR')),
  switch_cost: orNull(amountFact('what it should have cost; null if that is not known')),
  amount: amountFact('what a correction would add to the balance'),
  currency: textFact('empty for a call without a CDR'),
  corrected_before: flagFact('it has its correction already, and a call has only one'),
  reason: orNull(textFact('why it is charged as it is, if its end is not in the records')),
  uniqueid: textFact(),
});

const JOB_SHOWN = factsOf('JobShown', {
  ...JOB.properties,
  outcome: orNull(
    Type.Unsafe<Facts>(
      Type.Union([VERIFY_OUTCOME, RECONCILE_OUTCOME], { description: 'how much was looked at; null until it is done' }),
    ),
  ),
  differences: listFact(
    Type.Unsafe<Facts>(Type.Union([BOOKS_DIFFERENCE, TRAIL_DIFFERENCE, CALL_DIFFERENCE])),
    `the first ${MOST_KEPT}`,
  ),
});

const jobFacts = (view: JobView): Static<typeof JOB> => ({
  job: view.jobId,
  kind: view.kind,
  parameters: view.parameters,
  state: view.state,
  step: view.step,
  done: view.done,
  total: view.total,
  asked_by: view.askedBy,
  asked_at: view.askedAt,
  started_at: view.startedAt,
  ended_at: view.endedAt,
  service: view.service,
  stop_by: view.stopBy,
  failure: view.failure,
  difference_count: view.differenceCount,
});

export const jobShownFacts = ({ outcome, differences, ...view }: JobShown): Static<typeof JOB_SHOWN> => ({
  ...jobFacts(view),
  outcome,
  differences,
});

/** What one line shows of a job. */
const jobLine = (view: JobView): Facts => {
  const { parameters, asked_at, ended_at, service: _, ...line } = jobFacts(view);
  return { ...line, parameters: parameters as Facts, asked_at, ended_at };
};

const waitsText = ({ jobId }: JobView): string =>
  `job ${jobId} waits: the next service that has the operator's API open does it; "job show ${jobId}" shows how far it is`;

const verify = operation({
  name: 'job verify',
  help: 'have a service prove the books and the audit trail, as "verify" does, in a process beside it; calls go on meanwhile',
  example: 'job verify',
  // It keeps the database busy for minutes.
  roles: ['admin'],
  fields: fields({
    since: Type.Optional(
      instant({
        description: 'only what changed since then; all before it is taken as it is',
        unit: 'time',
        example: '2026-11-01T00:00:00Z',
      }),
    ),
  }),
  arguments: [],
  refusals: ['too_many_jobs'],
  changes: 'at once',
  shownBy: 'job show',
  run: (acting, { since }) => askJob(acting, verification({ since }, Date.now())),
  answer: { kind: 'record', schema: JOB, facts: jobFacts, says: waitsText },
});

const reconcile = operation({
  name: 'job reconcile',
  help: 'have a service compare calls with Asterisk\'s own records, as "reconcile" does without --apply: it changes nothing',
  example: 'job reconcile --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z',
  roles: ['admin'],
  fields: fields({
    from: instant({
      description: 'calls that started from then on, such as 2026-11-01 in your zone (TZ)',
      unit: 'time',
      example: '2026-11-01T00:00:00Z',
    }),
    to: Type.Optional(
      instant({ description: 'and before then; now if not given', unit: 'time', example: '2026-12-01T00:00:00Z' }),
    ),
    tolerance: Type.Optional(
      whole(0, 3_600, {
        description: 'talk that differs by no more is the same; 1 if not given',
        unit: 'seconds',
        example: 1,
      }),
    ),
  }),
  arguments: [],
  refusals: ['too_many_jobs'],
  changes: 'at once',
  shownBy: 'job show',
  run: (acting, given) => askJob(acting, reconciliation(given, Date.now())),
  answer: { kind: 'record', schema: JOB, facts: jobFacts, says: waitsText },
});

const list = operation({
  name: 'job list',
  help: 'jobs, the newest first: what waits, what runs and how far it is, and the last 100 that ended',
  example: 'job list',
  roles: ['read', 'support', 'admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listJobs(database, rowsOf(page)),
  answer: { kind: 'list', schema: JOB, facts: jobFacts, line: jobLine, none: 'no job' },
});

const show = operation({
  name: 'job show',
  help: `a job: how far it is, and when it is done what it found, with the first ${MOST_KEPT} differences`,
  example: 'job show 17',
  roles: ['read', 'support', 'admin'],
  fields: fields({ job }),
  arguments: ['job'],
  refusals: ['job_not_found'],
  run: ({ database }, { job: id }) => jobNumbered(database, id),
  answer: { kind: 'record', schema: JOB_SHOWN, facts: jobShownFacts },
});

const stop = operation({
  name: 'job stop',
  help: 'end a job without a result: at once if it waits, within some seconds if it runs',
  example: 'job stop 17',
  roles: ['admin'],
  fields: fields({ job }),
  arguments: ['job'],
  refusals: ['job_not_found', 'job_ended'],
  changes: 'at once',
  run: (acting, { job: id }) => stopJob(acting, id),
  answer: {
    kind: 'record',
    schema: JOB,
    facts: jobFacts,
    says: ({ jobId, state }) => (state === 'running' ? `job ${jobId} will be stopped` : `job ${jobId} is ${state}`),
  },
});

export const JOB_OPERATIONS = [verify, reconcile, list, show, stop];
