/**
 * How the calls of one account share what there is: pure, over what each of them holds and has talked.
 *
 * With mode shared all calls end at one instant when the money runs out, so that no call holds what another could use. A bisection
 * finds that instant: the longest time from now that all of them together can pay for. What whole increments leave over
 * goes to calls that can still use it. docs/shared-credit.md has the rules with worked examples.
 */
import { type Micros, micros, ZERO } from '../../money/micros';
import {
  type CallTariff,
  costs,
  costWithoutGrace,
  longestSeconds,
  tariffBy,
  wholeIncrements,
} from '../../rating/timed';
import type { Means, Terms } from './account';
import { leastSlice, RINGING_SECONDS } from './grant';

/** The clock of each known switch, ms since 1970; for the others it is `elsewhere`. */
export interface Clocks {
  of: Record<string, number>;
  elsewhere: number;
}

/** An open call with what it holds. */
export interface Sharer {
  uniqueid: string;
  node: string;
  startAt: number;
  tariff: CallTariff;
  /** 0 for a call that waits for room. */
  grantedSeconds: number;
  maxCost: Micros;
  capSeconds: number;
  /** null while it rings or waits. */
  answerAt: number | null;
  /** An operator wants it ended. It gets no share, and gives back with its end what it has not talked. */
  hangupWanted: boolean;
}

/** What a call should be granted in all; seconds. */
export interface CallShare {
  uniqueid: string;
  node: string;
  seconds: number;
  /** What it is granted now, by the ledger. */
  held: number;
}

export interface Sharing {
  /** For every call that should hold more or less than now. */
  shares: CallShare[];
  /** Ringing calls that must end, because talking calls need what they hold. */
  cancel: string[];
  /** Waiting calls for which there is no room, whatever the others give back. A call that finds room only when others have ended waits on. */
  refuse: string[];
  /** Other calls must give something back, for a call that waits or that gets more than a second by it. */
  makesRoom: boolean;
  /** Some of the calls are on switches whose clocks are not known here. Another service may compute them a second differently. */
  isElsewhere: boolean;
  /** Some call cannot have what it would request next. So freed money must be shared out anew. */
  isShort: boolean;
  /** When ringing calls may have to make room for talking ones; ms from now, null for never. */
  againInMs: number | null;
  terms: Terms;
}

/** An account as calls share it. */
export interface SharedAccount {
  /** What is available, without what its calls hold. */
  left: Means;
  /** null for no limit of talk. With a limit, a free call gets slices too. */
  maxTimeSeconds: number | null;
  terms: Terms;
}

/**
 * Talk beyond what a call has talked that is never taken back from it: a limit takes that long to reach the switch, and a call that makes
 * room takes that long to end. Ringing calls are ended when less than this is left for the talking ones.
 */
const KEPT_SECONDS = 3;

/** A slice is extended when no more than this is left of it. */
export const extendAtSeconds = ({ warnSeconds }: Terms): number =>
  Math.max(15, ...warnSeconds.map(seconds => seconds + 5));

