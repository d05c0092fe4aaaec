import { type Context, context, trace } from '@opentelemetry/api';
import { withDeadline } from '../database/deadline';
import { asFault, DatabaseFault } from '../database/fault';
import { isInTime, isTooLate, MOST_IN_A_BATCH } from './admission';
import type { Books } from './books';
import { type BatchContext, decideBatch } from './call-batch';
import { BUSY, type LedgerOperation, type Outcome, type OutcomeOf, type Release, type Start } from './ledger-operation';
import type { Refusal } from './refusal';
import type { StartReport, StartTimes } from './start-times';

export interface LaneOptions extends BatchContext {
  /** Opens a connection to the books for this lane alone. */
  connect(): Promise<Books>;
  /** How often the connection is pinged while the lane is idle. Ms. */
  pingEveryMs: number;
  /** A start that is not committed by then is refused. Ms. */
  startDeadlineMs: number;
  /** The lane gives up a batch that takes longer, and closes its connection: the database hangs. Ms. */
  batchDeadlineMs: number;
  /** Called with every error of a batch, and the number of its operations. */
  onFault(fault: unknown, operations: number): void;
  /** Called with every start, when it is answered. */
  onStart(report: StartReport): void;
  /** Called with each batch that was committed: how many operations it had. */
  onBatch?(operations: number): void;
  /** For how long this process has stood still in all; ms. */
  stoodStillMs(): number;
  /** How much longer a start may take when this process stood still for half of its deadline: the answer may have arrived unread. Ms. */
  stallGraceMs: number;
  /** Called when the database refuses the content of a change, and with null when it has taken the change after all. */
  onStuck?(operation: Exclude<LedgerOperation, Start>, fault: unknown): void;
}

/** With writers on two nodes of a cluster some batches lose several times running; a start gives up by its own deadline. */
const MOST_TRIES = 8;
const SHORTEST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1_000;
/**
 * The lane retries a change whose content the database refuses after this time, and after twice as long each time, until an operator has
 * corrected the cause: an end is a fact, and must not be lost.
 */
const STUCK_RETRY_MS = 5_000;
const LONGEST_STUCK_RETRY_MS = 600_000;
/** How soon the lane asks again for an account that another transaction holds locked, and for how long it then waits for no lock at all. */
const BUSY_RETRY_MS = 50;
const IMPATIENT_MS = 5_000;

/** The code of an error that does not say whether the COMMIT was done. */
const COMMIT_FAILED = 'ER_ERROR_DURING_COMMIT';

/** The median of this many last batches is how long a batch takes: one or two slow ones do not change it. */
const BATCHES_MEASURED = 5;
/** How long a batch is expected to take before one was measured. Ms. */
const QUICK_BATCH_MS = 3;

/** So many operations that may wait for others are enough for a batch. */
const ENOUGH_FOR_A_BATCH = 32;

/** If the database takes longer than this to fail, the lane itself asks it whether it is back, so that no caller waits for that. Ms. */
const SLOW_FAILURE_MS = 500;

interface Waiting {
  operation: LedgerOperation;
  resolve(outcome: Outcome): void;
  /** The refusal that the caller of a start got meanwhile: the start is not tried any more, and released if it was committed. */
  refusal: Refusal | null;
  /** Whether its caller still waits. */
  isWanted(): boolean;
  /** By our own monotonic clock, ms. */
  queuedAt: number;
  /** How long its caller waits in the lane; ms, Infinity for all but starts. */
  deadlineMs: number;
  /** The same, and more if this process stood still meanwhile. */
  patienceMs: number;
  /** What its caller is told when that is over; null for all but starts. */
  refusalWhenLate: (() => Refusal) | null;
  /** When a lane at rest begins a batch for it at the latest; by our own monotonic clock, ms. */
  dueAt: number;
  /** Whether it was ever in a batch. */
  wasTaken: boolean;
  /** What was spent on it in batches so far; ms. */
  statementsMs: number;
  commitMs: number;
  /** How often the database has refused its content. */
  timesRefused: number;
  /** The span in which it was asked for; null if no program wants to know. */
  within: Context | null;
}

