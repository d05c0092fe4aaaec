/** What a change changed: each field as it was and as it is. */
import { useReading } from '../texts/texts';
import { type Changed, changedFields } from './changed-fields';
import classes from './parts.module.css';

/** In a cell, a line for each field. `most`: how many of them. */
export function Difference({ change, most = Number.POSITIVE_INFINITY }: { change: Changed; most?: number }) {
  const { language, texts } = useReading();
  const fields = changedFields(change, language);
  return (
    <ul className={classes.difference}>
      {fields.slice(0, most).map(({ name, was, is }) => (
        <li key={name}>
          {name}: {was !== undefined && <bdi>{was}</bdi>}
          {was !== undefined && is !== undefined && ' → '}
          {is !== undefined && <bdi>{is}</bdi>}
        </li>
      ))}
      {fields.length > most && <li>{texts.common.moreFields(fields.length - most)}</li>}
    </ul>
  );
}
