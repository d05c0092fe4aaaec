import type { OpenCalls } from '../src/calls/open-call-store';
import type { AccountNews, TouchedAccounts } from '../src/calls/touched-accounts';
import type { Books, Changes, LedgerEntry, Seen, Sought } from '../src/credit/books';
import { CDR_CHANGING_COLUMNS } from '../src/credit/cdr-columns';
import type { ChangeEvent } from '../src/credit/change-event';
import { chained, endAt } from '../src/credit/entry-chain';
import { type Account, PLAIN_TERMS } from '../src/credit/rules/account';
import type { CallRecord } from '../src/credit/rules/call';
import { withWindowsAt } from '../src/credit/rules/spend';
import { DatabaseFault } from '../src/database/fault';
import type { Micros } from '../src/money/micros';
import { LEASE_SECONDS, type Leases } from '../src/ownership/lease-store';
import type { Rate } from '../src/rating/rate';
import type { RateQuestion } from '../src/rating/rate-store';
import type { Schedule } from '../src/rating/schedule';
import type { ScheduleQuestion } from '../src/rating/schedule-store';
import { plainAccount } from './plain-account';
import { EPOCH, type Timer } from './virtual-time';
import type { Mortal, World } from './world';

/** innodb_lock_wait_timeout of every connection. */
const LOCK_WAIT_MS = 1_000;
/** How long the server keeps the locks of a client that died without closing: wait_timeout. */
const SILENCE_MS = 8_000;
/** Digits of the longest prefix of any deck. */
const LONGEST_PREFIX = 15;
const OPEN_CALLS_DEADLINE_MS = 5_000;
const LEASE_DEADLINE_MS = 2_000;
const TOUCHED_DEADLINE_MS = 2_000;

/** As many lanes as each process has; each has a fence of its own. */
export const LANES = 2;

const leaseKey = (node: string): string => `astlease ${node}`;
const callKey = (uniqueid: string): string => `astcdr ${uniqueid}`;
const fenceKey = (node: string, lane: number): string => `astfence ${node} ${lane}`;

export interface StoredReservation {
  uniqueid: string;
  accountcode: string;
  node: string;
  maxCost: Micros;
  expiresAt: number;
}

/** What operators did to an account, beside what the rules see of it. Virtual ms. */
export interface Notes {
  touchedAt: number | null;
  hangupBefore: number | null;
}

/** What an operator does to a locked account; null if the operator does nothing after all. */
export type Act = (account: Account) => Acted | null;

export interface Acted {
  account: Account;
  entry?: LedgerEntry;
  event?: ChangeEvent | null;
  hangsUp?: boolean;
}

/** What a COMMIT changed, for the checks against the rules. */
export interface Committed {
  /** An operator's own COMMIT. */
  operator: boolean;
  /** Calls as they were, and as they are. */
  calls: { before: CallRecord | null; after: CallRecord }[];
}

interface Waiter {
  transaction: Transaction;
  granted: () => void;
  failed: () => void;
  timer: Timer;
}

interface Lock {
  holder: Transaction | null;
  waiting: Waiter[];
}

/** One transaction of one connection: the locks that it holds, and what it wrote and no other transaction sees yet. */
interface Transaction {
  held: Set<string>;
  changes: Changes | null;
  /** When they were written. */
  writtenAt: number;
  over: boolean;
}

const newTransaction = (): Transaction => ({ held: new Set(), changes: null, writtenAt: 0, over: false });

const lost = () => new DatabaseFault('away', 'PROTOCOL_CONNECTION_LOST', 'simulated: the connection was lost');
const deadlock = () => new DatabaseFault('again', 'ER_LOCK_DEADLOCK', 'simulated: deadlock');
const duplicate = (key: string) => new DatabaseFault('duplicate', 'ER_DUP_ENTRY', `simulated: duplicate ${key}`);

/**
 * The tables, with the transactions of a database at READ COMMITTED: transactions wait for row locks in order, no other transaction sees a
 * write before COMMIT, and there are unique keys. What was committed outlives every process.
 */