const waitingFor = (
  operation: LedgerOperation,
  resolve: Waiting['resolve'],
  deadlineMs = Number.POSITIVE_INFINITY,
  isWanted = () => true,
): Waiting => ({
  operation,
  resolve,
  refusal: null,
  isWanted,
  queuedAt: performance.now(),
  deadlineMs,
  patienceMs: deadlineMs,
  refusalWhenLate: null,
  dueAt: 0,
  wasTaken: false,
  statementsMs: 0,
  commitMs: 0,
  timesRefused: 0,
  within: trace.getActiveSpan() ? context.active() : null,
});

/** A start that may be refused. An emergency call is let through in any case. */
const isOrdinaryStart = ({ operation }: Waiting): boolean => operation.kind === 'start' && !operation.request.emergency;

const tracer = trace.getTracer('ringfence');

/** A span of the batch in the trace of each of its calls. Instants by our own monotonic clock, ms. */
const tellBatch = (within: Context, operations: number, beganAt: number, endedAt: number): void =>
  tracer
    .startSpan('batch', { startTime: beganAt, attributes: { 'ringfence.operations': operations } }, within)
    .end(endedAt);

/** The batch that is at the database now. Instants by our own monotonic clock, ms. */
interface InFlight {
  batch: readonly Waiting[];
  beganAt: number;
  commitAt: number | null;
}

/**
 * A queue of operations with one connection, which commits everything that queued while the last batch was in flight.
 *
 * Group commit in the service: one transaction and one sync to disk for all that wait, so a busy account costs what an idle
 * one does. Measured with `npm run bench:ledger`. Nothing is answered before its COMMIT. A lane holds every operation of
 * its accounts, so lanes of one process do not wait for each other's accounts; other processes and the command line may. Now
 * and then InnoDB ends the batch of one lane for that of another (1213, over neighbouring rows of astcreditres): it is run again.
 */
export class Lane {
  private queue: Waiting[] = [];
  private running = false;
  /** Begins the next batch while only operations that may wait for others are in the queue. */
  private gathering: NodeJS.Timeout | undefined;
  private books: Books | null = null;
  private readonly pings: NodeJS.Timeout;
  private unreachable = false;
  private inFlight: InFlight | null = null;
  /** How long the last batches took, the latest last; ms. */
  private batchTimes: number[] = [];
  private committedAt = Number.NEGATIVE_INFINITY;
  private unanswered = 0;
  /** How many of them have a content that the database refuses. */
  private stuck = 0;
  private closed = false;
  private wake: (() => void) | null = null;
  /** Until then no batch waits for a row lock: another transaction held one for longer than the database waits. */
  private impatientUntil = 0;

  constructor(private readonly options: LaneOptions) {
    this.pings = setInterval(() => void this.ping(), options.pingEveryMs).unref();
  }

  /** Connects, so that the first call need not wait for it. @throws DatabaseFault */
  async open(): Promise<void> {
    this.books = await this.connected();
  }

  /**
   * Grants or refuses a call; resolves within `startDeadlineMs`, whatever the database does, and never rejects.
   *
   * A grant was committed. After a refusal `overloaded`, `ledger_unavailable` or `service_stalled` nothing is ring-fenced, or it
   * is being released; if the switch of the call asks again, it is unknown until then. An emergency call, which is let through anyway, stays
   * queued until it is written. A start that is not `isWanted` any more is dropped from the queue.
   */
  start(operation: Start, isWanted?: () => boolean): Promise<OutcomeOf['start']> {
    const { emergency, waitedMs = 0, withinMs = Number.POSITIVE_INFINITY } = operation.request;
    const deadlineMs = Math.max(0, Math.min(this.options.startDeadlineMs, withinMs) - waitedMs);
    const refusal = this.refusalAtTheDoor(emergency, deadlineMs);
    const stoodStillBefore = this.options.stoodStillMs();
    return new Promise(resolve => {
      let timer: NodeJS.Timeout | undefined;
      let isAnswered = false;
      const answer = (outcome: OutcomeOf['start']) => {
        clearTimeout(timer);
        if (isAnswered) return;
        isAnswered = true;
        this.report(waiting, outcome, stoodStillBefore);
        resolve(outcome);
      };
      const waiting = emergency
        ? waitingFor(operation, answer as Waiting['resolve'])
        : waitingFor(operation, answer as Waiting['resolve'], deadlineMs, isWanted);
      if (refusal) answer({ refusal });
      if (refusal && !emergency) return;
      // A caller that waits for less than the start deadline has no time to give.
      let graceMs = withinMs === Number.POSITIVE_INFINITY ? this.options.stallGraceMs : 0;
      const hasStalled = () => this.options.stoodStillMs() - stoodStillBefore >= deadlineMs / 2;
      const refusalWhenLate = () => (hasStalled() ? 'service_stalled' : this.refusalOfLate(waiting));
      const late = () => {
        if (hasStalled() && graceMs > 0) {
          timer = setTimeout(late, graceMs);
          waiting.patienceMs += graceMs;
          graceMs = 0;
          return;
        }
        const told = refusalWhenLate();
        if (!emergency) waiting.refusal = told;
        answer({ refusal: told });
      };
      if (!emergency) waiting.refusalWhenLate = refusalWhenLate;
      if (!refusal) timer = setTimeout(late, deadlineMs);
      this.add(waiting);
    });
  }

