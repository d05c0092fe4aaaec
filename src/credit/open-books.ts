import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import type { Rate } from '../rating/rate';
import type { Changes, LedgerEntry } from './books';
import { arrivedCall, type CallRecord, rememberGrant } from './call-record';
import type { ChangeEvent, ChangeKind } from './change-event';
import { chained, endAt } from './entry-chain';
import type {
  Answer,
  End,
  EndOutcome,
  Extend,
  Operation,
  Purse,
  RegrantOutcome,
  Share,
  Shrink,
  Start,
  StartOutcome,
} from './operation';
import { OVERRUN_ALARM_SECONDS } from './overrun';
import { CAP_REFUSALS, CAUSE_OF_REFUSAL, type Refusal } from './refusal';
import {
  type Account,
  type CallEnd,
  chargeFor,
  decideStart,
  firstGrant,
  type Grant,
  grantOf,
  grantUpTo,
  holdable,
  isCopyOf,
  isPool,
  type Limits,
  PLAIN_TERMS,
  type StartRequest,
  timeAvailable,
  withGrant,
  withLowBalance,
  withPool,
  withSettlement,
  withStart,
} from './rules';
import { byStart, type Sharer, type Sharing, shareOut } from './sharing';

/** How long a reservation outlives the longest life of its call, so that a slow hang-up is not taken for a lost one. */
const MARGIN_SECONDS = 60;

/** A call that was never heard of, or that waits for room in its pool. */
export const isUndecided = (call: CallRecord | undefined): boolean =>
  call === undefined || (call.endAt === null && call.grantedSeconds === 0 && call.refusal === null);

export type TrunkCost = Pick<CallRecord, 'trunkCost' | 'trunkCurrency'>;
export type TrunkCostLookup = (call: CallRecord, trunk: string) => TrunkCost;

export const UNKNOWN_COST: TrunkCost = { trunkCost: null, trunkCurrency: null };

/** What happens to a call that there is. */
export type Change = Exclude<Operation, Start | Share>;

/** The accounts and calls of one batch, as its operations change them, and what is to be written of it. */
export class OpenBooks {
  /** The calls that came by each INVITE, as this batch knows them. */
  private readonly byDialog = new Map<string, CallRecord[]>();
  private readonly changedAccounts = new Set<string>();
  private readonly changedPools = new Set<string>();
  private readonly touched = new Set<string>();
  private readonly newCalls = new Set<CallRecord>();
  private readonly changedCalls = new Set<CallRecord>();
  private readonly reserved = new Map<CallRecord, number>();
  private readonly changedReservations = new Map<CallRecord, number>();
  private readonly freed = new Set<CallRecord>();
  private readonly entries: LedgerEntry[] = [];
  private readonly events: ChangeEvent[] = [];

  constructor(
    private readonly accounts: Map<string, Account>,
    private readonly calls: Map<string, CallRecord>,
    private readonly limits: Limits,
  ) {
    for (const call of calls.values()) this.rememberDialog(call);
  }

  start({ request }: Start, rate: Rate | null): StartOutcome {
    const known = this.calls.get(request.uniqueid);
    const account = this.accounts.get(request.accountcode) ?? null;
    if (known && isUndecided(known) && account && isSameCall(known, request))
      return this.tryAgain(known, request, account);
    if (known) return answerAgain(known, request, account);
    // No call of its own: it leaves no CDR.
    if (this.isCopy(request)) return { refusal: 'invite_repeated' };
    const pooled = account && request.pool && isPool(account) ? withPool(account, request.pool) : account;
    const decision = decideStart(request, pooled, rate, this.limits);
    // A code that is nobody's leaves no CDR: it would be the way for a stranger to fill the table.
    if (!account && 'refusal' in decision) return decision;
    const call = arrivedCall(request, account?.currency ?? '');
    this.calls.set(call.uniqueid, call);
    this.newCalls.add(call);
    this.rememberDialog(call);
    if ('refusal' in decision) {
      this.refuse(call, decision.refusal);
      return decision;
    }
    const grant = 'granted' in decision ? decision.granted : decision.waiting;
    rememberGrant(call, grant);
    this.reserved.set(call, request.ringSeconds + call.grantedSeconds + MARGIN_SECONDS);
    if (account && pooled) {
      const opened = pooled === account ? account : this.openPool(account, pooled, call.uniqueid);
      this.set(withStart(opened, grant, request.startAt));
    }
    if ('waiting' in decision) {
      // Whoever carries the calls that hold the money is to look.
      this.touched.add(call.accountcode);
      return { waiting: true };
    }
    this.authorise(call, grant);
    return { granted: grant, ...purseOf(pooled, grant) };
  }

