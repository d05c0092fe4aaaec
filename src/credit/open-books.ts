import { type Micros, micros, smaller, ZERO } from '../money/micros';
import type { CallRate } from '../rating/rate';
import type { Changes, LedgerEntry } from './books';
import {
  answered,
  authorised,
  blockedAtLimit,
  callEvent,
  ended,
  poolChanged,
  poolClosed,
  refused,
  regranted,
} from './call-events';
import type { ChangeEvent } from './change-event';
import { chained, endAt } from './entry-chain';
import type {
  Answer,
  CallerBalance,
  End,
  EndOutcome,
  Extend,
  LedgerOperation,
  RegrantOutcome,
  Share,
  Shrink,
  Start,
  StartOutcome,
} from './ledger-operation';
import { isRefusedBy, type Refusal, SPEND_REFUSALS } from './refusal';
import { type Account, meansLeft, moneyLeft, PLAIN_TERMS } from './rules/account';
import {
  arrivedCall,
  type CallRecord,
  endedCall,
  grantedCall,
  refusedCall,
  refusedEnd,
  regrantedCall,
} from './rules/call';
import { mayBeOfCard } from './rules/card';
import { type CallEnd, withSettlement } from './rules/charge';
import { type Grant, grantOf, grantUpTo, heldByAnswer, isEndOfMeans, withGrant } from './rules/grant';
import { withLowBalance } from './rules/low-balance';
import { isPool, poolChange, withPool } from './rules/pool';
import { decideRegrant } from './rules/regrant';
import { answerAgain, isCopyOf, isSameCall, isUndecided } from './rules/repeat';
import { byStart, type Sharer, type Sharing, shareOut } from './rules/sharing';
import { type Spent, spendable, withLimitsTold } from './rules/spend';
import { type Decision, decideStart, decideWaiting, type Limits, type StartRequest, withStart } from './rules/start';

/** How long a reservation outlives the longest life of its call, so that a slow hang-up does not look like a lost one. */
const MARGIN_SECONDS = 60;

export type TrunkCost = Pick<CallRecord, 'trunkCost' | 'trunkCurrency'>;
export type TrunkCostLookup = (call: CallRecord, trunk: string) => TrunkCost;

export const UNKNOWN_COST: TrunkCost = { trunkCost: null, trunkCurrency: null };

/** What happens to a call that exists already. */
export type Change = Exclude<LedgerOperation, Start | Share>;

/**
 * The accounts and calls of one batch, as its operations change them one after the other, and what must be written of that.
 *
 * Accounts and calls are values: a change replaces one, and nothing that was handed in or out changes later.
 */
export class OpenBooks {
  private readonly accounts: Map<string, Account>;
  private readonly calls: Map<string, CallRecord>;
  /** The calls that came by each INVITE, by uniqueid, as far as this batch knows them. */
  private readonly byDialog = new Map<string, string[]>();
  private readonly changedAccounts = new Set<string>();
  private readonly changedPools = new Set<string>();
  private readonly touched = new Set<string>();
  private readonly blocked = new Set<string>();
  private readonly usedCards = new Set<string>();
  /** Calls, by uniqueid. */
  private readonly newCalls = new Set<string>();
  private readonly changedCalls = new Set<string>();
  private readonly freed = new Set<string>();
  /** How long from now a call can be in progress at most, by its uniqueid; seconds. */
  private readonly reserved = new Map<string, number>();
  private readonly changedReservations = new Map<string, number>();
  private readonly entries: LedgerEntry[] = [];
  private readonly events: ChangeEvent[] = [];

  constructor(
    accounts: ReadonlyMap<string, Account>,
    calls: ReadonlyMap<string, CallRecord>,
    private readonly limits: Limits,
  ) {
    this.accounts = new Map(accounts);
    this.calls = new Map(calls);
    for (const call of calls.values()) this.rememberDialog(call);
  }

