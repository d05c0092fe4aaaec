/** Makes a batch, in its place above the list. Its codes come with the answer, this once. */
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { cardGenerateFields, voucherGenerateFields } from '../../api/fields';
import { forgetHeld } from '../../api/held';
import { cardGenerate, voucherGenerate } from '../../api/operations';
import { readable, timesOf } from '../../parts/amounts';
import { type Field, sentOf, type Value } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { LeaveQuestion } from '../../parts/leave-question';
import type { Once } from '../../parts/shown-once';
import { useReading } from '../../texts/texts';
import { ACCOUNTS_KEY, useDecks } from '../accounts/account-query';
import classes from './cards.module.css';
import { codesKey } from './codes';
import type { Kind } from './search';
import { useWords } from './words';

/** A batch with its codes. They are nowhere else. */
export interface Issued {
  batch: string;
  codes: readonly { serial: number; code: string }[];
}

type CardBody = Parameters<typeof cardGenerate>[0]['body'];
type VoucherBody = Parameters<typeof voucherGenerate>[0]['body'];
type Name = keyof typeof cardGenerateFields | keyof typeof voucherGenerateFields;

const FIELDS: Record<Kind, Partial<Record<Name, Field>>> = {
  cards: cardGenerateFields,
  vouchers: voucherGenerateFields,
};

/** More are made on the command line: an answer with their codes would be long to wait for. */
const MOST_OVER_HTTP = 1_000;

interface MakeProps {
  kind: Kind;
  once: Once<Issued>;
  onClose: () => void;
}

export function Make({ kind, once, onClose }: MakeProps) {
  const { texts, language } = useReading();
  const { common } = texts;
  const words = useWords();
  const decks = useDecks();
  const [typed, setTyped] = useState<Partial<Record<Name, string>>>({});
  const [unread, setUnread] = useState<Name[]>([]);
  const make = useChange({
    // The codes stand in one place alone: nothing of them is kept as the answer of this change.
    run: (body: Record<string, Value>, idempotencyKey) => once.show(() => issue(kind, body, idempotencyKey)),
    stale: [codesKey(kind), ACCOUNTS_KEY],
  });
  const known = Object.entries(FIELDS[kind]) as [Name, Field][];
  const { at, error } = byField(
    make.error,
    known.map(([name]) => name),
  );
  const deckNow = typed.deck ?? (decks.length === 1 ? decks[0] : undefined);
  const textOf = (name: Name) => (name === 'deck' ? deckNow : typed[name]) ?? '';
  const given = known
    .filter(([name, field]) => textOf(name).trim() !== '' || field.isRequired)
    .map(([name, field]) => [name, sentOf(field, textOf(name), language)] as const);
  const { count, value } = Object.fromEntries(given);
  const go = () => {
    const bad = given.filter(([, sent]) => sent === undefined).map(([name]) => name);
    setUnread(bad);
    // The API checks each of them, and says what is wrong.
    if (bad.length === 0) make.mutate(Object.fromEntries(given) as Record<string, Value>);
  };
  const isCounted = typeof count === 'number' && count >= 1 && count <= MOST_OVER_HTTP;
  const sum =
    isCounted && typeof value === 'string' && /^\d{1,12}(\.\d{1,6})?$/.test(value) ? timesOf(value, count) : null;
  return (
    <Panel
      title={words.of[kind].make}
      lead={words.of[kind].makeLead}
      go={isCounted ? words.of[kind].makeSo(count.toLocaleString(language)) : words.of[kind].make}
      isBusy={make.isPending}
      error={error}
      onGo={go}
      onCancel={onClose}
    >
      {once.isAwaited && <LeaveQuestion onLeave={forgetHeld}>{words.of[kind].leave}</LeaveQuestion>}
      <div className={classes.fields}>
        {known.map(([name, field]) => (
          <FieldInput
            key={name}
            name={name}
            field={field}
            label={words.fields[name].label}
            help={words.fields[name].help}
            value={textOf(name)}
            words={name === 'deck' && decks.length > 0 ? decks : undefined}
            error={at[name] ?? (unread.includes(name) ? common.amountUnclear : undefined)}
            autoFocus={name === 'batch'}
            onChange={text => setTyped(before => ({ ...before, [name]: text }))}
          />
        ))}
      </div>
      <p className={classes.effect} role="status">
        {make.isPending
          ? words.making
          : sum !== null
            ? words.of[kind].worth(readable(sum, language))
            : typeof count === 'number' && count > MOST_OVER_HTTP
              ? words.of[kind].tooMany
              : ''}
      </p>
    </Panel>
  );
}

async function issue(kind: Kind, body: Record<string, Value>, idempotencyKey: string): Promise<Issued> {
  if (kind === 'cards') {
    const { batch, cards } = await told(cardGenerate({ idempotencyKey, body: body as unknown as CardBody }));
    return { batch, codes: cards.map(({ serial, pin }) => ({ serial, code: pin })) };
  }
  const { batch, vouchers } = await told(voucherGenerate({ idempotencyKey, body: body as unknown as VoucherBody }));
  return { batch, codes: vouchers };
}
