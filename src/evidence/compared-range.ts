/** The time whose calls are compared. Pure. */
import { instantField, invalid } from '../operator/fields';

/** `given`: the texts that stand for those instants; without `to` it is now. @throws Refused field_invalid unless it is a time that calls can have */
export function refuseEmptyRange(
  { from, to }: { from: number; to: number },
  given: { from: string; to?: string },
): void {
  instantField('from', from);
  instantField('to', to);
  if (to > from) return;
  throw invalid('to', given.to ?? 'now', `is not after from ${JSON.stringify(given.from)}: give a later one`);
}