export class Store {
  readonly accounts = new Map<string, Account>();
  readonly calls = new Map<string, CallRecord>();
  readonly reservations = new Map<string, StoredReservation>();
  /** By accountcode, kind and reference. */
  readonly entries = new Map<string, LedgerEntry>();
  readonly sightings = new Map<string, number>();
  readonly notes = new Map<string, Notes>();
  /** The outbox. */
  readonly events: ChangeEvent[] = [];
  /** Calls that the operator had ended; unblocking does not let them go on. */
  private readonly hungUp = new Set<string>();
  /** What operators did, by when it became visible. */
  readonly acts: { accountcode: string; at: number; blocked: boolean; hangsUp: boolean }[] = [];
  /** Accounts from which an operator took more than there was. */
  readonly overdrawn = new Set<string>();
  private readonly leases = new Map<
    string,
    {
      owner: Mortal | null;
      epoch: number;
      /** The process of this epoch, even after it released the lease. */
      last: Mortal | null;
      expiresAt: number;
    }
  >();
  away = false;
  /** What arrived while the server was frozen, done when it thaws; null while it is not frozen. */
  private frozen: (() => void)[] | null = null;
  private readonly locks = new Map<string, Lock>();
  private readonly sessions = new Set<Session>();

  constructor(
    readonly world: World,
    private readonly rates: readonly Rate[],
    private readonly schedules: readonly Schedule[],
    /** Whether a process sees that another one is gone, as on one machine. */
    private readonly isOneMachine: boolean,
    private readonly onCommit: (committed: Committed) => void,
  ) {}

  /** A connection for one lane. */
  async connect(process: Mortal, lane: number): Promise<Books> {
    await this.world.ask<void>(process, 'connect', this.delay(), (answer, fail) => {
      if (this.away || this.world.happens('databaseLost')) fail(lost());
      else this.whenThawed(() => answer());
    });
    const session = new Session(this, process, lane, this.rates, this.schedules);
    this.sessions.add(session);
    return session;
  }

  /** Leases, as src/ownership/lease-store.ts reads and writes them. */
  leasesOf(process: Mortal): Leases {
    const ask = <Answer>(what: string, perform: (done: (value: Answer) => void, failed: () => void) => void) =>
      this.question<Answer>(process, what, LEASE_DEADLINE_MS, perform);
    const own = (node: string, epoch: number) => {
      const lease = this.leases.get(node);
      return lease && lease.owner === process && lease.epoch === epoch ? lease : null;
    };
    const until = () => this.world.time.now + LEASE_SECONDS * 1000;
    return {
      acquire: node =>
        ask('acquire', (done, failed) => {
          const transaction = newTransaction();
          const refused = () => {
            this.release(transaction);
            failed();
          };
          this.lock(
            transaction,
            leaseKey(node),
            () => {
              const { owner, epoch, expiresAt } = this.leases.get(node) ?? {
                owner: null,
                epoch: 0,
                expiresAt: 0,
              };
              const isGone = owner === null || (owner.dead && this.isOneMachine);
              if (expiresAt > this.world.time.now && owner !== process && !isGone) {
                this.release(transaction);
                return done({ owner: owner.name });
              }
              const fenced = (lane: number): void => {
                if (lane < LANES) {
                  this.lock(transaction, fenceKey(node, lane), () => fenced(lane + 1), refused);
                  return;
                }
                this.world.note(`${process.name} has the lease, epoch ${epoch + 1}`);
                this.leases.set(node, { owner: process, last: process, epoch: epoch + 1, expiresAt: until() });
                this.release(transaction);
                done({ node, epoch: epoch + 1 });
              };
              fenced(0);
            },
            refused,
          );
        }),
      renew: ({ node, epoch }) =>
        ask('renew', done => {
          const lease = own(node, epoch);
          if (lease) lease.expiresAt = until();
          done(lease !== null);
        }),
      release: ({ node, epoch }) =>
        ask<void>('release', done => {
          const lease = own(node, epoch);
          if (lease) Object.assign(lease, { owner: null, expiresAt: 0 });
          done();
        }),
      close: () => undefined,
    };
  }

