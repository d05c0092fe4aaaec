import type { KeptSwitch } from './node-keeper';

export interface SwitchBooksOptions {
  /** The name of the books in our database. */
  books: string;
  /** When our books last saw the switch, ms since 1970; null for never. Rejects with DatabaseFault. */
  lastSeen(node: string): Promise<number | null>;
  /** An operator confirms that these books are the right ones. */
  takeOver: boolean;
}

/**
 * Why a switch must be left alone; null if it may be served.
 *
 * A service that connects to a switch takes it from the service that acts for it. On another database, by a typo in the URL or on a copy
 * for a restore test, it would know none of the calls there. So it reads the mark first. It keeps away if the mark is of other books, or of
 * the same books at a later time than they know of themselves, as in a copy and after a restore. The mark counts for nothing if no service
 * acts for the switch and it has no calls. Rejects with SwitchError or DatabaseFault if that cannot be found out.
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
