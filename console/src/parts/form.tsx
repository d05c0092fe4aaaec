/** Forms whose fields come from the API: with their help, their present value, and what was refused, each in its place. */
import { Button, Checkbox, NativeSelect, Paper, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Refused } from '../api/ask';
import { useReading } from '../texts/texts';
import { type Field, problemsOf } from './field-values';
import classes from './form.module.css';
import { RefusalNote } from './page';

interface FieldInputProps {
  name: string;
  field: Field;
  label: string;
  /** Whether it stands above already. */
  isLabelHidden?: boolean;
  /** In the reader's language; the API's own if not given, null for none. */
  help?: string | null | undefined;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  autoFocus?: boolean;
  /** Words to choose from, as the API told them; otherwise those of the field. */
  words?: readonly string[] | undefined;
}

export function FieldInput({
  name,
  field,
  label,
  isLabelHidden,
  help,
  value,
  onChange,
  error,
  autoFocus,
  words,
}: FieldInputProps) {
  const { kind, example, isRequired, canBeNone } = field;
  const shared = {
    name,
    ...(isLabelHidden ? { 'aria-label': label } : { label }),
    // Below the input: inputs beside each other stand in a line, however long their help is.
    inputWrapperOrder: ['label' as const, 'input' as const, 'description' as const, 'error' as const],
    description: help === null ? undefined : (help ?? field.help),
    error,
    required: isRequired,
    autoFocus,
  };
  const choices = words ?? field.words;
  if (kind === 'flag') {
    const { inputWrapperOrder: _, ...flag } = shared;
    return (
      <Checkbox
        {...flag}
        checked={value === 'true'}
        onChange={event => onChange(event.currentTarget.checked ? 'true' : '')}
      />
    );
  }
  if (choices) {
    const data = value === '' || canBeNone || !choices.includes(value) ? ['', ...choices] : [...choices];
    return (
      <NativeSelect {...shared} data={data} value={value} onChange={event => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <TextInput
      {...shared}
      type={kind === 'instant' ? 'datetime-local' : 'text'}
      {...(kind === 'instant' && { step: 1 })}
      inputMode={kind === 'whole' ? 'numeric' : kind === 'amount' ? 'decimal' : 'text'}
      placeholder={example}
      autoComplete="off"
      dir="auto"
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

/** What a refused request said of these fields, and the rest of it as an error of its own. */
export function byField(
  error: unknown,
  names: readonly string[],
): { at: Partial<Record<string, string>>; error: unknown } {
  if (!(error instanceof Refused) || error.refusal !== 'field_invalid') return { at: {}, error };
  const { refusal, status, fields } = error;
  const { at, rest } = problemsOf(error.problems.length > 0 ? error.problems : [error.detail], names, fields);
  const [first, ...more] = rest;
  return { at, error: first === undefined ? null : new Refused(refusal, status, first, more) };
}

interface PanelProps {
  title: string;
  /** What happens, in a sentence. */
  lead?: ReactNode;
  go: string;
  isDanger?: boolean;
  isBusy: boolean;
  /** What the person must type to go on: the name of what is in danger. */
  confirm?: string | undefined;
  error?: unknown;
  onGo: () => void;
  onCancel: () => void;
  children?: ReactNode;
}

/** A form that opens in its place. Escape leaves it. */
export function Panel({ title, lead, go, isDanger, isBusy, confirm, error, onGo, onCancel, children }: PanelProps) {
  const { common } = useReading().texts;
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && (confirm === undefined || typed === confirm)) onGo();
  };
  return (
    <Paper withBorder p={16} mb={16} className={classes.panel}>
      <form
        onSubmit={submit}
        noValidate
        aria-label={title}
        onKeyDown={event => {
          if (event.key === 'Escape') onCancel();
        }}
      >
        <h2>{title}</h2>
        {lead && <p className={classes.lead}>{lead}</p>}
        {children}
        {confirm !== undefined && (
          <TextInput
            mt={12}
            maw={360}
            label={common.typeToConfirm(confirm)}
            autoComplete="off"
            dir="auto"
            value={typed}
            onChange={event => setTyped(event.currentTarget.value)}
          />
        )}
        <div className={classes.refusal}>
          <RefusalNote error={error} />
        </div>
        <div className={classes.buttons}>
          <Button
            type="submit"
            {...(isDanger && { color: 'red' })}
            loading={isBusy}
            disabled={confirm !== undefined && typed !== confirm}
          >
            {go}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
        </div>
      </form>
    </Paper>
  );
}
