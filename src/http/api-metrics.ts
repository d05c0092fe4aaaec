/** What the API answered, for monitoring. Pure. */
import type { Metric } from '../metrics/exposition';
import { Histogram } from '../metrics/histogram';

const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 20];

/** The labels of requests to no route: strangers choose path and method. */
const NO_ROUTE = { method: 'any', route: 'none' };

export interface Answered {
  method: string;
  /** The declared path, never the one that was asked; undefined if there is none. */
  route: string | undefined;
  status: number;
  ms: number;
}

export class ApiMetrics {
  private readonly times = new Histogram(BOUNDS_SECONDS);
  private readonly counts = new Map<string, { labels: Record<string, string>; value: number }>();

  observe({ method, route, status, ms }: Answered): void {
    const labels = route === undefined ? NO_ROUTE : { method, route: route.replaceAll(/:(\w+)/g, '{$1}') };
    this.times.observe(labels, ms / 1000);
    const counted = { ...labels, status: String(status) };
    const key = Object.values(counted).join(' ');
    this.counts.set(key, { labels: counted, value: (this.counts.get(key)?.value ?? 0) + 1 });
  }

  /** `refused`: what was refused so far, by reason. */
  metrics(connections: number, refused: Readonly<Record<string, number>>): Metric[] {
    return [
      {
        name: 'ringfence_api_requests_total',
        help: "Requests that the operator's API answered, by path and status",
        type: 'counter',
        samples: [...this.counts.values()],
      },
      {
        name: 'ringfence_api_request_seconds',
        help: 'How long those answers took',
        type: 'histogram',
        samples: this.times.samples,
      },
      {
        name: 'ringfence_api_refusals_total',
        help: "What the operator's API refused before it looked at the question, by reason",
        type: 'counter',
        samples: Object.entries(refused).map(([reason, value]) => ({ labels: { reason }, value })),
      },
      {
        name: 'ringfence_api_connections',
        help: "Connections to the operator's API now",
        type: 'gauge',
        samples: [{ labels: {}, value: connections }],
      },
    ];
  }
}
