import type { Micros } from '../money/micros';
import type { Rate } from '../rating/rate';
import type { DeckVersion, RateQuestion } from '../rating/rate-store';
import type { Schedule } from '../rating/schedule';
import type { ScheduleQuestion } from '../rating/schedule-store';
import type { ChangeEvent } from './change-event';
import type { Account } from './rules/account';
import type { CallRecord } from './rules/call';
import type { Sharer } from './rules/sharing';

/**
 * The books as one batch of operations reads and writes them, in one transaction at a time, which begins with `look` and ends with `commit`
 * or `rollback`. All reject with DatabaseFault.
 */
export interface Books {
  /** Locks and reads what a batch decides on, in one round trip. */
  look(sought: Sought): Promise<Seen>;
  /**
   * Locks the calls among `uniqueids` that have a CDR until the end of the transaction, for calls that no account's lock guards. Returns which
   * it has locked; with `skipLocked`, without those that another transaction holds.
   */
  lockCalls(uniqueids: string[], skipLocked: boolean): Promise<Set<string>>;
  /** The calls among `uniqueids` that have a CDR, and those that came by the INVITEs `dialogs`: `Seen.calls`, once more. */
  readCalls(uniqueids: string[], dialogs: string[]): Promise<Map<string, CallRecord>>;
  /** The rates that could apply to each number in a version of a deck, in the order of the questions. */
  rates(questions: RateQuestion[]): Promise<Rate[][]>;
  /** The schedules of these names, without a query if there is none. */
  schedules(question: ScheduleQuestion): Promise<ReadonlyMap<string, Schedule>>;
  /** Writes what was decided under the locks and commits it, in one round trip. */
  commit(changes: Changes): Promise<void>;
  rollback(): Promise<void>;
  /** Checks that the connection is alive, and keeps the server from closing it. */
  ping(): Promise<void>;
  /** Breaks the connection; what was not committed is undone. */
  destroy(): void;
}

/** What a batch must see before it decides. */
export interface Sought {
  leases: readonly HeldLease[];
  /** Groups of calls; missing accounts are made for them. */
  pools: readonly string[];
  accountcodes: readonly string[];
  /** Do not wait for accounts that another transaction holds locked. */
  skipLocked: boolean;
  /** Calls by their uniqueid, and by the INVITE by which they came. */
  uniqueids: readonly string[];
  dialogs: readonly string[];
  /** Accounts whose calls share what there is. */
  sharing: readonly string[];
  /** Accounts whose calls need a price. */
  priced: readonly string[];
  /** Trunks whose cost is needed. */
  trunks: readonly string[];
}

export interface Seen {
  /**
   * The nodes whose leases this process still holds. A write, not a read: so a lease cannot be taken over between this question and the
   * COMMIT. It comes before any other lock, here and at every take-over.
   */
  held: Set<string>;
  /**
   * The named accounts, locked until the end of the transaction. An account that does not exist is missing; with `skipLocked` so is one that
   * another transaction holds locked.
   */
  accounts: Map<string, Account>;
  /** With `skipLocked`: accounts that exist, and are missing above because another transaction holds them. */
  busy: Set<string>;
  /**
   * By uniqueid: calls of `uniqueids` that have a CDR, and calls that came by `dialogs`. The accounts of the former are locked, but for
   * `busy` ones and for calls of unknown accounts. The latter may belong to any account, and must not be changed.
   */
  calls: Map<string, CallRecord>;
  /**
   * The calls in progress of the accounts in `sharing` with what they hold, in the order of their starts; without calls whose limit is fixed.
   */
  sharers: (Sharer & { accountcode: string })[];
  /** The current version of the deck of each account in `priced`, by the deck's name; a deck that was never imported is missing. */
  decks: Map<string, DeckVersion>;
  /** The current version of the cost deck of each of `trunks`; a trunk that has none is missing. */
  trunkDecks: Map<string, DeckVersion>;
}

/** A switch for which this process acts, by the number of its lease. */
export interface HeldLease {
  node: string;
  epoch: number;
}

/** A reservation as it is written: its call cannot be in progress after `aliveSeconds`. */
export interface OpenReservation {
  call: CallRecord;
  aliveSeconds: number;
}

export const ENTRY_KINDS = ['top_up', 'call_charge', 'refund', 'adjustment', 'correction', 'pool_closed'] as const;

export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One movement of money. `amount` is added to the balance: negative for a charge. */
export interface LedgerEntry {
  accountcode: string;
  kind: EntryKind;
  /** Its cause; unique with accountcode and kind. */
  reference: string;
  amount: Micros;
  balanceAfter: Micros;
  reason: string;
  /** The actor that moved the money; left out for what a call itself caused. Not part of the hash. */
  actor?: string;
  /** The number of the entry in its account, from 1 on. */
  number: number;
  /** Over all of the above but the actor, and the hash of the entry before it: entry-chain.ts. */
  hash: string;
}

/** All that one batch changes. */
export interface Changes {
  newReservations: OpenReservation[];
  newCalls: CallRecord[];
  changedCalls: CallRecord[];
  /** Reservations that hold another amount now, or hold it for longer. */
  changedReservations: OpenReservation[];
  /** Calls, by uniqueid, whose reservation existed before this batch and goes. */
  freed: string[];
  entries: LedgerEntry[];
  accounts: Account[];
  /** Groups of calls whose limits were set by a call. */
  pools: Account[];
  /** Accounts that a limit of spend has blocked: their calls in progress must end. */
  blocked: string[];
  /** Accounts whose calls in progress every service must look at. */
  touched: string[];
  /** Accounts of cards, perhaps, that a call uses: the first use begins the days after which a card expires. */
  usedCards: string[];
  events: ChangeEvent[];
}
