/** Adds a trunk, in its place above the list. */
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { trunkAddFields } from '../../api/fields';
import { trunkAdd } from '../../api/operations';
import { type Field, sentOf } from '../../parts/field-values';
import { byField, Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import { TRUNKS_KEY } from './questions';
import { TrunkFields } from './trunk-fields';
import { useWords } from './words';

type Body = Parameters<typeof trunkAdd>[0]['body'];

/** What a new one needs; the rest is set on its page. */
const NAMES = ['trunk', 'endpoint', 'strip_digits', 'add_prefix', 'cost_deck'] as const;

export function NewTrunk({ onClose }: { onClose: () => void }) {
  const { language } = useReading();
  const words = useWords();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Partial<Record<(typeof NAMES)[number], string>>>({});
  const add = useChange({
    run: (body: Body, idempotencyKey) => told(trunkAdd({ body, idempotencyKey })),
    stale: [TRUNKS_KEY],
    onDone: ({ trunk }) => void navigate({ to: '/trunks/$trunk', params: { trunk } }),
  });
  const { at, error } = byField(add.error, NAMES);
  const go = () => {
    const given = NAMES.filter(name => (typed[name] ?? '').trim() !== '' || fieldOf(name).isRequired);
    const values = given.map(name => [name, sentOf(fieldOf(name), typed[name] ?? '', language)]);
    // The API checks each of them, and says what is wrong.
    add.mutate(Object.fromEntries(values) as Body);
  };
  return (
    <Panel
      title={words.newTrunk}
      lead={words.newTrunkLead}
      go={words.addTrunk}
      isBusy={add.isPending}
      error={error}
      onGo={go}
      onCancel={onClose}
    >
      <TrunkFields
        names={NAMES}
        typed={typed}
        at={at}
        onType={(name, value) => setTyped(before => ({ ...before, [name]: value }))}
      />
    </Panel>
  );
}

const fieldOf = (name: (typeof NAMES)[number]): Field => trunkAddFields[name];