  change(operation: Change, trunkCostOf: TrunkCostLookup): EndOutcome | RegrantOutcome {
    const call = this.calls.get(operation.uniqueid);
    const isRegrant = operation.kind === 'extend' || operation.kind === 'shrink';
    // Two switches of one name could bring the same uniqueid for different accounts: never end somebody else's call.
    if (call && call.accountcode !== operation.accountcode) return isRegrant ? { grant: null } : { call: null };
    if (!call) {
      if (isRegrant) return { grant: null };
      return { call: operation.kind === 'end' && operation.unwritten ? this.writeWhole(operation) : null };
    }
    // Ended already: whoever came first has settled it, and this is the same news again.
    if (call.endAt !== null) return isRegrant ? { grant: null } : { call };
    switch (operation.kind) {
      case 'extend':
      case 'shrink':
        return this.regrant(call, operation);
      case 'answer':
        this.answer(call, operation);
        break;
      case 'warned':
        this.tell('warned', call, { seconds_left: operation.secondsLeft });
        break;
      case 'limit_not_kept':
        this.tell('limit_not_kept', call, { node: call.node, granted_seconds: call.grantedSeconds });
        break;
      case 'end':
        this.end(call, operation.end, operation.trunk, trunkCostOf);
        return { call, isNews: true };
      case 'release':
        call.refusal = operation.refusal;
        this.end(call, takenBack(call, operation.refusal), '', () => UNKNOWN_COST);
    }
    return { call };
  }

  share({ accountcode, clocks }: Share, read: readonly (Sharer & { accountcode: string })[]): Sharing {
    const account = this.accounts.get(accountcode);
    if (!account) return NOTHING_TO_SHARE;
    // They are to be ended, and get nothing more until then.
    if (account.blocked) return { ...NOTHING_TO_SHARE, isShort: true, terms: account.terms };
    const isOfAccount = (call: { accountcode: string }) => call.accountcode === accountcode;
    // As this batch has changed them.
    const calls = new Map<string, Sharer>(read.filter(isOfAccount).map(call => [call.uniqueid, call]));
    for (const call of [...this.calls.values()].filter(isOfAccount)) {
      if (call.endAt === null && !call.isFixed && !call.hangupWanted) calls.set(call.uniqueid, call);
      else calls.delete(call.uniqueid);
    }
    const sharers = [...calls.values()].filter(({ capSeconds }) => capSeconds > 0).sort(byStart);
    const left = { money: holdable(account), seconds: timeAvailable(account) };
    const sharing = shareOut({ left, maxTime: account.maxTime, terms: account.terms }, sharers, clocks);
    if (sharing.isShort !== account.isShort) this.set({ ...account, isShort: sharing.isShort });
    // Who asks can take back only what his own calls hold: whoever carries the others is to look.
    // Not those that get more: whatever freed it has told everybody, and a switch of nobody's would have this asked forever.
    const isLess = ({ uniqueid, seconds }: Sharing['shares'][number]) =>
      seconds < (calls.get(uniqueid)?.grantedSeconds ?? 0);
    const gives = new Set([...sharing.shares.filter(isLess).map(({ uniqueid }) => uniqueid), ...sharing.cancel]);
    const isElsewhere = ({ uniqueid, node }: Sharer) => gives.has(uniqueid) && clocks.of[node] === undefined;
    if (sharers.some(isElsewhere)) this.touched.add(accountcode);
    return sharing;
  }

  /** What is to be written; a call that began and ended in this batch leaves no reservation. */
  changes(): Changes {
    const alive = (reservations: Map<CallRecord, number>) =>
      [...reservations].filter(([call]) => call.endAt === null).map(([call, aliveSeconds]) => ({ call, aliveSeconds }));
    const accountsOf = (accountcodes: Set<string>) =>
      [...accountcodes].map(accountcode => this.accounts.get(accountcode) as Account);
    return {
      newReservations: alive(this.reserved),
      newCalls: [...this.newCalls],
      changedCalls: [...this.changedCalls],
      changedReservations: alive(this.changedReservations),
      freed: [...this.freed].filter(call => !this.newCalls.has(call)).map(call => call.uniqueid),
      entries: this.entries,
      accounts: accountsOf(this.changedAccounts),
      pools: accountsOf(this.changedPools),
      touched: [...this.touched],
      events: this.events,
    };
  }