/** How the account's calls, in the order of their starts, should share what there is. */
export function shareOut(account: SharedAccount, sharers: readonly Sharer[], clocks: Clocks): Sharing {
  const all = sharers.map(priced);
  const calls = all.filter(({ hangupWanted }) => !hangupWanted);
  // In whole seconds of the clock: the same calls must share alike within one second, and a while later. Otherwise each question would move
  // one second from one call to another, and each move would be a reason to ask again.
  const nowOf = ({ node }: Sharer) => Math.ceil((clocks.of[node] ?? clocks.elsewhere) / 1000) * 1000;
  const means = total(account.left, calls);
  const talkers = calls.filter(({ answerAt }) => answerAt !== null);
  const ringers = calls.filter(({ answerAt, grantedSeconds }) => answerAt === null && grantedSeconds > 0);
  const waiters = calls.filter(({ answerAt, grantedSeconds }) => answerAt === null && grantedSeconds === 0);
  if (account.terms.mode === 'strict') return inTurn(account, [...talkers, ...ringers].sort(byStart), waiters);

  const costOf = costsByTariff();
  const needs = (call: Sharer) => new Need(call, account, nowOf(call), costOf(call.tariff));
  const [talking, ringing] = [talkers.map(needs), ringers.map(needs)];
  const admitted: Need[] = [];
  const refuse: string[] = [];
  let left = remainder([...talking, ...ringing], need => need.kept, means);
  let soon = all
    .filter(({ hangupWanted }) => hangupWanted)
    .map(needs)
    .reduce(withGivenBack, left);
  for (const waiter of waiters.map(needs)) {
    const [rest, later] = [without(left, waiter), without(soon, waiter)];
    if (isPositive(rest)) {
      admitted.push(waiter);
      [left, soon] = [rest, later];
    } else if (isPositive(later)) soon = later;
    else refuse.push(waiter.call.uniqueid);
  }
  const sharing = [...talking, ...ringing, ...admitted].sort((one, other) => byStart(one.call, other.call));
  const wanted = extendAtSeconds(account.terms) + account.terms.sliceSeconds;
  const common = longest(fromNow => within(sharing, need => need.seconds(fromNow), means), wanted);
  const isShort = common < wanted && sharing.some(need => need.seconds(common) < need.seconds(wanted));
  const seconds = isShort ? spread(sharing, common, means) : plenty(sharing, wanted, account, means);
  const cancel: string[] = [];
  for (const ringer of ringing.toReversed()) {
    if (talkers.length === 0 || isPositive(left)) break;
    cancel.push(ringer.call.uniqueid);
    left = { money: micros(left.money + ringer.price(ringer.kept)), seconds: left.seconds + ringer.kept };
  }
  const mayHaveToMakeRoom = isShort && talkers.length > 0 && ringers.length + admitted.length > cancel.length;
  return {
    shares: sharing.flatMap(({ call }, index) => shareOf(call, seconds[index] as number)),
    cancel,
    refuse,
    makesRoom:
      admitted.length > 0 || sharing.some(({ call }, index) => (seconds[index] as number) > call.grantedSeconds + 1),
    isElsewhere: calls.some(({ node }) => clocks.of[node] === undefined),
    isShort,
    againInMs: mayHaveToMakeRoom ? Math.max(250, (common - KEPT_SECONDS) * 1000) : null,
    terms: account.terms,
  };
}

/** The call with the prices that are known since its answer. */
const priced = (call: Sharer): Sharer =>
  call.tariff.times === undefined ? call : { ...call, tariff: tariffBy(call.tariff, call.answerAt) };

/** The earliest first. */
export const byStart = (one: Sharer, other: Sharer): number =>
  one.startAt - other.startAt || (one.uniqueid < other.uniqueid ? -1 : 1);

const shareOf = (call: Sharer, seconds: number): CallShare[] =>
  seconds === call.grantedSeconds
    ? []
    : [{ uniqueid: call.uniqueid, node: call.node, seconds, held: call.grantedSeconds }];

const total = (left: Means, calls: readonly Sharer[]): Means => ({
  money: micros(calls.reduce((sum, { maxCost }) => sum + maxCost, left.money as bigint)),
  seconds: calls.reduce((sum, { grantedSeconds }) => sum + grantedSeconds, left.seconds),
});

/** With mode strict no call gives anything back: each, the earliest first, gets the longest talk that is left. */
function inTurn(account: SharedAccount, holders: Sharer[], waiters: Sharer[]): Sharing {
  let { money, seconds } = account.left;
  const shares = holders.flatMap(call => {
    const affordable = longestSeconds(call.tariff, micros(call.maxCost + money)) ?? Infinity;
    const granted = Math.max(call.grantedSeconds, Math.min(call.capSeconds, affordable, call.grantedSeconds + seconds));
    money = micros(money - costWithoutGrace(call.tariff, granted) + call.maxCost);
    seconds -= granted - call.grantedSeconds;
    return shareOf(call, granted);
  });
  const refuse = waiters.map(({ uniqueid }) => uniqueid);
  return { shares, cancel: [], refuse, ...NOTHING_SHORT, terms: account.terms };
}

const NOTHING_SHORT = { makesRoom: false, isElsewhere: false, isShort: false, againInMs: null };

