/**
 * The SQL of the hot transaction: what is read under the accounts' locks, and what is written, each one statement for a
 * whole batch.
 *
 * Lock order, here and everywhere: astaccount rows by accountcode, then anything else of those accounts. A transaction that changes a
 * call or moves money holds the account's row, so two processes, or a command line, can never decide on one balance at once. Only
 * an emergency call of an unknown account has no such row: the call's own row is locked instead.
 */
import { Expression, insertRows, type Row, type Sql, select, updateRows, write } from '../database/rows';
import { amountOf, dateOf, decimalOf, instantOf } from '../database/values';
import { type Micros, ZERO } from '../money/micros';
import { digitsOf } from '../rating/dialled-number';
import type { Markup } from '../rating/markup';
import type { DeckVersion, ParentVersion } from '../rating/rate-store';
import type { HeldLease, LedgerEntry, OpenReservation } from './books';
import {
  bytesOf,
  CDR_CHANGING_COLUMNS,
  CDR_COLUMNS,
  CDR_UPDATE_COLUMNS,
  callOf,
  cdrValues,
  SHARER_COLUMNS,
  sharerOf,
} from './cdr-columns';
import type { ChangeEvent } from './change-event';
import { oneOfEach } from './one-of-each';
import type { Account, Terms } from './rules/account';
import type { CallRecord } from './rules/call';
import type { Sharer } from './rules/sharing';
import { SPEND_WINDOWS, type Spending, type SpendWindow, type Spent, withWindowsAt } from './rules/spend';

/**
 * Which of the leases are still held, and cannot be taken over before COMMIT: their rows of this lane are written. Each
 * lane has rows of its own, so that lanes of one process do not wait for each other here.
 */
export async function fenceLeases(sql: Sql, lane: number, leases: readonly HeldLease[]): Promise<Set<string>> {
  if (leases.length === 0) return new Set();
  const held = leases.map(({ node, epoch }) => [node, lane, epoch]);
  const matched = write(sql, 'UPDATE astfence SET seq = seq + 1 WHERE (node, lane, epoch) IN (?)', [held]);
  // Nearly every batch has one switch, whose row was matched or not.
  if (leases.length === 1) return new Set((await matched) === 1 ? leases.map(({ node }) => node) : []);
  const [, rows] = await Promise.all([
    matched,
    select(sql, 'SELECT node FROM astfence WHERE (node, lane, epoch) IN (?)', [held]),
  ]);
  return new Set(rows.map(row => row.node as string));
}

/**
 * The named accounts, locked until COMMIT. An account that does not exist is missing from the map; with `skipLocked` so is one
 * that another transaction holds locked.
 */
export async function lockAccounts(
  sql: Sql,
  accountcodes: readonly string[],
  skipLocked = false,
): Promise<Map<string, Account>> {
  if (accountcodes.length === 0) return new Map();
  // Sorted by the database, so that every process takes the locks in one order.
  const rows = await select(
    sql,
    `SELECT accountcode, currency, time_zone, status, closed_at, expires_at, deck, balance, credit_limit, reserved, active_calls,
       max_channels, max_call_seconds, barred_prefixes, kind, mode, slice_seconds, max_time, time_used, time_reserved,
       max_calls_per_second, started_second, started_calls, entry_count, entry_hash, warn_seconds, warn_repeat_seconds, warn_sound, announce,
       low_balance, low_balance_told, is_short, max_call_cost, max_price_per_minute, spend_limit_action, ${SPEND_COLUMNS.join(', ')},
       UTC_TIMESTAMP(3) AS read_at
     FROM astaccount WHERE accountcode IN (?) ORDER BY accountcode FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`,
    [accountcodes],
  );
  return new Map(rows.map(row => [row.accountcode as string, accountOf(row, row.read_at.getTime())]));
}

/** A row of astaccount as the rules see it at `at`, by the database's clock; ms since 1970. */
export const accountOf = (row: Row, at: number): Account => withWindowsAt(writtenAccount(row), at);

