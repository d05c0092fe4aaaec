/** The people who log in: who they are, what they may do, and where they are logged in. */
import { Button, TextInput } from '@mantine/core';
import { createLazyRoute } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { operatorInviteFields } from '../../api/fields';
import { type Operator, operatorInvite, operatorList } from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Empty } from '../../parts/page';
import { ListParts, useNumberedParts } from '../../parts/parts-of-list';
import { Instant, State } from '../../parts/shown';
import { type Once, ShownOnce, useOnce } from '../../parts/shown-once';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { AT_ONCE, ForRoles, type Rights, RolesInput, rightsSent } from './parts-of-desk';
import { linkOf, PEOPLE_KEY, type PeoplePlace, type Token, tokenOf } from './people-query';
import { Person } from './person';
import { usePlace } from './place';
import { RolesOf } from './roles-of';
import type { PeopleSearch } from './search';
import { Sessions } from './sessions';
import { WithForm } from './with-form';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/people')({ component: PeoplePage });

function PeoplePage() {
  return (
    <ForRoles of="operatorList">
      <People />
    </ForRoles>
  );
}

function People() {
  const desk = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  const place = usePlace<PeopleSearch>(
    Route.useSearch(),
    search => void navigate({ search, replace: true, resetScroll: false }),
  );
  const once = useOnce<Token>('people');
  return (
    <WithForm
      place={place}
      bar={<Find text={place.search.text ?? ''} onFind={text => place.set({ text, open: undefined, do: undefined })} />}
      add={
        may('operatorInvite')
          ? { form: 'invite', words: desk.invite, fields: <Invite once={once} onEnd={place.end} /> }
          : null
      }
      once={
        <ShownOnce
          once={once}
          tell={token => ({ lead: desk.tokenLead(token.name, token.failure), secret: linkOf(token) })}
        />
      }
    >
      <List place={place} once={once} />
      {may('sessionList') && (
        <section>
          <h2>{desk.loggedIn}</h2>
          <Sessions />
        </section>
      )}
    </WithForm>
  );
}

function Find({ text, onFind }: { text: string; onFind: (text: string) => void }) {
  const { common } = useTexts();
  const desk = useWords();
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFind(typed.trim());
  };
  return (
    <form className={classes.filters} onSubmit={submit} aria-label={desk.parts.people}>
      <TextInput
        type="search"
        name="text"
        label={desk.name}
        autoComplete="off"
        value={typed}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" variant="default">
        {common.search}
      </Button>
    </form>
  );
}

interface ListProps {
  place: PeoplePlace;
  once: Once<Token>;
}

function List({ place, once }: ListProps) {
  const desk = useWords();
  const { text, open } = place.search;
  const query = useNumberedParts<Operator>([...PEOPLE_KEY, text ?? ''], page =>
    told(operatorList({ ...(text !== undefined && { text }), limit: AT_ONCE, page })),
  );
  const columns: Column<Operator>[] = [
    { head: desk.name, cell: ({ name }) => <Named name={name} /> },
    { head: desk.state, cell: person => <PersonState person={person} /> },
    { head: desk.roles, cell: ({ roles, accountcode }) => <RolesOf roles={roles} accountcode={accountcode} /> },
    { head: desk.factor, cell: ({ second_factor: is }) => (is ? desk.yes : desk.no), isExtra: true },
    { head: desk.lastLogin, cell: ({ last_login_at: at }) => <Instant at={at} />, isExtra: true },
    { head: desk.fromAddress, cell: ({ last_login_from: from }) => from, isExtra: true },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty>{text === undefined ? desk.noPerson : desk.noPersonFound}</Empty>
        ) : (
          <Rows
            caption={desk.parts.people}
            columns={columns}
            rows={rows}
            keyOf={({ name }) => name}
            onOpen={({ name }) => place.set({ open: open === name ? undefined : name, do: undefined })}
            below={person => (person.name === open ? <Person person={person} place={place} once={once} /> : null)}
          />
        )
      }
    </ListParts>
  );
}

/** A name, and whether it is the reader's own. */
function Named({ name }: { name: string }) {
  const desk = useWords();
  const { name: own } = useSession();
  return (
    <>
      <b>
        <Clipped>{name}</Clipped>
      </b>
      {own === name && ` (${desk.you})`}
    </>
  );
}

function PersonState({ person: { status, token_expires_at: until } }: { person: Operator }) {
  const desk = useWords();
  if (status === 'active') return <State mood="ours">{desk.personStates.active}</State>;
  if (status === 'blocked') return <State mood="wrong">{desk.personStates.blocked}</State>;
  return until === null ? (
    <State mood="attention">{desk.personStates.expired}</State>
  ) : (
    <State mood="quiet">{desk.personStates.invited}</State>
  );
}

function Invite({ once, onEnd }: { once: Once<Token>; onEnd: PeoplePlace['end'] }) {
  const desk = useWords();
  const [name, setName] = useState('');
  const [mail, setMail] = useState('');
  const [rights, setRights] = useState<Rights>({ roles: [], accountcode: '' });
  const invite = useChange({
    run: async (body: Parameters<typeof operatorInvite>[0]['body'], idempotencyKey) => {
      let sent: string | null = null;
      await once.show(async () => {
        const invitation = await told(operatorInvite({ idempotencyKey, body }));
        if (invitation.mail_sent) sent = desk.mailed(invitation.mail ?? '');
        return tokenOf(invitation);
      });
      return sent;
    },
    stale: [PEOPLE_KEY],
    onDone: (sent, { name: invited }) => onEnd(sent, { open: invited }),
  });
  const { at, error } = byField(invite.error, ['name', 'roles', 'accountcode', 'mail']);
  return (
    <Panel
      title={desk.invite}
      lead={desk.inviteLead}
      go={desk.invite}
      isBusy={invite.isPending}
      error={error}
      onGo={() =>
        invite.mutate({ name: name.trim(), ...rightsSent(rights), ...(mail.trim() !== '' && { mail: mail.trim() }) })
      }
      onCancel={() => onEnd(null)}
    >
      <div className={classes.fields}>
        <FieldInput
          name="name"
          field={operatorInviteFields.name}
          label={desk.name}
          help={desk.nameHelp}
          value={name}
          error={at.name}
          autoFocus
          onChange={setName}
        />
        <FieldInput
          name="mail"
          field={operatorInviteFields.mail}
          label={desk.mail}
          help={desk.mailHelp}
          value={mail}
          error={at.mail}
          onChange={setMail}
        />
        <RolesInput rights={rights} onChange={setRights} canBeCustomer errors={at} />
      </div>
    </Panel>
  );
}