/** What one call needs in order to last some time from now. */
class Need {
  /** What it has talked, rounded up; 0 while it rings. */
  private readonly talked: number;
  private readonly least: number;
  private readonly most: number;

  constructor(
    readonly call: Sharer,
    account: SharedAccount,
    now: number,
    private readonly costOf: CostOf,
  ) {
    const { answerAt, tariff, capSeconds, grantedSeconds } = call;
    const first = Math.min(capSeconds, wholeIncrements(tariff, 1));
    this.talked = answerAt === null ? 0 : Math.max(0, Math.ceil((now - answerAt) / 1000));
    const kept = Math.max(
      first,
      answerAt === null ? RINGING_SECONDS : wholeIncrements(tariff, this.talked + KEPT_SECONDS),
    );
    this.least = grantedSeconds === 0 ? first : Math.min(grantedSeconds, kept);
    // Until it is answered, a call holds its first grant and no more.
    const slice = grantedSeconds === 0 ? Math.min(capSeconds, leastSlice(tariff, account)) : grantedSeconds;
    this.most = answerAt === null ? slice : capSeconds;
  }

  /**
   * The grant in all with which the call lasts so long; `spread` takes care of whole increments. For 0 seconds: what is never taken from
   * it, which is never more than it holds, even if it may have talked longer. A ringing call has no more than that until the talking calls
   * have what they keep: it would be cancelled for it.
   */
  seconds(fromNow: number): number {
    const isLeast = fromNow <= (this.call.answerAt === null ? KEPT_SECONDS : 0);
    return Math.min(this.most, isLeast ? this.least : Math.max(this.least, this.talked + fromNow));
  }

  /** What it needs before another call is let in: for a talking call a little time, even if it does not hold that yet. */
  get kept(): number {
    return this.seconds(KEPT_SECONDS);
  }

  /** When it ends with such a grant; seconds from now. */
  endsAfter(seconds: number): number {
    return seconds - this.talked;
  }

  get maximum(): number {
    return this.most;
  }

  /** With one more increment that it can use. For a call that is over its time: one that reaches beyond what it has talked. */
  nextAfter(paid: number): number {
    return wholeIncrements(this.call.tariff, Math.max(paid, this.talked) + 1);
  }

  /** A plain number where that is exact. */
  cost(seconds: number): number | bigint {
    return seconds === 0 ? 0 : this.costOf(seconds);
  }

  price(seconds: number): bigint {
    return BigInt(this.cost(seconds));
  }
}

/** What is left beside what a call keeps. */
const without = ({ money, seconds }: Means, need: Need): Means => ({
  money: micros(money - need.price(need.kept)),
  seconds: seconds - need.kept,
});

/** With what a call gives back when an operator has ended it: all that it holds, but for what it will have talked by then. */
function withGivenBack({ money, seconds }: Means, need: Need): Means {
  const { answerAt, grantedSeconds, maxCost } = need.call;
  const talked = answerAt === null ? 0 : Math.min(grantedSeconds, need.kept);
  return { money: micros(money + maxCost - need.price(talked)), seconds: seconds + grantedSeconds - talked };
}

type CostOf = ReturnType<typeof costs>;

/** Thousands of calls have some tens of tariffs. */
function costsByTariff(): (tariff: CallTariff) => CostOf {
  const known = new Map<CallTariff, CostOf>();
  return tariff => {
    const costOf = known.get(tariff) ?? costs(tariff);
    known.set(tariff, costOf);
    return costOf;
  };
}

/** How much talk a call should hold in all; seconds. `index`: its place among the calls. */
type SecondsOf = (need: Need, index: number) => number;

const within = (needs: readonly Need[], secondsOf: SecondsOf, means: Means): boolean =>
  isPositive(remainder(needs, secondsOf, means));

const isPositive = ({ money, seconds }: Means): boolean => money >= ZERO && seconds >= 0;

