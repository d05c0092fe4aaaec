import type { KeptSwitch } from './node-keeper';

export interface SwitchBooksOptions {
  /** The name of the books in our database. */
  books: string;
  /** When our books had the switch as seen last, ms since 1970; null for never. Rejects with DatabaseFault. */
  lastSeen(node: string): Promise<number | null>;
  /** An operator says that these books are the right ones. */
  takeOver: boolean;
}

/**
 * Why a switch must be left alone; null when it may be served.
 *
 * A service that connects to a switch takes it from the one that acts for it. On another database, by a typo in the URL or on a
 * copy for a restore test, it would know none of the calls there. So it looks at the mark first: of other books, or of the same
 * books at a later time than they know of themselves, which is so in a copy and after a restore. A mark of a switch that no service
 * acts for and that has no calls counts for nothing. Rejects with SwitchError or DatabaseFault when it cannot be told.
 */
export function strangerOn({ books, lastSeen, takeOver }: SwitchBooksOptions) {
  return async (port: KeptSwitch, node: string): Promise<string | null> => {
    const mark = takeOver ? null : await port.readMark();
    if (mark === null) return null;
    const isOther = mark.books !== books;
    if (!isOther && mark.seenAt <= ((await lastSeen(node)) ?? 0)) return null;
    if (!(await port.isServed())) return null;
    const whose = isOther
      ? `Switch ${node} is served from another database (books ${mark.books}; this database has ${books})`
      : `Switch ${node} was served from a newer state of these books (until ${new Date(mark.seenAt).toISOString()}): this database is a copy, or was restored`;
    return `${whose}. Correct RINGFENCE_DATABASE_URL; or, if this database is the right one, stop the other service and start this one with: ringfence serve --take-over`;
  };
}
