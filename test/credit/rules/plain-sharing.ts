/**
 * The rules of mode shared as they were first written: plainly, by bisections over exact costs, and ten times as slow for thousands of
 * calls. What src/credit/rules/sharing.ts decides is compared with it.
 */
import type { Means } from '../../../src/credit/rules/account';
import { leastSlice, RINGING_SECONDS } from '../../../src/credit/rules/grant';
import {
  byStart,
  type CallShare,
  type Clocks,
  extendAtSeconds,
  type SharedAccount,
  type Sharer,
  type Sharing,
} from '../../../src/credit/rules/sharing';
import { type Micros, micros, ZERO } from '../../../src/money/micros';
import { costWithoutGrace, wholeIncrements } from '../../../src/rating/timed';

const KEPT_SECONDS = 3;

export function plainlyShared(account: SharedAccount, calls: readonly Sharer[], clocks: Clocks): Sharing {
  // In whole seconds of the clock: the same calls must share alike within one second, and a while later. Otherwise each question would move
  // one second from one call to another, and each move would be a reason to ask again.
  const nowOf = ({ node }: Sharer) => Math.ceil((clocks.of[node] ?? clocks.elsewhere) / 1000) * 1000;
  const means = total(account.left, calls);
  const talkers = calls.filter(({ answerAt }) => answerAt !== null);
  const ringers = calls.filter(({ answerAt, grantedSeconds }) => answerAt === null && grantedSeconds > 0);
  const waiters = calls.filter(({ answerAt, grantedSeconds }) => answerAt === null && grantedSeconds === 0);
  const needs = (call: Sharer) => new Need(call, account, nowOf(call));
  const [talking, ringing] = [talkers.map(needs), ringers.map(needs)];
  const unkept = (all: readonly Need[]) =>
    remainder(
      all,
      all.map(need => need.kept),
      means,
    );
  const admitted: Need[] = [];
  const refuse: string[] = [];
  let left = unkept([...talking, ...ringing]);
  for (const waiter of waiters.map(needs)) {
    const rest = { money: micros(left.money - waiter.cost(waiter.kept)), seconds: left.seconds - waiter.kept };
    if (isPositive(rest)) {
      admitted.push(waiter);
      left = rest;
    } else refuse.push(waiter.call.uniqueid);
  }
  const sharing = [...talking, ...ringing, ...admitted].sort((one, other) => byStart(one.call, other.call));
  const wanted = extendAtSeconds(account.terms) + account.terms.sliceSeconds;
  const common = longest(fromNow => fits(sharing, fromNow, means), wanted);
  const isShort = common < wanted && sharing.some(need => need.seconds(common) < need.seconds(wanted));
  const seconds = isShort ? spread(sharing, means) : plenty(sharing, wanted, account, means);
  const cancel: string[] = [];
  for (const ringer of ringing.toReversed()) {
    if (talkers.length === 0 || isPositive(left)) break;
    cancel.push(ringer.call.uniqueid);
    left = { money: micros(left.money + ringer.cost(ringer.kept)), seconds: left.seconds + ringer.kept };
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

const shareOf = (call: Sharer, seconds: number): CallShare[] =>
  seconds === call.grantedSeconds
    ? []
    : [{ uniqueid: call.uniqueid, node: call.node, seconds, held: call.grantedSeconds }];

const total = (left: Means, calls: readonly Sharer[]): Means => ({
  money: micros(calls.reduce((sum, { maxCost }) => sum + maxCost, left.money as bigint)),
  seconds: calls.reduce((sum, { grantedSeconds }) => sum + grantedSeconds, left.seconds),
});

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
  ) {
    const { answerAt, tariff, capSeconds, grantedSeconds } = call;
    const first = Math.min(capSeconds, tariff.initialIncrementSeconds);
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

  cost(seconds: number): Micros {
    return seconds === 0 ? ZERO : costWithoutGrace(this.call.tariff, seconds);
  }
}

function fits(needs: readonly Need[], fromNow: number, means: Means): boolean {
  return within(
    needs,
    needs.map(need => need.seconds(fromNow)),
    means,
  );
}

const within = (needs: readonly Need[], seconds: readonly number[], means: Means): boolean =>
  isPositive(remainder(needs, seconds, means));

const isPositive = ({ money, seconds }: Means): boolean => money >= ZERO && seconds >= 0;

function remainder(needs: readonly Need[], seconds: readonly number[], means: Means): Means {
  const cost = needs.reduce((sum, need, index) => sum + need.cost(seconds[index] as number), 0n);
  const time = seconds.reduce((sum, each) => sum + each, 0);
  return { money: micros(means.money - cost), seconds: means.seconds - time };
}

/** The longest time from now that is affordable, up to `most`; whole seconds, 0 if not even what the calls must keep is affordable. */
function longest(doesFit: (fromNow: number) => boolean, most: number): number {
  if (doesFit(most)) return most;
  let [good, bad] = [0, most];
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
 * So nothing is left that any of them could use.
 */
function spread(needs: readonly Need[], means: Means): number[] {
  const bounds = needs.map(need => ({ need, least: need.seconds(0), most: need.maximum }));
  const lasting = (fromNow: number) =>
    bounds.map(({ need, least, most }) => Math.min(most, Math.max(least, need.seconds(fromNow))));
  const longestOfAll = needs.reduce((most, need) => Math.max(most, need.maximum), 0);
  for (;;) {
    const seconds = lasting(longest(fromNow => within(needs, lasting(fromNow), means), longestOfAll));
    let left = remainder(needs, seconds, means);
    if (!isPositive(left)) return seconds;
    let isChanged = false;
    const growing = bounds.map((bound, index) => {
      const held = seconds[index] as number;
      const paid = wholeIncrements(bound.need.call.tariff, held);
      return { bound, held, paid, next: bound.need.nextAfter(paid) };
    });
    for (const { bound, held, paid, next } of growing) {
      const { need, most } = bound;
      if (most <= paid || need.cost(next) - need.cost(held) <= left.money) continue;
      bound.most = paid;
      isChanged = true;
    }
    if (isChanged) continue;
    // Each of the remaining calls could have one more increment, but not all of them together: the call that ends first gets it first.
    growing.sort((one, other) => one.bound.need.endsAfter(one.paid) - other.bound.need.endsAfter(other.paid));
    for (const { bound, held, next } of growing) {
      const { need, most } = bound;
      const more = Math.min(most, next, held + left.seconds);
      if (more <= held) continue;
      const rest = {
        money: micros(left.money - need.cost(more) + need.cost(held)),
        seconds: left.seconds - more + held,
      };
      if (!isPositive(rest)) break;
      bound.least = more;
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
  if (within(needs, kept, means)) return kept;
  return needs.map(need => need.seconds(wanted));
}