  start({ request }: Start, rate: CallRate | null): StartOutcome {
    const known = this.calls.get(request.uniqueid);
    const account = this.accounts.get(request.accountcode) ?? null;
    if (known && account && isUndecided(known) && isSameCall(known, request))
      return this.tryAgain(known, request, account);
    if (known) return answerAgain(known, request, account);
    // A copy of another call's INVITE is no call of its own, and leaves no CDR.
    if (this.isCopy(request)) return { refusal: 'invite_repeated' };
    const pooled = account && request.pool && isPool(account) ? withPool(account, request.pool) : account;
    const decision = decideStart(request, pooled, rate, this.limits);
    // An unknown account leaves no CDR: strangers could fill the table that way.
    if (!account && 'refusal' in decision) return decision;
    const call = arrivedCall(request, account?.currency ?? '');
    this.newCalls.add(call.uniqueid);
    this.setCall(call);
    this.rememberDialog(call);
    if ('refusal' in decision) {
      this.refuse(call, decision.refusal);
      return decision;
    }
    const grant = grantIn(decision);
    this.setCall(grantedCall(call, grant));
    this.reserved.set(call.uniqueid, request.ringSeconds + grant.grantedSeconds + MARGIN_SECONDS);
    if (account && pooled) {
      const opened = pooled === account ? account : this.openPool(account, pooled, call.uniqueid);
      this.setAccount(withStart(opened, grant, request.startAt));
    }
    if ('waiting' in decision) {
      // The services that carry the calls which hold the money must look.
      this.touched.add(call.accountcode);
      return { waiting: true };
    }
    return this.authorise(call, grant, pooled, request);
  }

  change(operation: Change, trunkCostOf: TrunkCostLookup): EndOutcome | RegrantOutcome {
    const call = this.calls.get(operation.uniqueid);
    const isRegrant = operation.kind === 'extend' || operation.kind === 'shrink';
    // Two switches of one name could bring the same uniqueid for different accounts: never end another account's call.
    if (call && call.accountcode !== operation.accountcode) return isRegrant ? { grant: null } : { call: null };
    if (!call) {
      if (isRegrant) return { grant: null };
      return { call: operation.kind === 'end' && operation.unwritten ? this.writeWhole(operation) : null };
    }
    // Settled already, so this is the same news again.
    if (call.endAt !== null) return isRegrant ? { grant: null } : { call };
    switch (operation.kind) {
      case 'extend':
      case 'shrink':
        return this.regrant(call, operation);
      case 'answer':
        return { call: this.answer(call, operation) };
      case 'warned':
        this.events.push(callEvent('warned', call, { seconds_left: operation.secondsLeft }));
        return { call };
      case 'limit_not_kept':
        this.events.push(callEvent('limit_not_kept', call, { node: call.node, granted_seconds: call.grantedSeconds }));
        return { call };
      case 'end':
        return { call: this.end(call, operation.end, operation.trunk, trunkCostOf), isNews: true };
      case 'release': {
        const { refusal } = operation;
        return { call: this.end({ ...call, refusal }, refusedEnd(call, refusal), '', () => UNKNOWN_COST) };
      }
    }
  }

  /** `read`: the calls of the account that share, as they were before this batch. */
  share({ accountcode, clocks, stuck = [] }: Share, read: readonly (Sharer & { accountcode: string })[]): Sharing {
    const account = this.accounts.get(accountcode);
    if (!account) return NOTHING_TO_SHARE;
    // All its calls must end, and get nothing more until then.
    if (account.blocked) return { ...NOTHING_TO_SHARE, isShort: true, terms: account.terms };
    const isOfAccount = (call: { accountcode: string }) => call.accountcode === accountcode;
    const calls = new Map<string, Sharer>(read.filter(isOfAccount).map(call => [call.uniqueid, call]));
    for (const call of [...this.calls.values()].filter(isOfAccount)) {
      if (call.endAt === null && !call.isFixed) calls.set(call.uniqueid, call);
      else calls.delete(call.uniqueid);
    }
    const shares = ({ uniqueid, capSeconds }: Sharer) => capSeconds > 0 && !stuck.includes(uniqueid);
    const sharers = [...calls.values()].filter(shares).sort(byStart);
    const { maxTimeSeconds, terms } = account;
    const sharing = shareOut({ left: meansLeft(account), maxTimeSeconds, terms }, sharers, clocks);
    if (sharing.isShort !== account.isShort) this.setAccount({ ...account, isShort: sharing.isShort });
    // The service that asks can take back only what its own calls hold. If another service carries some of the calls, mark the account so
    // that the other service looks too. Calls that get more need no mark: what freed their money has marked the account already, and a
    // call on a switch that no service acts for would have this asked forever.
    const isLess = ({ uniqueid, seconds }: Sharing['shares'][number]) =>
      seconds < (calls.get(uniqueid)?.grantedSeconds ?? 0);
    const gives = new Set([...sharing.shares.filter(isLess).map(({ uniqueid }) => uniqueid), ...sharing.cancel]);
    const isElsewhere = ({ uniqueid, node }: Sharer) => gives.has(uniqueid) && clocks.of[node] === undefined;
    if (sharers.some(isElsewhere)) this.touched.add(accountcode);
    return sharing;
  }