  private isCopy(request: StartRequest): boolean {
    const { dialog } = request;
    return dialog != null && (this.byDialog.get(dialog) ?? []).some(call => isCopyOf(request, call));
  }

  private rememberDialog(call: CallRecord): void {
    if (call.dialog === null) return;
    const others = this.byDialog.get(call.dialog);
    if (others) others.push(call);
    else this.byDialog.set(call.dialog, [call]);
  }

  /** A call that waits for room in its pool asks again. */
  private tryAgain(call: CallRecord, request: StartRequest, account: Account): StartOutcome {
    // An operator wants it ended, or all of the account's.
    if (account.blocked || call.hangupWanted) return this.giveUp(call, 'account_blocked');
    const offer = { tariff: call.tariff, rate: null, capSeconds: call.capSeconds, terms: account.terms };
    const wanted = Math.min(call.capSeconds, firstGrant(call.tariff, account));
    const grant = grantUpTo(offer, wanted, { money: holdable(account), seconds: timeAvailable(account) });
    if (grant.grantedSeconds < 1) {
      if (!request.lastTry) return { waiting: true };
      return this.giveUp(call, timeAvailable(account) < 1 ? 'time_used_up' : 'insufficient_balance');
    }
    this.hold(call, grant, request.ringSeconds);
    this.authorise(call, grant);
    return { granted: grant, ...purseOf(account, grant) };
  }

  private giveUp(call: CallRecord, refusal: Refusal): StartOutcome {
    this.refuse(call, refusal);
    this.touch(call);
    this.freed.add(call);
    const account = this.accounts.get(call.accountcode) as Account;
    this.set(this.settled(call, withSettlement(account, call, call)));
    return { refusal };
  }

  private refuse(call: CallRecord, refusal: Refusal): void {
    finishRefused(call, refusal);
    this.tell('refused', call, { refusal, dst: call.dst });
    if (CAP_REFUSALS.has(refusal)) this.tell('cap_hit', call, { refusal });
  }

  private authorise(call: CallRecord, { grantedSeconds, maxCost, limitedBy, terms }: Grant): void {
    this.tell('authorised', call, {
      dst: call.dst,
      granted_seconds: grantedSeconds,
      max_cost: formatAmount(maxCost),
      limited_by: limitedBy,
    });
    // Less than a slice: from now on whatever is freed is for all.
    if (terms.mode === 'shared' && isEndOfMeans(limitedBy)) this.setShort(call.accountcode);
  }

  private regrant(call: CallRecord, operation: Extend | Shrink): RegrantOutcome {
    const account = this.accounts.get(call.accountcode);
    // Nothing is shared by an emergency call, nor by one that was let through before there were shares.
    if (!account || call.capSeconds === 0) return { grant: null };
    // Its switch heard the limit, and would go by it.
    if (call.isFixed && operation.kind === 'shrink') return { grant: null };
    const wanted = Math.min(operation.seconds, call.capSeconds);
    const offer = { tariff: call.tariff, rate: null, capSeconds: call.capSeconds, terms: account.terms };
    const left = {
      money: micros(holdable(account) + call.maxCost),
      seconds: timeAvailable(account) + call.grantedSeconds,
    };
    // Who is to be ended gets nothing more: his switch may not have been told yet.
    const mayGrow = operation.kind === 'extend' && !account.blocked && !call.hangupWanted;
    const grant = grantUpTo(offer, wanted, mayGrow ? left : held(call));
    const isMore = grant.grantedSeconds > call.grantedSeconds;
    const isLess = grant.grantedSeconds < call.grantedSeconds && grant.grantedSeconds > 0;
    if (operation.kind === 'extend' ? isMore : isLess) {
      this.hold(call, grant, 0);
      const facts = { granted_seconds: grant.grantedSeconds, max_cost: formatAmount(grant.maxCost) };
      // What was given back is for others.
      if (isLess) this.touched.add(call.accountcode);
      // A slice of a short account is not followed by another one: what ends it is the money.
      const isLastSlice = grant.limitedBy === 'slice' && account.isShort;
      const limited_by = isLess || isLastSlice ? 'money' : grant.limitedBy;
      this.tell(isMore ? 'extended' : 'shrunk', call, { ...facts, limited_by });
    }
    if (operation.kind === 'extend' && account.terms.mode === 'shared' && isEndOfMeans(grant.limitedBy)) {
      this.setShort(call.accountcode);
    }
    const limitedBy = operation.kind === 'shrink' ? 'money' : grant.limitedBy;
    return { grant: { ...grantOf(call, account.terms), limitedBy } };
  }

