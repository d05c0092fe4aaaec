/** Parts of a batch by their serials. Pure. */

export interface Span {
  batch: string;
  from?: number;
  to?: number;
}

/** A request changes so many at most: its answer comes within some seconds, and the page can say how far it is. */
export const AT_ONCE = 1_000;

/**
 * The same span in parts that are asked for one after the other. A batch has its serials in a row, from `first` to `last`. What is not of the
 * batch at all stays as it is: the API says what is wrong with it.
 */
export function partsOf({ batch, from, to }: Span, first: number, last: number): Span[] {
  const [begin, end] = [Math.max(from ?? first, first), Math.min(to ?? last, last)];
  // Neither is true of a bound that is no number.
  if (!(begin <= end)) return [{ batch, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  const parts: Span[] = [];
  for (let next = begin; next <= end; next += AT_ONCE) {
    parts.push({ batch, from: next, to: Math.min(end, next + AT_ONCE - 1) });
  }
  return parts;
}

/** How many serials of the batch a span has. */
export const lengthOf = ({ from, to }: Pick<Span, 'from' | 'to'>, first: number, last: number): number =>
  Math.max(0, Math.min(to ?? last, last) - Math.max(from ?? first, first) + 1);

/** `1234 5678 9012`: as people read a code, and type it. */
export const grouped = (code: string): string => code.replace(/(\d{4})(?=\d)/g, '$1 ');