  isHeld(node: string, epoch: number): boolean {
    return this.leases.get(node)?.epoch === epoch;
  }

  /** A statement on a connection of its own, answered within a deadline or given up. */
  private question<Answer>(
    process: Mortal,
    what: string,
    deadlineMs: number,
    perform: (done: (value: Answer) => void, failed: () => void) => void,
    mayDie = true,
  ): Promise<Answer> {
    const answered = this.world.ask<Answer>(
      process,
      what,
      this.delay(),
      (answer, fail) => {
        if (this.away || this.world.happens('databaseLost')) return fail(lost());
        const replyLost = this.world.happens('databaseReplyLost');
        this.whenThawed(() =>
          perform(
            value => (replyLost ? fail(lost()) : answer(value)),
            () => fail(lost()),
          ),
        );
      },
      mayDie,
    );
    let timer: NodeJS.Timeout;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(lost()), deadlineMs);
    });
    return Promise.race([answered, deadline]).finally(() => clearTimeout(timer));
  }

  openCalls(process: Mortal): OpenCalls {
    const open = () => [...this.calls.values()].filter(({ endAt }) => endAt === null);
    const ask = <Answer>(what: string, perform: () => Answer): Promise<Answer> =>
      this.question(process, what, OPEN_CALLS_DEADLINE_MS, done => done(perform()));
    return {
      of: node =>
        ask('open calls', () =>
          open()
            .filter(call => call.node === node)
            .map(copyOf),
        ),
      uniqueidsOf: node =>
        ask('open uniqueids', () =>
          open()
            .filter(call => call.node === node)
            .map(({ uniqueid }) => uniqueid),
        ),
      expired: () =>
        ask('expired calls', () =>
          open()
            .filter(({ uniqueid }) => (this.reservations.get(uniqueid)?.expiresAt ?? Infinity) < this.world.time.now)
            .map(copyOf),
        ),
      lastSeen: node => ask('last seen', () => this.sightings.get(node) ?? null),
      cut: (uniqueid, at) =>
        ask('cut', () => {
          const call = this.calls.get(uniqueid);
          if (call && call.cutAt === null) this.calls.set(uniqueid, { ...call, cutAt: Math.floor(at) });
        }),
      uncut: uniqueid =>
        ask('uncut', () => {
          const call = this.calls.get(uniqueid);
          if (call && call.endAt === null) this.calls.set(uniqueid, { ...call, cutAt: null });
        }),
      seen: (node, at) =>
        ask('seen', () => {
          this.world.note(`${process.name} saw ${node} at ${at}`);
          this.sightings.set(node, Math.floor(at));
        }),
    };
  }

  /** What operators did, as src/calls/touched-accounts.ts reads it: the time first, then the rows. */
  touchedAccounts(process: Mortal): TouchedAccounts {
    const { time } = this.world;
    const instant = (at: number | null) => (at === null ? null : EPOCH + at);
    const rows = (since: number | null, accountcodes: readonly string[]): AccountNews[] =>
      [...this.accounts.values()].flatMap(({ accountcode, blocked }) => {
        const { touchedAt, hangupBefore } = this.notes.get(accountcode) ?? { touchedAt: null, hangupBefore: null };
        const isNew = since !== null && touchedAt !== null && EPOCH + touchedAt >= since;
        if (!isNew && !accountcodes.includes(accountcode)) return [];
        return [{ accountcode, blocked, touchedAt: instant(touchedAt), hangupBefore: instant(hangupBefore) }];
      });
    return {
      read: (since, accountcodes) =>
        this.question(
          process,
          'touched accounts',
          TOUCHED_DEADLINE_MS,
          done => {
            const now = EPOCH + time.now;
            const answer = () => done({ now, accounts: rows(since, accountcodes) });
            if (this.world.happens('databaseSlow')) time.after(null, this.delay(), () => this.whenThawed(answer));
            else answer();
          },
          false,
        ),
    };
  }

  /** As src/accounts/wanted-ends.ts: the account is locked. */
  private wantEnds(accountcode: string, word: 'hangup' | 'block' | 'unblock'): void {
    for (const call of this.calls.values()) {
      const isEmergency = call.capSeconds === 0 && call.rateDeck === '';
      if (call.accountcode !== accountcode || !this.reservations.has(call.uniqueid) || isEmergency) continue;
      if (word === 'hangup') this.hungUp.add(call.uniqueid);
      const hangupWanted = word !== 'unblock' || this.hungUp.has(call.uniqueid);
      this.calls.set(call.uniqueid, { ...call, hangupWanted });
    }
  }

  /** The server dies: every connection breaks, and what was not committed is rolled back. */
  goAway(): void {
    this.away = true;
    for (const session of [...this.sessions]) session.breakOff();
  }

  freeze(): void {
    this.frozen ??= [];
  }

  thaw(): void {
    const work = this.frozen ?? [];
    this.frozen = null;
    for (const task of work) task();
  }

  /** Does it now, or when the server runs again. */
  whenThawed(work: () => void): void {
    if (this.frozen) this.frozen.push(work);
    else work();
  }

  delay(): number {
    const { random } = this.world;
    if (this.world.happens('databaseSlow')) return random.whole(50, 4_000);
    return random.whole(2, 30) / 10;
  }

  /** The command line, which locks an account, changes it, and takes its time before it commits. */
  operate(accountcode: string, what: string, act: Act, holdMs: number, onDone: () => void): void {
    const transaction = newTransaction();
    const { world } = this;
    const change = () => {
      const touchedAt = world.time.now;
      const acted = act(this.accounts.get(accountcode) as Account);
      world.note(`operator: ${what} ${accountcode}, commits in ${holdMs} ms`);
      world.time.after(null, holdMs, () =>
        this.whenThawed(() => {
          if (acted && !this.away) {
            const wasBlocked = this.accounts.get(accountcode)?.blocked === true;
            this.accounts.set(accountcode, acted.account);
            if (acted.hangsUp) this.wantEnds(accountcode, 'hangup');
            else if (acted.account.blocked) this.wantEnds(accountcode, 'block');
            else if (wasBlocked) this.wantEnds(accountcode, 'unblock');
            const hangupBefore = acted.hangsUp ? touchedAt : (this.notes.get(accountcode)?.hangupBefore ?? null);
            this.notes.set(accountcode, { touchedAt, hangupBefore });
            if (acted.entry) this.put(acted.entry);
            if (acted.event) this.events.push(acted.event);
            const { balance, creditLimit, reserved, blocked } = acted.account;
            if (balance + creditLimit < reserved) this.overdrawn.add(accountcode);
            this.acts.push({ accountcode, at: world.time.now, blocked, hangsUp: acted.hangsUp === true });
            world.note(`operator: ${what} ${accountcode} is done`);
          }
          this.release(transaction);
          if (!acted || this.away) return;
          onDone();
          this.onCommit({ operator: true, calls: [] });
        }),
      );
    };
    this.whenThawed(() => {
      if (!this.away) this.lock(transaction, accountcode, change, () => undefined);
    });
  }

  /** An opening balance, before anything runs. */
  open(account: Account): void {
    const { accountcode, balance: amount } = account;
    const opening = {
      accountcode,
      kind: 'top_up',
      reference: 'opening',
      amount,
      balanceAfter: amount,
      reason: '',
    } as const;
    const entry = chained(account, opening);
    this.accounts.set(accountcode, { ...account, ...endAt(entry) });
    this.put(entry);
  }

  /** Waits for a row lock in turn; `failed` after innodb_lock_wait_timeout, or if its transaction ends before. */
  lock(transaction: Transaction, key: string, granted: () => void, failed: () => void): void {
    const lock = this.locks.get(key) ?? { holder: null, waiting: [] };
    this.locks.set(key, lock);
    if (lock.holder === null || lock.holder === transaction) {
      lock.holder = transaction;
      transaction.held.add(key);
      granted();
      return;
    }
    const timer = this.world.time.after(null, LOCK_WAIT_MS, () => {
      lock.waiting = lock.waiting.filter(waiter => waiter.timer !== timer);
      failed();
    });
    lock.waiting.push({ transaction, granted, failed, timer });
  }

  isLockedByOther(transaction: Transaction, key: string): boolean {
    const holder = this.locks.get(key)?.holder ?? null;
    return holder !== null && holder !== transaction;
  }

  release(transaction: Transaction): void {
    transaction.over = true;
    for (const key of transaction.held) {
      const lock = this.locks.get(key) as Lock;
      lock.holder = null;
      for (let next = lock.waiting.shift(); next; next = lock.waiting.shift()) {
        this.world.time.cancel(next.timer);
        if (next.transaction.over) {
          next.failed();
          continue;
        }
        lock.holder = next.transaction;
        next.transaction.held.add(key);
        next.granted();
        break;
      }
    }
    transaction.held.clear();
  }

  /** The calls that came by these INVITEs. */
  callsBy(dialogs: readonly string[]): CallRecord[] {
    if (dialogs.length === 0) return [];
    return [...this.calls.values()].filter(({ dialog }) => dialog !== null && dialogs.includes(dialog));
  }

  /** Throws DatabaseFault, and changes nothing, if a unique key exists already. */
  checkKeys(changes: Changes): void {
    for (const { uniqueid } of changes.newCalls) if (this.calls.has(uniqueid)) throw duplicate(`astcdr ${uniqueid}`);
    for (const { call } of changes.newReservations) {
      if (this.reservations.has(call.uniqueid)) throw duplicate(`astcreditres ${call.uniqueid}`);
    }
    for (const entry of changes.entries) {
      if (this.entries.has(keyOf(entry))) throw duplicate(`astledger ${keyOf(entry)}`);
    }
  }

  /** COMMIT. */
  apply(transaction: Transaction, process: Mortal): void {
    const { changes } = transaction;
    const calls: Committed['calls'] = [];
    if (changes) {
      this.checkKeys(changes);
      for (const { call } of changes.newReservations) this.checkOwner(call, process);
      for (const call of changes.newCalls) {
        this.calls.set(call.uniqueid, call);
        calls.push({ before: null, after: call });
      }
      for (const call of changes.changedCalls) {
        const before = this.calls.get(call.uniqueid) as CallRecord;
        const after = { ...before, ...endOf(call) };
        this.calls.set(call.uniqueid, after);
        calls.push({ before, after });
      }
      for (const { call, aliveSeconds } of changes.newReservations) {
        const { uniqueid, accountcode, node, maxCost } = call;
        const expiresAt = this.world.time.now + Math.ceil(aliveSeconds) * 1000;
        this.reservations.set(uniqueid, { uniqueid, accountcode, node, maxCost, expiresAt });
      }
      for (const { call, aliveSeconds } of changes.changedReservations) {
        const reservation = this.reservations.get(call.uniqueid);
        if (!reservation) continue;
        reservation.maxCost = call.maxCost;
        reservation.expiresAt = this.world.time.now + Math.ceil(aliveSeconds) * 1000;
      }
      for (const uniqueid of changes.freed) this.reservations.delete(uniqueid);
      for (const entry of changes.entries) this.put(entry);
      for (const account of changes.accounts) this.change(account, DECIDED_FIELDS);
      for (const pool of changes.pools) this.change(pool, POOL_FIELDS);
      for (const accountcode of changes.blocked) {
        this.accounts.set(accountcode, { ...(this.accounts.get(accountcode) as Account), blocked: true });
        this.wantEnds(accountcode, 'block');
        this.acts.push({ accountcode, at: this.world.time.now, blocked: true, hangsUp: false });
      }
      for (const accountcode of changes.touched) {
        const hangupBefore = this.notes.get(accountcode)?.hangupBefore ?? null;
        this.notes.set(accountcode, { touchedAt: transaction.writtenAt, hangupBefore });
      }
      this.events.push(...changes.events);
    }
    this.release(transaction);
    if (changes) this.onCommit({ operator: false, calls });
  }

  /** An emergency call, which has no rate, is let through without a lease. */
  private checkOwner({ uniqueid, node, rateDeck }: CallRecord, process: Mortal): void {
    const owner = this.leases.get(node)?.last ?? null;
    if (rateDeck !== '' && owner !== process) {
      const invariant = 'a call is started by the owner of its switch';
      this.world.violate(invariant, `${uniqueid} by ${process.name}; the owner is ${owner?.name ?? 'nobody'}`);
    }
  }

  /** The process at the other end is gone, or closed its connection: the server notices, and rolls back. */
  abandoned(session: Session): void {
    this.sessions.delete(session);
    const { transaction } = session;
    const unnoticedMs =
      this.world.faulty && this.world.random.chance(0.2) ? this.world.random.whole(100, SILENCE_MS) : 1;
    this.world.time.after(null, unnoticedMs, () => {
      if (!session.committing) this.release(transaction);
    });
  }

  /** The connections of a process that died. */
  died(process: Mortal): void {
    for (const session of [...this.sessions]) if (session.process === process) this.abandoned(session);
  }

  /** A process that is silent for too long: the server closes its connections. */
  silent(process: Mortal, ms: number): void {
    this.world.time.after(null, Math.min(ms, SILENCE_MS), () => {
      if (ms < SILENCE_MS) return;
      for (const session of [...this.sessions]) if (session.process === process) session.breakOff();
    });
  }

  private put(entry: LedgerEntry): void {
    this.entries.set(keyOf(entry), entry);
  }

  private change(account: Account, fields: readonly (keyof Account)[]): void {
    const changed = Object.fromEntries(fields.map(field => [field, account[field]]));
    this.accounts.set(account.accountcode, {
      ...(this.accounts.get(account.accountcode) as Account),
      ...changed,
    });
  }
}

