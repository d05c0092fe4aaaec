/** The switches: which service acts for each, since when, and what an operator must correct. */
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { type Alarm, type Status, type Switch, status } from '../../api/operations';
import { Asked, Empty, Note } from '../../parts/page';
import { Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useNow } from '../../parts/use-now';
import { useReading } from '../../texts/texts';
import { ageText } from './age';
import classes from './desk.module.css';
import { STATUS_KEY } from './desk-query';
import { ForRoles, ServiceName } from './parts-of-desk';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/nodes')({ component: NodesPage });

/** A lease lasts 10 s, and is renewed before. Ms. */
const AGAIN_MS = 5_000;

function NodesPage() {
  return (
    <ForRoles of="status">
      <Now />
    </ForRoles>
  );
}

function Now() {
  const query = useQuery({ queryKey: STATUS_KEY, queryFn: () => told(status()), refetchInterval: AGAIN_MS });
  return <Asked query={query}>{data => <Nodes status={data} readAt={query.dataUpdatedAt} />}</Asked>;
}

function Nodes({ status: { items, alarms }, readAt }: { status: Status; readAt: number }) {
  const desk = useWords();
  return (
    <>
      <section>
        <h2 className={classes.first}>{desk.alarms}</h2>
        {alarms.length === 0 ? (
          <p className={classes.lead}>{desk.noAlarm}</p>
        ) : (
          <div className={classes.notes}>
            {alarms.map(alarm => (
              <OneAlarm key={`${alarm.alarm} ${alarm.subject} ${alarm.reporter}`} alarm={alarm} />
            ))}
          </div>
        )}
      </section>
      <section>
        <h2>{desk.switches}</h2>
        {items.length === 0 ? (
          <Empty command="RINGFENCE_ARI_URL=http://user:password@host:8088 ringfence serve">{desk.noSwitch}</Empty>
        ) : (
          <Switches switches={items} readAt={readAt} />
        )}
      </section>
    </>
  );
}

function OneAlarm({ alarm: { alarm, subject, details, since_at: since, reporter } }: { alarm: Alarm }) {
  const desk = useWords();
  return (
    <Note mood="wrong">
      <b>{alarm}</b> <bdi>{subject}</bdi>: <bdi>{details}</bdi>
      <p className={classes.noteSmall}>
        {desk.since} <Instant at={since} />, {desk.reportedBy} <ServiceName of={reporter} />
      </p>
    </Note>
  );
}

function Switches({ switches, readAt }: { switches: readonly Switch[]; readAt: number }) {
  const { texts, language } = useReading();
  const { common } = texts;
  const desk = useWords();
  const now = useNow();
  const age = (at: string) => ageText(now - Date.parse(at), language);
  const columns: Column<Switch>[] = [
    {
      head: desk.node,
      cell: ({ node }) => (
        <b>
          <Clipped>{node}</Clipped>
        </b>
      ),
    },
    {
      head: desk.owner,
      cell: ({ owner }) => (owner === null ? <State mood="wrong">{desk.noOwner}</State> : <ServiceName of={owner} />),
      isExtra: true,
    },
    {
      head: desk.lease,
      cell: ({ owner, lease_seconds: seconds }) => {
        // Of the moment when it was read, and read anew before it ends.
        const left = Math.floor(seconds - (now - readAt) / 1_000);
        if (owner === null || left <= 0) return <State mood="wrong">{desk.leaseOver}</State>;
        return <State mood="ours">{desk.leaseLeft(left)}</State>;
      },
    },
    {
      head: desk.ownedFor,
      cell: ({ acquired_at: at }) => (at === null ? common.none : <span title={at}>{age(at)}</span>),
      isExtra: true,
    },
    { head: desk.owners, cell: ({ epoch }) => epoch, isFigure: true, isExtra: true },
    { head: desk.calls, cell: ({ live_calls: calls, talking }) => desk.callsOf(calls, talking), isFigure: true },
    {
      head: desk.beyond,
      cell: ({ past_limit: past, overran }) =>
        past === 0 && overran === 0 ? (
          '0'
        ) : (
          <State mood={past > 0 ? 'wrong' : 'attention'}>{desk.beyondOf(past, overran)}</State>
        ),
      isExtra: true,
    },
    {
      head: desk.compared,
      cell: ({ seen_at: at }) => (at === null ? desk.never : <span title={at}>{desk.ago(age(at))}</span>),
      isExtra: true,
    },
    {
      head: desk.switchStarted,
      cell: ({ switch_started_at: at }) => <Instant at={at} />,
      isExtra: true,
    },
  ];
  return <Rows caption={desk.switches} columns={columns} rows={switches} keyOf={({ node }) => node} />;
}
