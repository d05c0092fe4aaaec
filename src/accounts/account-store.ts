import type { Knex } from 'knex';
import { available } from '../credit/rules';
import { amountOf, type Row, type Sql } from '../database/rows';
import type { Micros } from '../money/micros';
import type { Page, PageRequest } from '../operator/page';

/** An account as an operator sees it. Amounts in its currency. */
export interface AccountView {
  accountcode: string;
  status: string;
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
  barredPrefixes: string[];
  deck: string;
  timeZone: string;
  expiresAt: Date | null;
  createdAt: Date;
}

/** A row of astledger. */
export interface EntryView {
  entryId: number;
  kind: string;
  reference: string;
  amount: Micros;
  balanceAfter: Micros;
  reason: string;
  createdAt: Date;
}

/** Plain SQL within a transaction of knex's. mysql2 fills in the parameters either way, nested lists too. */
export const sqlOf = (transaction: Knex.Transaction): Sql =>
  ({ query: (text: string, values: unknown[] = []) => transaction.raw(text, values as []) }) as unknown as Sql;

/** The account; null when there is none of exactly this code. */
export async function findAccount(database: Knex, accountcode: string): Promise<AccountView | null> {
  const row = await database('astaccount').where({ accountcode }).first();
  return row ? accountOf(row) : null;
}

/** Accounts in the order of their codes. */
export async function listAccounts(database: Knex, { limit, offset }: PageRequest): Promise<Page<AccountView>> {
  const [counted] = await database('astaccount').count({ total: '*' });
  const rows = await database('astaccount').orderBy('accountcode').limit(limit).offset(offset);
  return { items: rows.map(accountOf), total: Number(counted?.total) };
}

/** The account's movements of money, the newest first. */
export async function listEntries(
  database: Knex,
  accountcode: string,
  { limit, offset }: PageRequest,
): Promise<Page<EntryView>> {
  const [counted] = await database('astledger').where({ accountcode }).count({ total: '*' });
  const rows = await database('astledger')
    .where({ accountcode })
    .orderBy('entry_id', 'desc')
    .limit(limit)
    .offset(offset);
  return { items: rows.map(entryOf), total: Number(counted?.total) };
}

function accountOf(row: Row): AccountView {
  const balance = amountOf(row.balance);
  const creditLimit = amountOf(row.credit_limit);
  const reserved = amountOf(row.reserved);
  return {
    accountcode: row.accountcode,
    status: row.status,
    currency: row.currency,
    balance,
    creditLimit,
    reserved,
    available: available({ balance, creditLimit, reserved }),
    activeCalls: row.active_calls,
    maxChannels: row.max_channels,
    maxCallSeconds: row.max_call_seconds,
    barredPrefixes: row.barred_prefixes ? row.barred_prefixes.split(',') : [],
    deck: row.deck,
    timeZone: row.time_zone,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}

const entryOf = (row: Row): EntryView => ({
  entryId: Number(row.entry_id),
  kind: row.kind,
  reference: row.reference,
  amount: amountOf(row.amount),
  balanceAfter: amountOf(row.balance_after),
  reason: row.reason,
  createdAt: row.created_at,
});
