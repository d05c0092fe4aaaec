/** What the parts of the desk share. */
import { Checkbox, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { keyCreateFields } from '../../api/fields';
import { type OperationName, useMay } from '../../api/session';
import { Empty } from '../../parts/page';
import { useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { useWords } from './words';

/** How many rows are asked for at once. */
export const AT_ONCE = 100;

/** A part whose roles are checked where it is opened, whatever the tabs offer. */
export function ForRoles({ of, children }: { of: OperationName; children: ReactNode }) {
  const { shell } = useTexts();
  if (useMay()(of)) return children;
  return (
    <Empty>
      <p>{shell.noPermission}</p>
      <p>{shell.askAdmin}</p>
    </Empty>
  );
}

/** Facts by their names. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, fact: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A service as it names itself: its host and process. What else is in the name only tells two of one number apart. */
export const ServiceName = ({ of: name }: { of: string }) => (
  <span title={name} dir="auto" className={classes.breaks}>
    {name.split(' ').slice(0, 2).join(' ')}
  </span>
);

const ROLES = ['read', 'support', 'cashier', 'prices', 'admin'] as const;

/** What somebody may do; a customer is bound to one account, and may be nothing else. */
export interface Rights {
  roles: readonly string[];
  accountcode: string;
}

interface RolesInputProps {
  rights: Rights;
  onChange: (rights: Rights) => void;
  /** Whether it may be a customer: that is for good, so only what is new. */
  canBeCustomer?: boolean;
  errors: Partial<Record<string, string>>;
}

export function RolesInput({
  rights: { roles, accountcode },
  onChange,
  canBeCustomer = false,
  errors,
}: RolesInputProps) {
  const desk = useWords();
  const isCustomer = roles.includes('customer');
  const choose = (role: string, isChosen: boolean) => {
    if (role === 'customer') return onChange({ roles: isChosen ? ['customer'] : [], accountcode });
    const others = roles.filter(each => each !== role && each !== 'customer');
    onChange({ roles: isChosen ? [...others, role] : others, accountcode });
  };
  return (
    <fieldset className={classes.roles}>
      <legend>{desk.roles}</legend>
      {[...ROLES, ...(canBeCustomer ? (['customer'] as const) : [])].map(role => (
        <Checkbox
          key={role}
          label={role}
          description={desk.rolesMean[role]}
          checked={roles.includes(role)}
          onChange={event => choose(role, event.currentTarget.checked)}
        />
      ))}
      {errors.roles !== undefined && (
        <p className={classes.wrong} role="alert">
          {errors.roles}
        </p>
      )}
      {isCustomer && (
        <TextInput
          name="accountcode"
          label={desk.account}
          description={desk.accountHelp}
          placeholder={keyCreateFields.accountcode.example}
          autoComplete="off"
          dir="auto"
          maw={360}
          error={errors.accountcode}
          value={accountcode}
          onChange={event => onChange({ roles, accountcode: event.currentTarget.value })}
        />
      )}
    </fieldset>
  );
}

/** As the API takes them. */
export const rightsSent = ({ roles, accountcode }: Rights) => ({
  roles: [...roles],
  ...(roles.includes('customer') && accountcode.trim() !== '' && { accountcode: accountcode.trim() }),
});
