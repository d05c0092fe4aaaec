import type { Connection } from 'mysql2/promise';
import { openConnection } from '../database/connection';
import { Packet } from '../database/rows';
import type { DeckVersion, RateStore } from '../rating/rate-store';
import type { Books } from './books';
import {
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
  readCalls,
  readDeckVersions,
  readSharers,
  readTrunkDecks,
  touchAccounts,
  updateAccounts,
  updateCalls,
  updatePools,
} from './call-store';

/**
 * How long the server keeps a connection that says nothing, in a transaction or not. A process that is frozen between two
 * statements must not keep accounts locked, nor a switch from being taken over, for longer than a lease lasts.
 */
const SILENCE_SECONDS = 8;

/** How often an idle connection has to be pinged to be kept, ms. */
export const PING_EVERY_MS = 3_000;

/** The books in MySQL or MariaDB, over a connection of one lane. @throws DatabaseFault */
export async function openBooks(databaseUrl: string, rates: RateStore, lane: number): Promise<Books> {
  const connection = await openConnection(databaseUrl, { takesPackets: true });
  try {
    await connection.query(`SET SESSION autocommit = 0, wait_timeout = ${SILENCE_SECONDS}`);
  } catch (error) {
    connection.destroy();
    throw error;
  }
  return booksOn(connection, rates, lane);
}

/** The books over a connection that does not commit by itself. */
export function booksOn(connection: Connection, rates: RateStore, lane: number): Books {
  const ratesBy = async <Question extends { digits: string }>(
    questions: readonly Question[],
    versions: Map<string, DeckVersion>,
    nameOf: (question: Question) => string,
  ) => {
    const versionOf = (question: Question) => versions.get(nameOf(question));
    const asked = questions.filter(question => versionOf(question) !== undefined);
    const found = await rates.candidates(
      connection,
      asked.map(question => ({ ...(versionOf(question) as DeckVersion), digits: question.digits })),
    );
    const byQuestion = new Map(asked.map((question, index) => [question, found[index] ?? []]));
    return questions.map(question => byQuestion.get(question) ?? []);
  };
  return {
    fence: leases => fenceLeases(connection, lane, leases),
    lockAccounts: (accountcodes, skipLocked) => lockAccounts(connection, accountcodes, skipLocked),
    existingAccounts: accountcodes => existingAccounts(connection, accountcodes),
    lockCalls: (uniqueids, skipLocked) => lockCalls(connection, uniqueids, skipLocked),
    readCalls: (uniqueids, dialogs) => readCalls(connection, uniqueids, dialogs),
    openPools: accountcodes => insertPools(connection, accountcodes),
    readSharers: accountcodes => readSharers(connection, accountcodes),
    async ratesOfDecks(questions) {
      const versions = await readDeckVersions(connection, new Set(questions.map(({ deck }) => deck)));
      return ratesBy(questions, versions, ({ deck }) => deck);
    },
    async ratesOfTrunks(questions) {
      const versions = await readTrunkDecks(connection, new Set(questions.map(({ trunk }) => trunk)));
      return ratesBy(questions, versions, ({ trunk }) => trunk);
    },
    async write(changes) {
      const packet = new Packet(connection);
      await insertReservations(packet, changes.newReservations);
      await insertCalls(packet, changes.newCalls);
      await updateCalls(packet, changes.changedCalls);
      await changeReservations(packet, changes.changedReservations);
      await deleteReservations(packet, changes.freed);
      await insertEntries(packet, changes.entries);
      await updateAccounts(packet, changes.accounts);
      await updatePools(packet, changes.pools);
      await touchAccounts(packet, changes.touched);
      await insertEvents(packet, changes.events);
      await packet.send();
    },
    commit: () => connection.commit(),
    rollback: () => connection.rollback(),
    ping: () => connection.ping(),
    destroy: () => connection.destroy(),
  };
}
