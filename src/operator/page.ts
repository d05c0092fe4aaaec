/** A part of a list, and how long the list is. */
export interface Page<Item> {
  items: Item[];
  total: number;
  /** There are more than `total`, which are not counted. */
  isMore?: true;
  /** The list looked at nothing older, because there are too many. */
  since?: Date;
}

/** Which part of a list: `limit` items after the first `offset`. */
export interface PageRequest {
  limit: number;
  offset: number;
}
