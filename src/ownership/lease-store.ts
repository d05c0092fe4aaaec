import type { Connection } from 'mysql2/promise';
import type { HeldLease } from '../credit/books';
import { openConnection } from '../database/connection';
import { QUESTION_DEADLINE_MS, withDeadline } from '../database/deadline';
import { asFault, DatabaseFault } from '../database/fault';
import { insertRows, select, write } from '../database/rows';
import { isGone } from './process-identity';

/** How long a lease lasts without renewal, by the database's clock, which alone decides. */
export const LEASE_SECONDS = 10;

/** The most lanes that a process can have (RINGFENCE_LEDGER_LANES): each of them has a fence of its own. */
const MOST_LANES = 16;

/** The right to act for a switch, as the database gives it to one process at a time. All reject with DatabaseFault. */
export interface Leases {
  /** Takes the lease if it is free, or if its owner's process is known to be gone; otherwise says who owns it. */
  acquire(node: string): Promise<HeldLease | { owner: string }>;
  /** False if another process owns it by now. */
  renew(lease: HeldLease): Promise<boolean>;
  /** Releases the lease, so that another process need not wait for its end. Nothing happens if another owns it already. */
  release(lease: HeldLease): Promise<void>;
  close(): void;
}

/** How long the server keeps a silent connection. We use it every 3 s, or open it again. */
const SILENCE_SECONDS = 8;

/** Leases as rows of `astlease`, over one connection of their own, so that they wait for nothing else. */
export class LeaseTable implements Leases {
  private connection: Connection | null = null;
  /** With several hosts each may take its second: an attempt goes on after the question that began it is given up. */
  private connecting: Promise<Connection> | null = null;
  private closed = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly databaseUrl: string,
    /** This process; see `ownName`. */
    private readonly owner: string,
  ) {}

  acquire(node: string): Promise<HeldLease | { owner: string }> {
    return this.ask(async connection => {
      // Not part of the transaction: two processes that insert at once would wait for each other.
      await write(connection, 'INSERT IGNORE INTO astlease (node) VALUES (?)', [node]);
      await connection.beginTransaction();
      const [lease] = await select(
        connection,
        'SELECT owner, epoch, expires_at <= UTC_TIMESTAMP(3) AS expired FROM astlease WHERE node = ? FOR UPDATE',
        [node],
      );
      const { owner, epoch: last, expired } = lease as { owner: string; epoch: string; expired: number };
      if (Number(expired) === 0 && owner !== this.owner && !isGone(owner)) {
        await connection.rollback();
        return { owner };
      }
      const epoch = Number(last) + 1;
      await write(
        connection,
        `UPDATE astlease SET owner = ?, epoch = ?, acquired_at = UTC_TIMESTAMP(3),
           expires_at = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND WHERE node = ?`,
        [this.owner, epoch, node],
      );
      // Waits for a transaction of the former owner that is in progress; after that none of its transactions can commit.
      await write(connection, 'UPDATE astfence SET epoch = ? WHERE node = ?', [epoch, node]);
      const rows = await select(connection, 'SELECT lane FROM astfence WHERE node = ?', [node]);
      const there = new Set(rows.map(row => row.lane));
      const missing = Array.from({ length: MOST_LANES }, (_, lane) => lane).filter(lane => !there.has(lane));
      await insertRows(
        connection,
        'astfence',
        ['node', 'lane', 'epoch'],
        missing.map(lane => [node, lane, epoch]),
      );
      await connection.commit();
      return { node, epoch };
    });
  }

  renew({ node, epoch }: HeldLease): Promise<boolean> {
    return this.ask(async connection => {
      const renewed = await write(
        connection,
        `UPDATE astlease SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND
         WHERE node = ? AND owner = ? AND epoch = ?`,
        [node, this.owner, epoch],
      );
      return renewed === 1;
    });
  }

  async release({ node, epoch }: HeldLease): Promise<void> {
    await this.ask(connection =>
      write(
        connection,
        "UPDATE astlease SET owner = '', expires_at = UTC_TIMESTAMP(3) WHERE node = ? AND owner = ? AND epoch = ?",
        [node, this.owner, epoch],
      ),
    );
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private drop(): void {
    this.connection?.destroy();
    this.connection = null;
  }

  private async connected(): Promise<Connection> {
    if (this.connection) return this.connection;
    this.connecting ??= this.connect().finally(() => {
      this.connecting = null;
    });
    this.connection = await this.connecting;
    return this.connection;
  }

  private async connect(): Promise<Connection> {
    const connection = await openConnection(this.databaseUrl);
    try {
      // A process that is frozen, or a machine that is gone, in the middle of a question must not keep the lease locked.
      await connection.query(`SET SESSION wait_timeout = ${SILENCE_SECONDS}`);
      if (this.closed) throw new DatabaseFault('away', 'LEASES_CLOSED', 'the leases were closed');
    } catch (error) {
      connection.destroy();
      throw error;
    }
    return connection;
  }

  /** One question after the other. After any failure the connection is given up, with whatever it had begun. */
  private ask<Answer>(question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const answer = this.last.then(async () => {
      // A renewal that hangs must not hide that the lease runs out.
      const late = () => new DatabaseFault('away', 'LEASE_TIMEOUT', `no answer within ${QUESTION_DEADLINE_MS} ms`);
      let givenUp = false;
      const work = async () => {
        const connection = await this.connected();
        if (givenUp) throw new DatabaseFault('away', 'LEASE_TIMEOUT', 'connected too late for this question');
        return question(connection);
      };
      try {
        return await withDeadline(work(), QUESTION_DEADLINE_MS, late);
      } catch (error) {
        givenUp = true;
        this.drop();
        throw asFault(error);
      }
    });
    this.last = answer.catch(() => undefined);
    return answer;
  }
}