/** What is left if the calls hold that. It is asked some hundred times for thousands of calls, so it makes nothing for each. */
function remainder(needs: readonly Need[], secondsOf: SecondsOf, means: Means): Means {
  let { money, seconds } = means as { money: bigint; seconds: number };
  let cost = 0;
  for (let index = 0; index < needs.length; index++) {
    const need = needs[index] as Need;
    const held = secondsOf(need, index);
    seconds -= held;
    const more = need.cost(held);
    if (typeof more === 'bigint') money -= more;
    else cost += more;
    if (cost > LARGEST_SUM) {
      money -= BigInt(cost);
      cost = 0;
    }
  }
  return { money: micros(money - BigInt(cost)), seconds };
}

/** Below it a sum is exact after one more cost. */
const LARGEST_SUM = 2 ** 52;

/** The longest time from now that is affordable, up to `most`; whole seconds, 0 if not even what the calls must keep is affordable. */
function longest(doesFit: (fromNow: number) => boolean, most: number): number {
  return doesFit(most) ? most : between(doesFit, 0, most);
}

/** The same, for a time that is `good` or a little longer. */
function longestFrom(good: number, doesFit: (fromNow: number) => boolean, most: number): number {
  let [known, step] = [Math.min(good, most), 1];
  while (known < most) {
    const next = Math.min(most, known + step);
    if (!doesFit(next)) return between(doesFit, known, next);
    known = next;
    step *= 2;
  }
  return most;
}

function between(doesFit: (fromNow: number) => boolean, from: number, to: number): number {
  let [good, bad] = [from, to];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (doesFit(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * What each call should hold if there is not enough for all: all end together. A call that cannot have another increment by then ends with
 * its current increment, and the others end together later. Money for one more increment of some calls goes to those that would end first.
 * So nothing is left that any of them could use. `common`: the end if all had it.
 */
function spread(needs: readonly Need[], common: number, means: Means): number[] {
  const least = needs.map(need => need.seconds(0));
  const most = needs.map(need => need.maximum);
  const lasting =
    (fromNow: number): SecondsOf =>
    (need, index) =>
      Math.min(most[index] as number, Math.max(least[index] as number, need.seconds(fromNow)));
  const longestOfAll = most.reduce((longest, seconds) => Math.max(longest, seconds), 0);
  let end = common;
  for (;;) {
    // What a call cannot use is for the others, so their end comes no sooner.
    end = longestFrom(end, fromNow => within(needs, lasting(fromNow), means), longestOfAll);
    const secondsOf = lasting(end);
    const seconds = needs.map(secondsOf);
    let left = remainder(needs, secondsOf, means);
    if (!isPositive(left)) return seconds;
    let isChanged = false;
    const growing = needs.map((need, index) => {
      const held = seconds[index] as number;
      const paid = wholeIncrements(need.call.tariff, held);
      return { need, index, held, paid, next: need.nextAfter(paid) };
    });
    for (const { need, index, held, paid, next } of growing) {
      if ((most[index] as number) <= paid || need.price(next) - need.price(held) <= left.money) continue;
      most[index] = paid;
      isChanged = true;
    }
    if (isChanged) continue;
    // Each of the remaining calls could have one more increment, but not all of them together: the call that ends first gets it first.
    growing.sort((one, other) => one.need.endsAfter(one.paid) - other.need.endsAfter(other.paid));
    for (const { need, index, held, next } of growing) {
      const more = Math.min(most[index] as number, next, held + left.seconds);
      if (more <= held) continue;
      const rest = {
        money: micros(left.money - need.price(more) + need.price(held)),
        seconds: left.seconds - more + held,
      };
      if (!isPositive(rest)) break;
      least[index] = more;
      left = rest;
      isChanged = true;
    }
    if (!isChanged) return seconds;
  }
}

/** Enough for every call: no call gives anything back, and a call whose slice runs out gets the next one. */
function plenty(needs: readonly Need[], wanted: number, { terms }: SharedAccount, means: Means): number[] {
  const extendAt = extendAtSeconds(terms);
  const kept = needs.map(need => {
    const { grantedSeconds, tariff } = need.call;
    const runsOut = grantedSeconds < need.seconds(extendAt);
    return runsOut ? Math.min(need.maximum, wholeIncrements(tariff, need.seconds(wanted))) : grantedSeconds;
  });
  if (within(needs, (_, index) => kept[index] as number, means)) return kept;
  return needs.map(need => need.seconds(wanted));
}
