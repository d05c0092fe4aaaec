/** The keys of programs: what each may do, from where, until when, and when it was used last. */
import { Button, TextInput } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { keyCreateFields } from '../../api/fields';
import { type Key, keyCreate, keyList, keyRevoke, keyRotate } from '../../api/operations';
import { useMay } from '../../api/session';
import { Chips } from '../../parts/chips';
import { type Field, sentOf, type Value } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Empty } from '../../parts/page';
import { ListParts, useNumberedParts } from '../../parts/parts-of-list';
import { Instant, State } from '../../parts/shown';
import { type Once, ShownOnce, useOnce } from '../../parts/shown-once';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading, useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { AT_ONCE, Facts, ForRoles, type Rights, RolesInput, rightsSent } from './parts-of-desk';
import { type Place, usePlace } from './place';
import { RolesOf } from './roles-of';
import type { KeysSearch } from './search';
import { WithForm } from './with-form';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/keys')({ component: KeysPage });

const KEYS_KEY = ['desk', 'keys'] as const;

/** A key that ends within this time needs somebody. */
const SOON_MS = 14 * 86_400_000;

/** A secret that was just made. It is nowhere but on the screen. */
interface Made {
  name: string;
  secret: string;
}

type KeysPlace = Place<KeysSearch>;

function KeysPage() {
  return (
    <ForRoles of="keyList">
      <Keys />
    </ForRoles>
  );
}

function Keys() {
  const desk = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  const place = usePlace<KeysSearch>(
    Route.useSearch(),
    search => void navigate({ search, replace: true, resetScroll: false }),
  );
  const once = useOnce<Made>('keys');
  return (
    <WithForm
      place={place}
      bar={
        <Chips
          label={desk.state}
          words={{ alive: desk.aliveKeys, all: desk.allKeys }}
          chosen={place.search.all ? 'all' : 'alive'}
          onChoose={word => place.set({ all: word === 'all' ? true : undefined, open: undefined, do: undefined })}
        />
      }
      add={
        may('keyCreate')
          ? { form: 'create', words: desk.newKey, fields: <NewKey once={once} onEnd={place.end} /> }
          : null
      }
      once={<ShownOnce once={once} tell={({ name, secret }) => ({ lead: desk.secretLead(name), secret })} />}
    >
      <List place={place} once={once} />
    </WithForm>
  );
}

interface ListProps {
  place: KeysPlace;
  once: Once<Made>;
}

function List({ place, once }: ListProps) {
  const desk = useWords();
  const { all, open } = place.search;
  const query = useNumberedParts<Key>([...KEYS_KEY, all ?? false], page =>
    told(keyList({ ...(all && { all }), limit: AT_ONCE, page })),
  );
  const columns: Column<Key>[] = [
    {
      head: desk.name,
      cell: ({ name }) => (
        <b>
          <Clipped>{name}</Clipped>
        </b>
      ),
    },
    { head: desk.secretNumber, cell: ({ secret_number: number }) => number, isFigure: true, isExtra: true },
    { head: desk.state, cell: key => <KeyState row={key} /> },
    { head: desk.roles, cell: ({ roles, accountcode }) => <RolesOf roles={roles} accountcode={accountcode} /> },
    {
      head: desk.addresses,
      cell: ({ addresses }) => (addresses.length === 0 ? desk.anyAddress : <Clipped>{addresses.join(', ')}</Clipped>),
      isExtra: true,
    },
    {
      head: desk.expires,
      cell: ({ expires_at: at }) => (at === null ? desk.never : <Instant at={at} />),
      isExtra: true,
    },
    {
      head: desk.lastUsed,
      cell: ({ last_used_at: at }) => (at === null ? desk.never : <Instant at={at} />),
      isExtra: true,
    },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty command="ringfence key create portal --roles support">{desk.noKey}</Empty>
        ) : (
          <Rows
            caption={desk.parts.keys}
            columns={columns}
            rows={rows}
            keyOf={({ secret_number: number }) => String(number)}
            onOpen={({ secret_number: number }) =>
              place.set({ open: open === number ? undefined : number, do: undefined })
            }
            below={key =>
              key.secret_number === open ? (
                <OneKey
                  row={key}
                  hasTwo={rows.filter(({ name, status }) => name === key.name && status === 'alive').length > 1}
                  place={place}
                  once={once}
                />
              ) : null
            }
          />
        )
      }
    </ListParts>
  );
}

function KeyState({ row: { status, expires_at: until } }: { row: Key }) {
  const desk = useWords();
  const endsSoon = until !== null && Date.parse(until) - Date.now() < SOON_MS;
  if (status === 'alive' && endsSoon) return <State mood="attention">{desk.keyStates.soon}</State>;
  return <State mood={status === 'alive' ? 'ours' : 'quiet'}>{desk.keyStates[status]}</State>;
}

interface OneKeyProps extends ListProps {
  row: Key;
  /** Whether another secret of this name is alive too. */
  hasTwo: boolean;
}