/** The columns that an UPDATE of astaccount writes. */
const DECIDED_FIELDS = [
  'balance',
  'entryCount',
  'entryHash',
  'reserved',
  'activeCalls',
  'timeUsedSeconds',
  'timeReservedSeconds',
  'startedSecond',
  'startedCalls',
  'lowBalanceTold',
  'isShort',
  'spent',
  'spentAt',
] as const satisfies (keyof Account)[];

/** The columns that are written for a group of calls. */
const POOL_FIELDS = [
  'creditLimit',
  'maxTimeSeconds',
  'maxChannels',
  'maxCallsPerSecond',
] as const satisfies (keyof Account)[];

/** The row of a group of calls, as INSERT makes it. */
const newPool = (accountcode: string): Account =>
  plainAccount(accountcode, { kind: 'pool', currency: 'XXX', deck: '', terms: { ...PLAIN_TERMS, mode: 'shared' } });

const keyOf = ({ accountcode, kind, reference }: LedgerEntry): string => `${accountcode} ${kind} ${reference}`;

const copyOf = (call: CallRecord): CallRecord => ({ ...call });

/** The columns that an UPDATE of astcdr writes: those of the end, by their names in the record. */
const END_FIELDS = CDR_CHANGING_COLUMNS.map(column =>
  column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
) as (keyof CallRecord)[];

