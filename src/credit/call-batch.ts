import { canBeWritten } from '../money/micros';
import { cost } from '../rating/price';
import { type Beginning, type CallRate, callRateAt, knownZone, type Rate, schedulesAt } from '../rating/rate';
import type { RateQuestion } from '../rating/rate-store';
import type { Schedule } from '../rating/schedule';
import { tariffAt } from '../rating/timed';
import type { Books, Changes, HeldLease, Seen } from './books';
import {
  BUSY,
  type End,
  type Extend,
  type LedgerOperation,
  type Outcome,
  type Release,
  type Share,
  type Shrink,
  type Start,
} from './ledger-operation';
import { OpenBooks, type TrunkCostLookup, UNKNOWN_COST } from './open-books';
import type { CallRecord } from './rules/call';
import { isUndecided } from './rules/repeat';
import { type Limits, untilAnswered } from './rules/start';

export interface BatchContext {
  limits: Limits;
  /** Called for each call that goes on without something that cannot be read. */
  onUnreadable?: ((what: Unreadable) => void) | undefined;
}

/** Hours of a schedule, which then never holds, or the time zone of an account, whose days and hours then are those of UTC. */
export interface Unreadable {
  kind: 'hours' | 'zone';
  /** Of the schedule, or the zone. */
  name: string;
}

/** What a batch decided, before it is written. */
export interface Decided {
  /** In the order of the operations. */
  outcomes: (Outcome | typeof BUSY)[];
  changes: Changes;
}

/**
 * Decides any number of operations in one transaction of `books`. The caller commits the changes, and answers with the outcomes then.
 *
 * Known calls end first, because they free money; then calls start, in the order they came. Each operation is decided on
 * what the ones before it left. One statement reads or writes for all of them where it can. What a
 * call holds is changed only for a switch whose lease this process holds; an end is a fact and counts from any process. With
 * `skipLocked` the batch never waits for a row lock: operations whose account (or call without an account) is locked elsewhere return BUSY
 * and change nothing.
 */
export async function decideBatch(
  books: Books,
  operations: readonly LedgerOperation[],
  context: BatchContext,
  skipLocked = false,
): Promise<Decided> {
  const starts = operations.filter(isStart);
  // If a node has two leases the later one counts: the lane commits under it.
  const epochs = new Map(
    operations.flatMap(operation => leaseOf(operation) ?? []).map(({ node, epoch }) => [node, epoch]),
  );
  const seen = await books.look({
    leases: [...epochs].map(([node, epoch]) => ({ node, epoch })),
    pools: unique(starts.filter(({ request }) => request.pool).map(({ accountcode }) => accountcode)),
    accountcodes: unique(operations.map(({ accountcode }) => accountcode)),
    skipLocked,
    uniqueids: unique(operations.map(({ uniqueid }) => uniqueid)),
    dialogs: unique(starts.flatMap(({ request: { dialog } }) => dialog ?? [])),
    sharing: unique(operations.filter(isShare).map(({ accountcode }) => accountcode)),
    priced: unique(starts.filter(isPricedByDeck).map(({ accountcode }) => accountcode)),
    trunks: unique(operations.filter(isCarriedEnd).map(({ trunk }) => trunk)),
  });
  const isOurs = (operation: LedgerOperation) => {
    const lease = leaseOf(operation);
    return lease === null || (seen.held.has(lease.node) && epochs.get(lease.node) === lease.epoch);
  };
  const free = await withoutBusy(
    books,
    operations.filter(operation => isOurs(operation) && !seen.busy.has(operation.accountcode)),
    seen,
    skipLocked,
  );
  const { outcomes, changes } = await decide(books, free.operations, { ...seen, calls: free.calls }, context);
  return {
    outcomes: operations.map(operation => outcomes.get(operation) ?? (isOurs(operation) ? BUSY : fencedOff(operation))),
    changes,
  };
}

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

/**
 * The lease under which this is requested; null if any process may do so. Only the owner of the call's switch knows what the switch was
 * told.
 */
const leaseOf = (operation: LedgerOperation): HeldLease | null => (isFenced(operation) ? operation.lease : null);

const fencedOff = (operation: LedgerOperation): Outcome =>
  operation.kind === 'start'
    ? { refusal: 'lease_lost' }
    : operation.kind === 'release'
      ? { call: null }
      : { grant: null };

