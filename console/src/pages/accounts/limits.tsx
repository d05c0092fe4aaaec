/** What the account may do: each setting with what it means, its value, and what it did lately. Changed in place, one at a time. */
import { Button } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Refused, told } from '../../api/ask';
import { useChange } from '../../api/change';
import { accountSetFields } from '../../api/fields';
import { type AccountShown, accountSet, callList } from '../../api/operations';
import { useMay } from '../../api/session';
import { readable } from '../../parts/amounts';
import { type Field, sentOf, typedOf, type Value } from '../../parts/field-values';
import { byField, FieldInput } from '../../parts/form';
import { Asked, Note, RefusalNote } from '../../parts/page';
import { clockTime } from '../../parts/times';
import { useReading } from '../../texts/texts';
import type { SetSearch } from './account';
import { ACCOUNTS_KEY, type AccountNow, accountKey, readAccount, useAccount, useDecks } from './account-query';
import classes from './accounts.module.css';
import { useWords } from './words';

type Name = Exclude<keyof typeof accountSetFields, 'accountcode'>;
type Call = Parameters<typeof callList>[0];

const GROUPS = {
  money: ['deck', 'credit_limit', 'low_balance'],
  spend: [
    'max_spend_hour',
    'max_spend_day',
    'max_spend_month',
    'spend_limit_action',
    'max_call_cost',
    'max_price_per_minute',
  ],
  calls: [
    'max_channels',
    'max_call_seconds',
    'max_calls_per_second',
    'max_time',
    'barred_prefixes',
    'expires_at',
    'time_zone',
  ],
  holding: ['mode', 'slice_seconds'],
  heard: ['announce', 'warn_seconds', 'warn_repeat_seconds', 'warn_sound'],
  people: ['name'],
} as const satisfies Record<string, readonly Name[]>;

const NAMES: readonly Name[] = Object.values(GROUPS).flat();

/** By which name calls are refused that a limit stops. */
const REFUSED_BY = {
  credit_limit: 'insufficient_balance',
  max_spend_hour: 'spend_limit_hour',
  max_spend_day: 'spend_limit_day',
  max_spend_month: 'spend_limit_month',
  max_call_cost: 'call_cost_limit',
  max_price_per_minute: 'price_limit',
  max_channels: 'too_many_calls',
  max_calls_per_second: 'too_many_calls_per_second',
  max_time: 'time_used_up',
  barred_prefixes: 'number_barred',
  expires_at: 'account_expired',
} as const satisfies Partial<Record<Name, Call['refusal']>>;

const A_WEEK_MS = 7 * 86_400_000;

const fieldOf = (name: Name): Field => accountSetFields[name];
const valueIn = (account: AccountShown, name: Name): Value => account[name];
const isSame = (one: Value, other: Value): boolean => JSON.stringify(one) === JSON.stringify(other);

interface LimitsProps {
  accountcode: string;
  edit: string | undefined;
  onSearch: SetSearch;
}

export function Limits({ accountcode, edit, onSearch }: LimitsProps) {
  const words = useWords();
  const query = useAccount(accountcode);
  const may = useMay();
  const lately = useRefusedLately(accountcode);
  return (
    <Asked query={query}>
      {now => {
        const mayEdit = may('accountSet') && now.account.kind === 'account';
        return (Object.entries(GROUPS) as [keyof typeof GROUPS, readonly Name[]][]).map(([group, names]) => (
          <section key={group} aria-label={words.groups[group]}>
            <h2>{words.groups[group]}</h2>
            <dl className={classes.settings}>
              {names.map(name => (
                <Setting
                  key={name}
                  name={name}
                  now={now}
                  refused={lately[name] ?? 0}
                  isOpen={mayEdit && edit === name}
                  onEdit={mayEdit ? () => onSearch({ edit: name }) : null}
                  onClose={() => onSearch({ edit: undefined })}
                />
              ))}
            </dl>
          </section>
        ));
      }}
    </Asked>
  );
}

/** How many calls each limit refused in the last seven days. */
function useRefusedLately(accountcode: string): Partial<Record<Name, number>> {
  const [from] = useState(() => new Date(Date.now() - A_WEEK_MS).toISOString());
  const asked = Object.entries(REFUSED_BY) as [keyof typeof REFUSED_BY, (typeof REFUSED_BY)[keyof typeof REFUSED_BY]][];
  const answers = useQueries({
    queries: asked.map(([, refusal]) => ({
      queryKey: [...accountKey(accountcode), 'refused', refusal],
      queryFn: () => told(callList({ account: accountcode, refusal, $from: from, limit: 1, count: true })),
      staleTime: 60_000,
    })),
  });
  return Object.fromEntries(asked.map(([name], index) => [name, answers[index]?.data?.total ?? 0]));
}

interface SettingProps {
  name: Name;
  now: AccountNow;
  refused: number;
  isOpen: boolean;
  /** null for those who may not. */
  onEdit: (() => void) | null;
  onClose: () => void;
}

