/** One person, opened below its row. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { operatorSetFields } from '../../api/fields';
import { type Operator, operatorBlock, operatorReset, operatorSet, operatorUnblock } from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { byField, FieldInput, Panel } from '../../parts/form';
import { RefusalNote } from '../../parts/page';
import { Instant } from '../../parts/shown';
import { useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { Facts, focusPage, type Rights, RolesInput } from './parts-of-desk';
import { PEOPLE_KEY, type SetPeople, type Token, tokenOf } from './people-query';
import type { PeopleSearch } from './search';
import { SESSIONS_KEY, Sessions } from './sessions';
import { useWords } from './words';

const STALE = [PEOPLE_KEY, SESSIONS_KEY];

interface PersonProps {
  person: Operator;
  /** Which of its forms is open. */
  form: PeopleSearch['do'];
  onSearch: SetPeople;
  onMade: (token: Token | null) => void;
  onDone: (text: string | null) => void;
}

export function Person({ person, form, onSearch, onMade, onDone }: PersonProps) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const session = useSession();
  const { name, status, accountcode } = person;
  const isSelf = session.name === name;
  const unblock = useChange({
    run: (blocked: string, idempotencyKey) => told(operatorUnblock({ name: blocked, idempotencyKey })),
    stale: STALE,
    onDone: () => onDone(desk.unblocked(name)),
  });
  const leave = () => {
    onSearch({ do: undefined });
    focusPage();
  };
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
        <ChangeRoles person={person} onDone={onDone} onCancel={leave} />
      )}
      {form === 'mail' && !isSelf && <ChangeMail person={person} onDone={onDone} onCancel={leave} />}
      {form === 'reset' && !isSelf && <Reset name={name} onMade={onMade} onDone={onDone} onCancel={leave} />}
      {form === 'block' && !isSelf && <Block name={name} onDone={onDone} onCancel={leave} />}
      <RefusalNote error={unblock.error} />
      <div className={classes.buttons}>
        {!isSelf && accountcode === null && may('operatorSet') && (
          <Button size="xs" variant="default" onClick={() => onSearch({ do: 'roles' })}>
            {desk.changeRoles}
          </Button>
        )}
        {!isSelf && may('operatorSet') && (
          <Button size="xs" variant="default" onClick={() => onSearch({ do: 'mail' })}>
            {desk.changeMail}
          </Button>
        )}
        {!isSelf && may('operatorReset') && (
          <Button size="xs" variant="default" onClick={() => onSearch({ do: 'reset' })}>
            {desk.reset}
          </Button>
        )}
        {!isSelf && status !== 'blocked' && may('operatorBlock') && (
          <Button size="xs" variant="default" onClick={() => onSearch({ do: 'block' })}>
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
  onDone: (text: string | null) => void;
  onCancel: () => void;
}

function ChangeRoles({ person, onDone, onCancel }: Omit<FormProps, 'name'> & { person: Operator }) {
  const { common } = useTexts();
  const desk = useWords();
  const { name } = person;
  const [rights, setRights] = useState<Rights>({ roles: person.roles, accountcode: '' });
  const set = useChange({
    run: (roles: string[], idempotencyKey) => told(operatorSet({ name, idempotencyKey, body: { roles } })),
    stale: STALE,
    onDone: ({ roles }) => onDone(desk.rolesChanged(name, roles.join(', '))),
  });
  const { at, error } = byField(set.error, ['roles']);
  return (
    <Panel
      title={desk.changeRoles}
      lead={desk.rolesLead}
      go={common.save}
      isBusy={set.isPending}
      error={error}
      onGo={() => set.mutate([...rights.roles])}
      onCancel={onCancel}
    >
      <RolesInput rights={rights} onChange={setRights} errors={at} />
    </Panel>
  );
}

function ChangeMail({ person, onDone, onCancel }: Omit<FormProps, 'name'> & { person: Operator }) {
  const { common } = useTexts();
  const desk = useWords();
  const { name } = person;
  const [mail, setMail] = useState(person.mail ?? '');
  const set = useChange({
    run: (address: string | null, idempotencyKey) =>
      told(operatorSet({ name, idempotencyKey, body: { mail: address } })),
    stale: STALE,
    onDone: () => onDone(desk.mailChanged(name)),
  });
  const { at, error } = byField(set.error, ['mail']);
  return (
    <Panel
      title={desk.changeMail}
      lead={desk.mailLead}
      go={common.save}
      isBusy={set.isPending}
      error={error}
      onGo={() => set.mutate(mail.trim() === '' ? null : mail.trim())}
      onCancel={onCancel}
    >
      <FieldInput
        name="mail"
        field={operatorSetFields.mail}
        label={desk.mail}
        help={desk.mailHelp}
        value={mail}
        error={at.mail}
        autoFocus
        onChange={setMail}
      />
    </Panel>
  );
}

function Reset({ name, onMade, onDone, onCancel }: FormProps & { onMade: (token: Token | null) => void }) {
  const desk = useWords();
  const reset = useChange({
    run: async (person: string, idempotencyKey) => {
      const invitation = await told(operatorReset({ name: person, idempotencyKey }));
      onMade(tokenOf(invitation));
      return invitation.mail_sent ? desk.mailed(invitation.mail ?? '') : null;
    },
    stale: STALE,
    onDone,
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
      onCancel={onCancel}
    />
  );
}

function Block({ name, onDone, onCancel }: FormProps) {
  const desk = useWords();
  const block = useChange({
    run: (person: string, idempotencyKey) => told(operatorBlock({ name: person, idempotencyKey })),
    stale: STALE,
    onDone: () => onDone(desk.blocked(name)),
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
      onCancel={onCancel}
    />
  );
}
