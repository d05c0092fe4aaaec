/** Reads what a statement is made from. */
import { boundsOf, type Month } from './month';
import { type AnsweredCall, type Entry, type Statement, statementOf } from './statement';

/** The most that the API gives at once. */
const LIMIT = 1_000;
const DAY_MS = 86_400_000;
/** Calls that are asked one by one, as they began more than a day before the month. */
const MOST_SINGLY = 50;

interface Part<Row> {
  items: Row[];
  is_more: boolean;
  next_cursor?: string;
}

interface Signalled {
  signal: AbortSignal;
}

/** Where the rows of one account come from, part by part. */
export interface Source {
  /** Its entries, the newest first. */
  entries(asked: { $from?: string; to: string; limit: number; cursor?: string }, by: Signalled): Promise<Part<Entry>>;
  /** Its answered calls that started in that time. */
  calls(
    asked: { $from: string; to: string; disposition: 'ANSWERED'; limit: number; cursor?: string },
    by: Signalled,
  ): Promise<Part<AnsweredCall>>;
  call(uniqueid: string, by: Signalled): Promise<AnsweredCall>;
}

interface ReadingOf extends Signalled {
  month: Month;
  zone: string;
  /** Hears how many rows came by now. */
  onRead: (rows: number) => void;
}

/**
 * The statement of a month.
 * @throws Refused, also if `signal` ends it
 */
export async function readStatement(source: Source, { month, zone, signal, onRead }: ReadingOf): Promise<Statement> {
  const bounds = boundsOf(month, zone);
  const [from, to] = [new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()];
  let read = 0;
  async function all<Row>(ask: (cursor?: string) => Promise<Part<Row>>): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | undefined;
    do {
      const part: Part<Row> = await ask(cursor);
      rows.push(...part.items);
      read += part.items.length;
      onRead(read);
      cursor = part.is_more ? part.next_cursor : undefined;
    } while (cursor !== undefined);
    return rows;
  }
  const newestFirst = await all(cursor =>
    source.entries({ $from: from, to, limit: LIMIT, ...(cursor !== undefined && { cursor }) }, { signal }),
  );
  const entries = newestFirst.reverse();
  const [before = null] = (await source.entries({ to: from, limit: 1 }, { signal })).items;
  const since = new Date(bounds.from - DAY_MS).toISOString();
  const calls = await all(cursor =>
    source.calls(
      { $from: since, to, disposition: 'ANSWERED', limit: LIMIT, ...(cursor !== undefined && { cursor }) },
      { signal },
    ),
  );
  const known = new Set(calls.map(({ uniqueid }) => uniqueid));
  const missing = entries.filter(({ kind, reference }) => kind === 'call_charge' && !known.has(reference));
  for (const { reference } of missing.slice(0, MOST_SINGLY)) calls.push(await source.call(reference, { signal }));
  return statementOf({ entries, before, calls, ...bounds });
}
