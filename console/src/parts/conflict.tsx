/** Another person was quicker: what it changed, beside what this one wants. Nothing of this one is saved yet. */
import { useTexts } from '../texts/texts';
import classes from './form.module.css';
import { Note } from './page';

/** A field that the other person changed, each value as a person reads it. */
export interface Contested {
  name: string;
  label: string;
  before: string;
  now: string;
  /** null where this person does not change it. */
  mine: string | null;
}

/** `lead`: what to do. */
export function Conflict({ lead, fields }: { lead: string; fields: readonly Contested[] }) {
  const { common } = useTexts();
  const { what, before, now, yours } = common.conflict;
  return (
    <Note mood="attention">
      {lead}
      {fields.length > 0 && (
        <table className={classes.conflict}>
          <thead>
            <tr>
              <th scope="col">{what}</th>
              <th scope="col">{before}</th>
              <th scope="col">{now}</th>
              <th scope="col">{yours}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(field => (
              <tr key={field.name}>
                <th scope="row">{field.label}</th>
                <td dir="auto">{field.before}</td>
                <td dir="auto">{field.now}</td>
                <td dir="auto">{field.mine ?? common.none}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Note>
  );
}
