/** Reads what a statement is made from. */
import { told } from '../../api/ask';
import { type OwnCall, ownCall, ownCalls, ownLedger } from '../../api/operations';
import { boundsOf, type Month } from './month';
import { type AnsweredCall, type Statement, statementOf } from './statement';

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

/**
 * The statement of a month. `onRead` hears how many rows came by now.
 * @throws Refused, also if `signal` ends it
 */
export async function readStatement(
  month: Month,
  zone: string,
  signal: AbortSignal,
  onRead: (rows: number) => void,
): Promise<Statement> {
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
    told(ownLedger({ $from: from, to, limit: LIMIT, ...(cursor !== undefined && { cursor }) }, { signal })),
  );
  const entries = newestFirst.reverse();
  const [before = null] = (await told(ownLedger({ to: from, limit: 1 }, { signal }))).items;
  const since = new Date(bounds.from - DAY_MS).toISOString();
  const calls: AnsweredCall[] = await all<OwnCall>(cursor =>
    told(
      ownCalls(
        { $from: since, to, disposition: 'ANSWERED', limit: LIMIT, ...(cursor !== undefined && { cursor }) },
        { signal },
      ),
    ),
  );
  const known = new Set(calls.map(({ uniqueid }) => uniqueid));
  const missing = entries.filter(({ kind, reference }) => kind === 'call_charge' && !known.has(reference));
  for (const { reference: uniqueid } of missing.slice(0, MOST_SINGLY)) {
    calls.push(await told(ownCall({ uniqueid }, { signal })));
  }
  return statementOf({ entries, before, calls, ...bounds });
}