  /**
   * Commits what happened to a call; resolves when it is durable, however long the database is away. Never rejects. If the lane is at rest,
   * the change may wait `mayWaitMs` for others, so that they share a transaction.
   */
  change<Change extends Exclude<LedgerOperation, Start>>(
    operation: Change,
    mayWaitMs = 0,
  ): Promise<OutcomeOf[Change['kind']]> {
    return new Promise(resolve => {
      const waiting = waitingFor(operation, resolve as Waiting['resolve']);
      if (mayWaitMs > 0) waiting.dueAt = waiting.queuedAt + mayWaitMs;
      this.add(waiting);
    });
  }

  /** Operations that are not committed yet, without those whose content the database refuses. */
  get waiting(): number {
    return this.unanswered - this.stuck;
  }

  /** Whether a batch is being committed, or waits for the database. What only gathers is none. */
  get isBusy(): boolean {
    return this.running;
  }

  /** Closes the connection; what still waits is not committed, and no start is taken any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.queue = [];
    this.wake?.();
    clearTimeout(this.gathering);
    clearInterval(this.pings);
    this.drop();
  }

  private refusalAtTheDoor(emergency: boolean, deadlineMs: number): Refusal | null {
    if (this.closed && !emergency) return 'shutting_down';
    if (this.unreachable) return 'ledger_unavailable';
    const work = {
      // What waits in a lane at rest goes with this start.
      queued: this.running ? this.queue.length : 0,
      batchMs: this.usualBatchMs(),
      inFlightMs: this.inFlight && performance.now() - this.inFlight.beganAt,
    };
    if (isInTime(work, deadlineMs)) return null;
    // A caller that waits less than others says nothing about their load.
    return isInTime(work, this.options.startDeadlineMs) ? 'ledger_unavailable' : 'overloaded';
  }

  /** The refusal of a late start: `overloaded` if others were committed meanwhile, else the ledger is unavailable. */
  private refusalOfLate({ wasTaken, queuedAt }: Waiting): Refusal {
    return !wasTaken && this.committedAt > queuedAt ? 'overloaded' : 'ledger_unavailable';
  }

  private report(waiting: Waiting, outcome: OutcomeOf['start'], stoodStillBefore: number): void {
    const { uniqueid, accountcode } = waiting.operation;
    const times = this.timesOf(waiting, stoodStillBefore);
    const told = 'refusal' in outcome ? outcome.refusal : 'granted' in outcome ? 'granted' : 'waiting';
    this.options.onStart({ uniqueid, accountcode, outcome: told, times });
  }

  private timesOf(waiting: Waiting, stoodStillBefore: number): StartTimes {
    const now = performance.now();
    const routesMs = (waiting.operation as Start).request.waitedMs ?? 0;
    let { statementsMs, commitMs } = waiting;
    if (this.inFlight?.batch.includes(waiting)) {
      const { beganAt, commitAt } = this.inFlight;
      statementsMs += (commitAt ?? now) - beganAt;
      commitMs += commitAt === null ? 0 : now - commitAt;
    }
    const inLaneMs = now - waiting.queuedAt;
    return {
      routesMs,
      queueMs: Math.max(0, inLaneMs - statementsMs - commitMs),
      statementsMs,
      commitMs,
      eventLoopMs: this.options.stoodStillMs() - stoodStillBefore,
      totalMs: routesMs + inLaneMs,
    };
  }