  private hold(call: CallRecord, grant: Grant, ringSeconds: number): void {
    const account = this.accounts.get(call.accountcode) as Account;
    this.set(withGrant(account, call, grant));
    call.grantedSeconds = grant.grantedSeconds;
    call.maxCost = grant.maxCost;
    this.touch(call);
    this.keepAlive(call, ringSeconds + call.grantedSeconds + MARGIN_SECONDS);
  }

  private answer(call: CallRecord, { answerAt, trunk }: Answer): void {
    // Whoever takes a call over tells the answer again.
    const isNews = call.answerAt === null;
    call.answerAt = answerAt;
    call.trunk = trunk;
    this.touch(call);
    this.keepAlive(call, call.grantedSeconds + MARGIN_SECONDS);
    if (isNews) this.tell('answered', call, { answer_at: new Date(answerAt).toISOString(), trunk });
  }

  private end(call: CallRecord, end: CallEnd, trunk: string, trunkCostOf: TrunkCostLookup): void {
    finish(call, end);
    if (trunk !== '') call.trunk = trunk;
    if (end.answerAt !== null) Object.assign(call, trunkCostOf(call, call.trunk));
    this.touch(call);
    this.freed.add(call);
    this.tellEnd(call);
    const account = this.accounts.get(call.accountcode);
    // A call without a currency began when there was no such account (an emergency call): nothing was counted or reserved
    // on it, though it may have been created since.
    if (!account || call.currency === '') return;
    const freed = withSettlement(account, call, call);
    const isCharged = call.cost > ZERO;
    const charged = isCharged ? this.enter(freed, 'call_charge', call.uniqueid, micros(-call.cost)) : freed;
    this.set(this.settled(call, charged));
  }

  /** What follows from the account's having one call less. */
  private settled({ uniqueid, accountcode }: CallRecord, account: Account): Account {
    // What the call gave back is for those that go on.
    if (account.isShort) this.touched.add(accountcode);
    if (isPool(account) && account.activeCalls === 0) {
      const consumed = micros(-account.balance);
      const closed = { ...account, balance: ZERO };
      this.tellAccount('pool_closed', accountcode, { consumed: formatAmount(consumed) });
      return consumed === ZERO ? closed : this.enter(closed, 'pool_closed', uniqueid, consumed);
    }
    const { account: after, event } = withLowBalance(account);
    if (event) this.events.push(event);
    return after;
  }

  /** A group of calls as one of them found it, and with what that one may use; returns it with what was entered of it. */
  private openPool(found: Account, pool: Account, uniqueid: string): Account {
    const { accountcode, creditLimit, maxTime, maxChannels } = pool;
    const isOpened = found.activeCalls === 0;
    const isRaised = creditLimit !== found.creditLimit || maxTime !== found.maxTime;
    this.changedPools.add(accountcode);
    // Those that share it may use more now.
    if (!isOpened && isRaised) this.touched.add(accountcode);
    if (!isOpened && !isRaised) return pool;
    const facts = { max_credit: formatAmount(creditLimit), max_time: maxTime, max_channels: maxChannels };
    this.tellAccount(isOpened ? 'pool_opened' : 'pool_raised', accountcode, facts);
    if (!isOpened || found.balance === ZERO) return pool;
    return this.enter(pool, 'adjustment', uniqueid, micros(-found.balance), 'what was left since its last call');
  }

  /** An emergency call that was let through while there was no ledger: nothing was reserved and nothing is charged. */
  private writeWhole({ unwritten, end, trunk }: End): CallRecord {
    const call = { ...(unwritten as CallRecord) };
    finish(call, end);
    call.trunk = trunk;
    this.calls.set(call.uniqueid, call);
    this.newCalls.add(call);
    this.tellEnd(call);
    return call;
  }

  private tellEnd(call: CallRecord): void {
    const { hangupSource, hangupCause, billsec, billedSeconds, cost: charged, currency, disposition, evidence } = call;
    const { node, grantedSeconds, overrunSeconds } = call;
    const facts = { hangup_source: hangupSource, hangup_cause: hangupCause };
    if (hangupSource === 'limit' || hangupSource === 'operator') this.tell('cut', call, facts);
    this.tell('settled', call, {
      ...facts,
      dst: call.dst,
      disposition,
      billsec,
      billed_seconds: billedSeconds,
      cost: formatAmount(charged),
      currency,
      evidence,
    });
    if (overrunSeconds < OVERRUN_ALARM_SECONDS) return;
    this.tell('overrun', call, { node, granted_seconds: grantedSeconds, overrun_seconds: overrunSeconds });
  }