  /** What must be written. A call that began and ended in this batch leaves no reservation. */
  changes(): Changes {
    const call = (uniqueid: string) => this.calls.get(uniqueid) as CallRecord;
    const account = (accountcode: string) => this.accounts.get(accountcode) as Account;
    const alive = (reservations: Map<string, number>) =>
      [...reservations]
        .map(([uniqueid, aliveSeconds]) => ({ call: call(uniqueid), aliveSeconds }))
        .filter(reservation => reservation.call.endAt === null);
    return {
      newReservations: alive(this.reserved),
      newCalls: [...this.newCalls].map(call),
      changedCalls: [...this.changedCalls].map(call),
      changedReservations: alive(this.changedReservations),
      freed: [...this.freed].filter(uniqueid => !this.newCalls.has(uniqueid)),
      entries: this.entries,
      accounts: [...this.changedAccounts].map(account),
      pools: [...this.changedPools].map(account),
      touched: [...this.touched],
      blocked: [...this.blocked],
      usedCards: [...this.usedCards],
      events: this.events,
    };
  }

  private isCopy(request: StartRequest): boolean {
    const { dialog } = request;
    const ofDialog = dialog ? (this.byDialog.get(dialog) ?? []) : [];
    return ofDialog.some(uniqueid => isCopyOf(request, this.calls.get(uniqueid) as CallRecord));
  }

  private rememberDialog({ dialog, uniqueid }: CallRecord): void {
    if (dialog !== null) this.byDialog.set(dialog, [...(this.byDialog.get(dialog) ?? []), uniqueid]);
  }

  /** A call that waits for room asks again. */
  private tryAgain(call: CallRecord, request: StartRequest, account: Account): StartOutcome {
    const decision = decideWaiting(call, request, account);
    if ('waiting' in decision) return { waiting: true };
    if ('refusal' in decision) return this.giveUp(call, decision.refusal, account);
    this.hold(call, decision.granted, account, request.ringSeconds);
    return this.authorise(call, decision.granted, account, request);
  }

  private giveUp(call: CallRecord, refusal: Refusal, account: Account): StartOutcome {
    const given = this.refuse(call, refusal);
    this.freed.add(call.uniqueid);
    const told = this.accounts.get(account.accountcode) as Account;
    this.setAccount(this.settled(given, withSettlement(told, call, given)));
    return { refusal };
  }

  private refuse(call: CallRecord, refusal: Refusal): CallRecord {
    this.events.push(...refused(call, refusal));
    this.tellLimits(call.accountcode, ({ window }) => isRefusedBy(refusal, window));
    if (SPEND_REFUSALS.has(refusal)) this.blockAtLimit(call.accountcode, refusal);
    return this.setCall(refusedCall(call, refusal));
  }

  /** `account`: as it was before the call held anything of it; null if there is none. */
  private authorise(
    call: CallRecord,
    grant: Grant,
    account: Account | null,
    { emergency }: Pick<StartRequest, 'emergency'>,
  ): StartOutcome {
    this.events.push(authorised(call, grant));
    // An emergency call spends nothing of its card.
    if (!emergency && mayBeOfCard(call.accountcode)) this.usedCards.add(call.accountcode);
    // Less than a slice: from now on, all that is freed is for all calls.
    if (grant.terms.mode === 'shared' && isEndOfMeans(grant.limitedBy)) {
      this.setShort(call.accountcode);
      if (account) this.tellShortage(account, grant);
    }
    return { granted: grant, ...(account && { callerBalance: callerBalanceOf(account, grant) }) };
  }

