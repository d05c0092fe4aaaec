/** Calls in progress, of all switches, as the ledger has them: a switch that cannot be asked hides none. */
import type { Knex } from 'knex';
import { SPEND_COLUMNS, spendOf } from '../credit/call-store';
import { CDR_COLUMNS, callOf } from '../credit/cdr-columns';
import { meansLeft } from '../credit/rules/account';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';
import { amountOf } from '../database/values';
import type { Page, PageRequest } from '../operator/page';
import { counted } from '../operator/page-store';
import type { Visible } from '../operator/visible';
import { onlyVisible } from '../operator/visible-store';
import type { LiveCall } from './live-call';

const COLUMNS = [
  ...CDR_COLUMNS.map(column => `c.${column}`),
  ...[
    ...['mode', 'balance', 'credit_limit', 'reserved', 'max_time', 'time_used', 'time_reserved', 'active_calls'],
    ...['time_zone', 'entry_count'],
    ...SPEND_COLUMNS,
  ].map(column => `a.${column}`),
];

/** The oldest calls in progress first: a call that is among the first of them stays there until it ends. */
const open = (database: Knex, calls: Knex.Raw | string = 'astcdr as c') =>
  database(calls as string)
    .leftJoin('astaccount as a', 'a.accountcode', 'c.accountcode')
    .whereNull('c.end_at')
    .orderBy(['c.start_at', 'c.uniqueid'])
    .select(...COLUMNS, database.raw('UTC_TIMESTAMP(3) AS read_at'));

/** The `most` oldest calls in progress, of all accounts. @throws DatabaseFault */
export async function openCalls(database: Knex, most: number): Promise<LiveCall[]> {
  return (await orFault(() => open(database).limit(most))).map(liveOf);
}

/** The `most` oldest calls in progress of each of these accounts: those of one hide none of another. @throws DatabaseFault */
export async function openCallsOf(database: Knex, accountcodes: readonly string[], most: number): Promise<LiveCall[]> {
  // By an account's index the server would read all calls that it ever had.
  const calls = database.raw(
    `(SELECT astcdr.*, ROW_NUMBER() OVER (PARTITION BY accountcode ORDER BY start_at, uniqueid) AS place
      FROM astcdr FORCE INDEX (open_calls) WHERE end_at IS NULL AND accountcode IN (?)) AS c`,
    [accountcodes] as never[],
  );
  return (await orFault(() => open(database, calls).where('c.place', '<=', most))).map(liveOf);
}

/** A page of the calls in progress that are visible, the oldest first: all, those of one account, or one call. */
export async function listLiveCalls(
  database: Knex,
  visible: Visible,
  { accountcode, uniqueid }: { accountcode?: string | undefined; uniqueid?: string | undefined },
  { limit, offset }: PageRequest,
): Promise<Page<LiveCall>> {
  const of = {
    ...(accountcode !== undefined && { 'c.accountcode': accountcode }),
    ...(uniqueid !== undefined && { 'c.uniqueid': uniqueid }),
  };
  const leave = (query: Knex.QueryBuilder) => onlyVisible(query.where(of), visible, 'c.accountcode');
  const calls = leave(database('astcdr as c').whereNull('c.end_at'));
  const count = await counted(database, calls, { limit, offset });
  const rows = await leave(open(database)).limit(limit).offset(offset);
  return { items: rows.map(liveOf), ...count };
}

const liveOf = (row: Row): LiveCall => ({
  call: callOf(row),
  account:
    row.mode === null
      ? null
      : {
          mode: row.mode,
          left: meansLeft({
            balance: amountOf(row.balance),
            creditLimit: amountOf(row.credit_limit),
            reserved: amountOf(row.reserved),
            maxTimeSeconds: row.max_time,
            timeUsedSeconds: row.time_used,
            timeReservedSeconds: row.time_reserved,
            activeCalls: row.active_calls,
            spent: spendOf(row, row.read_at.getTime()).spent,
          }),
        },
  readAt: row.read_at.getTime(),
});
