import pino from 'pino';
import type { HeldLease } from '../src/credit/books';
import { Ledger } from '../src/credit/ledger';
import { LeaseTable } from '../src/ownership/lease-store';
import type { Shape } from './open-loop';

/** The ledger's own lanes, in this process. A start that takes longer than `startDeadlineMs` is refused. */
export async function laneShape(databaseUrl: string, lanes: number, startDeadlineMs: number): Promise<Shape> {
  const leases = new LeaseTable(databaseUrl, 'bench');
  const lease = (await leases.acquire('bench')) as HeldLease;
  leases.close();
  const ledger = new Ledger({
    databaseUrl,
    lanes,
    limits: { maxCallSeconds: 3600, barredPrefixes: [] },
    startDeadlineMs,
    batchDeadlineMs: 10_000,
    // As in a service: every batch that starts calls writes its fence.
    leaseOf: () => lease,
    log: pino({ level: 'error' }),
  });
  return {
    start: async request => 'granted' in (await ledger.start(request)),
    end: async (request, end) => {
      await ledger.end({ uniqueid: request.uniqueid, accountcode: request.accountcode, trunk: 'carrier', end });
    },
    close: () => ledger.close(),
  };
}