const endOf = (call: CallRecord): Partial<CallRecord> =>
  Object.fromEntries(END_FIELDS.map(field => [field, call[field]]));

/** One connection. */
class Session implements Books {
  transaction = newTransaction();
  /** COMMIT has reached the server, which will carry it out though the client is gone. */
  committing = false;
  private broken = false;

  constructor(
    private readonly store: Store,
    readonly process: Mortal,
    private readonly lane: number,
    private readonly allRates: readonly Rate[],
    private readonly allSchedules: readonly Schedule[],
  ) {}

  look(sought: Sought): Promise<Seen> {
    const { leases, accountcodes, skipLocked } = sought;
    return this.statement<Seen>('look', (answer, fail) => {
      const { transaction, store, allRates } = this;
      const fenced = leases.map(({ node }) => fenceKey(node, this.lane));
      this.lockAll(fenced, false, fail, () => {
        const held = new Set(leases.filter(({ node, epoch }) => store.isHeld(node, epoch)).map(({ node }) => node));
        // Visible to others before COMMIT, which changes nothing for them: an empty group has nothing to give.
        for (const code of sought.pools) if (!store.accounts.has(code)) store.accounts.set(code, newPool(code));
        const there = accountcodes.filter(code => store.accounts.has(code)).sort();
        this.lockAll(there, skipLocked, fail, () => {
          const now = EPOCH + store.world.time.now;
          const locked = there.filter(code => transaction.held.has(code));
          answer({
            held,
            accounts: new Map(
              locked.map(code => [code, withWindowsAt({ ...(store.accounts.get(code) as Account) }, now)]),
            ),
            busy: new Set(there.filter(code => !transaction.held.has(code))),
            calls: this.callsOf(sought.uniqueids, sought.dialogs),
            sharers: this.sharersOf(sought.sharing),
            decks: new Map(allRates.map(({ deck, version }) => [deck, { version, longestPrefix: LONGEST_PREFIX }])),
            trunkDecks: new Map(),
          });
        });
      });
    });
  }

