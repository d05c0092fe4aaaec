/** The most rows of a page, the most that a list counts without being asked for more, and the most of a table that only grows that a list looks at. */
export const MOST_ROWS = 100_000;

/** A part of a list, and how long the list is. */
export interface Page<Item> {
  items: Item[];
  total: number;
  /** There are more than `total`, which are not counted; some of them follow this part. */
  isMore?: true;
  /** The list looked at nothing older, because there are too many. */
  since?: Date;
}

/** Which part of a list: `limit` items after the first `offset`. */
export interface PageRequest {
  limit: number;
  offset: number;
}
