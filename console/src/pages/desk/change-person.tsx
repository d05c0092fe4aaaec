/** Roles and address of a person: two administrators who change them at once do not overwrite each other. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { newKey, Refused, told, toldWithVersion } from '../../api/ask';
import { useChange } from '../../api/change';
import { operatorSetFields } from '../../api/fields';
import { type Operator, operatorSet, operatorShow } from '../../api/operations';
import { Conflict } from '../../parts/conflict';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Asked } from '../../parts/page';
import { useTexts } from '../../texts/texts';
import { type Rights, RolesInput } from './parts-of-desk';
import { PEOPLE_KEY, type PeoplePlace, STALE } from './people-query';
import { useWords } from './words';

type Body = NonNullable<Parameters<typeof operatorSet>[0]['body']>;

interface PersonNow {
  person: Operator;
  /** `If-Match` of a change. */
  version: string;
}

async function readPerson(name: string): Promise<PersonNow> {
  const { facts, version } = await toldWithVersion(operatorShow({ name }));
  return { person: facts, version };
}

interface ChangePersonProps {
  name: string;
  what: 'roles' | 'mail';
  onEnd: PeoplePlace['end'];
}

/** The list may be old: what is changed is what is there when the form opens. */
export function ChangePerson({ name, what, onEnd }: ChangePersonProps) {
  // An answer of an earlier form, which may still be on its way, would have an old version.
  const [form] = useState(newKey);
  const query = useQuery({
    queryKey: [...PEOPLE_KEY, 'one', name, form],
    queryFn: () => readPerson(name),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const Form = what === 'roles' ? ChangeRoles : ChangeMail;
  return <Asked query={query}>{now => <Form began={now} onEnd={onEnd} />}</Asked>;
}

interface FormProps {
  began: PersonNow;
  onEnd: PeoplePlace['end'];
}

/** Saves over the version that the person has seen last. `saved`: what is told then. */
function useSaving({ began: first, onEnd }: FormProps, saved: (person: Operator) => string) {
  // What is read meanwhile changes nothing here: the administrator decides about what it saw.
  const [began] = useState(first);
  const [found, setFound] = useState<PersonNow | null>(null);
  const { name } = began.person;
  const { mutate, isPending, error } = useChange({
    run: async ({ body, version }: { body: Body; version: string }, idempotencyKey) => {
      try {
        return await told(operatorSet({ name, idempotencyKey, ifMatch: version, body }));
      } catch (refused) {
        if (!(refused instanceof Refused) || refused.status !== 412) throw refused;
        setFound(await readPerson(name));
        return null;
      }
    },
    stale: STALE,
    onDone: person => person !== null && onEnd(saved(person)),
  });
  return {
    person: began.person,
    found: found?.person ?? null,
    isBusy: isPending,
    error,
    save: (body: Body) => mutate({ body, version: (found ?? began).version }),
  };
}

function ChangeRoles(props: FormProps) {
  const desk = useWords();
  const {
    person,
    found,
    isBusy,
    error: refused,
    save,
  } = useSaving(props, ({ name, roles }) => desk.rolesChanged(name, roles.join(', ')));
  const [rights, setRights] = useState<Rights>({ roles: person.roles, accountcode: '' });
  const { at, error } = byField(refused, ['roles']);
  return (
    <ChangePanel
      title={desk.changeRoles}
      lead={desk.rolesLead}
      isBusy={isBusy}
      error={error}
      conflict={found && <Meanwhile person={person} found={found} mine={{ roles: rights.roles.join(', ') }} />}
      onGo={() => save({ roles: [...rights.roles] })}
      onEnd={props.onEnd}
    >
      <RolesInput rights={rights} onChange={setRights} errors={at} />
    </ChangePanel>
  );
}

function ChangeMail(props: FormProps) {
  const desk = useWords();
  const { person, found, isBusy, error: refused, save } = useSaving(props, ({ name }) => desk.mailChanged(name));
  const [mail, setMail] = useState(person.mail ?? '');
  const { at, error } = byField(refused, ['mail']);
  return (
    <ChangePanel
      title={desk.changeMail}
      lead={desk.mailLead}
      isBusy={isBusy}
      error={error}
      conflict={found && <Meanwhile person={person} found={found} mine={{ mail: mail.trim() }} />}
      onGo={() => save({ mail: mail.trim() === '' ? null : mail.trim() })}
      onEnd={props.onEnd}
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
    </ChangePanel>
  );
}

interface ChangePanelProps {
  title: string;
  lead: string;
  isBusy: boolean;
  error: unknown;
  /** Given where another person was quicker. */
  conflict: ReactNode;
  onGo: () => void;
  onEnd: PeoplePlace['end'];
  children: ReactNode;
}

function ChangePanel({ conflict, onEnd, children, ...panel }: ChangePanelProps) {
  const { common } = useTexts();
  const desk = useWords();
  return (
    <Panel {...panel} go={conflict ? desk.saveMine : common.save} onCancel={() => onEnd(null)}>
      {children}
      {conflict}
    </Panel>
  );
}

interface MeanwhileProps {
  person: Operator;
  found: Operator;
  /** What this administrator wants. */
  mine: { roles?: string; mail?: string };
}

function Meanwhile({ person, found, mine }: MeanwhileProps) {
  const { common } = useTexts();
  const desk = useWords();
  const fields = [
    {
      name: 'roles',
      label: desk.roles,
      before: person.roles.join(', '),
      now: found.roles.join(', '),
      mine: mine.roles,
    },
    { name: 'mail', label: desk.mail, before: person.mail ?? '', now: found.mail ?? '', mine: mine.mail },
  ];
  const shown = (value: string) => value || common.none;
  return (
    <Conflict
      lead={desk.changedMeanwhile}
      fields={fields
        .filter(({ before, now }) => before !== now)
        .map(({ before, now, mine: wanted, ...field }) => ({
          ...field,
          before: shown(before),
          now: shown(now),
          mine: wanted === undefined ? null : shown(wanted),
        }))}
    />
  );
}