const writtenAccount = (row: Row): Account => ({
  accountcode: row.accountcode,
  currency: row.currency,
  timeZone: row.time_zone,
  blocked: row.status === 'blocked',
  closed: row.closed_at !== null,
  expiresAt: instantOf(row.expires_at),
  deck: row.deck,
  balance: amountOf(row.balance),
  entryCount: row.entry_count,
  entryHash: row.entry_hash,
  creditLimit: amountOf(row.credit_limit),
  reserved: amountOf(row.reserved),
  activeCalls: row.active_calls,
  maxChannels: row.max_channels,
  maxCallSeconds: row.max_call_seconds,
  // An old version stored `00449` as it was written, which barred no number.
  barredPrefixes: wordsOf(row.barred_prefixes).map(prefix => digitsOf(prefix) ?? prefix),
  kind: row.kind,
  maxTimeSeconds: row.max_time,
  timeUsedSeconds: row.time_used,
  timeReservedSeconds: row.time_reserved,
  maxCallsPerSecond: row.max_calls_per_second,
  startedSecond: Number(row.started_second),
  startedCalls: row.started_calls,
  lowBalance: row.low_balance === null ? null : amountOf(row.low_balance),
  lowBalanceTold: row.low_balance_told === 1,
  isShort: row.is_short === 1,
  maxCallCost: amountOrNull(row.max_call_cost),
  maxPricePerMinute: amountOrNull(row.max_price_per_minute),
  isBlockedAtSpendLimit: row.spend_limit_action === 'block',
  ...writtenSpend(row),
  terms: termsOf(row),
});

const amountOrNull = (column: string | null): Micros | null => (column === null ? null : amountOf(column));

/** The columns of astaccount that `spendOf` reads. */
export const SPEND_COLUMNS = [
  ...SPEND_WINDOWS.flatMap(window => [`max_spend_${window}`, `spent_${window}`, `spent_${window}_after`]),
  'spent_at',
  'spend_told',
];

const NO_SPEND: Pick<Spending, 'spent' | 'spentAt'> = { spent: [], spentAt: null };

/** What was spent as it was written: most accounts have no limit, and pay nothing for it here. */
function writtenSpend(row: Row): Pick<Spending, 'spent' | 'spentAt'> {
  const limited = SPEND_WINDOWS.filter(window => row[`max_spend_${window}`] !== null);
  if (limited.length === 0) return NO_SPEND;
  const told = wordsOf(row.spend_told);
  const spent = limited.map(
    (window): Spent => ({
      window,
      limit: amountOf(row[`max_spend_${window}`]),
      amount: amountOf(row[`spent_${window}`]),
      afterEntry: row[`spent_${window}_after`],
      told: told.includes(window),
      endsAt: 0,
    }),
  );
  return { spent, spentAt: instantOf(row.spent_at) };
}

/**
 * What an account spent in its windows at `at`, by the database's clock (ms since 1970). Reads SPEND_COLUMNS, accountcode, time_zone, entry_count and
 * reserved of a row.
 */
export const spendOf = (row: Row, at: number): Spending =>
  withWindowsAt(
    {
      accountcode: row.accountcode,
      timeZone: row.time_zone,
      entryCount: row.entry_count,
      reserved: amountOf(row.reserved),
      ...writtenSpend(row),
    },
    at,
  );

/** The columns of astaccount that `termsOf` reads. */
export const TERMS_COLUMNS = ['mode', 'slice_seconds', 'warn_seconds', 'warn_repeat_seconds', 'warn_sound', 'announce'];

export const termsOf = oneOfEach(
  TERMS_COLUMNS,
  (row): Terms => ({
    mode: row.mode,
    sliceSeconds: row.slice_seconds,
    warnSeconds: wordsOf(row.warn_seconds).map(Number),
    warnRepeatSeconds: row.warn_repeat_seconds,
    warnSound: row.warn_sound,
    announce: wordsOf(row.announce) as Terms['announce'],
  }),
);

const wordsOf = (list: string): string[] => (list === '' ? [] : list.split(','));

/**
 * The accounts' calls in progress with what they hold, in the order of their starts; without calls whose limit is fixed. Assumes that the
 * accounts are locked.
 */
