import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { told } from '../../api/ask';
import { type SessionOfMine, sessionOfMineEnd, sessionsOfMine } from '../../api/operations';
import { useSession } from '../../api/session';
import { Asked } from '../../parts/page';
import { ProofRefusal } from '../../parts/proof-refusal';
import { Instant, State } from '../../parts/shown';
import { useTexts } from '../../texts/texts';
import classes from './me.module.css';

export const SESSIONS_KEY = ['my', 'sessions'] as const;

/** Where the person is logged in. */
export function Sessions() {
  const { me } = useTexts();
  const query = useQuery({ queryKey: SESSIONS_KEY, queryFn: () => told(sessionsOfMine()) });
  return (
    <section>
      <h2>{me.sessions}</h2>
      <p className={classes.lead}>{me.sessionsLead}</p>
      <Asked query={query}>
        {({ items }) => (
          <ul className={classes.list} aria-label={me.sessions}>
            {items.map(session => (
              <OneSession key={session.session_number} session={session} />
            ))}
          </ul>
        )}
      </Asked>
    </section>
  );
}

function OneSession({ session }: { session: SessionOfMine }) {
  const { me } = useTexts();
  const { csrf_token: xCsrfToken } = useSession();
  const queries = useQueryClient();
  const { session_number: number, address, created_at: began, used_at: used, ends_at: ends, is_this: isThis } = session;
  const end = useMutation({
    mutationFn: () => told(sessionOfMineEnd({ xCsrfToken, sessionNumber: Number(number) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: SESSIONS_KEY }),
  });
  return (
    <li>
      <span>
        {address} {isThis && <State mood="ours">{me.thisOne}</State>}
        <span className={classes.times}>
          {me.began} <Instant at={began} />, {me.used} <Instant at={used} />, {me.ends} <Instant at={ends} />
        </span>
      </span>
      {!isThis && (
        <Button
          size="md"
          variant="default"
          aria-label={me.endOf(address)}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          {me.end}
        </Button>
      )}
      <ProofRefusal error={end.error} />
    </li>
  );
}
