import type { Connection } from 'mysql2/promise';
import type { HeldLease } from '../credit/books';
import { openConnection } from '../database/connection';
import { asFault, DatabaseFault } from '../database/fault';
import { insertRows, select, write } from '../database/rows';
import { isGone } from './process-identity';

/** How long a lease lasts that nobody renews; by the database's clock, and the only time there that decides anything. */
export const LEASE_SECONDS = 10;

/** Most lanes that a process can have (RINGFENCE_LEDGER_LANES): each of them has a fence of its own. */
const MOST_LANES = 16;

/** The right to act for a switch, as the database gives it to one process at a time. All reject with DatabaseFault. */
export interface Leases {
  /** Takes the lease if it is free, or its owner's process is known to be gone; else says whose it is. */
  acquire(node: string): Promise<HeldLease | { owner: string }>;
  /** False when it is another's by now. */
  renew(lease: HeldLease): Promise<boolean>;
  /** Lets go, so that another need not wait for its end. Nothing happens if it is another's already. */
  release(lease: HeldLease): Promise<void>;
  close(): void;
}

/** The database answers within this, or counts as away: a renewal that hangs must not hide that the lease runs out. */
const DEADLINE_MS = 2_000;

/** Leases as rows of `astlease`, over one connection of their own, so that they wait for nothing else. */
export class LeaseTable implements Leases {
  private connection: Connection | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly databaseUrl: string,
    /** This process; see `ownName`. */
    private readonly owner: string,
  ) {}

  acquire(node: string): Promise<HeldLease | { owner: string }> {
    return this.ask(async connection => {
      // Not part of the transaction: two that insert at once would wait for each other.
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
      // Waits for a transaction of the former owner that is under way, and then no further one of his can commit.
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
    this.connection?.destroy();
    this.connection = null;
  }

  /** One question after the other; after any failure the connection is given up, and whatever it had begun with it. */
  private ask<Answer>(question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const answer = this.last.then(async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        const error = new DatabaseFault('away', 'LEASE_TIMEOUT', `no answer within ${DEADLINE_MS} ms`);
        timer = setTimeout(() => reject(error), DEADLINE_MS);
      });
      let givenUp = false;
      const work = async () => {
        const connection = this.connection ?? (await openConnection(this.databaseUrl));
        if (givenUp) connection.destroy();
        else this.connection = connection;
        return question(connection);
      };
      try {
        return await Promise.race([work(), late]);
      } catch (error) {
        givenUp = true;
        this.close();
        throw asFault(error);
      } finally {
        clearTimeout(timer);
      }
    });
    this.last = answer.catch(() => undefined);
    return answer;
  }
}
