import { micros, ZERO } from '../money/micros';
import { cost } from '../rating/price';
import { dayIn, type Rate, rateOn } from '../rating/rate';
import type { Books, Changes, LedgerEntry } from './books';
import { arrivedCall, type CallRecord, rememberGrant } from './call-record';
import { type Answer, BUSY, type End, type Operation, type Outcome, type Start, type StartOutcome } from './operation';
import { CAUSE_OF_REFUSAL, type Refusal } from './refusal';
import {
  type Account,
  type CallEnd,
  chargeFor,
  decideStart,
  type Limits,
  withReservation,
  withSettlement,
} from './rules';

/** How long a reservation outlives the longest life of its call, so that a slow hang-up is not taken for a lost one. */
const MARGIN_SECONDS = 60;

export interface BatchContext {
  limits: Limits;
}

/**
 * Decides and writes any number of operations in one transaction of `books`, which the caller commits; returns their
 * outcomes in order.
 *
 * Calls that were there before end first, as they free money; then calls start, in the order they came. Each is decided on
 * what the ones before it left. Everything that one statement can read or write for all of them, it does. A start for a
 * switch whose lease is not this process's any more is refused: ends are facts and count whoever tells them. With
 * `skipLocked` nobody is waited for: operations of accounts that somebody else holds locked come back as BUSY, undone.
 */
export async function runBatch(
  books: Books,
  operations: readonly Operation[],
  context: BatchContext,
  skipLocked = false,
): Promise<(Outcome | typeof BUSY)[]> {
  // Before any other lock, here and at every take-over.
  const fenced = await fencedStarts(books, operations);
  const allowed = operations.filter(operation => !fenced.has(operation));
  const accounts = await books.lockAccounts(new Set(allowed.map(({ accountcode }) => accountcode)), skipLocked);
  const missing = skipLocked ? allowed.filter(({ accountcode }) => !accounts.has(accountcode)) : [];
  const busy = await books.existingAccounts([...new Set(missing.map(({ accountcode }) => accountcode))]);
  const decided = await decideAndWrite(
    books,
    allowed.filter(({ accountcode }) => !busy.has(accountcode)),
    accounts,
    context,
  );
  return operations.map(
    operation => decided.get(operation) ?? (fenced.has(operation) ? { refusal: 'lease_lost' } : BUSY),
  );
}

/** The starts of this batch whose switch belongs to another process by now. */
async function fencedStarts(books: Books, operations: readonly Operation[]): Promise<Set<Operation>> {
  const starts = operations.filter(isStart).filter(({ lease }) => lease !== null);
  // Of two leases of one node the later counts: the lane commits within it.
  const epochs = new Map(starts.map(({ lease }) => [lease!.node, lease!.epoch]));
  const held = await books.fence([...epochs].map(([node, epoch]) => ({ node, epoch })));
  const isHeld = ({ lease }: Start) => held.has(lease!.node) && epochs.get(lease!.node) === lease!.epoch;
  return new Set(starts.filter(start => !isHeld(start)));
}

const isStart = (operation: Operation): operation is Start => operation.kind === 'start';

async function decideAndWrite(
  books: Books,
  operations: readonly Operation[],
  accounts: Map<string, Account>,
  context: BatchContext,
): Promise<Map<Operation, Outcome>> {
  const calls = await books.readCalls([...new Set(operations.map(operation => operation.uniqueid))]);
  const batch = new Batch(accounts, calls, context.limits);
  const rateOf = await ratesFor(books, operations, accounts, calls);
  const trunkCostOf = await trunkCostsFor(books, operations, calls);

  const outcomes = new Map<Operation, Outcome>();
  for (const operation of operations) {
    if (operation.kind !== 'start' && calls.has(operation.uniqueid)) {
      outcomes.set(operation, batch.change(operation, trunkCostOf));
    }
  }
  for (const operation of operations) {
    if (operation.kind === 'start') outcomes.set(operation, batch.start(operation, rateOf(operation)));
  }
  for (const operation of operations) {
    if (!outcomes.has(operation))
      outcomes.set(operation, batch.change(operation as Exclude<Operation, Start>, trunkCostOf));
  }
  await books.write(batch.changes());
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
      ({ request, accountcode, uniqueid }) => request.dst !== null && accounts.has(accountcode) && !calls.has(uniqueid),
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

type TrunkCost = Pick<CallRecord, 'trunkCost' | 'trunkCurrency'>;
type TrunkCostLookup = (call: CallRecord, trunk: string) => TrunkCost;

const UNKNOWN_COST: TrunkCost = { trunkCost: null, trunkCurrency: null };

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
    return rate ? { trunkCost: cost(rate, call.billsec), trunkCurrency: rate.currency } : UNKNOWN_COST;
  };
}

/** The accounts and calls of one batch, as its operations change them, and what is to be written of it. */
class Batch {
  private readonly changedAccounts = new Set<string>();
  private readonly newCalls = new Set<CallRecord>();
  private readonly changedCalls = new Set<CallRecord>();
  private readonly reserved = new Map<CallRecord, number>();
  private readonly prolonged = new Map<CallRecord, number>();
  private readonly freed = new Set<CallRecord>();
  private readonly entries: LedgerEntry[] = [];

  constructor(
    private readonly accounts: Map<string, Account>,
    private readonly calls: Map<string, CallRecord>,
    private readonly limits: Limits,
  ) {}

