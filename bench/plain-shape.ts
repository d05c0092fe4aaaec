import type { Connection } from 'mysql2/promise';
import { type BatchContext, decideBatch } from '../src/credit/call-batch';
import type { LedgerOperation } from '../src/credit/ledger-operation';
import type { CallEnd } from '../src/credit/rules/charge';
import type { StartRequest } from '../src/credit/rules/start';
import { booksOn } from '../src/credit/sql-books';
import { openConnection } from '../src/database/connection';
import { asFault, isFault } from '../src/database/fault';
import { RateStore } from '../src/rating/rate-store';
import type { Shape } from './open-loop';
import { ownProcessorMs } from './processor-time';

/**
 * The baseline: one transaction per call and step, with the account's row locked from its first statement to COMMIT, on as many connections
 * as are allowed. The rules, tables and statements are those of the lanes, so that only the shape differs.
 */
export class PlainShape implements Shape {
  private readonly idle: Connection[] = [];
  private readonly waiting: ((connection: Connection) => void)[] = [];
  private readonly rates = new RateStore();
  private readonly context: BatchContext = {
    limits: { maxCallSeconds: 3600, barredPrefixes: [] },
  };

  static async open(url: string, connections: number): Promise<PlainShape> {
    const shape = new PlainShape();
    for (let count = 0; count < connections; count++)
      shape.idle.push(await openConnection(url, { takesPackets: true }));
    return shape;
  }

  async start(request: StartRequest): Promise<boolean> {
    const { uniqueid, accountcode } = request;
    const outcome = await this.transaction({ kind: 'start', uniqueid, accountcode, request, lease: null });
    return 'granted' in (outcome as object);
  }

  async end({ uniqueid, accountcode }: StartRequest, end: CallEnd): Promise<void> {
    await this.transaction({ kind: 'end', uniqueid, accountcode, trunk: 'carrier', end });
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map(connection => connection.end()));
  }

  processorMs(): number {
    return ownProcessorMs();
  }

  private async transaction(operation: LedgerOperation): Promise<unknown> {
    const connection = this.idle.pop() ?? (await new Promise<Connection>(resolve => this.waiting.push(resolve)));
    try {
      for (;;) {
        try {
          await connection.beginTransaction();
          const books = booksOn(connection, this.rates, 0);
          const { outcomes, changes } = await decideBatch(books, [operation], this.context);
          await books.commit(changes);
          return outcomes[0];
        } catch (error) {
          await connection.rollback();
          if (!isFault(asFault(error), 'again')) throw error;
        }
      }
    } finally {
      const next = this.waiting.shift();
      if (next) next(connection);
      else this.idle.push(connection);
    }
  }
}