  private add(waiting: Waiting): void {
    this.unanswered++;
    this.enqueue(waiting);
  }

  private enqueue(waiting: Waiting): void {
    if (this.closed) return;
    this.queue.push(waiting);
    if (!this.running) this.gather();
  }

  /** Begins with the queue as soon as something in it is due. Assumes a lane at rest. */
  private gather(): void {
    clearTimeout(this.gathering);
    if (this.queue.length === 0 || this.closed) return;
    if (this.isDue) {
      this.running = true;
      // In a turn of its own, so that all that arrives in this one goes into the first batch.
      setImmediate(() => this.run());
      return;
    }
    const dueAt = Math.min(...this.queue.map(waiting => waiting.dueAt));
    this.gathering = setTimeout(() => this.gather(), Math.max(1, dueAt - performance.now()));
  }

  /** Whether the queue is worth a batch now. */
  private get isDue(): boolean {
    if (this.queue.length >= ENOUGH_FOR_A_BATCH) return true;
    const now = performance.now();
    return this.queue.some(({ dueAt }) => dueAt <= now);
  }

  private async run(): Promise<void> {
    let backOffMs = SHORTEST_BACK_OFF_MS;
    while ((this.isDue || this.unreachable) && !this.closed) {
      const batch = this.take();
      if (batch.length === 0 && !this.unreachable) continue;
      const beganAt = performance.now();
      if (await this.attempt(batch)) {
        this.unreachable = false;
        backOffMs = SHORTEST_BACK_OFF_MS;
      } else {
        // From here on starts are refused at once, until the lane has committed what waits, or an empty batch. With nothing left to commit,
        // and a database that fails at once, the next start asks it again.
        this.unreachable = this.queue.length > 0 || performance.now() - beganAt > SLOW_FAILURE_MS;
        if (this.unreachable) await this.sleep(backOffMs);
        backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
      }
    }
    this.running = false;
    this.gather();
  }

  /** The next batch, without starts whose callers wait no more, or would be answered too late. */
  private take(): Waiting[] {
    if (this.queue.length > MOST_IN_A_BATCH) this.putStartsLast();
    // A change that was refused goes alone: otherwise the others of its batch would be undone, and done one by one, because of it.
    const alone = this.queue.findIndex(({ timesRefused }) => timesRefused > 0);
    const most = alone < 0 ? MOST_IN_A_BATCH : Math.min(MOST_IN_A_BATCH, Math.max(1, alone));
    return this.queue.splice(0, most).filter(waiting => {
      const refusal = this.refusalAtItsTurn(waiting);
      if (refusal === null) {
        waiting.wasTaken = true;
        return true;
      }
      this.unanswered--;
      waiting.resolve({ refusal });
      return false;
    });
  }

  /** What happens to calls in progress goes before starts: it frees money, and must not wait because too many calls want to start. */
  private putStartsLast(): void {
    const starting = new Set<string>();
    const [first, last]: [Waiting[], Waiting[]] = [[], []];
    for (const waiting of this.queue) {
      const { uniqueid } = waiting.operation;
      if (isOrdinaryStart(waiting)) starting.add(uniqueid);
      // A call cannot end before it has started.
      (starting.has(uniqueid) ? last : first).push(waiting);
    }
    this.queue = [...first, ...last];
  }

  private refusalAtItsTurn(waiting: Waiting): Refusal | null {
    // Its caller was answered before, or is gone.
    if (waiting.refusal !== null || !(waiting.wasTaken || waiting.isWanted())) return 'ledger_unavailable';
    const { wasTaken, deadlineMs, patienceMs, queuedAt, refusalWhenLate } = waiting;
    if (wasTaken || !refusalWhenLate) return null;
    const leftMs = queuedAt + patienceMs - performance.now();
    return isTooLate(leftMs, deadlineMs, this.usualBatchMs()) ? refusalWhenLate() : null;
  }

