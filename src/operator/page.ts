import type { Key } from './cursor';

/** The most rows of a page, the most that a list counts without being asked for more, and the most of a table that only grows that a list looks at. */
export const MOST_ROWS = 100_000;

/** A part of a list, and how long the list is. */
export interface Page<Item> {
  items: Item[];
  /** Not given if it was not wanted. */
  total?: number;
  /** There are more than `total`, which are not counted; some of them follow this part. */
  isMore?: true;
  /** The list looked at nothing older, because there are too many; `nextCursor`, if there is one, leads on from there. */
  since?: Date;
  /** Where to read on, if the list is read by key and there may be more; this part may have fewer items than its limit even so. */
  nextCursor?: string;
}

/** Which part of a list: `limit` items after the first `offset`. */
export interface PageRequest {
  limit: number;
  offset: number;
  /** Given if the list is read by key, from its beginning or from behind a row; `offset` is 0 then. */
  byKey?: { after: Key | null; isCounted: boolean };
}
