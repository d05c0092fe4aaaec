/** One job, opened below its row: how far it is, what it looked at, and what it found. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import {
  type AuditDifference,
  type BooksDifference,
  type CallDifference,
  type Job,
  type JobShown,
  jobShow,
  jobStop,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { placesOf, readable } from '../../parts/amounts';
import { Asked, Note, RefusalNote } from '../../parts/page';
import { Amount, Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { clockTime } from '../../parts/times';
import { useReading, useTexts } from '../../texts/texts';
import { tookText } from './age';
import classes from './desk.module.css';
import { JOBS_KEY, jobKey } from './job-query';
import { Facts, ServiceName } from './parts-of-desk';
import { Progress } from './progress';
import { useWords } from './words';

/** What a job is, and of what. */
export function useJobWords(): (job: Pick<Job, 'kind' | 'parameters'>) => { what: string; of: string } {
  const { language } = useReading();
  const desk = useWords();
  return ({ kind, parameters }) => {
    const { since, from, to, tolerance } = parameters as {
      since?: string | null;
      from?: string;
      to?: string;
      tolerance?: number;
    };
    if (kind === 'verify') {
      return { what: desk.proof, of: since ? desk.ofSince(clockTime(since, language)) : desk.ofAll };
    }
    const [first, end] = [from, to].map(at => (at === undefined ? '' : clockTime(at, language)));
    return { what: desk.comparison, of: `${first} – ${end}${tolerance === undefined ? '' : `, ±${tolerance} s`}` };
  };
}

export function OneJob({ job }: { job: Job }) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const isOver = job.ended_at !== null;
  const stop = useChange({
    run: (number: number, idempotencyKey) => told(jobStop({ job: number, idempotencyKey })),
    stale: [JOBS_KEY],
  });
  return (
    <>
      <Facts
        facts={[
          [desk.asked, <Instant key="asked" at={job.asked_at} />],
          [desk.askedBy, job.asked_by],
          [desk.began, <Instant key="began" at={job.started_at} />],
          [desk.ended, <Instant key="ended" at={job.ended_at} />],
          [desk.service, job.service === null ? common.none : <ServiceName key="service" of={job.service} />],
        ]}
      />
      {job.state === 'running' && <Progress job={job} />}
      {job.state === 'waiting' && <p className={classes.lead}>{desk.jobWaits}</p>}
      {!isOver && <p className={classes.lead}>{desk.goesOn}</p>}
      {job.failure !== null && (
        <Note mood="wrong">
          <bdi>{job.failure}</bdi>
        </Note>
      )}
      {job.stop_by !== null && (
        <p className={classes.lead}>
          {desk.stoppedBy} <bdi>{job.stop_by}</bdi>
        </p>
      )}
      <RefusalNote error={stop.error} />
      {!isOver && may('jobStop') && (
        <div className={classes.buttons}>
          <Button
            size="xs"
            variant="default"
            loading={stop.isPending}
            disabled={job.stop_by !== null}
            onClick={() => stop.mutate(job.job)}
          >
            {desk.stop}
          </Button>
        </div>
      )}
      {job.state === 'done' && may('jobShow') && <Result job={job.job} />}
    </>
  );
}

