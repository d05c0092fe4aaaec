import type { Micros } from '../money/micros';
import type { Rate } from '../rating/rate';
import type { CallRecord } from './call-record';
import type { ChangeEvent } from './change-event';
import type { Account } from './rules';
import type { Sharer } from './sharing';

/**
 * The books as one batch of operations reads and writes them, in one transaction at a time, which begins with the first
 * question and ends with `commit` or `rollback`. All reject with DatabaseFault.
 */
export interface Books {
  /**
   * Which of these leases are this process's still. A write, not a read: a lease that is taken over before the COMMIT, or
   * was before the question, and this transaction cannot both be.
   */
  fence(leases: readonly HeldLease[]): Promise<Set<string>>;
  /**
   * The named accounts, locked until the end of the transaction; one that does not exist is missing from the map, and with
   * `skipLocked` so is one that somebody else holds locked.
   */
  lockAccounts(accountcodes: Iterable<string>, skipLocked: boolean): Promise<Map<string, Account>>;
  /** Which of these accounts exist, locked or not. */
  existingAccounts(accountcodes: string[]): Promise<Set<string>>;
  /**
   * Locks the calls among `uniqueids` that have a CDR until the end of the transaction, those that no account's lock guards; returns which it
   * has locked, with `skipLocked` not those that somebody else holds.
   */
  lockCalls(uniqueids: string[], skipLocked: boolean): Promise<Set<string>>;
  /**
   * The calls among `uniqueids` that have a CDR, and those that came by the INVITEs `dialogs`. Assumes that the accounts of the former are
   * locked, or they are; the latter may be anybody's, and are not to be changed.
   */
  readCalls(uniqueids: string[], dialogs: string[]): Promise<Map<string, CallRecord>>;
  /** Makes the accounts of groups of calls that have none yet. */
  openPools(accountcodes: string[]): Promise<void>;
  /**
   * The accounts' calls in progress with what they hold, in the order of their starts; not those whose limit is fixed. Assumes
   * that the accounts are locked.
   */
  readSharers(accountcodes: string[]): Promise<(Sharer & { accountcode: string })[]>;
  /** The rates that could apply to each number in a deck's current version, in the order of the questions; [] for no such deck. */
  ratesOfDecks(questions: readonly { deck: string; digits: string }[]): Promise<Rate[][]>;
  /** The same in the cost deck of a trunk; [] for a trunk that has none. */
  ratesOfTrunks(questions: readonly { trunk: string; digits: string }[]): Promise<Rate[][]>;
  /** Writes what was decided under the locks. */
  write(changes: Changes): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Shows that the connection lives, and keeps the server from closing it. */
  ping(): Promise<void>;
  /** Breaks the connection; what was not committed never was. */
  destroy(): void;
}

/** A switch that this process acts for, by the number of its lease. */
export interface HeldLease {
  node: string;
  epoch: number;
}

/** A reservation as it is written: its call cannot be alive after `aliveSeconds`. */
export interface OpenReservation {
  call: CallRecord;
  aliveSeconds: number;
}

export type EntryKind = 'top_up' | 'call_charge' | 'refund' | 'adjustment' | 'correction' | 'pool_closed';

/** One movement of money. `amount` is added to the balance: negative for a charge. */
export interface LedgerEntry {
  accountcode: string;
  kind: EntryKind;
  /** Its cause; unique with accountcode and kind. */
  reference: string;
  amount: Micros;
  balanceAfter: Micros;
  reason: string;
  /** Which entry of its account it is, from 1 on. */
  number: number;
  /** Over all of the above and the hash of the entry before it: entry-chain.ts. */
  hash: string;
}

/** All that one batch changes. */
export interface Changes {
  newReservations: OpenReservation[];
  newCalls: CallRecord[];
  changedCalls: CallRecord[];
  /** What is held for these is not what it was, or for longer. */
  changedReservations: OpenReservation[];
  /** Of calls whose reservation was there before this batch. */
  freed: string[];
  entries: LedgerEntry[];
  accounts: Account[];
  /** Groups of calls whose limits were set by a call. */
  pools: Account[];
  /** Accounts of which the services have to be told that there is something to do for calls in progress. */
  touched: string[];
  events: ChangeEvent[];
}