const isStart = (operation: LedgerOperation): operation is Start => operation.kind === 'start';
const isShare = (operation: LedgerOperation): operation is Share => operation.kind === 'share';
const FENCED_KINDS = new Set<LedgerOperation['kind']>(['extend', 'shrink', 'release']);
const isFenced = (operation: LedgerOperation): operation is Start | Extend | Shrink | Release =>
  isStart(operation) || FENCED_KINDS.has(operation.kind);

const isPricedByDeck = ({ request }: Start): boolean => request.dst !== null && !request.pool;

type CarriedEnd = End & { kind: 'end' };
/** Whether a carrier carried this call, and so has a price for it. */
const isCarriedEnd = (operation: LedgerOperation): operation is CarriedEnd =>
  operation.kind === 'end' && operation.end.answerAt !== null && operation.trunk !== '';

/**
 * The operations without those on calls that another transaction holds, and the calls as they are under all locks.
 *
 * No account's lock guards an emergency call of an unknown account. So the call itself is locked, and read after that: the second of two
 * processes must see what the first one wrote. The key of a CDR separates two starts.
 */
async function withoutBusy(
  books: Books,
  operations: readonly LedgerOperation[],
  { accounts, calls }: Seen,
  skipLocked: boolean,
): Promise<{ operations: readonly LedgerOperation[]; calls: Map<string, CallRecord> }> {
  const isUnguarded = (operation: LedgerOperation) =>
    !isStart(operation) && !isShare(operation) && !accounts.has(operation.accountcode);
  const unguarded = unique(operations.filter(isUnguarded).map(({ uniqueid }) => uniqueid));
  if (unguarded.length === 0) return { operations, calls };
  const locked = await books.lockCalls(unguarded, skipLocked);
  const fresh = await books.readCalls(unguarded, []);
  const isBusy = (uniqueid: string) => skipLocked && fresh.has(uniqueid) && !locked.has(uniqueid);
  const busy = new Set(unguarded.filter(isBusy));
  return {
    operations: operations.filter(({ uniqueid }) => !busy.has(uniqueid)),
    calls: new Map([...calls, ...fresh]),
  };
}

/** The outcomes of these operations, and what they change. */
async function decide(
  books: Books,
  operations: readonly LedgerOperation[],
  seen: Seen,
  context: BatchContext,
): Promise<{ outcomes: Map<LedgerOperation, Outcome>; changes: Changes }> {
  const { accounts, calls, sharers } = seen;
  const open = new OpenBooks(accounts, calls, context.limits);
  const { rateOf, trunkCostOf } = await pricesFor(books, operations, seen, context);

  const outcomes = new Map<LedgerOperation, Outcome>();
  const decideWhere = (which: (operation: LedgerOperation) => boolean) => {
    for (const operation of operations) {
      if (!outcomes.has(operation) && which(operation)) outcomes.set(operation, decided(operation));
    }
  };
  const decided = (operation: LedgerOperation): Outcome => {
    if (isStart(operation)) return open.start(operation, rateOf(operation));
    if (isShare(operation)) return open.share(operation, sharers);
    return open.change(operation, trunkCostOf);
  };
  // First what frees money. Then what needs it: calls that talk before calls that start.
  decideWhere(({ kind, uniqueid }) => kind !== 'start' && kind !== 'share' && kind !== 'extend' && calls.has(uniqueid));
  decideWhere(({ kind, uniqueid }) => kind === 'extend' && calls.has(uniqueid));
  decideWhere(isStart);
  decideWhere(operation => !isShare(operation));
  decideWhere(isShare);
  return { outcomes, changes: open.changes() };
}

type RateLookup = (start: Start) => CallRate | null;

/** A call that is priced here: one that starts, or one that ends and was carried. */
type Question = RateQuestion & Beginning;

