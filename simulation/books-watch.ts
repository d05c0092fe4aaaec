import { type ChainEnd, chained, endAt, NO_ENTRIES } from '../src/credit/entry-chain';
import type { Account } from '../src/credit/rules/account';
import type { CallRecord } from '../src/credit/rules/call';
import { smaller } from '../src/money/micros';
import type { Invariant } from './invariants';
import { type Prices, pricesOf } from './prices';
import type { Scenario } from './scenario';
import type { Committed, Store } from './store';
import type { Call, Channel } from './switch';
import type { World } from './world';

/** What the rounding of clocks, and the allowance that makes the last second whole, may add to a limit. */
const LIMIT_SLACK_MS = 150;

/** How soon new money must reach the call that needs it: the service looks twice a second at what operators and other services did. */
const MONEY_WITHIN_MS = 2_500;

/** Talk that a call keeps beyond what it has talked, even if other calls need it. */
const KEPT_SECONDS = 4;

/** What a call that rings may keep of its slice. */
const RINGING_SECONDS = 10;

/** An account as it stood between two COMMITs. */
interface Snapshot {
  at: number;
  account: Account;
  /** Its open calls. */
  calls: CallRecord[];
}

/** The sum of an account's reservations; `channels`: without emergency calls. */
interface Sum {
  reserved: bigint;
  active: number;
  channels: number;
  seconds: number;
}

const NOTHING: Sum = { reserved: 0n, active: 0, channels: 0, seconds: 0 };

/** Checks the books after every COMMIT, and the limits of the switches against them. */
export class BooksWatch {
  /** What was left of each account; below 0 only after an operator's own act. */
  private readonly left = new Map<string, bigint>();
  private readonly history = new Map<string, Snapshot[]>();
  /** When an operator last gave each account money, or time. */
  private readonly given = new Map<string, number>();

  /** Calls whose answer was told once more, at another instant: a dearer one holds more as far as there is more. */
  private readonly corrected = new Set<string>();

  /** The last entry of each account, and how many entries were checked. */
  private readonly chains = new Map<string, ChainEnd>();
  private entriesSeen = 0;

  constructor(
    private readonly world: World,
    private readonly store: Store,
    private readonly scenario: Scenario,
    private readonly callOf: (uniqueid: string) => Call | undefined,
  ) {}

  committed({ operator, calls }: Committed): void {
    this.checkSums(operator);
    for (const { before, after } of calls) {
      const call = this.callOf(after.uniqueid);
      if (!call) continue;
      const isCorrected = before !== null && before.answerAt !== null && before.answerAt !== after.answerAt;
      if (isCorrected) this.corrected.add(after.uniqueid);
      this.checkLimits(call);
      this.checkHeld(call, after);
    }
    if (!this.scenario.calm) return;
    for (const { before, after } of calls) {
      if (before?.endAt === null && after.endAt !== null) this.checkCut(after);
      if (after.refusal !== null && (before?.refusal ?? null) === null) this.checkRefused(after);
    }
    this.remember();
  }

  /** An operator gave an account something that its calls must get. */
  gave(accountcode: string): void {
    this.given.set(accountcode, this.world.time.now);
  }

  /** A switch never allows a call more than the ledger holds for it. */
  checkLimits(call: Call): void {
    const { caller, legs, plan, limitLateMs } = call;
    const record = this.store.calls.get(plan.uniqueid);
    // A request that was carried out long after it was given up may have undone a later one.
    if (!record || record.endAt !== null || plan.emergency || limitLateMs > 0 || caller.endedAt !== null) return;
    const leg = legs.find(({ dialled, endedAt }) => dialled && endedAt === null);
    if (!leg) return;
    const { answeredAt } = leg;
    // A service that has not received the answer yet sets limits that count from now.
    const isKnown = answeredAt !== null && record.answerAt !== null;
    const talkOf = ({ limitAt, limitMs, limitUnderWayMs }: Channel): number => {
      if (limitAt === null) return Number.POSITIVE_INFINITY;
      return isKnown ? limitAt - limitUnderWayMs - answeredAt : limitMs;
    };
    // The dialplan's own limit counts from the answer; the caller's is for the ringing too.
    const allowed = plan.dialplan ? call.dialLimitMs : Math.min(talkOf(caller), talkOf(leg));
    if (allowed > record.grantedSeconds * 1000 + LIMIT_SLACK_MS) {
      this.violate(
        'the switch allows no more than the ledger holds',
        `${plan.uniqueid}: ${Math.round(allowed)} ms of talk, and ${record.grantedSeconds} s are held`,
      );
    }
  }

