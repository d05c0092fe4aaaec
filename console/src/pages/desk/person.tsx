/** One person, opened below its row. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type Operator, operatorBlock, operatorReset, operatorUnblock } from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { Panel } from '../../parts/form';
import { RefusalNote } from '../../parts/page';
import { Instant } from '../../parts/shown';
import type { Once } from '../../parts/shown-once';
import { useTexts } from '../../texts/texts';
import { ChangePerson } from './change-person';
import classes from './desk.module.css';
import { Facts } from './parts-of-desk';
import { type PeoplePlace, STALE, type Token, tokenOf } from './people-query';
import { Sessions } from './sessions';
import { useWords } from './words';

interface PersonProps {
  person: Operator;
  place: PeoplePlace;
  once: Once<Token>;
}

export function Person({ person, place, once }: PersonProps) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const session = useSession();
  const { name, status, accountcode } = person;
  const isSelf = session.name === name;
  const { do: form } = place.search;
  const unblock = useChange({
    run: (blocked: string, idempotencyKey) => told(operatorUnblock({ name: blocked, idempotencyKey })),
    stale: STALE,
    onDone: () => place.end(desk.unblocked(name)),
  });
  return (
    <>
      <Facts
        facts={[
          [desk.added, <Instant key="added" at={person.created_at} />],
          [desk.passwordSince, <Instant key="password" at={person.password_at} />],
          ...(person.token_expires_at === null
            ? []
            : [[desk.tokenUntil, <Instant key="token" at={person.token_expires_at} />] as const]),
          [desk.factor, person.second_factor ? desk.yes : desk.no],
          [desk.lastLogin, <Instant key="login" at={person.last_login_at} />],
          [desk.fromAddress, person.last_login_from ?? common.none],
          [desk.mail, person.mail ?? common.none],
        ]}
      />
      {isSelf && <p className={classes.lead}>{desk.isYou}</p>}
      {form === 'roles' && !isSelf && accountcode === null && (
        <ChangePerson key="roles" name={name} what="roles" onEnd={place.end} />
      )}
      {form === 'mail' && !isSelf && <ChangePerson key="mail" name={name} what="mail" onEnd={place.end} />}
      {form === 'reset' && !isSelf && <Reset name={name} once={once} onEnd={place.end} />}
      {form === 'block' && !isSelf && <Block name={name} onEnd={place.end} />}
      <RefusalNote error={unblock.error} />
      <div className={classes.buttons}>
        {!isSelf && accountcode === null && may('operatorSet') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'roles' })}>
            {desk.changeRoles}
          </Button>
        )}
        {!isSelf && may('operatorSet') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'mail' })}>
            {desk.changeMail}
          </Button>
        )}
        {!isSelf && may('operatorReset') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'reset' })}>
            {desk.reset}
          </Button>
        )}
        {!isSelf && status !== 'blocked' && may('operatorBlock') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'block' })}>
            {desk.block}
          </Button>
        )}
        {status === 'blocked' && may('operatorUnblock') && (
          <Button size="xs" variant="default" loading={unblock.isPending} onClick={() => unblock.mutate(name)}>
            {desk.unblock}
          </Button>
        )}
        {may('auditList') && (
          <Button
            size="xs"
            variant="subtle"
            renderRoot={props => <Link {...props} to="/desk/audit" search={{ actor: `operator:${name}` }} />}
          >
            {desk.whatDid}
          </Button>
        )}
      </div>
      {may('sessionList') && (
        <section>
          <h2 className={classes.sub}>{desk.sessions}</h2>
          <Sessions name={name} />
        </section>
      )}
    </>
  );
}

interface FormProps {
  name: string;
  onEnd: PeoplePlace['end'];
}

function Reset({ name, once, onEnd }: FormProps & { once: Once<Token> }) {
  const desk = useWords();
  const reset = useChange({
    run: async (person: string, idempotencyKey) => {
      let sent: string | null = null;
      await once.show(async () => {
        const invitation = await told(operatorReset({ name: person, idempotencyKey }));
        if (invitation.mail_sent) sent = desk.mailed(invitation.mail ?? '');
        return tokenOf(invitation);
      });
      return sent;
    },
    stale: STALE,
    onDone: sent => onEnd(sent),
  });
  return (
    <Panel
      title={desk.reset}
      lead={desk.resetLead(name)}
      go={desk.reset}
      isDanger
      isBusy={reset.isPending}
      confirm={name}
      error={reset.error}
      onGo={() => reset.mutate(name)}
      onCancel={() => onEnd(null)}
    />
  );
}

function Block({ name, onEnd }: FormProps) {
  const desk = useWords();
  const block = useChange({
    run: (person: string, idempotencyKey) => told(operatorBlock({ name: person, idempotencyKey })),
    stale: STALE,
    onDone: () => onEnd(desk.blocked(name)),
  });
  return (
    <Panel
      title={desk.block}
      lead={desk.blockLead(name)}
      go={desk.block}
      isDanger
      isBusy={block.isPending}
      error={block.error}
      onGo={() => block.mutate(name)}
      onCancel={() => onEnd(null)}
    />
  );
}
