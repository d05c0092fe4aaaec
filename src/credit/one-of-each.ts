import type { Row } from '../database/rows';

/** More different values than this are forgotten, so that they cannot fill the memory. */
const MOST = 1_000;

/**
 * `read`, with one object for all rows that have the same in `columns`, which must be all that it reads: thousands of calls have some tens of
 * tariffs and terms, and each keeps them while it lasts. Nothing may change such an object.
 */
export function oneOfEach<Value>(columns: readonly string[], read: (row: Row) => Value): (row: Row) => Value {
  const known = new Map<string, Value>();
  return row => {
    const key = JSON.stringify(columns.map(column => row[column]));
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MOST) known.clear();
    const value = read(row);
    known.set(key, value);
    return value;
  };
}