  start({ request }: Start, rate: ReturnType<typeof rateOn>): StartOutcome {
    const known = this.calls.get(request.uniqueid);
    if (known) return answerAgain(known, request);
    const account = this.accounts.get(request.accountcode) ?? null;
    const decision = decideStart(request, account, rate, this.limits);
    // A code that is nobody's leaves no CDR: it would be the way for a stranger to fill the table.
    if (!account && 'refusal' in decision) return decision;
    const call = arrivedCall(request, account?.currency ?? '');
    this.calls.set(call.uniqueid, call);
    this.newCalls.add(call);
    if ('refusal' in decision) {
      finishRefused(call, decision.refusal);
      return decision;
    }
    rememberGrant(call, decision.granted);
    this.reserved.set(call, request.ringSeconds + call.grantedSeconds + MARGIN_SECONDS);
    if (account) this.set(withReservation(account, call.maxCost));
    return decision;
  }

  change(operation: Exclude<Operation, Start>, trunkCostOf: TrunkCostLookup): { call: CallRecord | null } {
    const call = this.calls.get(operation.uniqueid);
    // Two switches of one name could bring the same uniqueid for different accounts: never end somebody else's call.
    if (call && call.accountcode !== operation.accountcode) return { call: null };
    if (!call) return { call: operation.kind === 'end' && operation.unwritten ? this.writeWhole(operation) : null };
    // Ended already: whoever came first has settled it, and this is the same news again.
    if (call.endAt !== null) return { call };
    if (operation.kind === 'answer') this.answer(call, operation);
    else if (operation.kind === 'end') this.end(call, operation.end, operation.trunk, trunkCostOf);
    else {
      call.refusal = 'ledger_unavailable';
      this.end(call, takenBack(call), '', () => UNKNOWN_COST);
    }
    return { call };
  }

  /** What is to be written; a call that began and ended in this batch leaves no reservation. */
  changes(): Changes {
    const alive = (reservations: Map<CallRecord, number>) =>
      [...reservations].filter(([call]) => call.endAt === null).map(([call, aliveSeconds]) => ({ call, aliveSeconds }));
    return {
      newReservations: alive(this.reserved),
      newCalls: [...this.newCalls],
      changedCalls: [...this.changedCalls],
      prolonged: alive(this.prolonged),
      freed: [...this.freed].filter(call => !this.newCalls.has(call)).map(call => call.uniqueid),
      entries: this.entries,
      accounts: [...this.changedAccounts].map(accountcode => this.accounts.get(accountcode) as Account),
    };
  }

  private answer(call: CallRecord, { answerAt, trunk }: Answer): void {
    call.answerAt = answerAt;
    call.trunk = trunk;
    this.touch(call);
    this.prolonged.set(call, call.grantedSeconds + MARGIN_SECONDS);
  }

  private end(call: CallRecord, end: CallEnd, trunk: string, trunkCostOf: TrunkCostLookup): void {
    finish(call, end);
    if (trunk !== '') call.trunk = trunk;
    if (end.answerAt !== null) Object.assign(call, trunkCostOf(call, call.trunk));
    this.touch(call);
    this.freed.add(call);
    const account = this.accounts.get(call.accountcode);
    // A call without a currency began when there was no such account (an emergency call): nothing was counted or reserved
    // on it, though it may have been created since.
    if (!account || call.currency === '') return;
    const settled = withSettlement(account, call.maxCost, call.cost);
    this.set(settled);
    if (call.cost > ZERO) {
      this.entries.push({
        accountcode: call.accountcode,
        kind: 'call_charge',
        reference: call.uniqueid,
        amount: micros(-call.cost),
        balanceAfter: settled.balance,
        reason: '',
      });
    }
  }

  /** An emergency call that was let through while there was no ledger: nothing was reserved and nothing is charged. */
  private writeWhole({ unwritten, end, trunk }: End): CallRecord {
    const call = { ...(unwritten as CallRecord) };
    finish(call, end);
    call.trunk = trunk;
    this.calls.set(call.uniqueid, call);
    this.newCalls.add(call);
    return call;
  }

  private touch(call: CallRecord): void {
    if (!this.newCalls.has(call)) this.changedCalls.add(call);
  }

  private set(account: Account): void {
    this.accounts.set(account.accountcode, account);
    this.changedAccounts.add(account.accountcode);
  }
}

/** The first answer to a start that comes again; a refusal of its own when the same id comes with another content. */
function answerAgain(call: CallRecord, request: StartRequestContent): StartOutcome {
  const same =
    call.accountcode === request.accountcode && call.dst === (request.dst ?? '') && call.node === request.node;
  if (!same || (call.endAt !== null && call.refusal === null)) return { refusal: 'uniqueid_reused' };
  if (call.refusal !== null) return { refusal: call.refusal };
  const { grantedSeconds, maxCost, tariff } = call;
  return { granted: { grantedSeconds, maxCost, tariff, rate: null } };
}

type StartRequestContent = Start['request'];

function finish(call: CallRecord, end: CallEnd): void {
  const { endAt, answerAt, disposition, hangupCause, hangupSource, evidence } = end;
  Object.assign(call, chargeFor(call, end), {
    endAt,
    answerAt,
    disposition,
    hangupCause,
    hangupSource,
    evidence,
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
const takenBack = (call: CallRecord): CallEnd => ({
  answerAt: null,
  endAt: call.startAt,
  disposition: 'FAILED',
  hangupCause: CAUSE_OF_REFUSAL.ledger_unavailable,
  hangupSource: 'service',
  evidence: 'event',
});
