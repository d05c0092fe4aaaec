import { asFault, DatabaseFault } from '../database/fault';
import type { Books } from './books';
import { type BatchContext, runBatch } from './call-batch';
import { BUSY, type Operation, type Outcome, type OutcomeOf, type Release, type Start } from './operation';
import type { Refusal } from './refusal';

export interface LaneOptions extends BatchContext {
  /** Opens a connection to the books for this lane alone. */
  connect(): Promise<Books>;
  /** How often it is pinged while nothing is to be done. Ms. */
  pingEveryMs: number;
  /** A start that is not committed by then is refused; and no start is taken when this much work is waiting. Ms. */
  startDeadlineMs: number;
  /** A batch that takes longer is given up and its connection closed: the database hangs. Ms. */
  batchDeadlineMs: number;
  /** Told of every batch error: why, and how many operations it held. */
  onFault(fault: unknown, operations: number): void;
}

const MOST_IN_A_BATCH = 128;
/** With writers on two nodes of a cluster some batches lose several times running; a start gives up by its own deadline. */
const MOST_TRIES = 8;
const SHORTEST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1_000;
/** An operation that the database refuses for its content is tried again at this pace, until somebody mends the cause. */
const STUCK_RETRY_MS = 5_000;
/** How often an account that somebody else holds locked is asked for again, and for how long nobody waits for any lock. */
const BUSY_RETRY_MS = 50;
const IMPATIENT_MS = 5_000;

interface Waiting {
  operation: Operation;
  resolve(outcome: Outcome): void;
  /** A start whose caller was refused meanwhile: not to be tried any more, and released if it was committed. */
  abandoned: boolean;
}

/**
 * A queue of operations with one connection, which commits whatever queued while the last batch was in flight.
 *
 * Group commit in the service: one transaction and one sync to disk for all that wait, so a hot account costs what an idle
 * one does. Measured with `npm run bench:ledger`. Nothing is answered before its COMMIT. A lane holds every operation of
 * its accounts, so lanes of one process do not wait for each other's accounts; other processes and the command line may. Now
 * and then InnoDB ends the batch of one lane for that of another (1213, over neighbouring rows of astcreditres): it is run again.
 */
export class Lane {
  private queue: Waiting[] = [];
  private running = false;
  private books: Books | null = null;
  private readonly pings: NodeJS.Timeout;
  private unreachable = false;
  /** What a batch has been taking lately, so that the work that waits can be told in ms. */
  private msPerBatch = 3;
  private unanswered = 0;
  private closed = false;
  private wake: (() => void) | null = null;
  /** Until then no batch waits for a row lock: somebody held one for longer than the database waits. */
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
   * A grant was committed. A refusal `overloaded` or `ledger_unavailable` means that nothing is ring-fenced, or that it is
   * being released; of a call whose switch asks again, that nobody knows yet. An emergency call, which is let through anyway, stays
   * queued until it is written.
   */
  start(operation: Start): Promise<OutcomeOf['start']> {
    const { emergency } = operation.request;
    const refusal = this.refusalAtTheDoor(emergency);
    if (refusal && !emergency) return Promise.resolve({ refusal });
    return new Promise(resolve => {
      const waiting: Waiting = { operation, resolve: resolve as Waiting['resolve'], abandoned: false };
      const timer = setTimeout(() => {
        waiting.abandoned = !emergency;
        resolve({ refusal: 'ledger_unavailable' });
      }, this.options.startDeadlineMs);
      waiting.resolve = outcome => {
        clearTimeout(timer);
        resolve(outcome as OutcomeOf['start']);
      };
      this.add(waiting);
      if (refusal) resolve({ refusal });
    });
  }

  /** Commits what happened to a call; resolves when it is durable, however long the database is away. Never rejects. */
  change<Change extends Exclude<Operation, Start>>(operation: Change): Promise<OutcomeOf[Change['kind']]> {
    return new Promise(resolve => {
      this.add({ operation, resolve: resolve as Waiting['resolve'], abandoned: false });
    });
  }

  /** Operations that are not committed yet. */
  get waiting(): number {
    return this.unanswered;
  }

  /** Closes the connection; what still waits is not committed, and no start is taken any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.queue = [];
    this.wake?.();
    clearInterval(this.pings);
    this.drop();
  }

  private refusalAtTheDoor(emergency: boolean): Refusal | null {
    if (this.closed && !emergency) return 'shutting_down';
    if (this.unreachable) return 'ledger_unavailable';
    const batches = Math.ceil(this.unanswered / MOST_IN_A_BATCH);
    return batches * this.msPerBatch > this.options.startDeadlineMs ? 'overloaded' : null;
  }

  private add(waiting: Waiting): void {
    this.unanswered++;
    this.enqueue(waiting);
  }

  private enqueue(waiting: Waiting): void {
    if (this.closed) return;
    this.queue.push(waiting);
    if (!this.running) {
      this.running = true;
      // In a turn of its own, so that all that arrives in this one goes into the first batch.
      setImmediate(() => this.run());
    }
  }

  private async run(): Promise<void> {
    let backOffMs = SHORTEST_BACK_OFF_MS;
    while (this.queue.length > 0 && !this.closed) {
      const batch = this.take();
      if (batch.length === 0) continue;
      if (await this.attempt(batch)) {
        this.unreachable = false;
        backOffMs = SHORTEST_BACK_OFF_MS;
      } else {
        // With nothing left to commit, the next start is the probe: `unreachable` would refuse it for ever.
        this.unreachable = this.queue.length > 0;
        if (this.unreachable) await this.sleep(backOffMs);
        backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
      }
    }
    this.running = false;
  }

  /** The next batch, without the starts that nobody waits for any more. */
  private take(): Waiting[] {
    const taken = this.queue.splice(0, MOST_IN_A_BATCH);
    this.unanswered -= taken.filter(({ abandoned }) => abandoned).length;
    return taken.filter(({ abandoned }) => !abandoned);
  }