  lockCalls(uniqueids: string[], skipLocked: boolean): Promise<Set<string>> {
    return this.statement('lock calls', (answer, fail) => {
      const there = uniqueids.filter(uniqueid => this.store.calls.has(uniqueid)).sort();
      const { held } = this.transaction;
      this.lockAll(there.map(callKey), skipLocked, fail, () =>
        answer(new Set(there.filter(uniqueid => held.has(callKey(uniqueid))))),
      );
    });
  }

  readCalls(uniqueids: string[], dialogs: string[]): Promise<Map<string, CallRecord>> {
    return this.statement('read calls', answer => answer(this.callsOf(uniqueids, dialogs)));
  }

  rates(questions: RateQuestion[]): Promise<Rate[][]> {
    if (questions.length === 0) return Promise.resolve([]);
    return this.statement('rates', answer => {
      answer(
        questions.map(({ version, digits }) =>
          this.allRates.filter(rate => rate.version === version && digits.startsWith(rate.prefix)),
        ),
      );
    });
  }

  schedules({ names }: ScheduleQuestion): Promise<ReadonlyMap<string, Schedule>> {
    if (names.length === 0) return Promise.resolve(new Map());
    return this.statement('schedules', answer => {
      const named = this.allSchedules.filter(({ schedule }) => names.includes(schedule));
      answer(new Map(named.map(each => [each.schedule, each])));
    });
  }