  /** A call that holds more keeps money from others; one that holds less could be charged less than its talk costs. */
  private checkHeld(call: Call, record: CallRecord): void {
    const { uniqueid, endAt, grantedSeconds, maxCost } = record;
    if (endAt !== null || grantedSeconds === 0) return;
    const prices = pricesOf(this.scenario, call, record);
    const price = prices?.held(grantedSeconds) ?? 0n;
    if (maxCost === price || (maxCost < price && this.corrected.has(uniqueid))) return;
    const detail = `${uniqueid}: ${maxCost} for ${grantedSeconds} s, which cost ${price}`;
    this.violate(
      prices?.isTimed
        ? 'a price by the time of day is held for every answer, then for its own'
        : 'what is ring-fenced is the price of the grant',
      detail,
    );
  }

  private checkSums(operator: boolean): void {
    const { store } = this;
    this.checkChains();
    const balances = new Map<string, bigint>();
    const charges = new Map<string, bigint>();
    for (const { accountcode, kind, amount } of store.entries.values()) {
      balances.set(accountcode, (balances.get(accountcode) ?? 0n) + amount);
      if (kind === 'call_charge') charges.set(accountcode, (charges.get(accountcode) ?? 0n) - amount);
    }
    const sums = new Map<string, Sum>();
    for (const { uniqueid, accountcode, maxCost } of store.reservations.values()) {
      const sum = sums.get(accountcode) ?? { ...NOTHING };
      const { capSeconds, grantedSeconds, currency } = store.calls.get(uniqueid) as CallRecord;
      // An emergency call that came before such an account existed.
      if (currency === '') continue;
      sum.reserved += maxCost;
      sum.active++;
      if (capSeconds > 0) {
        sum.seconds += grantedSeconds;
        sum.channels++;
      }
      sums.set(accountcode, sum);
    }
    for (const account of store.accounts.values()) {
      const { accountcode, balance } = account;
      const expect = (invariant: Invariant, is: unknown, shouldBe: unknown) => {
        if (is !== shouldBe) this.violate(invariant, `${accountcode}: ${is} instead of ${shouldBe}`);
      };
      const sum = sums.get(accountcode) ?? NOTHING;
      expect('balance = sum of entries', balance, balances.get(accountcode) ?? 0n);
      expect('reserved = sum of reservations', account.reserved, sum.reserved);
      expect('time reserved = sum of grants', account.timeReservedSeconds, sum.seconds);
      expect('active calls = number of reservations', account.activeCalls, sum.active);
      this.checkLeft(account, operator);
      this.checkSpent(account, charges.get(accountcode) ?? 0n);
      // Emergency calls are always let through. In a group each call says for itself how many there may be.
      if (account.kind === 'account' && account.maxChannels > 0 && sum.channels > account.maxChannels) {
        this.violate('never more calls than channels', `${accountcode}: ${sum.channels} of ${account.maxChannels}`);
      }
    }
  }

  /** Every entry once, as it came: it follows the one before it, and the last one is where its account says. */
  private checkChains(): void {
    const invariant = 'each entry is chained to the one before';
    for (const entry of [...this.store.entries.values()].slice(this.entriesSeen)) {
      const { accountcode, kind, reference, number, hash } = entry;
      const wanted = chained(this.chains.get(accountcode) ?? NO_ENTRIES, entry);
      if (number !== wanted.number || hash !== wanted.hash) {
        this.violate(invariant, `${accountcode}: ${kind} ${reference} is entry ${number} instead of ${wanted.number}`);
      }
      this.chains.set(accountcode, endAt(entry));
      this.entriesSeen++;
    }
    for (const { accountcode, entryCount, entryHash } of this.store.accounts.values()) {
      const last = this.chains.get(accountcode) ?? NO_ENTRIES;
      if (entryCount === last.entryCount && entryHash === last.entryHash) continue;
      this.violate(
        invariant,
        `${accountcode}: the account ends with ${entryCount}, its entries with ${last.entryCount}`,
      );
    }
  }

