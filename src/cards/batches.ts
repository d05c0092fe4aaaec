/** The batches of cards and of vouchers: how many of each are in which state. */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';
import { amountOf } from '../database/values';
import type { Micros } from '../money/micros';
import type { Page, PageRequest } from '../operator/page';
import { TABLE_OF_KIND } from './batch';
import type { CardView } from './cards';
import type { CodeKind } from './codes';
import type { VoucherView } from './vouchers';

/** A batch as an operator sees it. What is the same for all of a batch is that of its first card or voucher. */
export interface BatchView<Status extends string> {
  batch: string;
  /** The first and the last serial. */
  from: number;
  to: number;
  count: number;
  /** How many are in each state; a state in which none is has no number. */
  counts: Partial<Record<Status, number>>;
  value: Micros;
  currency: string;
  expiresAt: Date | null;
  createdAt: Date;
}

export interface CardBatchView extends BatchView<CardView['status']> {
  deck: string;
  expiresDays: number | null;
}

/** Batches of cards, the newest first. `batch`: only that one, if it is there. */
export async function listCardBatches(
  database: Knex,
  filter: { batch?: string },
  request: PageRequest,
): Promise<Page<CardBatchView>> {
  const { items, total } = await batchesOf<CardView['status']>(database, 'card', filter, request);
  return { items: items.map(([view, { deck, expires_days: expiresDays }]) => ({ ...view, deck, expiresDays })), total };
}

/** Batches of vouchers, the newest first. `batch`: only that one, if it is there. */
export async function listVoucherBatches(
  database: Knex,
  filter: { batch?: string },
  request: PageRequest,
): Promise<Page<BatchView<VoucherView['status']>>> {
  const { items, total } = await batchesOf<VoucherView['status']>(database, 'voucher', filter, request);
  return { items: items.map(([view]) => view), total };
}

/** The batches of a page, each with its first row. */
async function batchesOf<Status extends string>(
  database: Knex,
  kind: CodeKind,
  { batch }: { batch?: string },
  { limit, offset }: PageRequest,
): Promise<{ items: [BatchView<Status>, Row][]; total: number }> {
  const table = TABLE_OF_KIND[kind];
  const rows = () => database(table).where(batch === undefined ? {} : { batch });
  const [counted] = await rows().countDistinct({ total: 'batch' });
  // By the index (batch, status): of 1,000,000 cards in 505 batches, the newest 200 took 100 ms on MariaDB, and 600 to 1,200 ms without it.
  const spans: Row[] = await rows()
    .select('batch', { first: database.raw('MIN(serial)'), last: database.raw('MAX(serial)') })
    .groupBy('batch')
    .orderBy('first', 'desc')
    .limit(limit)
    .offset(offset);
  const names = spans.map(span => span.batch as string);
  const inState: Row[] = await database(table)
    .whereIn('batch', names)
    .select('batch', 'status')
    .count({ count: '*' })
    .groupBy('batch', 'status');
  const firsts: Row[] = await database(table).whereIn(
    'serial',
    spans.map(({ first }) => first),
  );
  const firstOf = new Map(firsts.map(row => [row.batch as string, row]));
  const items = spans.flatMap((span): [BatchView<Status>, Row][] => {
    const first = firstOf.get(span.batch);
    const states = inState.filter(state => state.batch === span.batch);
    if (!first) return [];
    const view = {
      batch: span.batch,
      from: Number(span.first),
      to: Number(span.last),
      count: states.reduce((sum, state) => sum + Number(state.count), 0),
      counts: Object.fromEntries(
        states.map(state => [state.status, Number(state.count)]),
      ) as BatchView<Status>['counts'],
      value: amountOf(first.value),
      currency: first.currency,
      expiresAt: first.expires_at,
      createdAt: first.created_at,
    };
    return [[view, first]];
  });
  return { items, total: Number(counted?.total) };
}
