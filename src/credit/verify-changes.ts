import type { Connection } from 'mysql2/promise';
import { firstSince } from '../database/growing-table';
import { select } from '../database/rows';
import { inSnapshot } from '../database/snapshot';
import type { Proof } from './verify';
import { differencesOfCalls } from './verify-calls';
import { cardDifferencesSince } from './verify-cards';
import { followChainsFrom } from './verify-entries';
import {
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

/**
 * How much earlier than asked the proof begins. An entry gets its number and its time before its transaction commits, the clock of the
 * database may be set back, and calls have the clocks of their switches.
 */
const EARLIER_MS = 600_000;

/**
 * Proves what changed since an instant: every `Rule` that concerns one account, one call or one entry holds for those that changed, and for
 * every call in progress.
 *
 * Changed have the accounts and calls of the entries that were written since; the calls that started or ended since; what the events since
 * then are about, as far as they are kept; cards activated, vouchers redeemed and callers added since. What comes before is taken as it is:
 * a row from before that was changed by hand is not seen. Neither is an account or a call if every trace of it since then was deleted. Reads
 * as many rows as changed, whatever the history. Memory follows that number too. Assumes that the clocks were not set back by more than ten minutes.
 * Otherwise as `verify`.
 * @throws DatabaseFault
 */
export function verifyChanges(
  connection: Connection,
  since: Date,
  onProgress: (progress: { read: number; rows: number }) => void = () => undefined,
): Promise<Proof> {
  return inSnapshot(connection, async startedAt => {
    const from = new Date(since.getTime() - EARLIER_MS);
    const ask = (text: string, values: unknown[]) => select(connection, text, values);
    const firstEntry = await firstSince(ask, { table: 'astledger', id: 'entry_id' }, from);
    const firstEvent = await firstSince(ask, { table: 'astoutbox', id: 'event_id' }, from);
    const changed = await changedRows(connection, from, firstEvent);
    let read = 0;
    const chains = await followChainsFrom(connection, firstEntry, changed.accounts, more => {
      read += more;
      onProgress({ read, rows: 0 });
    });
    const { accounts } = chains;
    const calls = [...new Set([...changed.calls, ...chains.calls])];
    const ofAccounts = (text: (which: string) => string) =>
      selectEach(connection, text('a.accountcode IN (?)'), accounts);
    const ofCalls = (text: (which: string) => string) => selectEach(connection, text('c.uniqueid IN (?)'), calls);
    const ofEntries = (text: (which: string) => string) => select(connection, text('l.entry_id >= ?'), [firstEntry]);
    const [reserved] = await select(connection, 'SELECT COUNT(*) AS reservations FROM astcreditres');
    const differences = [
      ...(await ofAccounts(accountsWithCalls)).flatMap(accountDifferences),
      ...(await ofCalls(callsWithoutCharge)).map(callDifference),
      ...(await ofEntries(chargesWithoutCall)).map(chargeDifference),
      ...(await ofEntries(doubtfulCorrections)).map(correctionDifference),
      ...(await ofEntries(doubtfulRefunds)).map(refundDifference),
      ...(await ofCalls(callsAboveMaxCost)).map(dearDifference),
      ...(await ofAccounts(poolsNotEmptied)).map(poolDifference),
      ...(await select(connection, OPEN_CALLS)).map(openDifference),
      ...(await select(connection, RESERVATIONS_WITHOUT_CALL)).map(reservationDifference),
      ...(await cardDifferencesSince(connection, from, { accounts, firstEntry })),
      ...(await ofAccounts(accountsInAnotherCurrency)).map(currencyDifference),
      ...chains.differences,
      ...(await differencesOfCalls(connection, calls)),
      ...(await spentDifferences(connection, accounts)),
    ];
    return {
      accounts: accounts.length,
      entries: chains.entries,
      calls: calls.length,
      reservations: Number(reserved?.reservations),
      elapsedMs: Math.round(performance.now() - startedAt),
      differences,
    };
  });
}

/** The accounts and calls that changed, but for those that only an entry names. */
async function changedRows(
  connection: Connection,
  from: Date,
  firstEvent: string,
): Promise<{ accounts: Set<string>; calls: Set<string> }> {
  const rows = [
    // Three lookups, each in an index of its own.
    await select(connection, 'SELECT accountcode, uniqueid FROM astcdr WHERE start_at >= ?', [from]),
    await select(connection, 'SELECT accountcode, uniqueid FROM astcdr WHERE end_at >= ?', [from]),
    await select(connection, 'SELECT accountcode, uniqueid FROM astcdr WHERE end_at IS NULL'),
    await select(connection, 'SELECT accountcode, uniqueid FROM astcreditres'),
    await select(connection, 'SELECT DISTINCT accountcode, uniqueid FROM astoutbox WHERE event_id >= ?', [firstEvent]),
  ].flat();
  const calls = rows.map(({ uniqueid }) => uniqueid as string | null).filter(uniqueid => uniqueid !== null);
  return { accounts: new Set(rows.map(({ accountcode }) => accountcode as string)), calls: new Set(calls) };
}