  private checkLeft(account: Account, operator: boolean): void {
    const { accountcode, kind, maxTimeSeconds } = account;
    const check = (what: string, left: bigint, mayFall: boolean) => {
      const key = `${accountcode} ${what}`;
      if (!mayFall && left < 0n && left < (this.left.get(key) ?? 0n)) {
        this.violate('never more ring-fenced than there is', `${accountcode}: ${left} ${what} left`);
      }
      this.left.set(key, left);
    };
    // An operator may take more than there is; nothing else may make it worse.
    check('money', availableOf(account), operator);
    // A call of a group may set a time for all of them if there was none.
    if (maxTimeSeconds !== null)
      check('seconds', BigInt(secondsLeft(account, maxTimeSeconds)), operator || kind === 'pool');
  }

  /** A run is within one hour, and an operator changes no limit: all that an account ever spent counts, with what its calls hold. */
  private checkSpent({ accountcode, spent, reserved }: Account, charged: bigint): void {
    for (const { window, limit, amount } of spent) {
      if (amount === charged && charged + reserved <= limit) continue;
      this.violate(
        'never more spent than the limits allow',
        `${accountcode}: ${limit} in a ${window}, ${amount} counted, ${charged} charged, ${reserved} held`,
      );
    }
  }

  private remember(): void {
    for (const account of this.store.accounts.values()) {
      const calls = [...this.store.reservations.values()]
        .filter(({ accountcode }) => accountcode === account.accountcode)
        .map(({ uniqueid }) => this.store.calls.get(uniqueid) as CallRecord);
      const history = this.history.get(account.accountcode) ?? [];
      history.push({ at: this.world.time.now, account, calls });
      this.history.set(account.accountcode, history);
    }
  }

  /** A call that was cut for lack of money: there was none that it could have had. */
  private checkCut(record: CallRecord): void {
    const { uniqueid, accountcode, hangupSource, answerAt, grantedSeconds, capSeconds, isFixed } = record;
    // The dialplan gets the limit once, so money that comes later is not for such a call.
    if (isFixed) return;
    if (hangupSource !== 'limit' || answerAt === null || grantedSeconds >= capSeconds) return;
    const call = this.callOf(uniqueid);
    const leg = call?.legs.find(({ talksFrom }) => talksFrom !== null);
    if (!call || !leg) return;
    const cutAt = Math.min(call.caller.endedAt ?? Number.POSITIVE_INFINITY, leg.endedAt ?? Number.POSITIVE_INFINITY);
    if (cutAt === Number.POSITIVE_INFINITY) return;
    const moneyWithinMs = this.scenario.switches > 1 ? 2 * MONEY_WITHIN_MS : MONEY_WITHIN_MS;
    const window = this.since(accountcode, cutAt - moneyWithinMs, cutAt);
    const given = this.given.get(accountcode) ?? Number.POSITIVE_INFINITY;
    const isShared = window.every(({ account: { terms } }) => terms.mode === 'shared');
    const isStrict = window.every(({ account: { terms } }) => terms.mode === 'strict');
    if (window.length === 0 || (!isShared && !(isStrict && given < cutAt - moneyWithinMs))) return;
    // A single second is not passed on: two services would pass it to and fro.
    const seconds = Math.min(capSeconds, grantedSeconds + 2);
    const price = this.heldFor(record, seconds);
    const hasMore = (snapshot: Snapshot) => {
      const { money, time } = isShared ? this.beside(snapshot, uniqueid, cutAt) : leftOf(snapshot, uniqueid);
      return money >= price && time >= seconds;
    };
    const snapshots = isShared ? window : this.since(accountcode, given, cutAt);
    if (snapshots.every(hasMore)) {
      this.violate(
        'nothing spendable is stranded',
        `${uniqueid}: cut after ${grantedSeconds} s, though ${accountcode} had money for more for ${moneyWithinMs} ms`,
      );
    }
  }