function Setting({ name, now, refused, isOpen, onEdit, onClose }: SettingProps) {
  const words = useWords();
  const { label, help } = words.fields[name];
  const show = useShown();
  return (
    <div className={classes.setting}>
      <dt>
        {label}
        <p>{help ?? fieldOf(name).help}</p>
        {refused > 0 && <p className={classes.lately}>{words.refusedLately(refused)}</p>}
      </dt>
      {isOpen ? (
        <dd className={classes.editor}>
          <Editor name={name} began={now} onClose={onClose} />
        </dd>
      ) : (
        <>
          <dd dir="auto">{show(name, valueIn(now.account, name), now.account.currency)}</dd>
          <dd className={classes.change}>
            {onEdit && (
              <Button size="compact-sm" variant="subtle" aria-label={words.changeOf(label)} onClick={onEdit}>
                {words.change}
              </Button>
            )}
          </dd>
        </>
      )}
    </div>
  );
}

/** A value as a person reads it. */
function useShown(): (name: Name, value: Value, currency: string) => string {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  return (name, value, currency) => {
    const { kind, unit } = fieldOf(name);
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) {
      return words.fields[name].none ?? common.none;
    }
    if (kind === 'amount') return `${readable(String(value), language)} ${currency}`;
    if (kind === 'instant') return clockTime(String(value), language);
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    return unit === 'seconds' ? `${text} s` : text;
  };
}

interface EditorProps {
  name: Name;
  /** The account as it was when the person began. */
  began: AccountNow;
  onClose: () => void;
}

function Editor({ name, began: beganWith, onClose }: EditorProps) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  // What is read meanwhile changes nothing here: the person decides about what it saw.
  const [began] = useState(beganWith);
  const { account } = began;
  const { accountcode } = account;
  const field = fieldOf(name);
  const decks = useDecks();
  const [typed, setTyped] = useState(() => typedOf(field, valueIn(account, name), language));
  const [isUnread, setUnread] = useState(false);
  const [found, setFound] = useState<AccountNow | null>(null);
  const save = useChange({
    run: async ({ value, version }: { value: Value; version: string }, idempotencyKey) => {
      const body = { [name]: value } as Parameters<typeof accountSet>[0]['body'] & object;
      try {
        return await told(accountSet({ accountcode, idempotencyKey, ifMatch: version, body }));
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 412) throw error;
        setFound(await readAccount(accountcode));
        return null;
      }
    },
    stale: [accountKey(accountcode), ACCOUNTS_KEY],
    onDone: answer => answer !== null && onClose(),
  });
  const { at, error } = byField(save.error, [name]);
  const saveOver = (version: string) => {
    const value = sentOf(field, typed, language);
    setUnread(value === undefined);
    if (value !== undefined) save.mutate({ value, version });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) saveOver((found ?? began).version);
  };
  return (
    <form
      noValidate
      onSubmit={submit}
      aria-label={words.changeOf(words.fields[name].label)}
      onKeyDown={event => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <FieldInput
        name={name}
        field={field}
        label={words.fields[name].label}
        isLabelHidden
        help={field.canBeNone ? words.emptyMeans(words.fields[name].none ?? common.none) : null}
        value={typed}
        words={name === 'deck' && decks.length > 0 ? decks : undefined}
        error={at[name] ?? (isUnread ? common.amountUnclear : undefined)}
        autoFocus
        onChange={setTyped}
      />
      {found && <Conflict name={name} began={account} found={found.account} mine={typed} />}
      <RefusalNote error={error} />
      <div className={classes.filters} style={{ margin: '12px 0 0' }}>
        <Button type="submit" size="xs" loading={save.isPending}>
          {found ? words.saveMine : common.save}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          {found ? words.keepTheirs : common.cancel}
        </Button>
      </div>
    </form>
  );
}

interface ConflictProps {
  name: Name;
  began: AccountShown;
  found: AccountShown;
  /** As it was typed. */
  mine: string;
}

/** Another person was quicker: what it changed, beside what this one wants. */
function Conflict({ name, began, found, mine }: ConflictProps) {
  const words = useWords();
  const { common } = useReading().texts;
  const show = useShown();
  const changed = NAMES.filter(each => !isSame(valueIn(began, each), valueIn(found, each)));
  return (
    <Note mood="attention">
      {changed.includes(name) ? words.sameChanged : words.otherChanged}
      <table className={classes.conflict}>
        <thead>
          <tr>
            <th scope="col">{words.setting}</th>
            <th scope="col">{words.before}</th>
            <th scope="col">{words.now}</th>
            <th scope="col">{words.yours}</th>
          </tr>
        </thead>
        <tbody>
          {changed.map(each => (
            <tr key={each}>
              <th scope="row">{words.fields[each].label}</th>
              <td>{show(each, valueIn(began, each), began.currency)}</td>
              <td>{show(each, valueIn(found, each), found.currency)}</td>
              <td>{each === name ? mine || (words.fields[each].none ?? common.none) : common.none}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Note>
  );
}
