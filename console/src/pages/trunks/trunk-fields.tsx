/** The settings of a trunk as the fields of a form. */
import { trunkAddFields } from '../../api/fields';
import type { Field } from '../../parts/field-values';
import { FieldInput } from '../../parts/form';
import { useDecks } from './questions';
import classes from './trunks.module.css';
import { useWords } from './words';

export type SettingName = Exclude<keyof typeof trunkAddFields, 'trunk' | 'enabled'>;

/** In the order in which they are shown. */
export const SETTINGS: readonly SettingName[] = [
  'endpoint',
  'strip_digits',
  'add_prefix',
  'cost_deck',
  'callee_codes',
  'callee_causes',
  'next_on_busy',
];

interface TrunkFieldsProps<Name extends SettingName | 'trunk'> {
  names: readonly Name[];
  typed: Partial<Record<Name, string>>;
  /** What was refused of each. */
  at: Partial<Record<string, string>>;
  onType: (name: Name, value: string) => void;
}

export function TrunkFields<Name extends SettingName | 'trunk'>({ names, typed, at, onType }: TrunkFieldsProps<Name>) {
  const words = useWords();
  const decks = useDecks();
  return (
    <div className={classes.fields}>
      {names.map((name, place) => (
        <FieldInput
          key={name}
          name={name}
          field={fieldOf(name)}
          label={words.fields[name].label}
          help={words.fields[name].help}
          value={typed[name] ?? ''}
          words={name === 'cost_deck' && decks.length > 0 ? decks : undefined}
          error={at[name]}
          autoFocus={place === 0}
          onChange={value => onType(name, value)}
        />
      ))}
    </div>
  );
}

const fieldOf = (name: SettingName | 'trunk'): Field => trunkAddFields[name];
