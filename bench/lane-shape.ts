import pino from 'pino';
import type { HeldLease } from '../src/credit/books';
import { Ledger } from '../src/credit/ledger';
import { LeaseTable } from '../src/ownership/lease-store';
import type { Shape } from './open-loop';
import { ownProcessorMs } from './processor-time';

/** The name of the switch whose lease these ledgers have. */
export const BENCH_NODE = 'bench';

/** The ledger's own lanes, in this process. A start that takes longer than `startDeadlineMs` is refused. */
export async function laneShape(databaseUrl: string, lanes: number, startDeadlineMs: number): Promise<Shape> {
  const ledger = await benchLedger(databaseUrl, lanes, startDeadlineMs);
  return {
    start: async request => 'granted' in (await ledger.start(request)),
    end: async (request, end) => {
      await ledger.end({ uniqueid: request.uniqueid, accountcode: request.accountcode, trunk: 'carrier', end });
    },
    close: () => ledger.close(),
    processorMs: ownProcessorMs,
  };
}

/** A ledger of this process, with the lease of its switch. */
export async function benchLedger(databaseUrl: string, lanes: number, startDeadlineMs: number): Promise<Ledger> {
  const leases = new LeaseTable(databaseUrl, 'bench');
  const lease = (await leases.acquire(BENCH_NODE)) as HeldLease;
  leases.close();
  return new Ledger({
    databaseUrl,
    lanes,
    limits: { maxCallSeconds: 3600, barredPrefixes: [] },
    startDeadlineMs,
    batchDeadlineMs: 10_000,
    // As in a service: every batch that starts calls writes its fence.
    leaseOf: () => lease,
    log: pino({ level: 'error' }),
  });
}