export async function readSharers(
  sql: Sql,
  accountcodes: readonly string[],
): Promise<(Sharer & { accountcode: string })[]> {
  if (accountcodes.length === 0) return [];
  const columns = SHARER_COLUMNS.map(column => `c.${column}`).join(', ');
  const rows = await select(
    sql,
    `SELECT ${columns} FROM astcreditres r JOIN astcdr c ON c.uniqueid = r.uniqueid
     WHERE r.accountcode IN (?) AND c.end_at IS NULL AND c.is_fixed = 0
     ORDER BY c.start_at, c.uniqueid`,
    [accountcodes],
  );
  return rows.map(row => ({ accountcode: row.accountcode as string, ...sharerOf(row) }));
}

/**
 * Makes the missing rows of pools; what they may use is written when their first call starts. If another transaction makes a row meanwhile,
 * this one locks it for writing: IGNORE would lock it for reading, and two transactions that then wrote it would deadlock.
 */
export async function insertPools(sql: Sql, accountcodes: string[]): Promise<void> {
  if (accountcodes.length === 0) return;
  const rows = accountcodes.toSorted().map(accountcode => [accountcode, 'pool', 'shared', NO_CURRENCY, '']);
  await write(
    sql,
    `INSERT INTO astaccount (accountcode, kind, mode, currency, deck) VALUES ?
     ON DUPLICATE KEY UPDATE accountcode = VALUES(accountcode)`,
    [rows],
  );
}

/** ISO 4217 for no currency: the dialplan says what a pool's call costs, but not in which currency. */
const NO_CURRENCY = 'XXX';

/** Writes what pools may use. Assumes that their rows are locked. */
export const updatePools = (sql: Sql, pools: Account[]): Promise<void> =>
  updateRows(
    sql,
    'astaccount',
    ['accountcode', 'currency', 'deck', 'credit_limit', 'max_time', 'max_channels', 'max_calls_per_second'],
    ['credit_limit', 'max_time', 'max_channels', 'max_calls_per_second'],
    pools.map(pool => [
      pool.accountcode,
      pool.currency,
      pool.deck,
      decimalOf(pool.creditLimit),
      pool.maxTimeSeconds,
      pool.maxChannels,
      pool.maxCallsPerSecond,
    ]),
  );

/** Which of these accounts exist, locked or not. */
export async function existingAccounts(sql: Sql, accountcodes: readonly string[]): Promise<Set<string>> {
  if (accountcodes.length === 0) return new Set();
  const rows = await select(sql, 'SELECT accountcode FROM astaccount WHERE accountcode IN (?)', [accountcodes]);
  return new Set(rows.map(row => row.accountcode as string));
}

/**
 * Locks the calls among `uniqueids` that have a CDR until COMMIT, for calls that no account's lock guards. Returns which it has locked; with
 * `skipLocked`, without those that another transaction holds.
 */
export async function lockCalls(sql: Sql, uniqueids: string[], skipLocked = false): Promise<Set<string>> {
  if (uniqueids.length === 0) return new Set();
  const rows = await select(
    sql,
    `SELECT uniqueid FROM astcdr WHERE uniqueid IN (?) ORDER BY uniqueid FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`,
    [uniqueids],
  );
  return new Set(rows.map(row => row.uniqueid as string));
}

/**
 * The calls among `uniqueids` that have a CDR, and those that came by `dialogs`. Assumes that the accounts of the former are locked, or the
 * calls themselves.
 */
export async function readCalls(
  sql: Sql,
  uniqueids: readonly string[],
  dialogs: readonly string[],
): Promise<Map<string, CallRecord>> {
  if (uniqueids.length === 0) return new Map();
  const from = `SELECT ${CDR_COLUMNS.join(', ')} FROM astcdr`;
  const rows =
    dialogs.length === 0
      ? await select(sql, `${from} WHERE uniqueid IN (?)`, [uniqueids])
      : // Two lookups in one round trip. The index is named: without that the server would read the whole of a table that has grown since its last count.
        await select(sql, `${from} WHERE uniqueid IN (?) UNION ALL ${from} FORCE INDEX (dialogs) WHERE dialog IN (?)`, [
          uniqueids,
          dialogs.map(bytesOf),
        ]);
  return new Map(rows.map(row => [row.uniqueid as string, callOf(row)]));
}