  /** A call that was refused for lack of money: at some moment since it came, the other calls held none that they could spare. */
  private checkRefused(record: CallRecord): void {
    const { uniqueid, accountcode, refusal, startAt } = record;
    const call = this.callOf(uniqueid);
    const prices = call && pricesOf(this.scenario, call, { startAt, answerAt: null });
    // This very call may set what a group of calls may use.
    const isForMoney =
      refusal === 'insufficient_balance' || refusal === 'time_used_up' || refusal?.startsWith('spend_limit_') === true;
    // No call gives anything back for a call that the dialplan dials: it is granted what there is, or nothing.
    if (!call || !prices || !isForMoney || call.plan.pool || call.plan.dialplan) return;
    const { now } = this.world.time;
    const first = prices.whole(1);
    const price = prices.held(first);
    const { createdAt } = call.caller;
    const snapshots = this.since(accountcode, createdAt, now);
    const hasRoom = (snapshot: Snapshot) => {
      if (snapshot.account.terms.mode !== 'shared') return false;
      const { money, time } = this.beside(snapshot, uniqueid, Math.max(snapshot.at, createdAt), true);
      return money >= price && time >= first;
    };
    if (snapshots.length > 0 && snapshots.every(hasRoom)) {
      this.violate('nothing spendable is stranded', `${uniqueid}: ${refusal}, though ${accountcode} had room for it`);
    }
  }

  /** The state of an account from one instant to another. */
  private since(accountcode: string, from: number, to: number): Snapshot[] {
    const history = (this.history.get(accountcode) ?? []).filter(({ at }) => at <= to);
    const first = history.findLastIndex(({ at }) => at <= from);
    return first < 0 ? [] : history.slice(first);
  }

  /**
   * What one call could have of an account, if all others that talk had to last as long. Ringing calls must make room for one that talks;
   * with `ringing` they need not.
   */
  private beside({ account, calls }: Snapshot, uniqueid: string, until: number, ringing = false): Means {
    const means = meansOf(account);
    for (const other of calls) {
      if (other.uniqueid === uniqueid || other.capSeconds === 0) continue;
      if (other.isFixed) {
        means.money -= other.maxCost;
        means.time -= other.grantedSeconds;
        continue;
      }
      const leg = this.callOf(other.uniqueid)?.legs.find(({ talksFrom }) => talksFrom !== null && talksFrom <= until);
      const talked = leg ? Math.ceil((until - (leg.talksFrom as number)) / 1000) : 0;
      const kept = leg ? talked + KEPT_SECONDS : ringing ? RINGING_SECONDS : 0;
      if (kept === 0) continue;
      const prices = this.pricesOf(other);
      if (!prices) continue;
      const needed = prices.whole(Math.min(other.capSeconds, kept));
      means.money -= prices.held(needed);
      means.time -= needed;
    }
    return means;
  }

  private pricesOf(record: CallRecord): Prices | undefined {
    const call = this.callOf(record.uniqueid);
    return call && pricesOf(this.scenario, call, record);
  }

  private heldFor(record: CallRecord, seconds: number): bigint {
    return this.pricesOf(record)?.held(seconds) ?? 0n;
  }

  private violate(invariant: Invariant, detail: string): void {
    this.world.violate(invariant, detail);
  }
}

interface Means {
  money: bigint;
  /** Seconds; Infinity without a limit. */
  time: number;
}

const meansOf = ({ balance, creditLimit, spent, maxTimeSeconds, timeUsedSeconds }: Account): Means => ({
  money: [balance + creditLimit, ...spent.map(({ limit, amount }) => limit - amount)].reduce(smaller),
  time: maxTimeSeconds === null ? Number.POSITIVE_INFINITY : maxTimeSeconds - timeUsedSeconds,
});

/** What one call could have of an account, beside what others hold. */
function leftOf({ account, calls }: Snapshot, uniqueid: string): Means {
  const means = meansOf(account);
  for (const other of calls) {
    if (other.uniqueid === uniqueid) continue;
    means.money -= other.maxCost;
    means.time -= other.capSeconds === 0 ? 0 : other.grantedSeconds;
  }
  return means;
}

export const availableOf = ({ balance, creditLimit, reserved }: Account): bigint => balance + creditLimit - reserved;

/** Talk that is left of max_time, which counts while calls overlap. */
const secondsLeft = ({ timeUsedSeconds, timeReservedSeconds, activeCalls }: Account, maxTimeSeconds: number): number =>
  activeCalls === 0 ? maxTimeSeconds : maxTimeSeconds - timeUsedSeconds - timeReservedSeconds;