  /** One packet: a fault before its COMMIT undoes what it wrote. */
  commit(changes: Changes): Promise<void> {
    // As an SQL text would be: later changes in the process change nothing here.
    const copied: Changes = {
      ...changes,
      newCalls: changes.newCalls.map(copyOf),
      changedCalls: changes.changedCalls.map(copyOf),
      newReservations: changes.newReservations.map(one => ({ ...one, call: copyOf(one.call) })),
      changedReservations: changes.changedReservations.map(one => ({ ...one, call: copyOf(one.call) })),
      accounts: changes.accounts.map(account => ({ ...account })),
      pools: changes.pools.map(account => ({ ...account })),
      touched: [...changes.touched],
      blocked: [...changes.blocked],
      usedCards: [...changes.usedCards],
      events: [...changes.events],
    };
    const { store } = this;
    const { world } = store;
    return this.statement('write and commit', (answer, fail) => {
      const { transaction } = this;
      if (transaction.over) {
        this.breakOff();
        return fail(lost());
      }
      try {
        store.checkKeys(copied);
      } catch (error) {
        return fail(error as Error);
      }
      transaction.changes = copied;
      transaction.writtenAt = world.time.now;
      this.committing = true;
      const replyLost = world.happens('databaseReplyLost');
      world.time.after(null, world.happens('databaseSlow') ? world.random.whole(50, 5_000) : 0.2, () => {
        this.committing = false;
        if (transaction.over) return fail(lost());
        try {
          store.apply(transaction, this.process);
        } catch (error) {
          store.release(transaction);
          return fail(error as Error);
        }
        this.transaction = newTransaction();
        if (replyLost || this.broken) {
          world.note(`${this.process.name} database: committed, reply lost`);
          this.breakOff();
          fail(lost());
        } else answer();
      });
    });
  }