  private regrant(call: CallRecord, { kind, seconds }: Extend | Shrink): RegrantOutcome {
    const account = this.accounts.get(call.accountcode);
    const decided = account ? decideRegrant(call, account, kind, seconds) : null;
    if (!account || !decided) return { grant: null };
    const { grant, change } = decided;
    const { terms, isShort } = account;
    if (change !== null) {
      this.hold(call, grant, account, 0);
      // What was given back is for the other calls.
      if (change === 'less') this.touched.add(call.accountcode);
      this.events.push(regranted(call, change, grant, grant.limitedBy === 'slice' && isShort));
    }
    if (kind === 'extend' && terms.mode === 'shared' && isEndOfMeans(grant.limitedBy)) {
      this.setShort(call.accountcode);
      this.tellShortage(account, grant);
    }
    const now = change === null ? call : regrantedCall(call, grant);
    return { grant: { ...grantOf(now, terms), limitedBy: grant.limitedBy } };
  }

  private hold(call: CallRecord, grant: Grant, account: Account, ringSeconds: number): void {
    this.setAccount(withGrant(account, call, grant));
    this.setCall(regrantedCall(call, grant));
    this.keepAlive(call, ringSeconds + grant.grantedSeconds + MARGIN_SECONDS);
  }

  private answer(call: CallRecord, { answerAt, trunk }: Answer): CallRecord {
    // A service that takes a call over reports the answer again.
    const isNews = call.answerAt === null;
    const talking = this.setCall(this.holdByAnswer(call, { ...call, answerAt, trunk }));
    this.keepAlive(call, call.grantedSeconds + MARGIN_SECONDS);
    if (isNews) this.events.push(answered(talking, answerAt));
    return talking;
  }

  /** The call as it is known now, holding what its grant costs by that answer, and the account with it. `before`: as it was known. */
  private holdByAnswer(before: CallRecord, call: CallRecord): CallRecord {
    const account = this.accounts.get(call.accountcode);
    if (!account || call.tariff.times === undefined) return call;
    const held = { ...call, maxCost: heldByAnswer(call, mayTake(before, account)) };
    this.setAccount(withGrant(account, before, held));
    // What it gave back is for the other calls.
    if (account.isShort && held.maxCost < before.maxCost) this.touched.add(call.accountcode);
    return held;
  }

  private end(call: CallRecord, end: CallEnd, trunk: string, trunkCostOf: TrunkCostLookup): CallRecord {
    // The end may know the answer better than what was told of it before.
    const known = this.holdByAnswer(call, { ...call, trunk: trunk || call.trunk, answerAt: end.answerAt });
    const charged = endedCall(known, end);
    const over = end.answerAt === null ? charged : { ...charged, ...trunkCostOf(charged, charged.trunk) };
    this.setCall(over);
    this.freed.add(over.uniqueid);
    this.events.push(...ended(over));
    const account = this.accounts.get(over.accountcode);
    // A call without a currency began without an account (an emergency call). It reserved nothing and counts for nothing, even if
    // the account was created since.
    if (!account || over.currency === '') return over;
    const freed = withSettlement(account, known, over);
    const entered = over.cost > ZERO ? this.enter(freed, 'call_charge', over.uniqueid, micros(-over.cost)) : freed;
    this.setAccount(this.settled(over, entered));
    return over;
  }

  /** What changes when the account has one call less. */
  private settled({ uniqueid, accountcode }: CallRecord, account: Account): Account {
    // What the call gave back is for the calls that go on.
    if (account.isShort) this.touched.add(accountcode);
    if (isPool(account) && account.activeCalls === 0) {
      const consumed = micros(-account.balance);
      const closed = { ...account, balance: ZERO };
      this.events.push(poolClosed(accountcode, consumed));
      return consumed === ZERO ? closed : this.enter(closed, 'pool_closed', uniqueid, consumed);
    }
    const { account: after, event } = withLowBalance(account);
    if (event) this.events.push(event);
    return after;
  }

