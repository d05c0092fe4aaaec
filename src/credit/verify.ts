import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { inSnapshot } from '../database/snapshot';
import type { Difference } from './difference';
import type { AccountEnd } from './entry-chain';
import { callDifferences } from './verify-calls';
import { cardDifferences } from './verify-cards';
import { type ChainWatch, followChains, followChainsSince } from './verify-entries';
import {
  ACCOUNTS,
  accountDifferences,
  accountsInAnotherCurrency,
  accountsWithCalls,
  callDifference,
  callsAboveMaxCost,
  callsWithoutCharge,
  chargeDifference,
  chargesWithoutCall,
  correctionDifference,
  currencyDifference,
  dearDifference,
  doubtfulCorrections,
  doubtfulRefunds,
  OPEN_CALLS,
  openDifference,
  poolDifference,
  poolsNotEmptied,
  RESERVATIONS_WITHOUT_CALL,
  refundDifference,
  reservationDifference,
  selectEach,
} from './verify-rules';
import { spentDifferences } from './verify-spend';

/** What was checked, and every difference that was found. */
export interface Proof {
  accounts: number;
  entries: number;
  calls: number;
  reservations: number;
  elapsedMs: number;
  differences: Difference[];
}

/** What is told while a proof is made. */
export interface ProofWatch {
  /** Gets the number of rows read so far, and of all. */
  onProgress?: (progress: { read: number; rows: number }) => void;
  /** Gets where the chains of entries end: the content of a proof that is kept. */
  onEnds?: ChainWatch['onEnds'];
}

/** How many accounts are followed at a time. Each so many cost one more reading of the ledger inside the database; fewer would take less memory. */
const ACCOUNTS_AT_ONCE = 200_000;

/**
 * Proves the books: that every `Rule` holds for every account and every call, in one snapshot of the database.
 *
 * Right under load, because a snapshot never holds half a transaction. It takes no lock, so calls start and end meanwhile. Accounts that do
 * not exist count too: an emergency call of an unknown account reserves and costs nothing, and anything more than that is a difference.
 * Assumes a connection that nothing else uses; its isolation level is used for this one transaction only. Memory stays the same however many
 * accounts, entries and calls there are; each difference takes some.
 * @throws DatabaseFault
 */
export function verify(
  connection: Connection,
  { onProgress, onEnds = nothing, accountsAtOnce = ACCOUNTS_AT_ONCE }: ProofWatch & { accountsAtOnce?: number } = {},
): Promise<Proof> {
  return inSnapshot(connection, async startedAt => {
    const accounts = await select(connection, ACCOUNTS);
    const doubtful = accounts.filter(row => row.cost_print !== row.charge_print).map(row => row.accountcode as string);
    const calls = await selectEach(connection, callsWithoutCharge('c.accountcode IN (?)'), doubtful);
    const charges = await selectEach(connection, chargesWithoutCall('l.accountcode IN (?)'), doubtful);
    const corrections = await select(connection, doubtfulCorrections());
    const refunds = await select(connection, doubtfulRefunds());
    const dear = await select(connection, callsAboveMaxCost());
    const pools = await select(connection, poolsNotEmptied());
    const open = await select(connection, OPEN_CALLS);
    const reservations = await select(connection, RESERVATIONS_WITHOUT_CALL);
    const ofCards = await cardDifferences(connection);
    const currencies = await select(connection, accountsInAnotherCurrency());
    const counts = (await select(connection, COUNTS))[0] as Row;
    const rows = Number(counts.entries) + Number(counts.calls);
    let read = 0;
    const onRows = (more: number) => {
      read += more;
      onProgress?.({ read, rows });
    };
    const chains = await followChains(connection, { onRows, onEnds }, accountsAtOnce);
    const ofCalls = await callDifferences(connection, onRows);
    const spent = await spentDifferences(connection);
    return {
      accounts: Number(counts.accounts),
      entries: Number(counts.entries),
      calls: Number(counts.calls),
      reservations: Number(counts.reservations),
      elapsedMs: Math.round(performance.now() - startedAt),
      differences: [
        ...accounts.flatMap(accountDifferences),
        ...calls.map(callDifference),
        ...charges.map(chargeDifference),
        ...corrections.map(correctionDifference),
        ...refunds.map(refundDifference),
        ...dear.map(dearDifference),
        ...pools.map(poolDifference),
        ...open.map(openDifference),
        ...reservations.map(reservationDifference),
        ...ofCards,
        ...currencies.map(currencyDifference),
        ...chains.differences,
        ...ofCalls,
        ...spent,
      ],
    };
  });
}

/**
 * Proves what came since an earlier proof: that the entries of every account go on from their proven end, that its balance is the one after
 * its last entry, that what is held is held for calls in progress, and what accounts with limits say that they spent. `entries` counts those that came since.
 *
 * Does not look at ended calls, rates and cards, nor at entries before the earlier proof. `proven` is in the order of the codes' bytes;
 * `onProgress` gets numbers of accounts. Otherwise as `verify`.
 * @throws DatabaseFault
 */
export function verifySince(
  connection: Connection,
  proven: Iterable<AccountEnd> | AsyncIterable<AccountEnd>,
  { onProgress, onEnds = nothing }: ProofWatch = {},
): Promise<Proof> {
  return inSnapshot(connection, async startedAt => {
    const accounts = await select(connection, accountsWithCalls());
    const open = await select(connection, OPEN_CALLS);
    const reservations = await select(connection, RESERVATIONS_WITHOUT_CALL);
    const counts = (await select(connection, COUNTS_SINCE))[0] as Row;
    const rows = Number(counts.accounts);
    let read = 0;
    const onRows = (more: number) => {
      read += more;
      onProgress?.({ read, rows });
    };
    const chains = await followChainsSince(connection, proven, { onRows, onEnds });
    const spent = await spentDifferences(connection);
    return {
      accounts: rows,
      entries: chains.entries,
      calls: Number(counts.calls),
      reservations: Number(counts.reservations),
      elapsedMs: Math.round(performance.now() - startedAt),
      differences: [
        ...accounts.flatMap(accountDifferences),
        ...open.map(openDifference),
        ...reservations.map(reservationDifference),
        ...chains.differences,
        ...spent,
      ],
    };
  });
}

const nothing = () => undefined;

/** Each call in progress has a reservation. */
const COUNTS_SINCE = `SELECT (SELECT COUNT(*) FROM astaccount) AS accounts, (SELECT COUNT(*) FROM astcreditres) AS calls,
  (SELECT COUNT(*) FROM astcreditres) AS reservations`;

const COUNTS = `SELECT (SELECT COUNT(*) FROM astaccount) AS accounts, (SELECT COUNT(*) FROM astledger) AS entries,
  (SELECT COUNT(*) FROM astcdr) AS calls, (SELECT COUNT(*) FROM astcreditres) AS reservations`;
