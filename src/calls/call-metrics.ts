import type { Refusal } from '../credit/refusal';
import type { Metric } from '../metrics/exposition';

/** How many calls were refused since the service started: by switch, and by reason. */
export class RefusedCalls {
  private readonly bySwitch = new Map<string, Map<Refusal, number>>();

  count(node: string, reason: Refusal): void {
    const reasons = this.bySwitch.get(node) ?? new Map<Refusal, number>();
    this.bySwitch.set(node, reasons.set(reason, (reasons.get(reason) ?? 0) + 1));
  }

  /** Calls that are `carried` now, and calls that were refused, as metrics. */
  metrics(carried: number): Metric[] {
    return [
      {
        name: 'ringfence_calls_refused_total',
        help: 'Calls by a switch that were refused, by reason',
        type: 'counter',
        samples: [...this.bySwitch].flatMap(([node, reasons]) =>
          [...reasons].map(([reason, value]) => ({ labels: { switch: node, reason }, value })),
        ),
      },
      {
        name: 'ringfence_calls_carried',
        help: 'Calls by switches that are carried now, those that are being settled too',
        type: 'gauge',
        samples: [{ labels: {}, value: carried }],
      },
    ];
  }
}
