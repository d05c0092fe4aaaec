import type { EndReport } from '../credit/ledger';
import type { Metric } from '../metrics/exposition';
import { Histogram } from '../metrics/histogram';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';

/** From the time that an idle database takes to a minute without one. Seconds. */
const BOUNDS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60];

const BOUNDS_OPERATIONS = [1, 2, 4, 8, 16, 32, 64, 128];

/** What the ledger of this service commits, by switches and at doors, since the service started. */
export class LedgerMetrics {
  private readonly ends = new Histogram(BOUNDS_SECONDS);
  private readonly batches = new Histogram(BOUNDS_OPERATIONS);
  private readonly charged = new Map<string, Micros>();

  batch(operations: number): void {
    this.batches.observe({}, operations);
  }

  end({ ms, charged }: EndReport): void {
    this.ends.observe({}, ms / 1000);
    if (!charged || charged.amount === ZERO) return;
    const { currency, amount } = charged;
    this.charged.set(currency, micros((this.charged.get(currency) ?? ZERO) + amount));
  }

  /** `waiting`: operations that are not committed now. */
  metrics(waiting: number): Metric[] {
    return [
      {
        name: 'ringfence_settle_seconds',
        help: 'How long ends of calls waited until they were committed',
        type: 'histogram',
        samples: this.ends.samples,
      },
      {
        name: 'ringfence_ledger_batch_operations',
        help: 'How many operations the ledger committed at once',
        type: 'histogram',
        samples: this.batches.samples,
      },
      {
        name: 'ringfence_ledger_waiting',
        help: 'Operations that the ledger has not committed yet',
        type: 'gauge',
        samples: [{ labels: {}, value: waiting }],
      },
      {
        name: 'ringfence_money_charged_total',
        help: 'Money that calls were charged, by currency',
        type: 'counter',
        samples: [...this.charged].map(([currency, amount]) => ({ labels: { currency }, value: formatAmount(amount) })),
      },
    ];
  }
}
