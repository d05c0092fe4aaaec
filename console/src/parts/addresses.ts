/** Reads what the address of a page says. Pure. */

/** A text; undefined for none. The router takes `?text=123` for a number. */
export const textOf = (raw: unknown): string | undefined =>
  (typeof raw === 'string' && raw !== '') || typeof raw === 'number' ? String(raw) : undefined;

/** One of a few words; undefined for another. */
export const oneOf = <Word extends string>(words: readonly Word[], raw: unknown): Word | undefined =>
  words.find(word => word === raw);