  /** `found`: the pool before the call; `pool`: with what the call may use. Returns it with the entry of what was left in it. */
  private openPool(found: Account, pool: Account, uniqueid: string): Account {
    const change = poolChange(found, pool);
    this.changedPools.add(pool.accountcode);
    if (change === null) return pool;
    this.events.push(poolChanged(change, pool));
    // The calls that share it may use more now.
    if (change === 'raised') this.touched.add(pool.accountcode);
    if (change === 'raised' || found.balance === ZERO) return pool;
    return this.enter(pool, 'adjustment', uniqueid, micros(-found.balance), 'what was left since its last call');
  }

  /** An emergency call that was let through while there was no ledger: nothing was reserved and nothing is charged. */
  private writeWhole({ unwritten, end, trunk }: End): CallRecord {
    const call = { ...endedCall(unwritten as CallRecord, end), trunk };
    this.newCalls.add(call.uniqueid);
    this.events.push(...ended(call));
    return this.setCall(call);
  }

  /** Writes an entry of an account whose balance it has changed; returns the account with it as the last one. */
  private enter(account: Account, kind: LedgerEntry['kind'], reference: string, amount: Micros, reason = ''): Account {
    const { accountcode, balance: balanceAfter } = account;
    const entry = chained(account, { accountcode, kind, reference, amount, balanceAfter, reason });
    this.entries.push(entry);
    return { ...account, ...endAt(entry) };
  }

  private keepAlive({ uniqueid }: CallRecord, aliveSeconds: number): void {
    const reservations = this.reserved.has(uniqueid) ? this.reserved : this.changedReservations;
    reservations.set(uniqueid, aliveSeconds);
  }

  /** Tells the limits of spend that leave calls with less than a slice. `account`: as it was before the grant. */
  private tellShortage(account: Account, { limitedBy }: Grant): void {
    if (limitedBy !== 'money') return;
    const left = moneyLeft(account);
    this.tellLimits(account.accountcode, spent => spendable(spent, account.reserved) === left);
  }

  private tellLimits(accountcode: string, isReached: (spent: Spent) => boolean): void {
    const account = this.accounts.get(accountcode);
    if (!account) return;
    const { account: told, events } = withLimitsTold(account, isReached);
    if (events.length === 0) return;
    this.events.push(...events);
    this.setAccount(told);
  }

  /** Who goes on dialling beyond a limit of spend may be a thief. */
  private blockAtLimit(accountcode: string, refusal: Refusal): void {
    const account = this.accounts.get(accountcode);
    if (!account?.isBlockedAtSpendLimit || account.blocked) return;
    this.events.push(blockedAtLimit(account, refusal));
    this.setAccount({ ...account, blocked: true });
    this.blocked.add(accountcode);
    this.touched.add(accountcode);
  }

  private setShort(accountcode: string): void {
    const account = this.accounts.get(accountcode) as Account;
    if (!account.isShort) this.setAccount({ ...account, isShort: true });
  }

  private setCall(call: CallRecord): CallRecord {
    this.calls.set(call.uniqueid, call);
    if (!this.newCalls.has(call.uniqueid)) this.changedCalls.add(call.uniqueid);
    return call;
  }

  private setAccount(account: Account): void {
    this.accounts.set(account.accountcode, account);
    this.changedAccounts.add(account.accountcode);
  }
}

/** What a call may hold more once its answer is known better. */
function mayTake({ maxCost }: CallRecord, account: Account): Micros {
  const left = moneyLeft(account);
  return account.maxCallCost === null ? left : smaller(left, micros(account.maxCallCost - maxCost));
}

const grantIn = (decision: Exclude<Decision, { refusal: Refusal }>): Grant =>
  'granted' in decision ? decision.granted : decision.waiting;

/** What the caller may hear, by the account as it was before the call held anything of it. */
function callerBalanceOf(account: Account, grant: Grant): CallerBalance {
  const left = meansLeft(account);
  return {
    balance: account.balance,
    available: left.money,
    currency: account.currency,
    // Few callers hear it, and where the price depends on the answer it takes long to find.
    get seconds() {
      return grantUpTo(grant, grant.capSeconds, left).grantedSeconds;
    },
  };
}

const NOTHING_TO_SHARE: Sharing = {
  shares: [],
  cancel: [],
  refuse: [],
  makesRoom: false,
  isElsewhere: false,
  isShort: false,
  againInMs: null,
  terms: PLAIN_TERMS,
};