function OneKey({ row: key, hasTwo, place, once }: OneKeyProps) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const { name, secret_number: number } = key;
  const isAlive = key.status === 'alive';
  const { do: form } = place.search;
  return (
    <>
      <Facts
        facts={[
          [desk.secretNumber, String(number)],
          [desk.made, <Instant key="made" at={key.created_at} />],
          [desk.addresses, key.addresses.length === 0 ? desk.anyAddress : key.addresses.join(', ')],
          [desk.expires, key.expires_at === null ? desk.never : <Instant key="expires" at={key.expires_at} />],
          [desk.lastUsed, key.last_used_at === null ? desk.never : <Instant key="used" at={key.last_used_at} />],
          [desk.fromAddress, key.last_used_from ?? common.none],
          ...(key.revoked_at === null ? [] : [[desk.revoked, <Instant key="revoked" at={key.revoked_at} />] as const]),
        ]}
      />
      {isAlive && form === 'rotate' && <Rotate name={name} once={once} onEnd={place.end} />}
      {isAlive && form === 'revoke' && <Revoke name={name} secretNumber={number} hasTwo={hasTwo} onEnd={place.end} />}
      <div className={classes.buttons}>
        {isAlive && !hasTwo && may('keyRotate') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'rotate' })}>
            {desk.rotate}
          </Button>
        )}
        {isAlive && may('keyRevoke') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'revoke' })}>
            {desk.revoke}
          </Button>
        )}
        {may('auditList') && (
          <Button
            size="xs"
            variant="subtle"
            renderRoot={props => <Link {...props} to="/desk/audit" search={{ actor: `key:${name}` }} />}
          >
            {desk.whatDid}
          </Button>
        )}
      </div>
    </>
  );
}

interface FormProps {
  name: string;
  onEnd: KeysPlace['end'];
}

function Rotate({ name, once, onEnd }: FormProps & { once: Once<Made> }) {
  const desk = useWords();
  const rotate = useChange({
    run: (key: string, idempotencyKey) =>
      once.show(async () => {
        const { secret } = await told(keyRotate({ name: key, idempotencyKey }));
        return { name: key, secret };
      }),
    stale: [KEYS_KEY],
    onDone: () => onEnd(null),
  });
  return (
    <Panel
      title={desk.rotate}
      lead={desk.rotateLead(name)}
      go={desk.rotate}
      isBusy={rotate.isPending}
      error={rotate.error}
      onGo={() => rotate.mutate(name)}
      onCancel={() => onEnd(null)}
    />
  );
}

/** Revokes the secret of the row, and no other: another one may have been made since the list was read. */
function Revoke({ name, secretNumber, hasTwo, onEnd }: FormProps & { secretNumber: number; hasTwo: boolean }) {
  const desk = useWords();
  const revoke = useChange({
    run: (body: { secret_number: number }, idempotencyKey) => told(keyRevoke({ name, idempotencyKey, body })),
    stale: [KEYS_KEY],
    onDone: ({ revoked }) => onEnd(desk.keyRevoked(name, revoked)),
  });
  return (
    <Panel
      title={desk.revoke}
      lead={hasTwo ? desk.revokeOneLead(name, secretNumber) : desk.revokeLead(name)}
      go={desk.revoke}
      isDanger
      isBusy={revoke.isPending}
      confirm={name}
      error={revoke.error}
      onGo={() => revoke.mutate({ secret_number: secretNumber })}
      onCancel={() => onEnd(null)}
    />
  );
}

function NewKey({ once, onEnd }: { once: Once<Made>; onEnd: KeysPlace['end'] }) {
  const { language } = useReading();
  const desk = useWords();
  const [name, setName] = useState('');
  const [rights, setRights] = useState<Rights>({ roles: [], accountcode: '' });
  const [addresses, setAddresses] = useState('');
  const [expires, setExpires] = useState('');
  const create = useChange({
    run: (body: Parameters<typeof keyCreate>[0]['body'], idempotencyKey) =>
      once.show(() => told(keyCreate({ idempotencyKey, body }))),
    stale: [KEYS_KEY],
    onDone: () => onEnd(null),
  });
  const { at, error } = byField(create.error, ['name', 'roles', 'accountcode', 'addresses', 'expires']);
  const sent = (field: Field, typed: string): Value => sentOf(field, typed, language) ?? typed;
  const go = () =>
    create.mutate({
      name: name.trim(),
      ...rightsSent(rights),
      ...(addresses.trim() !== '' && { addresses: sent(keyCreateFields.addresses, addresses) as string[] }),
      ...(expires !== '' && { expires: sent(keyCreateFields.expires, expires) as string }),
    });
  return (
    <Panel
      title={desk.newKey}
      lead={desk.newKeyLead}
      go={desk.makeKey}
      isBusy={create.isPending}
      error={error}
      onGo={go}
      onCancel={() => onEnd(null)}
    >
      <div className={classes.fields}>
        <FieldInput
          name="name"
          field={keyCreateFields.name}
          label={desk.name}
          help={desk.keyNameHelp}
          value={name}
          error={at.name}
          autoFocus
          onChange={setName}
        />
        <TextInput
          name="addresses"
          label={desk.addresses}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={desk.addressesHelp}
          placeholder={keyCreateFields.addresses.example}
          autoComplete="off"
          error={at.addresses}
          value={addresses}
          onChange={event => setAddresses(event.currentTarget.value)}
        />
        <FieldInput
          name="expires"
          field={keyCreateFields.expires}
          label={desk.expires}
          help={desk.expiresHelp}
          value={expires}
          error={at.expires}
          onChange={setExpires}
        />
        <RolesInput rights={rights} onChange={setRights} canBeCustomer errors={at} />
      </div>
    </Panel>
  );
}
