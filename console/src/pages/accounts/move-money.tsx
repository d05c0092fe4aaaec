/** Top-up, refund and adjustment, with what they would do before they do it. */
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { accountAdjustFields, accountRefundFields, accountTopupFields } from '../../api/fields';
import { accountAdjust, accountRefund, accountTopup, type MoneyMoved } from '../../api/operations';
import { readable, typedAmount } from '../../parts/amounts';
import type { Field } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Note } from '../../parts/page';
import { useReading } from '../../texts/texts';
import classes from './accounts.module.css';
import { type ActionProps, staleAfter } from './actions';
import { effectOf } from './movement';
import { useWords } from './words';

type Kind = 'topup' | 'refund' | 'adjust';

interface Body {
  amount: string;
  reference?: string;
  call?: string;
  reason?: string;
  overdraw?: boolean;
}

const FIELDS = {
  topup: accountTopupFields,
  refund: accountRefundFields,
  adjust: accountAdjustFields,
} as const satisfies Record<Kind, Record<string, Field>>;

/** A refund has one cause: a call, or a reference of one's own. */
const NAMES = {
  topup: ['amount', 'reference', 'reason'],
  refund: ['amount', 'call', 'reference', 'reason'],
  adjust: ['amount', 'reference', 'reason'],
} as const satisfies Record<Kind, readonly string[]>;

type Name = 'amount' | 'call' | 'reference' | 'reason';

const run = {
  topup: (asked: { accountcode: string; idempotencyKey: string; body: Body }) =>
    told(accountTopup({ ...asked, body: { reference: '', ...asked.body } })),
  refund: (asked: { accountcode: string; idempotencyKey: string; body: Body }) => told(accountRefund(asked)),
  adjust: (asked: { accountcode: string; idempotencyKey: string; body: Body }) =>
    told(accountAdjust({ ...asked, body: { reference: '', ...asked.body } })),
} satisfies Record<Kind, (asked: never) => Promise<MoneyMoved>>;

export function MoveMoney({ kind, account, onDone, onCancel }: ActionProps & { kind: Kind }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const { accountcode, currency } = account;
  const [typed, setTyped] = useState<Partial<Record<Name, string>>>({});
  const [isUnread, setUnread] = useState(false);
  const names: readonly Name[] = NAMES[kind];
  const amount = typedAmount(typed.amount ?? '', language);
  const effect = amount === null ? null : effectOf(account, amount);
  const isOverdraft = kind === 'adjust' && effect?.isOverdraft === true;

  const move = useChange({
    run: (body: Body, idempotencyKey) => run[kind]({ accountcode, idempotencyKey, body }),
    stale: staleAfter(accountcode),
    onDone: moved => {
      const sum = `${readable(moved.amount, language)} ${currency}`;
      if (moved.approval !== null) onDone(words.movedLater(sum, String(moved.approval)), 'attention');
      else if (!moved.moved) onDone(words.movedBefore(moved.reference, sum), 'attention');
      else onDone(words.moved(sum, readable(moved.balance, language), readable(moved.available, language)));
    },
  });
  const { at, error } = byField(move.error, names);

  const go = () => {
    setUnread(amount === null);
    if (amount === null) return;
    const given = names
      .filter(name => name !== 'amount')
      .map(name => [name, typed[name]?.trim()] as const)
      .filter(([, text]) => text);
    move.mutate({ amount, ...Object.fromEntries(given), ...(isOverdraft && { overdraw: true }) });
  };

  const fields: Partial<Record<Name, Field>> = FIELDS[kind];
  return (
    <Panel
      title={words.act[kind]}
      lead={words.moveLead[kind]}
      go={words.act[kind]}
      isDanger={isOverdraft}
      isBusy={move.isPending}
      confirm={isOverdraft ? accountcode : undefined}
      error={error}
      onGo={go}
      onCancel={onCancel}
    >
      <div className={classes.fields}>
        {names.map(name => (
          <FieldInput
            key={name}
            name={name}
            field={fields[name] ?? { kind: 'text' }}
            label={name === 'amount' ? `${words.movement.amount} (${currency})` : words.movement[name]}
            help={words.movementHelp[name]}
            value={typed[name] ?? ''}
            error={at[name] ?? (name === 'amount' && isUnread ? common.amountUnclear : undefined)}
            autoFocus={name === 'amount'}
            onChange={value => setTyped(before => ({ ...before, [name]: value }))}
          />
        ))}
      </div>
      <table className={classes.preview} aria-live="polite">
        <thead>
          <tr>
            <th scope="col">{currency}</th>
            <th scope="col">{words.now}</th>
            <th scope="col">{words.afterwards}</th>
          </tr>
        </thead>
        <tbody>
          {(['balance', 'available'] as const).map(figure => (
            <tr key={figure}>
              <th scope="row">{common[figure]}</th>
              <td>{readable(account[figure], language)}</td>
              <td data-after>{effect ? readable(effect[figure], language) : common.none}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {isOverdraft && effect && (
        <Note mood="wrong">{words.overdraft(`${readable(effect.available, language)} ${currency}`)}</Note>
      )}
    </Panel>
  );
}
