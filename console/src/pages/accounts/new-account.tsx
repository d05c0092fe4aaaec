/** Opens an account, in its place above the list. */
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { accountCreateFields } from '../../api/fields';
import { accountCreate } from '../../api/operations';
import { type Field, sentOf, type Value } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import { ACCOUNTS_KEY, useDecks } from './account-query';
import classes from './accounts.module.css';
import { useWords } from './words';

type Name = keyof typeof accountCreateFields;
type Body = Parameters<typeof accountCreate>[0]['body'];

const NAMES = Object.keys(accountCreateFields) as Name[];
/** What most accounts need; the rest opens by a button. */
const FIRST: readonly Name[] = ['accountcode', 'name', 'deck', 'balance', 'credit_limit', 'max_channels'];

export function NewAccount({ onClose }: { onClose: () => void }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const navigate = useNavigate();
  const decks = useDecks();
  const [typed, setTyped] = useState<Partial<Record<Name, string>>>({});
  const [hasMore, setMore] = useState(false);
  const [unread, setUnread] = useState<Name[]>([]);
  const create = useChange({
    run: (body: Body, idempotencyKey) => told(accountCreate({ body, idempotencyKey })),
    stale: [ACCOUNTS_KEY],
    onDone: ({ accountcode }) => void navigate({ to: '/accounts/$accountcode', params: { accountcode } }),
  });
  const { at, error } = byField(create.error, NAMES);
  const deckNow = typed.deck ?? (decks.length === 1 ? decks[0] : undefined);
  const go = () => {
    const given: Partial<Record<Name, string>> = { ...typed, ...(deckNow !== undefined && { deck: deckNow }) };
    const values = NAMES.filter(name => (given[name] ?? '').trim() !== '' || fieldOf(name).isRequired).map(
      name => [name, sentOf(fieldOf(name), given[name] ?? '', language)] as const,
    );
    const bad = values.filter(([, value]) => value === undefined).map(([name]) => name);
    setUnread(bad);
    // The API checks each of them, and says what is wrong.
    if (bad.length === 0) create.mutate(Object.fromEntries(values) as Record<Name, Value> as Body);
  };
  const wrong = NAMES.filter(name => at[name] !== undefined || unread.includes(name));
  const isAllShown = hasMore || wrong.some(name => !FIRST.includes(name));
  const shown = isAllShown ? [...FIRST, ...NAMES.filter(name => !FIRST.includes(name))] : FIRST;
  return (
    <Panel
      title={words.newAccount}
      go={words.create}
      isBusy={create.isPending}
      error={error}
      onGo={go}
      onCancel={onClose}
    >
      <div className={classes.fields}>
        {shown.map(name => (
          <FieldInput
            key={name}
            name={name}
            field={fieldOf(name)}
            label={words.fields[name].label}
            help={words.fields[name].help}
            value={(name === 'deck' ? deckNow : typed[name]) ?? ''}
            words={name === 'deck' && decks.length > 0 ? decks : undefined}
            error={at[name] ?? (unread.includes(name) ? common.amountUnclear : undefined)}
            autoFocus={name === 'accountcode'}
            onChange={value => setTyped(before => ({ ...before, [name]: value }))}
          />
        ))}
      </div>
      {!isAllShown && (
        <Button mt={12} variant="subtle" size="xs" onClick={() => setMore(true)}>
          {words.moreSettings}
        </Button>
      )}
    </Panel>
  );
}

const fieldOf = (name: Name): Field => accountCreateFields[name];