/** What it found does not change any more. */
function Result({ job }: { job: number }) {
  const query = useQuery({
    queryKey: jobKey(job),
    queryFn: () => told(jobShow({ job })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Asked query={query}>
      {shown => (
        <>
          <Outcome outcome={shown.outcome} />
          <Differences shown={shown} />
        </>
      )}
    </Asked>
  );
}

function Outcome({ outcome }: { outcome: JobShown['outcome'] }) {
  const { language } = useReading();
  const desk = useWords();
  if (outcome === null) return null;
  const count = (number: number) => number.toLocaleString(language);
  if ('entries' in outcome) {
    const { accounts, entries, calls, reservations, changes, elapsed_ms: ms } = outcome;
    return (
      <Facts
        facts={[
          [desk.looked.accounts, count(accounts)],
          [desk.looked.entries, count(entries)],
          [desk.looked.calls, count(calls)],
          [desk.looked.reservations, count(reservations)],
          [desk.looked.changes, count(changes)],
          [desk.tookHead, tookText(ms, language)],
        ]}
      />
    );
  }
  const sums = Object.entries(outcome.amounts).map(([currency, sum]) => `${readable(sum, language)} ${currency}`);
  return (
    <Facts
      facts={[
        [desk.looked.compared, count(outcome.calls_compared)],
        [desk.looked.open, count(outcome.calls_open)],
        [desk.looked.withoutEnd, count(outcome.calls_without_end)],
        [desk.looked.withoutRecords, count(outcome.calls_without_records)],
        [desk.looked.corrections, sums.length === 0 ? '–' : sums.join(', ')],
      ]}
    />
  );
}

type AnyDifference = JobShown['differences'][number];
const isOfCall = (difference: AnyDifference): difference is CallDifference => 'finding' in difference;
const isOfBooks = (difference: AnyDifference): difference is BooksDifference | AuditDifference => 'rule' in difference;

function Differences({ shown }: { shown: JobShown }) {
  const { language } = useReading();
  const desk = useWords();
  const { differences, difference_count: count, kind, parameters } = shown;
  if (differences.length === 0)
    return <p className={classes.lead}>{kind === 'verify' ? desk.noDifference : desk.allAgree}</p>;
  const { from = '', to = '', tolerance = 0 } = parameters as { from?: string; to?: string; tolerance?: number };
  return (
    <>
      {count !== null && count > differences.length && (
        <p className={classes.lead}>
          {desk.firstOnly(differences.length.toLocaleString(language), count.toLocaleString(language))}
        </p>
      )}
      {kind === 'verify' ? (
        <BooksTable rows={differences.filter(isOfBooks)} />
      ) : (
        <>
          <CallsTable rows={differences.filter(isOfCall)} />
          <p className={classes.small}>
            {desk.applyLead}{' '}
            <code>{`ringfence reconcile --from ${from} --to ${to} --tolerance ${tolerance} --apply`}</code>
          </p>
        </>
      )}
    </>
  );
}

const CallLink = ({ uniqueid }: { uniqueid: string }) => (
  <Link to="/calls/$uniqueid" params={{ uniqueid }} className={classes.link}>
    <Clipped>{uniqueid}</Clipped>
  </Link>
);

function BooksTable({ rows }: { rows: readonly (BooksDifference | AuditDifference)[] }) {
  const desk = useWords();
  const columns: Column<BooksDifference | AuditDifference>[] = [
    { head: desk.where, cell: each => <Where of={each} /> },
    {
      head: desk.difference,
      cell: ({ text, rule }) => (
        <span className={classes.wraps} dir="auto">
          {text}
          <span className={classes.under}>{rule}</span>
        </span>
      ),
    },
  ];
  const keys = new Map(rows.map((row, index) => [row, String(index)]));
  return <Rows caption={desk.difference} columns={columns} rows={rows} keyOf={row => keys.get(row) ?? ''} />;
}

function Where({ of: each }: { of: BooksDifference | AuditDifference }) {
  const desk = useWords();
  if (!('accountcode' in each))
    return each.audit_id === null ? desk.parts.audit : `${desk.parts.audit} ${each.audit_id}`;
  return <AccountAndCall accountcode={each.accountcode} uniqueid={each.uniqueid} />;
}

function AccountAndCall({ accountcode, uniqueid }: { accountcode: string; uniqueid: string | null }) {
  return (
    <>
      <Clipped>{accountcode}</Clipped>
      {uniqueid !== null && (
        <span className={classes.under}>
          <CallLink uniqueid={uniqueid} />
        </span>
      )}
    </>
  );
}

function CallsTable({ rows }: { rows: readonly CallDifference[] }) {
  const { common } = useTexts();
  const desk = useWords();
  const findings: Partial<Record<string, string>> = desk.findings;
  const places = placesOf(
    rows.flatMap(({ charged, switch_cost: cost, amount }) => [charged ?? '0', cost ?? '0', amount]),
  );
  const columns: Column<CallDifference>[] = [
    { head: desk.when, cell: ({ start_at: at }) => <Instant at={at} />, isExtra: true },
    {
      head: desk.where,
      cell: ({ accountcode, uniqueid }) => <AccountAndCall accountcode={accountcode} uniqueid={uniqueid} />,
    },
    {
      head: desk.difference,
      cell: ({ finding, reason, corrected_before: was }) => (
        <>
          {findings[finding] ?? finding}
          {(reason !== null || was) && (
            <span className={classes.under} dir="auto">
              {[reason, was ? desk.correctedBefore : null].filter(each => each !== null).join(', ')}
            </span>
          )}
        </>
      ),
    },
    { head: desk.talkOurs, cell: ({ billsec }) => billsec ?? common.none, isFigure: true, isExtra: true },
    { head: desk.talkTheirs, cell: ({ switch_billsec: talk }) => talk ?? common.none, isFigure: true, isExtra: true },
    {
      head: desk.charged,
      cell: ({ charged }) => (charged === null ? common.none : <Amount value={charged} places={places} />),
      isFigure: true,
      isExtra: true,
    },
    {
      head: desk.shouldCost,
      cell: ({ switch_cost: cost }) => (cost === null ? common.none : <Amount value={cost} places={places} />),
      isFigure: true,
      isExtra: true,
    },
    {
      head: desk.correction,
      cell: ({ amount, currency }) => <Amount value={amount} currency={currency} places={places} />,
      isFigure: true,
    },
  ];
  return (
    <Rows
      caption={desk.difference}
      columns={columns}
      rows={rows}
      keyOf={({ uniqueid, finding }) => `${uniqueid} ${finding}`}
    />
  );
}
