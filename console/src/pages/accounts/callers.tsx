/** The numbers that call without a PIN, and the card that opens the account. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { callerAddFields } from '../../api/fields';
import { type Caller, callerAdd, callerList, callerRemove, cardList } from '../../api/operations';
import { useMay } from '../../api/session';
import { typedNumber } from '../../parts/field-values';
import { byField } from '../../parts/form';
import { Asked, Empty, Note, RefusalNote } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, Heard, Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { accountKey } from './account-query';
import classes from './accounts.module.css';
import { quoted } from './activity';
import { useWords } from './words';

const AT_ONCE = 100;

export function Callers({ accountcode }: { accountcode: string }) {
  const words = useWords();
  const may = useMay();
  return (
    <>
      {may('callerList') && (
        <section aria-label={words.callers}>
          <h2>{words.callers}</h2>
          <p>{words.callersLead}</p>
          <Numbers accountcode={accountcode} />
        </section>
      )}
      {may('cardList') && (
        <section aria-label={words.card}>
          <h2>{words.card}</h2>
          <CardOf accountcode={accountcode} />
        </section>
      )}
    </>
  );
}

function Numbers({ accountcode }: { accountcode: string }) {
  const words = useWords();
  const may = useMay();
  const [number, setNumber] = useState('');
  const [removed, setRemoved] = useState<string | null>(null);
  const key = [...accountKey(accountcode), 'callers'];
  const query = useParts<Caller>(key, cursor =>
    told(
      callerList({
        account: accountcode,
        limit: AT_ONCE,
        ...(cursor === undefined ? { count: true } : { cursor }),
      }),
    ),
  );
  const add = useChange({
    run: (added: string, idempotencyKey) => told(callerAdd({ idempotencyKey, body: { number: added, accountcode } })),
    stale: [key],
    onDone: () => {
      setNumber('');
      setRemoved(null);
    },
  });
  const remove = useChange({
    run: ($number: string, idempotencyKey) => told(callerRemove({ $number, idempotencyKey })),
    stale: [key],
    onDone: ({ number: gone }) => setRemoved(gone),
  });
  const { at, error } = byField(add.error, ['number']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(typedNumber(number));
  };
  const columns: Column<Caller>[] = [
    { head: words.number, cell: ({ number: digits }) => <Clipped>{digits}</Clipped> },
    { head: words.since, cell: ({ created_at: since }) => <Instant at={since} /> },
  ];
  if (may('callerRemove')) {
    columns.push({
      head: <Heard>{words.actions}</Heard>,
      isFigure: true,
      cell: ({ number: digits }) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={words.removeNumber(digits)}
          loading={remove.isPending && remove.variables === digits}
          onClick={() => remove.mutate(digits)}
        >
          {words.remove}
        </Button>
      ),
    });
  }
  return (
    <>
      {may('callerAdd') && (
        <form className={classes.filters} onSubmit={submit} noValidate aria-label={words.addNumber}>
          <TextInput
            name="number"
            type="tel"
            label={words.number}
            description={words.numberHelp ?? callerAddFields.number.help}
            placeholder={callerAddFields.number.example}
            autoComplete="off"
            error={at.number}
            value={number}
            onChange={event => setNumber(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            {words.addNumber}
          </Button>
        </form>
      )}
      <div className={classes.notes}>
        <RefusalNote error={error} />
        <RefusalNote error={remove.error} />
        {removed !== null && (
          <Note mood="ours">
            {words.numberRemoved(removed)}{' '}
            <Button size="compact-xs" variant="default" onClick={() => add.mutate(removed)}>
              {words.undo}
            </Button>
          </Note>
        )}
      </div>
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <Empty command={`ringfence caller add +4930123456 ${quoted(accountcode)}`}>{words.noCaller}</Empty>
          ) : (
            <Rows caption={words.callers} columns={columns} rows={rows} keyOf={({ number: digits }) => digits} />
          )
        }
      </ListParts>
    </>
  );
}

function CardOf({ accountcode }: { accountcode: string }) {
  const words = useWords();
  const query = useQuery({
    queryKey: [...accountKey(accountcode), 'card'],
    queryFn: async () => (await told(cardList({ account: accountcode, limit: 1 }))).items[0] ?? null,
  });
  return (
    <Asked query={query}>
      {card =>
        card === null ? (
          <Empty>{words.noCard}</Empty>
        ) : (
          <dl className={classes.facts}>
            {(
              [
                [
                  words.cardFacts.serial,
                  <Link
                    key="serial"
                    to="/cards/$batch"
                    params={{ batch: card.batch }}
                    search={{ serial: card.serial }}
                    className={classes.link}
                  >
                    {card.serial}
                  </Link>,
                ],
                [words.cardFacts.batch, <Clipped key="batch">{card.batch}</Clipped>],
                [words.state, words.cardStatus[card.status]],
                [words.cardFacts.value, <Amount key="value" value={card.value} currency={card.currency} />],
                [words.cardFacts.firstUsed, <Instant key="first" at={card.first_used_at} />],
                [words.cardFacts.lastUsed, <Instant key="last" at={card.last_used_at} />],
                [words.fields.expires_at.label, <Instant key="expires" at={card.expires_at} />],
              ] as const
            ).map(([name, fact]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{fact}</dd>
              </div>
            ))}
          </dl>
        )
      }
    </Asked>
  );
}
