/** Whether the books balance, and agree with the switches: the last proofs, and new ones as jobs that go on when the page is left. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { type Job, jobList, status, type Verdict } from '../../api/operations';
import { useMay } from '../../api/session';
import { Asked, Empty } from '../../parts/page';
import { Instant, type Mood, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import { tookText } from './age';
import classes from './desk.module.css';
import { STATUS_KEY } from './desk-query';
import { OneJob, useJobWords } from './job';
import { JOBS_KEY } from './job-query';
import { NewJob } from './new-job';
import { ForRoles } from './parts-of-desk';
import { type More, usePlace } from './place';
import { Progress } from './progress';
import type { BooksSearch } from './search';
import { Told } from './with-form';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/books')({ component: BooksPage });

/** All that are kept: 100 that ended, and what waits. */
const ALL = 200;
/** How often the jobs are read anew while one goes on, and otherwise. Ms. */
const BUSY_MS = 1_500;
const REST_MS = 20_000;

const MOODS: Record<Job['state'], Mood> = {
  waiting: 'quiet',
  running: 'attention',
  done: 'ours',
  failed: 'wrong',
  stopped: 'quiet',
};

export type SetBooks = (more: More<BooksSearch>) => void;

function BooksPage() {
  return (
    <ForRoles of="jobList">
      <Books />
    </ForRoles>
  );
}

const goesOn = ({ ended_at: at }: Pick<Job, 'ended_at'>): boolean => at === null;

function Books() {
  const desk = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  const { search, set, done, end } = usePlace<BooksSearch>(
    Route.useSearch(),
    next => void navigate({ search: next, replace: true, resetScroll: false }),
  );
  const jobs = useQuery({
    queryKey: JOBS_KEY,
    queryFn: () => told(jobList({ limit: ALL })),
    refetchInterval: ({ state }) => (state.data?.items.some(goesOn) ? BUSY_MS : REST_MS),
  });
  // The newest that has ended has brought a new proof. Others come from the command line.
  const ended = jobs.data?.items.find(job => !goesOn(job))?.job ?? 0;
  const proofs = useQuery({
    queryKey: [...STATUS_KEY, ended],
    queryFn: () => told(status()),
    refetchInterval: REST_MS,
  });
  return (
    <>
      <section>
        <div className={classes.bar}>
          <h2 className={classes.first}>{desk.lastProofs}</h2>
          <div className={classes.buttonsInBar}>
            {may('jobVerify') && (
              <Button
                variant={search.do === 'verify' ? 'default' : 'filled'}
                aria-expanded={search.do === 'verify'}
                onClick={() => set({ do: search.do === 'verify' ? undefined : 'verify' })}
              >
                {desk.startVerify}
              </Button>
            )}
            {may('jobReconcile') && (
              <Button
                variant="default"
                aria-expanded={search.do === 'reconcile'}
                onClick={() => set({ do: search.do === 'reconcile' ? undefined : 'reconcile' })}
              >
                {desk.startReconcile}
              </Button>
            )}
          </div>
        </div>
        <Told>{done}</Told>
        {search.do !== undefined && (
          <NewJob
            key={search.do}
            kind={search.do}
            onDone={number => end(desk.jobAsked(number), { job: number })}
            onCancel={() => end(null)}
          />
        )}
        <Asked query={proofs}>
          {({ verdicts }) => (
            <LastProofs verdicts={verdicts} jobs={jobs.data?.items ?? []} onOpen={job => set({ job })} />
          )}
        </Asked>
      </section>
      <section>
        <h2>{desk.jobs}</h2>
        <Asked query={jobs}>{({ items }) => <Jobs jobs={items} open={search.job} onSearch={set} />}</Asked>
      </section>
    </>
  );
}

interface LastProofsProps {
  verdicts: readonly Verdict[];
  jobs: readonly Job[];
  onOpen: (job: number) => void;
}

/** The last proof of each kind, however it was made, and the last comparison with the switches. */
function LastProofs({ verdicts, jobs, onOpen }: LastProofsProps) {
  const { language } = useReading();
  const desk = useWords();
  const compared = jobs.find(({ kind, state }) => kind === 'reconcile' && state === 'done');
  if (verdicts.length === 0 && compared === undefined) {
    return <Empty command="ringfence verify">{desk.neverProven}</Empty>;
  }
  return (
    <ul className={classes.proofs}>
      {verdicts.map(({ kind, verified_at: at, differences, elapsed_ms: ms, actor }) => (
        <li key={kind}>
          <span>
            <b>{desk.proofs[kind]}</b> <Found count={differences} good={desk.balanced} />
          </span>
          <span className={classes.under}>
            <Instant at={at} />, {desk.by} <bdi>{actor}</bdi>, {desk.took(tookText(ms, language))}
          </span>
        </li>
      ))}
      {compared && (
        <li>
          <span>
            <b>{desk.comparison}</b> <Found count={compared.difference_count ?? 0} good={desk.agree} />{' '}
            <Button size="compact-xs" variant="subtle" onClick={() => onOpen(compared.job)}>
              {desk.jobNumber(compared.job)}
            </Button>
          </span>
          <span className={classes.under}>
            <Instant at={compared.ended_at} />, {desk.by} <bdi>{compared.asked_by}</bdi>
          </span>
        </li>
      )}
    </ul>
  );
}

/** How many differences there are; `good`: what it is called when there is none. */
function Found({ count, good }: { count: number; good: string }) {
  const { language } = useReading();
  const desk = useWords();
  if (count === 0) return <State mood="ours">{good}</State>;
  return <State mood="wrong">{desk.differences(count.toLocaleString(language), count)}</State>;
}

interface JobsProps {
  jobs: readonly Job[];
  open: number | undefined;
  onSearch: SetBooks;
}

function Jobs({ jobs, open, onSearch }: JobsProps) {
  const { texts, language } = useReading();
  const { common } = texts;
  const desk = useWords();
  const words = useJobWords();
  if (jobs.length === 0) return <Empty>{desk.noJob}</Empty>;
  const columns: Column<Job>[] = [
    { head: desk.number, cell: ({ job }) => job },
    { head: desk.what, cell: job => <JobWhat {...words(job)} /> },
    { head: desk.outcome, cell: job => <JobOutcome job={job} /> },
    { head: desk.asked, cell: ({ asked_at: at }) => <Instant at={at} />, isExtra: true },
    { head: desk.askedBy, cell: ({ asked_by: by }) => <Clipped>{by}</Clipped>, isExtra: true },
    {
      head: desk.tookHead,
      cell: ({ started_at: began, ended_at: end }) =>
        began === null || end === null ? common.none : tookText(Date.parse(end) - Date.parse(began), language),
      isFigure: true,
      isExtra: true,
    },
  ];
  return (
    <Rows
      caption={desk.jobs}
      columns={columns}
      rows={jobs}
      keyOf={({ job }) => String(job)}
      onOpen={({ job }) => onSearch({ job: open === job ? undefined : job })}
      below={job => (job.job === open ? <OneJob job={job} /> : null)}
    />
  );
}

/** How far it is, what it found, or why it found nothing. */
function JobOutcome({ job }: { job: Job }) {
  const desk = useWords();
  const { state, kind, difference_count: count } = job;
  if (state === 'running') return <Progress job={job} />;
  if (count !== null) return <Found count={count} good={kind === 'verify' ? desk.balanced : desk.agree} />;
  return <State mood={MOODS[state]}>{desk.jobStates[state]}</State>;
}

function JobWhat({ what, of }: { what: string; of: string }) {
  return (
    <>
      {what}
      <span className={classes.under}>{of}</span>
    </>
  );
}
