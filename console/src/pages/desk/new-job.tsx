/** Asks for a proof of the books, or for a comparison with the switches' own records. */
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { jobReconcileFields, jobVerifyFields } from '../../api/fields';
import { jobReconcile, jobVerify } from '../../api/operations';
import { useMay } from '../../api/session';
import { type Field, localTime, sentOf } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import classes from './desk.module.css';
import { JOBS_KEY } from './job-query';
import { useWords } from './words';

interface NewJobProps {
  kind: 'verify' | 'reconcile';
  onDone: (job: number) => void;
  onCancel: () => void;
}

export function NewJob({ kind, onDone, onCancel }: NewJobProps) {
  const may = useMay();
  if (!may(kind === 'verify' ? 'jobVerify' : 'jobReconcile')) return null;
  return kind === 'verify' ? (
    <Verify onDone={onDone} onCancel={onCancel} />
  ) : (
    <Reconcile onDone={onDone} onCancel={onCancel} />
  );
}

type FormProps = Omit<NewJobProps, 'kind'>;

function Verify({ onDone, onCancel }: FormProps) {
  const { language } = useReading();
  const desk = useWords();
  const [since, setSince] = useState('');
  const verify = useChange({
    run: (body: { since?: string }, idempotencyKey) => told(jobVerify({ idempotencyKey, body })),
    stale: [JOBS_KEY],
    onDone: ({ job }) => onDone(job),
  });
  const { at, error } = byField(verify.error, ['since']);
  return (
    <Panel
      title={desk.startVerify}
      lead={desk.verifyLead}
      go={desk.begin}
      isBusy={verify.isPending}
      error={error}
      onGo={() =>
        verify.mutate(since === '' ? {} : { since: sentOf(jobVerifyFields.since, since, language) as string })
      }
      onCancel={onCancel}
    >
      <div className={classes.fields}>
        <FieldInput
          name="since"
          field={jobVerifyFields.since}
          label={desk.sinceWhen}
          help={desk.sinceHelp}
          value={since}
          error={at.since}
          onChange={setSince}
        />
      </div>
    </Panel>
  );
}

const FIELDS = ['from', 'to', 'tolerance'] as const;

function Reconcile({ onDone, onCancel }: FormProps) {
  const { language } = useReading();
  const desk = useWords();
  const [typed, setTyped] = useState<Partial<Record<(typeof FIELDS)[number], string>>>(() => ({
    from: localTime(yesterday().toISOString()),
  }));
  const reconcile = useChange({
    run: (body: Parameters<typeof jobReconcile>[0]['body'], idempotencyKey) =>
      told(jobReconcile({ idempotencyKey, body })),
    stale: [JOBS_KEY],
    onDone: ({ job }) => onDone(job),
  });
  const { at, error } = byField(reconcile.error, FIELDS);
  const go = () => {
    const fields: Record<string, Field> = jobReconcileFields;
    const given = FIELDS.filter(name => name === 'from' || (typed[name] ?? '') !== '').map(name => [
      name,
      sentOf(fields[name] as Field, typed[name] ?? '', language),
    ]);
    reconcile.mutate(Object.fromEntries(given) as Parameters<typeof jobReconcile>[0]['body']);
  };
  return (
    <Panel
      title={desk.startReconcile}
      lead={desk.reconcileLead}
      go={desk.begin}
      isBusy={reconcile.isPending}
      error={error}
      onGo={go}
      onCancel={onCancel}
    >
      <div className={classes.fields}>
        {FIELDS.map(name => (
          <FieldInput
            key={name}
            name={name}
            field={jobReconcileFields[name]}
            label={desk.reconcileFields[name].label}
            help={desk.reconcileFields[name].help}
            value={typed[name] ?? ''}
            error={at[name]}
            onChange={value => setTyped(before => ({ ...before, [name]: value }))}
          />
        ))}
      </div>
    </Panel>
  );
}

/** Midnight of the day before, in the reader's zone. */
function yesterday(): Date {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
}
