import type { Connection } from 'mysql2/promise';
import { asFault, DatabaseFault } from '../database/fault';
import { type BatchContext, runBatch } from './call-batch';
import type { Operation, Outcome, OutcomeOf, Release, Start } from './operation';
import type { Refusal } from './refusal';

export interface LaneOptions extends BatchContext {
  /** Opens a connection for this lane alone. */
  connect(): Promise<Connection>;
  /** A start that is not committed by then is refused; and no start is taken when this much work is waiting. Ms. */
  startDeadlineMs: number;
  /** A batch that takes longer is given up and its connection closed: the database hangs. Ms. */
  batchDeadlineMs: number;
  /** Told of every batch error: why, and how many operations it held. */
  onFault(fault: unknown, operations: number): void;
}

const MOST_IN_A_BATCH = 128;
const MOST_TRIES = 5;
const SHORTEST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1_000;
/** An end that the database refuses for its content is tried again at this pace, until somebody mends the cause. */
const STUCK_RETRY_MS = 5_000;

interface Waiting {
  operation: Operation;
  resolve(outcome: Outcome): void;
  /** A start whose caller was refused meanwhile. */
  abandoned: boolean;
}

/**
 * A queue of operations with one connection, which commits whatever queued while the last batch was in flight.
 *
 * Group commit in the service: one transaction and one sync to disk for all that wait, so a hot account costs what an idle
 * one does. Measured with `npm run bench:ledger`. Nothing is answered before its COMMIT. A lane holds every operation of
 * its accounts, so lanes of one process never wait for each other's row locks; other processes and the command line may.
 */
export class Lane {
  private queue: Waiting[] = [];
  private running = false;
  private connection: Connection | null = null;
  private unreachable = false;
  /** How long one operation has been taking, so that the work that waits can be told in ms. */
  private msPerOperation = 0.1;
  private inFlight = 0;
  private refusing = false;
  private closed = false;
  private wake: (() => void) | null = null;

  constructor(private readonly options: LaneOptions) {}

  /**
   * Grants or refuses a call; resolves within `startDeadlineMs`, whatever the database does, and never rejects.
   *
   * A grant was committed. A refusal `overloaded` or `ledger_unavailable` means that nothing is ring-fenced, or that it is
   * being released.
   */
  start(operation: Start): Promise<OutcomeOf['start']> {
    const refusal = this.refusalAtTheDoor();
    if (refusal) return Promise.resolve({ refusal });
    return new Promise(resolve => {
      const waiting: Waiting = { operation, resolve: resolve as Waiting['resolve'], abandoned: false };
      const timer = setTimeout(() => {
        waiting.abandoned = true;
        resolve({ refusal: 'ledger_unavailable' });
      }, this.options.startDeadlineMs);
      waiting.resolve = outcome => {
        clearTimeout(timer);
        resolve(outcome as OutcomeOf['start']);
      };
      this.add(waiting);
    });
  }

  /** Commits what happened to a call; resolves when it is durable, however long the database is away. Never rejects. */
  change<Change extends Exclude<Operation, Start>>(operation: Change): Promise<OutcomeOf[Change['kind']]> {
    return new Promise(resolve => {
      this.add({ operation, resolve: resolve as Waiting['resolve'], abandoned: false });
    });
  }

  /** Connects, so that the first call need not wait for it. @throws DatabaseFault */
  async open(): Promise<void> {
    this.connection = await this.connected();
  }

  /** Operations that are not committed yet. */
  get waiting(): number {
    return this.queue.length + this.inFlight;
  }

  /** Takes no start from now on. */
  refuseStarts(): void {
    this.refusing = true;
  }

  /** Closes the connection; what still waits is not committed. */
  async close(): Promise<void> {
    this.refusing = true;
    this.closed = true;
    this.queue = [];
    this.wake?.();
    this.connection?.destroy();
    this.connection = null;
  }

  private refusalAtTheDoor(): Refusal | null {
    if (this.refusing) return 'shutting_down';
    if (this.unreachable) return 'ledger_unavailable';
    if (this.waiting * this.msPerOperation > this.options.startDeadlineMs) return 'overloaded';
    return null;
  }

  private add(waiting: Waiting): void {
    this.queue.push(waiting);
    if (!this.running) {
      this.running = true;
      // In a turn of its own, so that all that arrives in this one goes into the first batch.
      setImmediate(() => this.run());
    }
  }

