/**
 * The SQL of the hot transaction: what is read under the accounts' locks, and what is written, each one statement for a
 * whole batch.
 *
 * Lock order, here and everywhere: astaccount rows by accountcode, then anything else of those accounts. Whoever changes a
 * call or moves money holds the account's row, so two processes, or a command line, can never decide on one balance at once.
 */
import {
  amountOf,
  decimalOf,
  Expression,
  insertRows,
  instantOf,
  type Row,
  type Sql,
  select,
  updateRows,
  write,
} from '../database/rows';
import type { Micros } from '../money/micros';
import type { DeckVersion } from '../rating/rate-store';
import { type CallRecord, CDR_COLUMNS, CDR_END_COLUMNS, CDR_UPDATE_COLUMNS, callOf, cdrValues } from './call-record';
import type { Account } from './rules';

/**
 * The named accounts, locked until COMMIT; one that does not exist is missing from the map, and with `skipLocked` so is one
 * that somebody else holds locked.
 */
export async function lockAccounts(
  sql: Sql,
  accountcodes: Iterable<string>,
  skipLocked = false,
): Promise<Map<string, Account>> {
  // Sorted by the database, so that every process takes the locks in one order.
  const rows = await select(
    sql,
    `SELECT accountcode, currency, time_zone, status, expires_at, deck, balance, credit_limit, reserved, active_calls,
       max_channels, max_call_seconds, barred_prefixes
     FROM astaccount WHERE accountcode IN (?) ORDER BY accountcode FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`,
    [[...accountcodes]],
  );
  return new Map(
    rows.map(row => [
      row.accountcode as string,
      {
        accountcode: row.accountcode,
        currency: row.currency,
        timeZone: row.time_zone,
        blocked: row.status === 'blocked',
        expiresAt: instantOf(row.expires_at),
        deck: row.deck,
        balance: amountOf(row.balance),
        creditLimit: amountOf(row.credit_limit),
        reserved: amountOf(row.reserved),
        activeCalls: row.active_calls,
        maxChannels: row.max_channels,
        maxCallSeconds: row.max_call_seconds,
        barredPrefixes: row.barred_prefixes ? row.barred_prefixes.split(',') : [],
      } satisfies Account,
    ]),
  );
}

/** Which of these accounts exist, locked or not. */
export async function existingAccounts(sql: Sql, accountcodes: string[]): Promise<Set<string>> {
  if (accountcodes.length === 0) return new Set();
  const rows = await select(sql, 'SELECT accountcode FROM astaccount WHERE accountcode IN (?)', [accountcodes]);
  return new Set(rows.map(row => row.accountcode as string));
}

/** The calls among `uniqueids` that have a CDR. Assumes their accounts are locked. */
export async function readCalls(sql: Sql, uniqueids: string[]): Promise<Map<string, CallRecord>> {
  if (uniqueids.length === 0) return new Map();
  const rows = await select(sql, `SELECT ${CDR_COLUMNS.join(', ')} FROM astcdr WHERE uniqueid IN (?)`, [uniqueids]);
  return new Map(rows.map(row => [row.uniqueid as string, callOf(row)]));
}

/** The current version of each deck; one that was never imported is missing. */
export async function readDeckVersions(sql: Sql, decks: Set<string>): Promise<Map<string, DeckVersion>> {
  if (decks.size === 0) return new Map();
  const rows = await select(
    sql,
    `SELECT d.deck, v.version, v.longest_prefix FROM astratedeck d
     JOIN astratedeckversion v ON v.version = d.version WHERE d.deck IN (?)`,
    [[...decks]],
  );
  return new Map(rows.map(row => [row.deck as string, versionOf(row)]));
}

const versionOf = (row: Row): DeckVersion => ({ version: Number(row.version), longestPrefix: row.longest_prefix });