/** The prices of the calls that start here and of those that end here, with one question for all their rates and one for all their schedules. */
async function pricesFor(
  books: Books,
  operations: readonly LedgerOperation[],
  seen: Seen,
  context: BatchContext,
): Promise<{ rateOf: RateLookup; trunkCostOf: TrunkCostLookup }> {
  const [starts, ends] = [startQuestions(operations, seen, context), endQuestions(operations, seen)];
  const questions: Question[] = [...starts, ...ends];
  const candidates = await books.rates(questions);
  const schedules = await schedulesFor(books, questions, candidates, context);
  const rateByStart = new Map(
    starts.map((question, at) => [question.start, callRateAt(question, candidates[at] as Rate[], schedules)]),
  );
  const byKey = new Map(ends.map(({ key }, at) => [key, candidates[starts.length + at] as Rate[]]));
  return {
    rateOf: start => rateByStart.get(start) ?? null,
    trunkCostOf: (call, trunk) => {
      const rate = callRateAt(carried(call, call), byKey.get(carriedKey(call, trunk)) ?? [], schedules);
      const answerAt = call.answerAt ?? call.startAt;
      // By its list the carrier carries no such call: what it charges for this one is not known.
      const trunkCost = rate && !rate.isBlocked ? cost(tariffAt(rate, answerAt), call.billsec) : null;
      // A cost that no column can hold must not keep the call from being charged.
      return rate && trunkCost !== null && canBeWritten(trunkCost)
        ? { trunkCost, trunkCurrency: rate.currency }
        : UNKNOWN_COST;
    },
  };
}

function startQuestions(
  operations: readonly LedgerOperation[],
  { accounts, calls, decks }: Seen,
  { limits, onUnreadable }: BatchContext,
): (Question & { start: Start })[] {
  return operations
    .filter(isStart)
    .filter(start => isPricedByDeck(start) && isUndecided(calls.get(start.uniqueid)))
    .flatMap(start => {
      const account = accounts.get(start.accountcode);
      const version = account && decks.get(account.deck);
      if (!version) return [];
      const { dst, startAt, ringSeconds } = start.request;
      const zone = knownZone(account.timeZone);
      if (zone !== account.timeZone) onUnreadable?.({ kind: 'zone', name: account.timeZone });
      const beginning = { zone, startAt, ringSeconds: untilAnswered(ringSeconds, account.terms) };
      return [{ start, ...beginning, mostSeconds: limits.maxCallSeconds, digits: dst as string, ...version }];
    });
}

/** The schedules that lines of the candidates name, in one question for all calls; none is asked for decks without. */
async function schedulesFor(
  books: Books,
  beginnings: readonly Beginning[],
  candidates: readonly Rate[][],
  { onUnreadable }: BatchContext,
): Promise<ReadonlyMap<string, Schedule>> {
  const names = beginnings.flatMap((beginning, index) => schedulesAt(beginning, candidates[index] as Rate[]));
  const starts = beginnings.map(({ startAt }) => startAt);
  const last = beginnings.map(({ startAt, ringSeconds, mostSeconds }) => startAt + (ringSeconds + mostSeconds) * 1_000);
  const schedules = await books.schedules({ names, from: Math.min(...starts), until: Math.max(...last) });
  // Once for each call that goes on without them.
  for (const name of names) if (schedules.get(name)?.hours.length === 0) onUnreadable?.({ kind: 'hours', name });
  return schedules;
}

/** What the carriers charge for the calls that end here, by the same rule as our own price. */
const endQuestions = (operations: readonly LedgerOperation[], seen: Seen): (Question & { key: string })[] =>
  operations.filter(isCarriedEnd).flatMap(({ trunk, uniqueid, end }) => {
    const call = seen.calls.get(uniqueid);
    const version = seen.trunkDecks.get(trunk);
    return call && version
      ? [{ key: carriedKey(call, trunk), digits: call.dst, ...carried(call, end), ...version }]
      : [];
  });

const carriedKey = ({ dst }: Pick<CallRecord, 'dst'>, trunk: string): string => `${dst}:${trunk}`;

/** A call as its carrier prices it, when it has ended: the carrier's days and hours are those of UTC. */
const carried = (
  { startAt }: Pick<CallRecord, 'startAt'>,
  { answerAt, endAt }: Pick<CallRecord, 'answerAt' | 'endAt'>,
): Beginning => ({
  zone: 'UTC',
  startAt,
  ringSeconds: Math.max(0, ((answerAt ?? startAt) - startAt) / 1_000),
  mostSeconds: Math.max(0, ((endAt ?? startAt) - startAt) / 1_000),
});
