import type { SwitchError } from '../../calls/switch-port';
import type { Metric } from '../../metrics/exposition';
import { Histogram } from '../../metrics/histogram';

/** From a switch at rest to its deadline. Seconds. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** How a request to a switch went: it was answered, or why not. */
export type RoundTripOutcome = 'answered' | SwitchError['kind'];

/** How long requests to each switch took. */
export class RoundTrips {
  private readonly times = new Histogram(BOUNDS_SECONDS);

  /** `origin`: where the switch is asked, without user and password. */
  observe(origin: string, outcome: RoundTripOutcome, ms: number): void {
    this.times.observe({ origin, outcome }, ms / 1000);
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_ari_seconds',
        help: 'How long requests to an Asterisk took, by how they went',
        type: 'histogram',
        samples: this.times.samples,
      },
    ];
  }
}