/** Of a deck d, and its current version. */
const VERSION_COLUMNS = 'v.version, v.longest_prefix, d.parent, d.markup_percent, d.markup_amount';

const DECK_VERSIONS = `SELECT d.deck, ${VERSION_COLUMNS} FROM astratedeck d
  LEFT JOIN astratedeckversion v ON v.version = d.version`;

/**
 * A deck that another one stands on, and those that it stands on. A query of its own, asked where there is one: as a part of DECK_VERSIONS it took every
 * batch of starts 80 µs (MySQL) to 150 µs (MariaDB) more.
 */
const PARENT_VERSIONS = `SELECT p1.deck AS parent,
  v1.version AS version_1, v1.longest_prefix AS longest_prefix_1, p1.markup_percent AS markup_percent_1, p1.markup_amount AS markup_amount_1,
  v2.version AS version_2, v2.longest_prefix AS longest_prefix_2, p2.markup_percent AS markup_percent_2, p2.markup_amount AS markup_amount_2,
  v3.version AS version_3, v3.longest_prefix AS longest_prefix_3
  FROM astratedeck p1 LEFT JOIN astratedeckversion v1 ON v1.version = p1.version
  LEFT JOIN astratedeck p2 ON p2.deck = p1.parent LEFT JOIN astratedeckversion v2 ON v2.version = p2.version
  LEFT JOIN astratedeck p3 ON p3.deck = p2.parent LEFT JOIN astratedeckversion v3 ON v3.version = p3.version
  WHERE p1.deck IN (?)`;

/** Decks, or trunks with the decks of their costs, by their names: what `withParents` makes versions of. */
export type DeckRows = ReadonlyMap<string, Row>;

const rowsBy = (rows: Row[], name: 'deck' | 'trunk'): DeckRows => new Map(rows.map(row => [row[name] as string, row]));

/** The current version of each deck, with those that it stands on; a deck that was never imported and stands on none is missing. */
export async function readDeckVersions(sql: Sql, decks: Set<string>): Promise<Map<string, DeckVersion>> {
  if (decks.size === 0) return new Map();
  const rows = await select(sql, `${DECK_VERSIONS} WHERE d.deck IN (?)`, [[...decks]]);
  return (await withParents(sql, rowsBy(rows, 'deck'))).first;
}

/** The decks of these accounts, without those that they stand on. */
export async function readAccountDecks(sql: Sql, accountcodes: readonly string[]): Promise<DeckRows> {
  if (accountcodes.length === 0) return new Map();
  const decks = 'SELECT deck FROM astaccount WHERE accountcode IN (?)';
  return rowsBy(await select(sql, `${DECK_VERSIONS} WHERE d.deck IN (${decks})`, [accountcodes]), 'deck');
}

/**
 * The current version of each deck, with those of the decks that it stands on; one that was never imported and stands on none is missing. One query for
 * both, and none if none of them stands on another one.
 */
export async function withParents(
  sql: Sql,
  first: DeckRows,
  second: DeckRows = new Map(),
): Promise<Record<'first' | 'second', Map<string, DeckVersion>>> {
  const names = [...first.values(), ...second.values()].flatMap(row => (row.parent as string | null) ?? []);
  const above = names.length === 0 ? [] : await select(sql, PARENT_VERSIONS, [[...new Set(names)]]);
  const aboveOf = new Map(above.map(row => [row.parent as string, row]));
  const versions = (rows: DeckRows) =>
    new Map(
      [...rows]
        .filter(([, row]) => isPriced(row))
        .map(([name, row]) => [name, versionOf({ ...aboveOf.get(row.parent), ...row })]),
    );
  return { first: versions(first), second: versions(second) };
}

const isPriced = (row: Row): boolean => row.version !== null || row.parent !== null;

