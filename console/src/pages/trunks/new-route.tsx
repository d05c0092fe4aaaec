/** Sends the numbers of a prefix to a trunk, as the last that is tried. */
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { routeAddFields } from '../../api/fields';
import { routeAdd } from '../../api/operations';
import { typedNumber } from '../../parts/field-values';
import { byField, FieldInput, Panel } from '../../parts/form';
import { TRUNKS_KEY, useTrunks, useWays } from './questions';
import { lastPriority } from './routing';
import { ANY_NUMBER } from './search';
import classes from './trunks.module.css';
import { useWords } from './words';

interface NewRouteProps {
  onClose: () => void;
  /** With the prefix as an address names it. */
  onDone: (prefix: string) => void;
}

export function NewRoute({ onClose, onDone }: NewRouteProps) {
  const words = useWords();
  const { data: trunks = [] } = useTrunks();
  const ways = useWays() ?? [];
  const [prefix, setPrefix] = useState('');
  const [trunk, setTrunk] = useState('');
  const chosen = trunk || trunks[0]?.trunk || '';
  const digits = typedNumber(prefix).replace(/^\+/, '');
  const there = ways.find(way => way.prefix === digits)?.routes ?? [];
  const add = useChange({
    run: (body: Parameters<typeof routeAdd>[0]['body'], idempotencyKey) => told(routeAdd({ body, idempotencyKey })),
    stale: [TRUNKS_KEY],
    onDone: ({ prefix: added }) => onDone(added || ANY_NUMBER),
  });
  const { at, error } = byField(add.error, ['prefix', 'trunk']);
  return (
    <Panel
      title={words.newRoute}
      lead={words.newRouteLead}
      go={words.addRoute}
      isBusy={add.isPending}
      error={error}
      onGo={() => add.mutate({ prefix: digits, trunk: chosen, priority: lastPriority(there) })}
      onCancel={onClose}
    >
      <div className={classes.fields}>
        <FieldInput
          name="prefix"
          field={{ ...routeAddFields.prefix, isRequired: false }}
          label={words.prefix}
          help={words.prefixHelp}
          value={prefix}
          error={at.prefix}
          autoFocus
          onChange={setPrefix}
        />
        <NativeSelect
          name="trunk"
          label={words.trunk}
          data={trunks.map(each => each.trunk)}
          value={chosen}
          error={at.trunk}
          onChange={event => setTrunk(event.currentTarget.value)}
        />
      </div>
      {there.length > 0 && (
        <p className={classes.small}>{words.thereAlready(there.map(each => each.trunk).join(', '))}</p>
      )}
    </Panel>
  );
}