  rollback(): Promise<void> {
    return this.arrived('rollback', answer => {
      this.end(this.transaction);
      answer();
    });
  }

  ping(): Promise<void> {
    return this.arrived('ping', answer => answer());
  }

  destroy(): void {
    if (this.broken) return;
    this.broken = true;
    this.store.abandoned(this);
  }

  /** The connection breaks: the server rolls back, except for a COMMIT in progress, whose reply is lost. */
  breakOff(): void {
    this.broken = true;
    this.store.abandoned(this);
  }

  private callsOf(uniqueids: readonly string[], dialogs: readonly string[]): Map<string, CallRecord> {
    const named = uniqueids.flatMap(uniqueid => this.store.calls.get(uniqueid) ?? []);
    return new Map([...named, ...this.store.callsBy(dialogs)].map(call => [call.uniqueid, copyOf(call)]));
  }

  private sharersOf(accountcodes: readonly string[]): CallRecord[] {
    const open = [...this.store.calls.values()].filter(
      ({ uniqueid, accountcode, isFixed }) =>
        accountcodes.includes(accountcode) && this.store.reservations.has(uniqueid) && !isFixed,
    );
    return open.sort((one, other) => one.startAt - other.startAt).map(copyOf);
  }

  /** Takes these locks, in this order; with `skipLocked` it leaves out those that another transaction holds. */
  private lockAll(keys: readonly string[], skipLocked: boolean, fail: (error: Error) => void, done: () => void): void {
    const { transaction, store } = this;
    const next = (index: number): void => {
      const key = keys[index];
      if (transaction.over) fail(lost());
      else if (key === undefined) done();
      else if (skipLocked && store.isLockedByOther(transaction, key)) next(index + 1);
      else {
        const waitedTooLong = new DatabaseFault('again', 'ER_LOCK_WAIT_TIMEOUT', 'simulated: lock wait timeout');
        store.lock(
          transaction,
          key,
          () => next(index + 1),
          () => fail(waitedTooLong),
        );
      }
    };
    next(0);
  }

  private end(transaction: Transaction): void {
    this.store.release(transaction);
    if (this.transaction === transaction) this.transaction = newTransaction();
  }

  /** A statement, which may deadlock. */
  private statement<Answer>(
    what: string,
    perform: (answer: (value: Answer) => void, fail: (error: Error) => void) => void,
  ): Promise<Answer> {
    return this.arrived<Answer>(what, (answer, fail) => {
      const { world } = this.store;
      if (world.happens('databaseLost')) {
        world.note(`${this.process.name} database: connection lost at ${what}`);
        this.breakOff();
        return fail(lost());
      }
      if (world.happens('databaseAgain')) {
        world.note(`${this.process.name} database: 1213 at ${what}`);
        this.end(this.transaction);
        return fail(deadlock());
      }
      perform(answer, fail);
    });
  }

  private arrived<Answer>(
    what: string,
    perform: (answer: (value: Answer) => void, fail: (error: Error) => void) => void,
  ): Promise<Answer> {
    const { store } = this;
    const { world } = store;
    return world.ask<Answer>(this.process, what, store.delay(), (answer, fail) => {
      // A frozen server does what it was asked when it thaws, though no client waits for it any more.
      store.whenThawed(() => {
        if (this.broken) fail(lost());
        else perform(answer, fail);
      });
    });
  }
}