/** A deck that has no version of its own has the version 0, without lines. */
function versionOf(row: Row): DeckVersion {
  const own = { version: Number(row.version ?? 0), longestPrefix: row.longest_prefix ?? 0 };
  if (row.parent === null) return own;
  const parents: ParentVersion[] = [];
  let markups: readonly Markup[] = [];
  for (const [above, below] of LEVELS) {
    const percent = row[`markup_percent${below}`] ?? null;
    if (percent === null) break;
    markups = [{ percent: amountOf(percent), perMinute: amountOf(row[`markup_amount${below}`]) }, ...markups];
    const version = row[`version${above}`] ?? null;
    if (version === null) continue;
    parents.push({ version: Number(version), longestPrefix: row[`longest_prefix${above}`], markups });
  }
  return { ...own, parents };
}

/** The names of the columns of each parent, and of the deck that stands on it. */
const LEVELS = [
  ['_1', ''],
  ['_2', '_1'],
  ['_3', '_2'],
] as const;

/** The cost deck of each trunk that has one, without those that it stands on; also of trunks that were removed while calls were in progress. */
export async function readTrunkDecks(sql: Sql, trunks: readonly string[]): Promise<DeckRows> {
  if (trunks.length === 0) return new Map();
  const rows = await select(
    sql,
    `SELECT t.trunk, ${VERSION_COLUMNS} FROM asttrunk t JOIN astratedeck d ON d.deck = t.cost_deck
     LEFT JOIN astratedeckversion v ON v.version = d.version WHERE t.trunk IN (?)`,
    [trunks],
  );
  return rowsBy(rows, 'trunk');
}

/** The database's clock decides when a reservation has outlived its call; `seconds` is a whole number of ours. */
const inSeconds = (seconds: number): Expression =>
  new Expression(`UTC_TIMESTAMP(3) + INTERVAL ${Math.ceil(seconds)} SECOND`);

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

/**
 * Writes what calls hold now, and until when if that is later. Only the start of a call knew how long it may ring, so a ringing call that
 * gives back some talk must not shorten the life of its reservation.
 */
export async function changeReservations(sql: Sql, reservations: OpenReservation[]): Promise<void> {
  if (reservations.length === 0) return;
  await write(
    sql,
    `INSERT INTO astcreditres (${RESERVATION_COLUMNS.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE
       max_cost = VALUES(max_cost), granted_seconds = VALUES(granted_seconds),
       expires_at = GREATEST(expires_at, VALUES(expires_at))`,
    [reservations.map(reservationValues)],
  );
}

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
    CDR_CHANGING_COLUMNS,
    calls.map(call => cdrValues(call, CDR_UPDATE_COLUMNS)),
  );

export const insertEntries = (sql: Sql, entries: LedgerEntry[]): Promise<void> =>
  insertRows(
    sql,
    'astledger',
    ['accountcode', 'entry_number', 'kind', 'reference', 'amount', 'balance_after', 'reason', 'actor', 'entry_hash'],
    entries.map(entry => [
      entry.accountcode,
      entry.number,
      entry.kind,
      entry.reference,
      decimalOf(entry.amount),
      decimalOf(entry.balanceAfter),
      entry.reason,
      entry.actor ?? '',
      entry.hash,
    ]),
  );

/** What changed, as events in the same transaction. */
export const insertEvents = (sql: Sql, events: ChangeEvent[]): Promise<void> =>
  insertRows(
    sql,
    'astoutbox',
    ['kind', 'accountcode', 'uniqueid', 'facts', 'actor'],
    events.map(({ kind, accountcode, uniqueid, facts, actor }) => [
      kind,
      accountcode,
      uniqueid,
      JSON.stringify(facts),
      actor ?? '',
    ]),
  );

