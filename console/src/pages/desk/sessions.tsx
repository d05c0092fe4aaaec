/** Who is logged in, and where; ended from here. */
import { Button } from '@mantine/core';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type Session, sessionList, sessionRevoke } from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { Note, RefusalNote } from '../../parts/page';
import { ListParts, useNumberedParts } from '../../parts/parts-of-list';
import { Heard, Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import classes from './desk.module.css';
import { AT_ONCE } from './parts-of-desk';
import { SESSIONS_KEY } from './people-query';
import { useWords } from './words';

/** All sessions, or those of one person. */
export function Sessions({ name }: { name?: string }) {
  const desk = useWords();
  const may = useMay();
  const { session_number: own } = useSession();
  const query = useNumberedParts<Session>([...SESSIONS_KEY, name ?? ''], page =>
    told(sessionList({ ...(name !== undefined && { name }), limit: AT_ONCE, page })),
  );
  const end = useChange({
    run: ({ session_number: number }: Session, idempotencyKey) =>
      told(sessionRevoke({ sessionNumber: Number(number), idempotencyKey })),
    stale: [SESSIONS_KEY],
  });
  const columns: Column<Session>[] = [
    {
      head: name === undefined ? desk.person : desk.fromAddress,
      cell: session =>
        name === undefined ? (
          <>
            <Clipped>{session.name}</Clipped>
            <span className={classes.under}>{session.address}</span>
          </>
        ) : (
          session.address
        ),
    },
    { head: desk.since, cell: ({ created_at: at }) => <Instant at={at} />, isExtra: true },
    { head: desk.lastUsed, cell: ({ used_at: at }) => <Instant at={at} /> },
    { head: desk.ends, cell: ({ ends_at: at }) => <Instant at={at} />, isExtra: true },
  ];
  if (may('sessionRevoke')) {
    columns.push({
      head: <Heard>{desk.end}</Heard>,
      isFigure: true,
      cell: session =>
        session.session_number === own ? (
          <State mood="ours">{desk.thisOne}</State>
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={desk.endOf(session.name, session.address)}
            loading={end.isPending && end.variables.session_number === session.session_number}
            onClick={() => end.mutate(session)}
          >
            {desk.end}
          </Button>
        ),
    });
  }
  return (
    <>
      <div className={classes.notes}>
        <RefusalNote error={end.error} />
        {end.data && <Note mood="ours">{desk.sessionEnded(end.data.name, end.data.address)}</Note>}
      </div>
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <p className={classes.lead}>{desk.noSession}</p>
          ) : (
            <Rows
              caption={desk.sessions}
              columns={columns}
              rows={rows}
              keyOf={({ session_number: number }) => number}
            />
          )
        }
      </ListParts>
    </>
  );
}