  /**
   * Commits a batch, or puts back what must not be lost; false when the database could not be reached. `mayBeCommitted`: a COMMIT of it
   * was sent before, and its answer never came.
   */
  private async attempt(batch: Waiting[], mayBeCommitted = false): Promise<boolean> {
    let commitWasLost = mayBeCommitted;
    let reconnected = false;
    for (let tries = 1; ; tries++) {
      let reachedCommit = false;
      try {
        const outcomes = await this.commit(batch, () => {
          reachedCommit = true;
        });
        for (const [index, waiting] of batch.entries()) this.answer(waiting, outcomes[index] as Outcome | typeof BUSY);
        return true;
      } catch (error) {
        if (this.closed) {
          this.drop();
          return false;
        }
        const fault = asFault(error);
        this.options.onFault(fault, batch.length);
        const { kind, code } = fault instanceof DatabaseFault ? fault : { kind: 'refused', code: '' };
        // If the server answers with an error, it did not commit.
        commitWasLost ||= reachedCommit && (kind === 'away' || code === COMMIT_FAILED);
        if (kind === 'away') {
          const broke = this.books !== null && !(fault instanceof BatchTimeout);
          this.drop();
          // A broken connection does not mean that the database is away: an idle one ends by wait_timeout.
          if (broke && !reconnected) {
            reconnected = true;
            continue;
          }
          this.putBack(batch, commitWasLost);
          return false;
        }
        await this.rollBack();
        if (kind === 'again' && tries < MOST_TRIES) {
          // Another transaction keeps an account locked: the lane's other accounts must not wait for it a second time.
          if (code === 'ER_LOCK_WAIT_TIMEOUT') this.impatientUntil = performance.now() + IMPATIENT_MS;
          else await this.sleep(tries * 5 * (1 + Math.random()));
          continue;
        }
        if (batch.length === 0) return false;
        if (batch.length > 1) return await this.attemptEach(batch, commitWasLost);
        // Another process wrote the same meanwhile (an emergency call without an account, which no lock guards). Now we see it.
        if (kind === 'duplicate' && tries === 1) continue;
        this.setAside(batch[0] as Waiting, fault, commitWasLost);
        return true;
      }
    }
  }

  /** Each operation in a transaction of its own, so that one bad operation does not fail the others of its batch. */
  private async attemptEach(batch: Waiting[], mayBeCommitted: boolean): Promise<boolean> {
    for (const [index, waiting] of batch.entries()) {
      if (!(await this.attempt([waiting], mayBeCommitted))) {
        this.putBack(batch.slice(index + 1), mayBeCommitted);
        return false;
      }
    }
    return true;
  }

  private async commit(batch: Waiting[], onCommit: () => void): Promise<(Outcome | typeof BUSY)[]> {
    let givenUp = false;
    const inFlight: InFlight = { batch, beganAt: performance.now(), commitAt: null };
    this.inFlight = inFlight;
    const stoodStillBefore = this.options.stoodStillMs();
    const work = async () => {
      const books = this.books ?? (await this.connected());
      // Connected too late: a newer attempt has its own connection.
      if (givenUp) books.destroy();
      else this.books = books;
      const { outcomes, changes } = await decideBatch(
        books,
        batch.map(({ operation }) => operation),
        this.options,
        performance.now() < this.impatientUntil,
      );
      onCommit();
      inFlight.commitAt = performance.now();
      await books.commit(changes);
      return outcomes;
    };
    try {
      const outcomes = await this.withinDeadline(work());
      this.committedAt = performance.now();
      // How long this process stood still says nothing about the database.
      const stoodStillMs = this.options.stoodStillMs() - stoodStillBefore;
      if (batch.length > 0) {
        this.measure(Math.max(0, this.committedAt - inFlight.beganAt - stoodStillMs));
        this.options.onBatch?.(batch.length);
      }
      return outcomes;
    } finally {
      givenUp = true;
      this.landed(inFlight);
    }
  }

  /** Adds the time of a batch, which came back or was given up, to each operation in it. */
  private landed(inFlight: InFlight): void {
    const { batch, beganAt, commitAt } = inFlight;
    const now = performance.now();
    for (const waiting of batch) {
      waiting.statementsMs += (commitAt ?? now) - beganAt;
      waiting.commitMs += commitAt === null ? 0 : now - commitAt;
      if (waiting.within) tellBatch(waiting.within, batch.length, beganAt, now);
    }
    this.inFlight = null;
  }

  private async connected(): Promise<Books> {
    const books = await this.options.connect();
    if (!this.closed) return books;
    books.destroy();
    throw new DatabaseFault('away', 'LANE_CLOSED', 'the ledger was closed');
  }