  private async run(): Promise<void> {
    let backOffMs = SHORTEST_BACK_OFF_MS;
    while (this.queue.length > 0) {
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

  private take(): Waiting[] {
    const batch = this.queue.splice(0, MOST_IN_A_BATCH);
    return batch.filter(({ operation, abandoned }) => !(abandoned && operation.kind === 'start'));
  }

  /** Commits a batch, or puts back what must not be lost; false when the database could not be reached. */
  private async attempt(batch: Waiting[]): Promise<boolean> {
    this.inFlight = batch.length;
    let reachedCommit = false;
    let reconnected = false;
    try {
      for (let tries = 1; ; tries++) {
        try {
          const startedAt = performance.now();
          const outcomes = await this.commit(batch, () => {
            reachedCommit = true;
          });
          this.measure(performance.now() - startedAt, batch.length);
          batch.forEach((waiting, index) => {
            this.answer(waiting, outcomes[index] as Outcome);
          });
          return true;
        } catch (error) {
          const fault = asFault(error);
          if (this.closed) {
            this.drop();
            return false;
          }
          this.options.onFault(fault, batch.length);
          const kind = fault instanceof DatabaseFault ? fault.kind : 'refused';
          if (kind === 'away') {
            const broke = this.connection !== null && !(fault instanceof BatchTimeout);
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
            await this.sleep(tries * 5 * (1 + Math.random()));
            continue;
          }
          if (batch.length > 1) return await this.attemptEach(batch);
          this.setAside(batch[0] as Waiting);
          return true;
        }
      }
    } finally {
      this.inFlight = 0;
    }
  }

  /** One bad operation must not fail the others of its batch: each in a transaction of its own. */
  private async attemptEach(batch: Waiting[]): Promise<boolean> {
    for (const [index, waiting] of batch.entries()) {
      if (!(await this.attempt([waiting]))) {
        this.putBack(batch.slice(index + 1), false);
        return false;
      }
    }
    return true;
  }

  private async commit(batch: Waiting[], onCommit: () => void): Promise<Outcome[]> {
    let givenUp = false;
    const work = async () => {
      const connection = this.connection ?? (await this.connected());
      // Connected too late: a newer attempt has its own connection by now.
      if (givenUp) connection.destroy();
      else this.connection = connection;
      const outcomes = await runBatch(
        connection,
        batch.map(({ operation }) => operation),
        this.options,
      );
      onCommit();
      await connection.commit();
      return outcomes;
    };
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new BatchTimeout(this.options.batchDeadlineMs)), this.options.batchDeadlineMs);
    });
    try {
      return await Promise.race([work(), deadline]);
    } finally {
      givenUp = true;
      clearTimeout(timer);
    }
  }

  private async connected(): Promise<Connection> {
    const connection = await this.options.connect();
    if (this.closed) {
      connection.destroy();
      throw new DatabaseFault('away', 'LANE_CLOSED', 'the ledger was closed');
    }
    await connection.query('SET autocommit = 0');
    return connection;
  }

  private answer(waiting: Waiting, outcome: Outcome): void {
    const { operation, abandoned } = waiting;
    if (operation.kind === 'start' && abandoned && 'granted' in outcome) this.release(operation);
    waiting.resolve(outcome);
  }

  private release({ uniqueid, accountcode }: Start): void {
    const operation: Release = { kind: 'release', uniqueid, accountcode };
    this.add({ operation, resolve: () => undefined, abandoned: false });
  }

  /**
   * After the database was lost: starts are refused, and released if they may have been committed; the rest waits in front
   * of the queue. Running a change again is right whatever became of it, since each is done once by its uniqueid.
   */
  private putBack(batch: Waiting[], mayBeCommitted: boolean): void {
    const kept = batch.filter(({ operation }) => operation.kind !== 'start');
    this.queue.unshift(...kept);
    for (const waiting of batch) {
      if (waiting.operation.kind !== 'start') continue;
      if (mayBeCommitted) this.release(waiting.operation);
      waiting.resolve({ refusal: 'ledger_unavailable' });
    }
  }

  /** An operation that the database refuses for what it is: a call is refused; an end is kept and tried again later. */
  private setAside(waiting: Waiting): void {
    if (waiting.operation.kind === 'start') waiting.resolve({ refusal: 'ledger_unavailable' });
    else setTimeout(() => this.add(waiting), STUCK_RETRY_MS).unref();
  }

  private measure(elapsedMs: number, operations: number): void {
    const WEIGHT_OF_THE_LAST = 0.2;
    this.msPerOperation += WEIGHT_OF_THE_LAST * (elapsedMs / operations - this.msPerOperation);
  }

  private async rollBack(): Promise<void> {
    try {
      await this.connection?.rollback();
    } catch {
      this.drop();
    }
  }

  private drop(): void {
    this.connection?.destroy();
    this.connection = null;
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
