import { canBeWritten } from '../money/micros';
import { cost } from '../rating/price';
import { dayIn, type Rate, rateOn } from '../rating/rate';
import type { Books } from './books';
import type { CallRecord } from './call-record';
import { isUndecided, OpenBooks, type TrunkCostLookup, UNKNOWN_COST } from './open-books';
import {
  BUSY,
  type End,
  type Extend,
  type Operation,
  type Outcome,
  type Release,
  type Share,
  type Shrink,
  type Start,
} from './operation';
import type { Account, Limits } from './rules';

export interface BatchContext {
  limits: Limits;
}

/**
 * Decides and writes any number of operations in one transaction of `books`, which the caller commits; returns their
 * outcomes in order.
 *
 * Calls that were there before end first, as they free money; then calls start, in the order they came. Each is decided on
 * what the ones before it left. Everything that one statement can read or write for all of them, it does. What a
 * call holds is changed only for a switch whose lease is this process's: ends are facts and count whoever tells them. With
 * `skipLocked` nobody is waited for: operations of accounts, and of calls of nobody, that somebody else holds locked come back as BUSY, undone.
 */
export async function runBatch(
  books: Books,
  operations: readonly Operation[],
  context: BatchContext,
  skipLocked = false,
): Promise<(Outcome | typeof BUSY)[]> {
  // Before any other lock, here and at every take-over.
  const fenced = await fencedOperations(books, operations);
  const allowed = operations.filter(operation => !fenced.has(operation));
  await openPools(books, allowed);
  const accounts = await books.lockAccounts(new Set(allowed.map(({ accountcode }) => accountcode)), skipLocked);
  const missing = skipLocked ? allowed.filter(({ accountcode }) => !accounts.has(accountcode)) : [];
  const busy = await books.existingAccounts([...new Set(missing.map(({ accountcode }) => accountcode))]);
  const decided = await decideAndWrite(
    books,
    allowed.filter(({ accountcode }) => !busy.has(accountcode)),
    accounts,
    context,
    skipLocked,
  );
  return operations.map(operation => decided.get(operation) ?? (fenced.has(operation) ? fencedOff(operation) : BUSY));
}

/** Makes the rows of groups of calls that have none: one that is there is not written, two processes would lock it at once. */
async function openPools(books: Books, operations: readonly Operation[]): Promise<void> {
  const pools = [...new Set(operations.filter(isStart).flatMap(poolOf))];
  const known = await books.existingAccounts(pools);
  await books.openPools(pools.filter(accountcode => !known.has(accountcode)));
}

/** What only the owner of the call's switch can say: nobody else knows what the switch was told. */
type Fenced = Start | Extend | Shrink | Release;

/** The operations of this batch whose switch belongs to another process by now. */
async function fencedOperations(books: Books, operations: readonly Operation[]): Promise<Set<Operation>> {
  const fenced = operations.filter(isFenced).filter(({ lease }) => lease !== null);
  // Of two leases of one node the later counts: the lane commits within it.
  const epochs = new Map(fenced.map(({ lease }) => [lease!.node, lease!.epoch]));
  const held = await books.fence([...epochs].map(([node, epoch]) => ({ node, epoch })));
  const isHeld = ({ lease }: Fenced) => held.has(lease!.node) && epochs.get(lease!.node) === lease!.epoch;
  return new Set(fenced.filter(operation => !isHeld(operation)));
}

const fencedOff = (operation: Operation): Outcome =>
  operation.kind === 'start'
    ? { refusal: 'lease_lost' }
    : operation.kind === 'release'
      ? { call: null }
      : { grant: null };

const isStart = (operation: Operation): operation is Start => operation.kind === 'start';
const isShare = (operation: Operation): operation is Share => operation.kind === 'share';
const FENCED_KINDS = new Set<Operation['kind']>(['extend', 'shrink', 'release']);
const isFenced = (operation: Operation): operation is Fenced => isStart(operation) || FENCED_KINDS.has(operation.kind);

/** The group of calls, where a start is of one. */
const poolOf = ({ request, accountcode }: Start): string[] => (request.pool ? [accountcode] : []);

