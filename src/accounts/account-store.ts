import type { Knex } from 'knex';
import type { EntryKind } from '../credit/books';
import { spendOf, termsOf } from '../credit/call-store';
import { available, type Terms } from '../credit/rules/account';
import type { Spent } from '../credit/rules/spend';
import { type Row, type Sql, select } from '../database/rows';
import { amountOf } from '../database/values';
import type { Micros } from '../money/micros';
import type { ListOrder } from '../operator/cursor';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import type { Visible } from '../operator/visible';
import { onlyVisible } from '../operator/visible-store';
import { type ShownSettings, settingsIn } from './account-fields';

/** An account as an operator sees it. Amounts in its currency. */
export interface AccountView {
  accountcode: string;
  /** `pool`: made by the dialplan for a group of calls. */
  kind: 'account' | 'pool';
  status: 'active' | 'blocked';
  currency: string;
  balance: Micros;
  creditLimit: Micros;
  reserved: Micros;
  /** balance + credit limit − reserved. */
  available: Micros;
  activeCalls: number;
  /** 0 for no limit. */
  maxChannels: number;
  /** null for the service's own limit. */
  maxCallSeconds: number | null;
  /** 0 for no limit. */
  maxCallsPerSecond: number;
  /** The most talk of all overlapping calls together; seconds, null for no limit. */
  maxTimeSeconds: number | null;
  /** Talk of those calls that have ended, minus the time that was added; seconds. */
  timeUsedSeconds: number;
  /** What it spent in its windows that have a limit. */
  spent: readonly Spent[];
  /** How many movements of money it had. */
  entryCount: number;
  /** What an operator has set, by the names of the columns. */
  settings: ShownSettings;
  terms: Terms;
  deck: string;
  timeZone: string;
  expiresAt: Date | null;
  /** null while it is open. */
  closedAt: Date | null;
  createdAt: Date;
}

export const ACCOUNT_STATUSES = ['active', 'blocked', 'closed', 'expired'] as const;

export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/** The status that a call starting now would meet. Blocked comes first: a blocked account that has also expired is refused as blocked. */
export function statusNow({
  status,
  expiresAt,
  closedAt,
}: Pick<AccountView, 'status' | 'expiresAt' | 'closedAt'>): AccountStatus {
  if (closedAt !== null) return 'closed';
  const isExpired = expiresAt !== null && expiresAt.getTime() <= Date.now();
  return status === 'active' && isExpired ? 'expired' : status;
}

/** A row of astledger. */
export interface EntryView {
  entryId: number;
  kind: EntryKind;
  reference: string;
  amount: Micros;
  balanceAfter: Micros;
  reason: string;
  createdAt: Date;
}

/** The account; null if no account that is visible has exactly this code. */
export async function findAccount(database: Knex, visible: Visible, accountcode: string): Promise<AccountView | null> {
  const row = await onlyVisible(database('astaccount').where({ accountcode }), visible).first();
  return row ? accountOf(row) : null;
}

export interface AccountFilter {
  kind: AccountView['kind'];
  /** Only accounts with calls in progress. */
  live?: boolean;
  /** Only accounts whose code contains this text. */
  text?: string;
  /** As `statusNow` returns it. Without a status, closed accounts are left out. */
  status?: AccountStatus;
  deck?: string;
}

export const ACCOUNTS_ORDER: ListOrder = { name: 'accounts', columns: [{ column: 'accountcode', kind: 'text' }] };

/** Accounts of one kind, ordered by code. Pools with calls come first: pools are not read by key. */
export async function listAccounts(
  database: Knex,
  visible: Visible,
  { kind, live, text, status, deck }: AccountFilter,
  request: PageRequest,
): Promise<Page<AccountView>> {
  const accounts = onlyVisible(database('astaccount').where({ kind }), visible);
  if (live) accounts.where('active_calls', '>', 0);
  if (deck !== undefined) accounts.where({ deck });
  if (text !== undefined) accounts.whereRaw('LOCATE(?, accountcode) > 0', [text]);
  if (status === 'closed') accounts.whereNotNull('closed_at');
  else accounts.whereNull('closed_at');
  if (status === 'blocked') accounts.where({ status });
  if (status === 'active') accounts.where({ status }).whereRaw('COALESCE(expires_at > UTC_TIMESTAMP(3), TRUE)');
  if (status === 'expired') accounts.where({ status: 'active' }).whereRaw('expires_at <= UTC_TIMESTAMP(3)');
  const { rows, ...part } = await partOf(
    database,
    {
      rows: accounts,
      order: ACCOUNTS_ORDER,
      narrow: null,
      ...(kind === 'pool' && { show: query => void query.orderByRaw('active_calls > 0 DESC') }),
    },
    request,
  );
  return { items: rows.map(accountOf), ...part };
}

/** The account's movements of money, newest first. */
export async function listEntries(
  database: Knex,
  { accountcode, entryCount }: Pick<AccountView, 'accountcode' | 'entryCount'>,
  { limit, offset }: PageRequest,
): Promise<Page<EntryView> & { total: number }> {
  // In the order of an index: an account may have a million entries.
  const rows = await database('astledger')
    .where({ accountcode })
    .orderBy('entry_number', 'desc')
    .limit(limit)
    .offset(offset);
  return { items: rows.map(entryOf), total: entryCount };
}

/** A call in progress, and the switch that carries it. */
export interface RunningCall {
  uniqueid: string;
  node: string;
}

/**
 * The account's calls in progress that an operator may end. Emergency calls are left out, because they are never cut. The list is complete
 * while the account is locked.
 */
export async function runningCalls(sql: Sql, accountcode: string): Promise<RunningCall[]> {
  const rows = await select(
    sql,
    // An emergency call has neither a rate nor a longest talk that account and rate allow.
    `SELECT r.uniqueid, r.node FROM astcreditres r JOIN astcdr c ON c.uniqueid = r.uniqueid
     WHERE r.accountcode = ? AND NOT (c.cap_seconds = 0 AND c.rate_deck = '')`,
    [accountcode],
  );
  return rows.map(({ uniqueid, node }) => ({ uniqueid, node }));
}

function accountOf(row: Row): AccountView {
  const balance = amountOf(row.balance);
  const creditLimit = amountOf(row.credit_limit);
  const reserved = amountOf(row.reserved);
  return {
    accountcode: row.accountcode,
    kind: row.kind,
    status: row.status,
    currency: row.currency,
    balance,
    creditLimit,
    reserved,
    available: available({ balance, creditLimit, reserved }),
    activeCalls: row.active_calls,
    maxChannels: row.max_channels,
    maxCallSeconds: row.max_call_seconds,
    maxCallsPerSecond: row.max_calls_per_second,
    maxTimeSeconds: row.max_time,
    // The next call starts the count anew (withStart), so the time that earlier calls used no longer counts.
    timeUsedSeconds: row.active_calls === 0 ? 0 : row.time_used,
    spent: spendOf(row, Date.now()).spent,
    entryCount: row.entry_count,
    settings: settingsIn(row),
    terms: termsOf(row),
    deck: row.deck,
    timeZone: row.time_zone,
    expiresAt: row.expires_at,
    closedAt: row.closed_at,
    createdAt: row.created_at,
  };
}

export const entryOf = (row: Row): EntryView => ({
  entryId: Number(row.entry_id),
  kind: row.kind,
  reference: row.reference,
  amount: amountOf(row.amount),
  balanceAfter: amountOf(row.balance_after),
  reason: row.reason,
  createdAt: row.created_at,
});
