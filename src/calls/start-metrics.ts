import type { StartReport } from '../credit/start-times';
import type { Metric } from '../metrics/exposition';
import { Histogram } from '../metrics/histogram';

/** From the time that an idle database takes to twice the longest deadline. Seconds. */
const BOUNDS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

/** How long the decision about starts took, and where the time went: by switches and at doors, since the service started. */
export class StartMetrics {
  private readonly stages = new Histogram(BOUNDS_SECONDS);
  private readonly outcomes = new Map<StartReport['outcome'], number>();

  observe({ outcome, times }: StartReport): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    const stages = {
      routes: times.routesMs,
      queue: times.queueMs,
      statements: times.statementsMs,
      commit: times.commitMs,
      event_loop: times.eventLoopMs,
      total: times.totalMs,
    };
    for (const [stage, ms] of Object.entries(stages)) this.stages.observe({ stage }, ms / 1000);
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_start_seconds',
        help: 'How long calls waited to be let through or refused, in all and by what they waited for',
        type: 'histogram',
        samples: this.stages.samples,
      },
      {
        name: 'ringfence_starts_total',
        help: 'Calls that the ledger was asked for, by what it said',
        type: 'counter',
        samples: [...this.outcomes].map(([outcome, value]) => ({ labels: { outcome }, value })),
      },
    ];
  }
}