/** The columns of an account that decisions change, with their values. What only an operator sets is not written here. */
const DECIDED_COLUMNS = {
  balance: account => decimalOf(account.balance),
  entry_count: account => account.entryCount,
  entry_hash: account => account.entryHash,
  reserved: account => decimalOf(account.reserved),
  active_calls: account => account.activeCalls,
  time_used: account => account.timeUsedSeconds,
  time_reserved: account => account.timeReservedSeconds,
  started_second: account => account.startedSecond,
  started_calls: account => account.startedCalls,
  low_balance_told: account => account.lowBalanceTold,
  is_short: account => account.isShort,
} satisfies Record<string, (account: Account) => unknown>;

type SpentOf = Pick<Spending, 'spent' | 'spentAt'>;

const spentIn = ({ spent }: SpentOf, window: SpendWindow): Spent | undefined =>
  spent.find(each => each.window === window);

/** What was spent; 0 in a window that has no limit. */
const SPENT_COLUMNS: Record<string, (account: SpentOf) => string | number | Date | null> = {
  ...Object.fromEntries(
    SPEND_WINDOWS.flatMap(window => [
      [`spent_${window}`, (account: SpentOf) => decimalOf(spentIn(account, window)?.amount ?? ZERO)],
      [`spent_${window}_after`, (account: SpentOf) => spentIn(account, window)?.afterEntry ?? 0],
    ]),
  ),
  spent_at: ({ spentAt }) => dateOf(spentAt),
  spend_told: ({ spent }) =>
    spent
      .filter(({ told }) => told)
      .map(({ window }) => window)
      .join(','),
};

/** The columns of what was spent, with their values. */
export const spentValues = (account: SpentOf): Record<string, string | number | Date | null> =>
  Object.fromEntries(Object.entries(SPENT_COLUMNS).map(([column, written]) => [column, written(account)]));

/** Writes what a batch computed for accounts that it holds locked. Where none of them has a limit of spend, nothing is written for it. */
export function updateAccounts(sql: Sql, accounts: Account[]): Promise<void> {
  const isLimited = accounts.some(({ spent }) => spent.length > 0);
  const columns: Record<string, (account: Account) => unknown> = isLimited
    ? { ...DECIDED_COLUMNS, ...SPENT_COLUMNS }
    : DECIDED_COLUMNS;
  return updateRows(
    sql,
    'astaccount',
    ['accountcode', 'currency', 'deck', ...Object.keys(columns)],
    Object.keys(columns),
    accounts.map(account => [
      account.accountcode,
      account.currency,
      account.deck,
      ...Object.values(columns).map(written => written(account)),
    ]),
  );
}

/**
 * Notes that the cards of these accounts are used now; accounts without a card stay as they are. The first use begins the days after which
 * the account expires, unless it expires earlier anyway. Assumes that the accounts are locked.
 */
export async function useCards(sql: Sql, accountcodes: string[]): Promise<void> {
  if (accountcodes.length === 0) return;
  const until = 'UTC_TIMESTAMP(3) + INTERVAL c.expires_days DAY';
  await Promise.all([
    write(
      sql,
      `UPDATE astaccount a JOIN astcard c ON c.accountcode = a.accountcode SET c.first_used_at = UTC_TIMESTAMP(3),
         a.expires_at = CASE WHEN c.expires_days IS NULL OR a.expires_at <= ${until} THEN a.expires_at ELSE ${until} END
       WHERE a.accountcode IN (?) AND c.first_used_at IS NULL`,
      [accountcodes],
    ),
    write(sql, 'UPDATE astcard SET last_used_at = UTC_TIMESTAMP(3) WHERE accountcode IN (?)', [accountcodes]),
  ]);
}

/** Blocks accounts: they start no call. Assumes that they are locked. */
export async function blockAccounts(sql: Sql, accountcodes: readonly string[]): Promise<void> {
  if (accountcodes.length === 0) return;
  await write(sql, "UPDATE astaccount SET status = 'blocked' WHERE accountcode IN (?)", [accountcodes]);
}

/** Lets every service know, by its next look, that the calls of these accounts need something. */
export async function touchAccounts(sql: Sql, accountcodes: string[]): Promise<void> {
  if (accountcodes.length === 0) return;
  await write(sql, 'UPDATE astaccount SET touched_at = UTC_TIMESTAMP(3) WHERE accountcode IN (?)', [accountcodes]);
}
