/** A part of a list, and how long the list is. */
export interface Page<Item> {
  items: Item[];
  total: number;
}

/** Which part of a list: `limit` items after the first `offset`. */
export interface PageRequest {
  limit: number;
  offset: number;
}