  private tell(kind: ChangeKind, { accountcode, uniqueid }: CallRecord, facts: ChangeEvent['facts']): void {
    this.events.push({ kind, accountcode, uniqueid, facts });
  }

  private tellAccount(kind: ChangeKind, accountcode: string, facts: ChangeEvent['facts']): void {
    this.events.push({ kind, accountcode, uniqueid: null, facts });
  }

  /** Writes an entry of an account whose balance it has changed; returns the account with it as the last one. */
  private enter(account: Account, kind: LedgerEntry['kind'], reference: string, amount: Micros, reason = ''): Account {
    const { accountcode, balance: balanceAfter } = account;
    const entry = chained(account, { accountcode, kind, reference, amount, balanceAfter, reason });
    this.entries.push(entry);
    return { ...account, ...endAt(entry) };
  }

  private keepAlive(call: CallRecord, aliveSeconds: number): void {
    if (this.reserved.has(call)) this.reserved.set(call, aliveSeconds);
    else this.changedReservations.set(call, aliveSeconds);
  }

  private touch(call: CallRecord): void {
    if (!this.newCalls.has(call)) this.changedCalls.add(call);
  }

  private setShort(accountcode: string): void {
    const account = this.accounts.get(accountcode) as Account;
    if (!account.isShort) this.set({ ...account, isShort: true });
  }

  private set(account: Account): void {
    this.accounts.set(account.accountcode, account);
    this.changedAccounts.add(account.accountcode);
  }
}

/** What the caller may be told, by the account as it was before his call held anything of it. */
function purseOf(account: Account | null, grant: Grant): { purse?: Purse } {
  if (!account) return {};
  const left = { money: holdable(account), seconds: timeAvailable(account) };
  const { grantedSeconds: seconds } = grantUpTo(grant, grant.capSeconds, left);
  return { purse: { balance: account.balance, available: left.money, currency: account.currency, seconds } };
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

/** Exactly what a call holds: a grant that is to become less is not limited by what others have. */
const held = ({ maxCost, grantedSeconds }: CallRecord) => ({ money: maxCost, seconds: grantedSeconds });

const isEndOfMeans = (limitedBy: Grant['limitedBy']): boolean => limitedBy === 'money' || limitedBy === 'time';

/** The first answer to a start that comes again; a refusal of its own when the same id comes with another content. */
function answerAgain(call: CallRecord, request: StartRequest, account: Account | null): StartOutcome {
  if (!isSameCall(call, request) || (call.endAt !== null && call.refusal === null))
    return { refusal: 'uniqueid_reused' };
  if (call.refusal !== null) return { refusal: call.refusal };
  return { granted: grantOf(call, account?.terms ?? PLAIN_TERMS), firstStartAt: call.startAt };
}

const isSameCall = (call: CallRecord, { accountcode, dst, node }: StartRequest): boolean =>
  call.accountcode === accountcode && call.dst === (dst ?? '') && call.node === node;

function finish(call: CallRecord, end: CallEnd): void {
  const { endAt, answerAt, disposition, hangupCause, hangupSource, evidence } = end;
  Object.assign(call, chargeFor(call, end), {
    endAt,
    answerAt,
    disposition,
    hangupCause,
    hangupSource,
    evidence,
    // Nobody answered: the same INVITE may come again.
    ...(answerAt === null && { dialog: null }),
  });
}

function finishRefused(call: CallRecord, refusal: Refusal): void {
  call.refusal = refusal;
  finish(call, {
    answerAt: null,
    endAt: call.startAt,
    disposition: 'FAILED',
    hangupCause: CAUSE_OF_REFUSAL[refusal],
    hangupSource: 'service',
    evidence: 'event',
  });
}

/** The end of a call whose caller was refused before its start was committed: it never rang. */
const takenBack = (call: CallRecord, refusal: Refusal): CallEnd => ({
  answerAt: null,
  endAt: call.startAt,
  disposition: 'FAILED',
  hangupCause: CAUSE_OF_REFUSAL[refusal],
  hangupSource: 'service',
  evidence: 'event',
});
