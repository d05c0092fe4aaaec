/** Activates, blocks or unblocks a batch, or a part of it: in steps, so that a long one shows how far it is and can be left. */
import { Progress } from '@mantine/core';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { cardActivateFields } from '../../api/fields';
import { readable, timesOf } from '../../parts/amounts';
import { sentOf } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import { ACCOUNTS_KEY } from '../accounts/account-query';
import classes from './cards.module.css';
import { type Batch, changedBy, codesKey, SWITCH_OF } from './codes';
import type { Kind, Switch } from './search';
import { lengthOf, partsOf, type Span } from './spans';
import { useWords } from './words';

interface SwitchFormProps {
  kind: Kind;
  how: Switch;
  batch: Batch;
  /** The one that is meant, if it is one. */
  serial?: number | undefined;
  onDone: (text: string) => void;
  onCancel: () => void;
}

export function SwitchForm({ kind, how, batch, serial, onDone, onCancel }: SwitchFormProps) {
  const { language } = useReading();
  const words = useWords();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [progress, setProgress] = useState<{ done: number; count: number } | null>(null);
  const number = (some: number) => some.toLocaleString(language);
  const change = useChange({
    run: async (span: Span, idempotencyKey) => {
      const parts = partsOf(span, batch.from, batch.to);
      const count = lengthOf(span, batch.from, batch.to);
      const all = { changed: 0, unchanged: 0 };
      for (const [index, part] of parts.entries()) {
        setProgress({ done: all.changed + all.unchanged, count });
        // The same again after an answer that did not come repeats the parts that were done, which changes nothing.
        const key = `${idempotencyKey}.${index}`;
        const { changed, unchanged } = await told(SWITCH_OF[kind][how]({ idempotencyKey: key, body: part }));
        all.changed += changed;
        all.unchanged += unchanged;
      }
      return all;
    },
    stale: [codesKey(kind), ACCOUNTS_KEY],
    onDone: ({ changed, unchanged }) => onDone(words.switched[how](number(changed), number(unchanged))),
  });
  const { at, error } = byField(change.error, ['from', 'to']);
  const spanField = cardActivateFields.from;
  const bound = (text: string) => (text.trim() === '' ? undefined : sentOf(spanField, text, language));
  const span = {
    batch: batch.batch,
    ...(serial !== undefined && { from: serial, to: serial }),
    ...(serial === undefined && { from: bound(from), to: bound(to) }),
  } as Span;
  const isWhole = (value: unknown) => value === undefined || typeof value === 'number';
  const mostOfThem = isWhole(span.from) && isWhole(span.to) ? lengthOf(span, batch.from, batch.to) : 0;
  const isAll = serial === undefined && span.from === undefined && span.to === undefined;
  const most = Math.min(changedBy(how, batch), mostOfThem);
  const sum = `${readable(timesOf(batch.value, most), language)} ${batch.currency}`;
  const title = serial === undefined ? words.of[kind].act[how] : words.of[kind].actOne[how](String(serial));
  return (
    <Panel
      title={title}
      lead={words.of[kind].effect[how](number(most), isAll || serial !== undefined, sum)}
      go={serial === undefined ? words.act[how] : title}
      isDanger={how === 'block'}
      isBusy={change.isPending}
      // One card is blocked and unblocked as it is needed; a batch is what hundreds of people hold in their hands.
      confirm={how === 'block' && serial === undefined ? batch.batch : undefined}
      error={error}
      onGo={() => {
        const { batch: name, from: first, to: last } = span;
        const isText = (value: unknown) => typeof value === 'string';
        // What is no number goes to the API, which says what is wrong with it.
        if (isText(first) || isText(last)) change.mutate({ ...span, from: first as number, to: last as number });
        else
          change.mutate({
            batch: name,
            ...(first !== undefined && { from: first }),
            ...(last !== undefined && { to: last }),
          });
      }}
      onCancel={onCancel}
    >
      {serial === undefined && (
        <div className={classes.span}>
          <FieldInput
            name="from"
            field={{ ...spanField, example: String(batch.from) }}
            label={words.fromSerial}
            help={words.fromSerialHelp}
            value={from}
            error={at.from}
            onChange={setFrom}
          />
          <FieldInput
            name="to"
            field={{ ...spanField, example: String(batch.to) }}
            label={words.toSerial}
            help={words.toSerialHelp}
            value={to}
            error={at.to}
            onChange={setTo}
          />
        </div>
      )}
      {progress && (change.isPending || change.isError) && (
        <div className={classes.progress}>
          <Progress value={progress.count === 0 ? 0 : (progress.done / progress.count) * 100} aria-label={title} />
          <p role="status">{words.progress(number(progress.done), number(progress.count))}</p>
        </div>
      )}
    </Panel>
  );
}
