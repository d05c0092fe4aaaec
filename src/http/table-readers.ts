/**
 * Who reads tables row after row: each reader has a connection to the database for as long as it takes. Neither a client nor a role has all of
 * them. Pure.
 */
import type { Asker } from './questions';

const MOST = 4;
const MOST_OF_ROLE = 3;
const MOST_OF_ONE = 2;

export class TableReaders {
  private readonly reading = new Set<Asker>();

  /** Why there is no room for one more; null if there is. */
  fullFor({ name, role }: Asker): string | null {
    const readers = [...this.reading];
    if (readers.filter(reader => reader.name === name).length >= MOST_OF_ONE) {
      return `you read ${MOST_OF_ONE}: wait until one has ended`;
    }
    const isFull = readers.length >= MOST || readers.filter(reader => reader.role === role).length >= MOST_OF_ROLE;
    return isFull ? `${readers.length} are being read: wait until one has ended` : null;
  }

  /** Counts one until the function that it returns is called. Assumes that there is room. */
  begin(asker: Asker): () => void {
    const reader = { ...asker };
    this.reading.add(reader);
    return () => this.reading.delete(reader);
  }
}
