/** The settings of a trunk: shown, and changed together. Two people who change them at once do not overwrite each other. */
import { useState } from 'react';
import { Refused, told } from '../../api/ask';
import { useChange } from '../../api/change';
import { trunkSetFields } from '../../api/fields';
import { type Trunk, trunkSet } from '../../api/operations';
import { Conflict } from '../../parts/conflict';
import { type Field, sentOf, typedOf, type Value } from '../../parts/field-values';
import { byField, Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import { readTrunk, TRUNKS_KEY, type TrunkNow } from './questions';
import { SETTINGS, type SettingName, TrunkFields } from './trunk-fields';
import classes from './trunks.module.css';
import { useWords } from './words';

type Body = NonNullable<Parameters<typeof trunkSet>[0]['body']>;

const fieldOf = (name: SettingName): Field => trunkSetFields[name];

/** As the field of the API has it: what is told as true or false is set by yes or no. */
function valueIn(trunk: Trunk, name: SettingName): Value {
  const value = trunk[name];
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

/** A value as a person reads it. */
function useShown(): (trunk: Trunk, name: SettingName) => string {
  const { texts } = useReading();
  const words = useWords();
  const { common } = texts;
  return (trunk, name) => {
    const value = valueIn(trunk, name);
    if (name === 'next_on_busy') return value === 'yes' ? words.yes : words.no;
    if (value === 'default') return words.usual;
    return value === null || value === '' ? (words.fields[name].none ?? common.none) : String(value);
  };
}

export function Settings({ now: { trunk } }: { now: TrunkNow }) {
  const words = useWords();
  const show = useShown();
  return (
    <section aria-label={words.settings}>
      <h2>{words.settings}</h2>
      <dl className={classes.settings}>
        {SETTINGS.map(name => (
          <div key={name}>
            <dt>
              {words.fields[name].label}
              <p>{words.fields[name].help ?? fieldOf(name).help}</p>
            </dt>
            <dd dir="auto">{show(trunk, name)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface EditSettingsProps {
  now: TrunkNow;
  onDone: (text: string) => void;
  onCancel: () => void;
}

export function EditSettings({ now, onDone, onCancel }: EditSettingsProps) {
  const { texts, language } = useReading();
  const words = useWords();
  // What is read meanwhile changes nothing here: the person decides about what it saw.
  const [began] = useState(now);
  const { trunk } = began.trunk;
  const [found, setFound] = useState<TrunkNow | null>(null);
  const typedIn = (of: Trunk) =>
    Object.fromEntries(SETTINGS.map(name => [name, typedOf(fieldOf(name), valueIn(of, name), language)]));
  const [typed, setTyped] = useState<Partial<Record<SettingName, string>>>(() => typedIn(began.trunk));
  const first = typedIn(began.trunk);
  const mine = SETTINGS.filter(name => typed[name] !== first[name]);
  const save = useChange({
    run: async ({ body, version }: { body: Body; version: string }, idempotencyKey) => {
      try {
        return await told(trunkSet({ trunk, idempotencyKey, ifMatch: version, body }));
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 412) throw error;
        setFound(await readTrunk(trunk));
        return null;
      }
    },
    stale: [TRUNKS_KEY],
    onDone: answer => answer !== null && onDone(words.settingsSaved(trunk)),
  });
  const { at, error } = byField(save.error, SETTINGS);
  const go = () => {
    if (mine.length === 0) return onCancel();
    const values = mine.map(name => [name, sentOf(fieldOf(name), typed[name] ?? '', language)]);
    save.mutate({ body: Object.fromEntries(values) as Body, version: (found ?? began).version });
  };
  return (
    <Panel
      title={words.editOf(trunk)}
      lead={words.editLead}
      go={found ? words.saveMine : texts.common.save}
      isBusy={save.isPending}
      error={error}
      onGo={go}
      onCancel={onCancel}
    >
      <TrunkFields
        names={SETTINGS}
        typed={typed}
        at={at}
        onType={(name, value) => setTyped(before => ({ ...before, [name]: value }))}
      />
      {found && <Meanwhile began={began.trunk} found={found.trunk} mine={mine} typed={typed} />}
    </Panel>
  );
}

interface MeanwhileProps {
  began: Trunk;
  found: Trunk;
  mine: readonly SettingName[];
  typed: Partial<Record<SettingName, string>>;
}

/** Another person was quicker: what it changed, beside what this one wants. */
function Meanwhile({ began, found, mine, typed }: MeanwhileProps) {
  const words = useWords();
  const { common } = useReading().texts;
  const show = useShown();
  const changed = SETTINGS.filter(name => valueIn(began, name) !== valueIn(found, name));
  const isTurned = began.enabled !== found.enabled;
  const turned = isTurned ? ` ${found.enabled ? words.isOn(found.trunk) : words.isOff(found.trunk)}` : '';
  return (
    <div className={classes.notes} data-below="">
      <Conflict
        lead={`${words.changedMeanwhile}${turned}`}
        fields={changed.map(name => ({
          name,
          label: words.fields[name].label,
          before: show(began, name),
          now: show(found, name),
          mine: mine.includes(name) ? typed[name] || common.none : null,
        }))}
      />
    </div>
  );
}
