import type { Connection } from 'mysql2/promise';
import { openConnection } from '../database/connection';
import { inOnePacket } from '../database/packet';
import type { Sql } from '../database/rows';
import type { RateStore } from '../rating/rate-store';
import { readSchedules } from '../rating/schedule-store';
import type { Books, Changes, Seen, Sought } from './books';
import {
  blockAccounts,
  changeReservations,
  deleteReservations,
  existingAccounts,
  fenceLeases,
  insertCalls,
  insertEntries,
  insertEvents,
  insertPools,
  insertReservations,
  lockAccounts,
  lockCalls,
  readAccountDecks,
  readCalls,
  readSharers,
  readTrunkDecks,
  touchAccounts,
  updateAccounts,
  updateCalls,
  updatePools,
  useCards,
  withParents,
} from './call-store';
import { wantEnds } from './wanted-end-store';

/**
 * How long the server keeps a silent connection, in a transaction or not. A process that is frozen between two statements must not keep
 * accounts locked, nor a switch from being taken over, for longer than a lease lasts.
 */
const SILENCE_SECONDS = 8;

/** How often to ping an idle connection in order to keep it, ms. */
export const PING_EVERY_MS = 3_000;

/** The books in MySQL or MariaDB, over a connection of one lane. @throws DatabaseFault */
export const openBooks = async (databaseUrl: string, rates: RateStore, lane: number): Promise<Books> =>
  booksOn(await openLaneConnection(databaseUrl), rates, lane);

/** A connection that takes large packets and does not commit by itself. @throws DatabaseFault */
export async function openLaneConnection(databaseUrl: string): Promise<Connection> {
  const connection = await openConnection(databaseUrl, { takesPackets: true });
  try {
    await connection.query(`SET SESSION autocommit = 0, wait_timeout = ${SILENCE_SECONDS}`);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** The books over a connection of `openLaneConnection`. */
export const booksOn = (connection: Connection, rates: RateStore, lane: number): Books => ({
  look: sought => look(connection, lane, sought),
  lockCalls: (uniqueids, skipLocked) => lockCalls(connection, uniqueids, skipLocked),
  readCalls: (uniqueids, dialogs) => readCalls(connection, uniqueids, dialogs),
  rates: questions => rates.candidates(connection, questions),
  schedules: question => readSchedules(connection, question),
  async commit(changes) {
    const { blocked } = changes;
    const isLast = blocked.length === 0;
    await inOnePacket(connection, sql => [...written(sql, changes), ...(isLast ? [sql.query('COMMIT')] : [])]);
    if (isLast) return;
    await wantEnds(connection, blocked);
    await connection.query('COMMIT');
  },
  rollback: () => connection.rollback(),
  ping: () => connection.ping(),
  destroy: () => connection.destroy(),
});

async function look(connection: Connection, lane: number, sought: Sought): Promise<Seen> {
  const { leases, pools, accountcodes, skipLocked } = sought;
  // Read before, without a lock: a row that exists must not be written, because two processes would lock it at once.
  const known = await existingAccounts(connection, pools);
  const [held, , accounts, existing, calls, sharers, accountDecks, costDecks] = await inOnePacket(connection, sql => [
    fenceLeases(sql, lane, leases),
    insertPools(
      sql,
      pools.filter(accountcode => !known.has(accountcode)),
    ),
    lockAccounts(sql, accountcodes, skipLocked),
    existingAccounts(sql, skipLocked ? accountcodes : []),
    readCalls(sql, sought.uniqueids, sought.dialogs),
    readSharers(sql, sought.sharing),
    readAccountDecks(sql, sought.priced),
    readTrunkDecks(sql, sought.trunks),
  ]);
  const busy = new Set([...existing].filter(accountcode => !accounts.has(accountcode)));
  const { first: decks, second: trunkDecks } = await withParents(connection, accountDecks, costDecks);
  return { held, accounts, busy, calls, sharers, decks, trunkDecks };
}

/** Writes what was decided, each table in one statement. */
export const written = (sql: Sql, changes: Changes): Promise<void>[] => [
  insertReservations(sql, changes.newReservations),
  insertCalls(sql, changes.newCalls),
  updateCalls(sql, changes.changedCalls),
  changeReservations(sql, changes.changedReservations),
  deleteReservations(sql, changes.freed),
  insertEntries(sql, changes.entries),
  updateAccounts(sql, changes.accounts),
  updatePools(sql, changes.pools),
  touchAccounts(sql, changes.touched),
  blockAccounts(sql, changes.blocked),
  useCards(sql, changes.usedCards),
  insertEvents(sql, changes.events),
];
