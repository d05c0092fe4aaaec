/** What changed between two looks at the calls in progress. Pure. */
import type { Row } from './live-call';

export type Rows = ReadonlyMap<string, Row>;

export interface Difference {
  added: Row[];
  /** Of each call its uniqueid and the fields that changed. */
  changed: Row[];
  /** The uniqueids of calls that are no longer there. */
  ended: string[];
}

/** Grows with every second of talk, so it is no change by itself: a listener counts on. */
const TICKING = 'seconds';

/** Both by uniqueid. */
export function differenceOf(before: Rows, after: Rows): Difference {
  const added: Row[] = [];
  const changed: Row[] = [];
  for (const [uniqueid, row] of after) {
    const old = before.get(uniqueid);
    if (!old) added.push(row);
    else {
      const names = Object.keys(row).filter(name => row[name] !== old[name]);
      if (names.some(name => name !== TICKING)) {
        changed.push({ uniqueid, ...Object.fromEntries(names.map(name => [name, row[name] as string])) });
      }
    }
  }
  return { added, changed, ended: [...before.keys()].filter(uniqueid => !after.has(uniqueid)) };
}

export const isNone = ({ added, changed, ended }: Difference): boolean =>
  added.length + changed.length + ended.length === 0;
