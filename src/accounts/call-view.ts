/** Calls and reservations as an operator sees them. This file changes none. */
import type { Knex } from 'knex';
import { callOf } from '../credit/cdr-columns';
import type { CallRecord } from '../credit/rules/call';
import { amountOf } from '../database/values';
import { formatAmount, type Micros, micros } from '../money/micros';
import type { ListOrder } from '../operator/cursor';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { counted, type Listed, partOf } from '../operator/page-store';
import { onlyAccount, type Visible } from '../operator/visible';
import { onlyVisible } from '../operator/visible-store';

export interface CallFilter {
  accountcode?: string;
  /** Only calls in progress. */
  open?: boolean;
  /** Only calls that have ended. */
  ended?: boolean;
  /** Only calls that started at this instant or later. */
  from?: Date;
  /** Only calls that started before this instant. */
  to?: Date;
  /** Only numbers that begin with these digits. */
  destination?: string;
  trunk?: string;
  disposition?: string;
  refusal?: string;
  /** Only calls that ended with this Q.850 cause. */
  cause?: number;
  /** Only calls that cost this or more. */
  costFrom?: Micros;
  /** Only calls that cost this or less. */
  costTo?: Micros;
  /** Only calls whose uniqueid, caller, number or destination contains this text. */
  text?: string;
}

export const CALLS_ORDER: ListOrder = {
  name: 'calls',
  columns: [
    { column: 'start_at', kind: 'instant' },
    { column: 'uniqueid', kind: 'text' },
  ],
  isDescending: true,
};

/**
 * How many calls a filter without an index looks at in one statement. Each is a read of its own, by its uniqueid: of a million calls
 * 20,000 took 60 ms on MySQL 9.7 and 100 to 250 ms on a busy MariaDB 10.11, 100,000 five times as long.
 */
export const CALLS_LOOKED_AT = 20_000;

/**
 * Calls, also ended ones, newest first. `accountcode`, `open`, `from` and `to` have indexes. Other filters look at the newest 20,000 calls that
 * those leave, and the page says so if there are more; by key the cursor leads on. Without such filters a list counts up to 100,000.
 */
export async function listCalls(
  database: Knex,
  visible: Visible,
  {
    accountcode,
    open,
    ended,
    from,
    to,
    destination,
    trunk,
    disposition,
    refusal,
    cause,
    costFrom,
    costTo,
    text,
  }: CallFilter,
  request: PageRequest,
): Promise<Page<CallRecord>> {
  // Left to choose, MariaDB reads all of an account that has a third of the calls, and MySQL all calls since the last one of such a part.
  const index = onlyAccount(visible, accountcode) === undefined ? 'started' : 'account_calls';
  const table = open ? 'astcdr' : database.raw('?? FORCE INDEX (??)', ['astcdr', index]);
  const calls = onlyVisible(database.from(table), visible);
  if (accountcode !== undefined) calls.where({ accountcode });
  if (open) calls.whereNull('end_at');
  if (from !== undefined) calls.where('start_at', '>=', from);
  if (to !== undefined) calls.where('start_at', '<', to);
  const exact = Object.entries({ trunk, disposition, refusal, hangup_cause: cause }).filter(
    ([, value]) => value !== undefined,
  );
  const narrow = (query: Knex.QueryBuilder) => {
    query.where(Object.fromEntries(exact));
    // Nearly all calls have ended: by its index they would all be sorted.
    if (ended) query.whereNotNull('end_at');
    if (destination !== undefined) query.where('dst', 'like', `${destination}%`);
    // A text would be compared as a double.
    if (costFrom !== undefined) query.whereRaw('cost >= CAST(? AS DECIMAL(20,6))', [formatAmount(costFrom)]);
    if (costTo !== undefined) query.whereRaw('cost <= CAST(? AS DECIMAL(20,6))', [formatAmount(costTo)]);
    if (text !== undefined) {
      query.whereRaw('LOCATE(?, CONCAT_WS(CHAR(0), uniqueid, src, dst, rate_destination)) > 0', [text]);
    }
  };
  const isNarrowed =
    exact.length > 0 || ended === true || [destination, costFrom, costTo, text].some(value => value !== undefined);
  // Ordered by an index on (account and) start: the newest page of a million calls reads that page and no more.
  const list = {
    rows: calls,
    order: CALLS_ORDER,
    narrow: isNarrowed ? narrow : null,
    newest: { shown: 'start_at', leave: (query, oldest) => void query.where('start_at', '>=', oldest.start_at) },
    looksAt: CALLS_LOOKED_AT,
  } satisfies Listed;
  const { rows, ...part } = await partOf(database, list, request);
  return { items: rows.map(callOf), ...part };
}

/** The call. @throws Refused call_not_found, also for one that is not visible */
export async function callNamed(database: Knex, visible: Visible, uniqueid: string): Promise<CallRecord> {
  const row = await onlyVisible(database('astcdr').where({ uniqueid }), visible).first();
  if (!row)
    throw new Refused('call_not_found', `uniqueid ${JSON.stringify(uniqueid)} is of no call: see "call list"`).about({
      uniqueid,
    });
  return callOf(row);
}

/** What remains of a call's cost. In the account's currency. */
export interface Revenue {
  /** What its correction added to the balance; below 0 if the call was charged too little. */
  corrected: Micros;
  refunded: Micros;
  /** cost − corrected − refunded. */
  revenue: Micros;
}

/** How much of a call's cost was given back, and how much remains. */
export async function revenueOf(
  database: Knex,
  { accountcode, uniqueid, cost }: Pick<CallRecord, 'accountcode' | 'uniqueid' | 'cost'>,
): Promise<Revenue> {
  const rows = await database('astledger')
    .where({ accountcode, reference: uniqueid })
    .whereIn('kind', ['correction', 'refund'])
    .select('kind', 'amount');
  const sumOf = (kind: string) => amountOf(rows.find(row => row.kind === kind)?.amount ?? '0');
  const [corrected, refunded] = [sumOf('correction'), sumOf('refund')];
  return { corrected, refunded, revenue: micros(cost - corrected - refunded) };
}

/** A row of astcreditres. */
export interface ReservationView {
  uniqueid: string;
  accountcode: string;
  node: string;
  maxCost: Micros;
  grantedSeconds: number;
  createdAt: Date;
  expiresAt: Date;
}

/** Reservations, oldest first: those of lost calls are at the top. */
export async function listReservations(
  database: Knex,
  visible: Visible,
  accountcode: string | undefined,
  { limit, offset }: PageRequest,
): Promise<Page<ReservationView>> {
  const reservations = onlyVisible(database('astcreditres'), visible);
  if (accountcode !== undefined) reservations.where({ accountcode });
  const count = await counted(database, reservations, { limit, offset });
  const rows = await reservations.orderBy(['created_at', 'uniqueid']).limit(limit).offset(offset);
  const items = rows.map(row => ({
    uniqueid: row.uniqueid,
    accountcode: row.accountcode,
    node: row.node,
    maxCost: amountOf(row.max_cost),
    grantedSeconds: row.granted_seconds,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
  return { items, ...count };
}