/** The outcomes of those that it has decided: with `skipLocked` not those of calls that somebody else holds. */
async function decideAndWrite(
  books: Books,
  found: readonly Operation[],
  accounts: Map<string, Account>,
  context: BatchContext,
  skipLocked: boolean,
): Promise<Map<Operation, Outcome>> {
  // The emergency calls of codes that are nobody's, which no account's lock guards: who comes second has to see the first one's end.
  // Starts are kept apart by their key.
  const unguarded = new Set(
    found
      .filter(operation => !isStart(operation) && !isShare(operation) && !accounts.has(operation.accountcode))
      .map(({ uniqueid }) => uniqueid),
  );
  const locked = await books.lockCalls([...unguarded], skipLocked);
  const dialogs = found.filter(isStart).flatMap(({ request: { dialog } }) => dialog ?? []);
  const calls = await books.readCalls([...new Set(found.map(({ uniqueid }) => uniqueid))], [...new Set(dialogs)]);
  const isBusy = (uniqueid: string) => unguarded.has(uniqueid) && calls.has(uniqueid) && !locked.has(uniqueid);
  const operations = skipLocked ? found.filter(({ uniqueid }) => !isBusy(uniqueid)) : found;
  const sharing = [...new Set(operations.filter(isShare).map(({ accountcode }) => accountcode))];
  const sharers = await books.readSharers(sharing);
  const open = new OpenBooks(accounts, calls, context.limits);
  const rateOf = await ratesFor(books, operations, accounts, calls);
  const trunkCostOf = await trunkCostsFor(books, operations, calls);

  const outcomes = new Map<Operation, Outcome>();
  const decide = (which: (operation: Operation) => boolean) => {
    for (const operation of operations) {
      if (!outcomes.has(operation) && which(operation)) outcomes.set(operation, decided(operation));
    }
  };
  const decided = (operation: Operation): Outcome => {
    if (isStart(operation)) return open.start(operation, rateOf(operation));
    if (isShare(operation)) return open.share(operation, sharers);
    return open.change(operation, trunkCostOf);
  };
  // What frees money first; of what needs it, calls that talk before calls that start.
  decide(({ kind, uniqueid }) => kind !== 'start' && kind !== 'share' && kind !== 'extend' && calls.has(uniqueid));
  decide(({ kind, uniqueid }) => kind === 'extend' && calls.has(uniqueid));
  decide(isStart);
  decide(operation => !isShare(operation));
  decide(isShare);
  await books.write(open.changes());
  return outcomes;
}

type RateLookup = (start: Start) => ReturnType<typeof rateOn>;

async function ratesFor(
  books: Books,
  operations: readonly Operation[],
  accounts: Map<string, Account>,
  calls: Map<string, CallRecord>,
): Promise<RateLookup> {
  const starts = operations
    .filter(isStart)
    .filter(
      ({ request, accountcode, uniqueid }) =>
        request.dst !== null && !request.pool && accounts.has(accountcode) && isUndecided(calls.get(uniqueid)),
    );
  const accountOf = (start: Start) => accounts.get(start.accountcode) as Account;
  const candidates = await books.ratesOfDecks(
    starts.map(start => ({ deck: accountOf(start).deck, digits: start.request.dst as string })),
  );
  const rateByStart = new Map(
    starts.map((start, index) => {
      const day = dayIn(accountOf(start).timeZone, start.request.startAt);
      return [start, rateOn(day, candidates[index] ?? [])];
    }),
  );
  return start => rateByStart.get(start) ?? null;
}

/** What the carriers charge for the calls that end here, by the same rule as our own price. */
async function trunkCostsFor(
  books: Books,
  operations: readonly Operation[],
  calls: Map<string, CallRecord>,
): Promise<TrunkCostLookup> {
  const questions = operations
    .filter(
      (operation): operation is End =>
        operation.kind === 'end' &&
        operation.end.answerAt !== null &&
        operation.trunk !== '' &&
        calls.has(operation.uniqueid),
    )
    .map(({ trunk, uniqueid }) => ({ trunk, digits: (calls.get(uniqueid) as CallRecord).dst }));
  const candidates = await books.ratesOfTrunks(questions);
  const byKey = new Map(
    questions.map(({ trunk, digits }, index) => [`${digits}:${trunk}`, candidates[index] as Rate[]]),
  );
  return (call, trunk) => {
    const rate = rateOn(dayIn('UTC', call.startAt), byKey.get(`${call.dst}:${trunk}`) ?? []);
    const trunkCost = rate && cost(rate, call.billsec);
    // A cost that no column holds must not keep the call from being charged.
    return rate && trunkCost !== null && canBeWritten(trunkCost)
      ? { trunkCost, trunkCurrency: rate.currency }
      : UNKNOWN_COST;
  };
}