  /**
   * Commits a batch, or puts back what must not be lost; false when the database could not be reached. `mayBeCommitted` when
   * a COMMIT of it was sent before and its answer never came.
   */
  private async attempt(batch: Waiting[], mayBeCommitted = false): Promise<boolean> {
    let reachedCommit = mayBeCommitted;
    let reconnected = false;
    for (let tries = 1; ; tries++) {
      try {
        const startedAt = performance.now();
        const outcomes = await this.commit(batch, () => {
          reachedCommit = true;
        });
        this.measure(performance.now() - startedAt);
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
        if (kind === 'away') {
          const broke = this.books !== null && !(fault instanceof BatchTimeout);
          this.drop();
          // A connection that breaks says nothing about the database yet: an idle one dies of wait_timeout.
          if (broke && !reconnected) {
            reconnected = true;
            continue;
          }
          this.putBack(batch, reachedCommit);
          return false;
        }
        await this.rollBack();
        if (kind === 'again' && tries < MOST_TRIES) {
          // Somebody keeps an account to himself: the others of the lane shall not wait for it a second time.
          if (code === 'ER_LOCK_WAIT_TIMEOUT') this.impatientUntil = performance.now() + IMPATIENT_MS;
          else await this.sleep(tries * 5 * (1 + Math.random()));
          continue;
        }
        if (batch.length > 1) return await this.attemptEach(batch, reachedCommit);
        this.setAside(batch[0] as Waiting, reachedCommit);
        return true;
      }
    }
  }

  /** One bad operation must not fail the others of its batch: each in a transaction of its own. */
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
    const work = async () => {
      const books = this.books ?? (await this.connected());
      // Connected too late: a newer attempt has its own connection by now.
      if (givenUp) books.destroy();
      else this.books = books;
      const outcomes = await runBatch(
        books,
        batch.map(({ operation }) => operation),
        this.options,
        performance.now() < this.impatientUntil,
      );
      onCommit();
      await books.commit();
      return outcomes;
    };
    try {
      return await this.withinDeadline(work());
    } finally {
      givenUp = true;
    }
  }

  private async connected(): Promise<Books> {
    const books = await this.options.connect();
    if (!this.closed) return books;
    books.destroy();
    throw new DatabaseFault('away', 'LANE_CLOSED', 'the ledger was closed');
  }

  /** An idle connection that broke is found before a caller has to wait for a new one. */
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
    const { operation, abandoned } = waiting;
    if (outcome === BUSY) {
      this.impatientUntil = performance.now() + IMPATIENT_MS;
      setTimeout(() => this.enqueue(waiting), BUSY_RETRY_MS);
      return;
    }
    this.unanswered--;
    if (operation.kind === 'start' && abandoned && !('refusal' in outcome)) this.release(operation);
    waiting.resolve(outcome);
  }

  private release({ uniqueid, accountcode, lease, request }: Start): void {
    // Asked again, perhaps of another process, it is answered as granted by then: what was granted must not go away after that.
    if (request.asksAgain) return;
    const operation: Release = { kind: 'release', uniqueid, accountcode, lease };
    this.add({ operation, resolve: () => undefined, abandoned: false });
  }

  /**
   * After the database was lost: starts are refused, and released if they may have been committed; the rest waits in front
   * of the queue. Running a change again is right whatever became of it, since each is done once by its uniqueid.
   */
  private putBack(batch: Waiting[], mayBeCommitted: boolean): void {
    const isKept = ({ operation }: Waiting) => operation.kind !== 'start' || operation.request.emergency;
    this.queue.unshift(...batch.filter(isKept));
    for (const waiting of batch) {
      if (waiting.operation.kind !== 'start') continue;
      if (!isKept(waiting)) {
        this.unanswered--;
        if (mayBeCommitted) this.release(waiting.operation);
      }
      waiting.resolve({ refusal: 'ledger_unavailable' });
    }
  }

  /** An operation that the database refuses for what it is: a call is refused; an end is kept and tried again later. */
  private setAside(waiting: Waiting, mayBeCommitted: boolean): void {
    if (waiting.operation.kind === 'start') {
      this.unanswered--;
      if (mayBeCommitted) this.release(waiting.operation);
      waiting.resolve({ refusal: 'ledger_unavailable' });
    } else setTimeout(() => this.enqueue(waiting), STUCK_RETRY_MS).unref();
  }

  private measure(elapsedMs: number): void {
    const WEIGHT_OF_THE_LAST = 0.2;
    this.msPerBatch += WEIGHT_OF_THE_LAST * (elapsedMs - this.msPerBatch);
  }

  private async rollBack(): Promise<void> {
    try {
      await this.withinDeadline(this.books?.rollback());
    } catch {
      this.drop();
    }
  }

  private async withinDeadline<Result>(work: Promise<Result> | undefined): Promise<Result> {
    const { batchDeadlineMs } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new BatchTimeout(batchDeadlineMs)), batchDeadlineMs);
    });
    try {
      return await Promise.race([work as Promise<Result>, deadline]);
    } finally {
      clearTimeout(timer);
    }
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

/** The database neither answered nor refused: what the batch did is unknown. */
class BatchTimeout extends DatabaseFault {
  constructor(milliseconds: number) {
    super('away', 'BATCH_TIMEOUT', `the database did not answer a batch within ${milliseconds} ms`);
  }
}
