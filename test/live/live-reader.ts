/** What a listener of the calls in progress keeps, by docs/api.md. */
import type { Difference } from '../../src/live/difference';
import type { Row } from '../../src/live/live-call';

/** The calls after a difference. */
export function withDifference(
  before: ReadonlyMap<string, Row>,
  { added, changed, ended }: Difference,
): Map<string, Row> {
  const after = new Map(before);
  for (const uniqueid of ended) after.delete(uniqueid);
  for (const row of added) after.set(String(row.uniqueid), row);
  for (const row of changed) after.set(String(row.uniqueid), { ...after.get(String(row.uniqueid)), ...row });
  return after;
}
