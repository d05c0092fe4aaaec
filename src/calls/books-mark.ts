/** The mark that a service leaves in a switch, so that a service of other books sees whose calls are in progress there. */
export interface BooksMark {
  /** The name of the books. */
  books: string;
  /** The last moment at which the books saw the switch, ms since 1970 by the switch's clock: written there before it is written here. */
  seenAt: number;
}

export const markText = ({ books, seenAt }: BooksMark): string => `${books} ${Math.floor(seenAt)}`;

/** The mark in a variable of the switch; null for '' and for a text that no service wrote. */
export function markIn(text: string): BooksMark | null {
  const match = /^([0-9a-f-]{36}) (\d{1,15})$/.exec(text);
  return match ? { books: match[1] as string, seenAt: Number(match[2]) } : null;
}
