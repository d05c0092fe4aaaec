import type { Metric } from '../metrics/exposition';

/** How many calls had talked on beyond their limits when they were settled, since the service started; by node. */
export const overrunMetric = (byNode: ReadonlyMap<string, number>): Metric => ({
  name: 'ringfence_calls_overrun_total',
  help: 'Calls that had talked on beyond their limits when they were settled; no account pays for that talk',
  type: 'counter',
  samples: [...byNode].map(([node, value]) => ({ labels: { node }, value })),
});