  /** Finds an idle connection that broke before a caller has to wait for a new one. */
  private async ping(): Promise<void> {
    const { books } = this;
    if (this.running || !books) return;
    try {
      await this.withinDeadline(books.ping());
    } catch {
      if (this.books === books && !this.running) this.drop();
    }
  }

  private answer(waiting: Waiting, outcome: Outcome | typeof BUSY): void {
    const { operation, refusal } = waiting;
    if (outcome === BUSY) {
      this.impatientUntil = performance.now() + IMPATIENT_MS;
      setTimeout(() => this.enqueue(waiting), BUSY_RETRY_MS);
      return;
    }
    this.unanswered--;
    if (waiting.timesRefused > 0) {
      this.stuck--;
      if (operation.kind !== 'start') this.options.onStuck?.(operation, null);
    }
    if (operation.kind === 'start' && refusal && !('refusal' in outcome)) this.release(operation, refusal);
    waiting.resolve(outcome);
  }

  private release({ uniqueid, accountcode, lease, request }: Start, refusal: Refusal): void {
    // The switch asks again, perhaps another process, and is answered with this grant: it must not go away after that.
    if (request.asksAgain) return;
    const operation: Release = { kind: 'release', uniqueid, accountcode, refusal, lease };
    this.add(waitingFor(operation, () => undefined));
  }

  /**
   * After the database was lost: starts are refused, and released if they may have been committed; the rest waits in front
   * of the queue. A change may safely run again, committed or not, because each is done once by its uniqueid.
   */
  private putBack(batch: Waiting[], mayBeCommitted: boolean): void {
    const isKept = ({ operation }: Waiting) => operation.kind !== 'start' || operation.request.emergency;
    this.queue.unshift(...batch.filter(isKept));
    for (const waiting of batch) {
      if (waiting.operation.kind !== 'start') continue;
      if (!isKept(waiting)) {
        this.unanswered--;
        if (mayBeCommitted) this.release(waiting.operation, waiting.refusal ?? 'ledger_unavailable');
      }
      waiting.resolve({ refusal: 'ledger_unavailable' });
    }
  }

  /** An operation whose content the database refuses: a start is refused; an end is kept and retried later. */
  private setAside(waiting: Waiting, fault: unknown, mayBeCommitted: boolean): void {
    const { operation } = waiting;
    if (operation.kind === 'start') {
      this.unanswered--;
      // An emergency call is let through all the same, and its end settles it.
      if (mayBeCommitted && !operation.request.emergency) {
        this.release(operation, waiting.refusal ?? 'ledger_unavailable');
      }
      waiting.resolve({ refusal: 'ledger_unavailable' });
      return;
    }
    const waitMs = Math.min(STUCK_RETRY_MS * 2 ** waiting.timesRefused, LONGEST_STUCK_RETRY_MS);
    waiting.timesRefused++;
    if (waiting.timesRefused === 1) this.stuck++;
    this.options.onStuck?.(operation, fault);
    setTimeout(() => this.enqueue(waiting), waitMs).unref();
  }

  private measure(elapsedMs: number): void {
    this.batchTimes.push(elapsedMs);
    if (this.batchTimes.length > BATCHES_MEASURED) this.batchTimes.shift();
  }

  /** The median of the last batches, of two the shorter. */
  private usualBatchMs(): number {
    const times = [...this.batchTimes].sort((one, other) => one - other);
    return times[Math.floor((times.length - 1) / 2)] ?? QUICK_BATCH_MS;
  }

  private async rollBack(): Promise<void> {
    try {
      if (this.books) await this.withinDeadline(this.books.rollback());
    } catch {
      this.drop();
    }
  }

  private withinDeadline<Result>(work: Promise<Result>): Promise<Result> {
    const { batchDeadlineMs } = this.options;
    return withDeadline(work, batchDeadlineMs, () => new BatchTimeout(batchDeadlineMs));
  }

  private drop(): void {
    this.books?.destroy();
    this.books = null;
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The database gave no answer: what became of the batch is unknown. */
class BatchTimeout extends DatabaseFault {
  constructor(milliseconds: number) {
    super('away', 'BATCH_TIMEOUT', `the database did not answer a batch within ${milliseconds} ms`);
  }
}