/** The current version of the cost deck of each trunk that has one. */
export async function readTrunkDecks(sql: Sql, trunks: Set<string>): Promise<Map<string, DeckVersion>> {
  if (trunks.size === 0) return new Map();
  const rows = await select(
    sql,
    `SELECT t.trunk, v.version, v.longest_prefix FROM asttrunk t JOIN astratedeck d ON d.deck = t.cost_deck
     JOIN astratedeckversion v ON v.version = d.version WHERE t.trunk IN (?)`,
    [[...trunks]],
  );
  return new Map(rows.map(row => [row.trunk as string, versionOf(row)]));
}

/** The database's clock decides when a reservation has outlived its call; `seconds` is our own whole number. */
const inSeconds = (seconds: number): Expression =>
  new Expression(`UTC_TIMESTAMP(3) + INTERVAL ${Math.ceil(seconds)} SECOND`);

/** A reservation as it is written: it cannot be alive after `aliveSeconds`. */
export interface OpenReservation {
  call: CallRecord;
  aliveSeconds: number;
}

const RESERVATION_COLUMNS = ['uniqueid', 'accountcode', 'node', 'max_cost', 'granted_seconds', 'expires_at'] as const;

const reservationValues = ({ call, aliveSeconds }: OpenReservation): unknown[] => [
  call.uniqueid,
  call.accountcode,
  call.node,
  decimalOf(call.maxCost),
  call.grantedSeconds,
  inSeconds(aliveSeconds),
];

export const insertReservations = (sql: Sql, reservations: OpenReservation[]): Promise<void> =>
  insertRows(sql, 'astcreditres', RESERVATION_COLUMNS, reservations.map(reservationValues));

export const prolongReservations = (sql: Sql, reservations: OpenReservation[]): Promise<void> =>
  updateRows(sql, 'astcreditres', RESERVATION_COLUMNS, ['expires_at'], reservations.map(reservationValues));

export async function deleteReservations(sql: Sql, uniqueids: string[]): Promise<void> {
  if (uniqueids.length > 0) await write(sql, 'DELETE FROM astcreditres WHERE uniqueid IN (?)', [uniqueids]);
}

export const insertCalls = (sql: Sql, calls: CallRecord[]): Promise<void> =>
  insertRows(
    sql,
    'astcdr',
    CDR_COLUMNS,
    calls.map(call => cdrValues(call, CDR_COLUMNS)),
  );

export const updateCalls = (sql: Sql, calls: CallRecord[]): Promise<void> =>
  updateRows(
    sql,
    'astcdr',
    CDR_UPDATE_COLUMNS,
    CDR_END_COLUMNS,
    calls.map(call => cdrValues(call, CDR_UPDATE_COLUMNS)),
  );

export type EntryKind = 'top_up' | 'call_charge' | 'refund' | 'adjustment' | 'correction';

/** One movement of money. `amount` is added to the balance: negative for a charge. */
export interface LedgerEntry {
  accountcode: string;
  kind: EntryKind;
  /** Its cause; unique with accountcode and kind. */
  reference: string;
  amount: Micros;
  balanceAfter: Micros;
  reason: string;
}

export const insertEntries = (sql: Sql, entries: LedgerEntry[]): Promise<void> =>
  insertRows(
    sql,
    'astledger',
    ['accountcode', 'kind', 'reference', 'amount', 'balance_after', 'reason'],
    entries.map(entry => [
      entry.accountcode,
      entry.kind,
      entry.reference,
      decimalOf(entry.amount),
      decimalOf(entry.balanceAfter),
      entry.reason,
    ]),
  );

/** Writes what a batch computed for accounts that it holds locked. */
export const updateAccounts = (sql: Sql, accounts: Account[]): Promise<void> =>
  updateRows(
    sql,
    'astaccount',
    ['accountcode', 'currency', 'deck', 'balance', 'reserved', 'active_calls'],
    ['balance', 'reserved', 'active_calls'],
    accounts.map(account => [
      account.accountcode,
      account.currency,
      account.deck,
      decimalOf(account.balance),
      decimalOf(account.reserved),
      account.activeCalls,
    ]),
  );
