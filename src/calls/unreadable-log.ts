import type { Unreadable } from '../credit/call-batch';
import type { Metric } from '../metrics/exposition';

/** How long a line of the log about one schedule or zone is enough. Ms. */
const TOLD_EVERY_MS = 600_000;

/** So many schedules and zones have lines of their own; what comes beyond them is counted. */
const MOST_TOLD = 1_000;

/**
 * What calls went on without: hours and zones that cannot be read. Each call is counted. Each schedule and zone is a line of the log with its first
 * call, and again while calls come, at most once in ten minutes.
 */
export class UnreadableLog {
  private readonly counts: Record<Unreadable['kind'], number> = { hours: 0, zone: 0 };
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly warn: (line: Record<string, unknown>) => void) {}

  /** `now` by a monotonic clock, ms. */
  note({ kind, name }: Unreadable, now: number): void {
    this.counts[kind]++;
    const key = `${kind} ${name}`;
    const toldAt = this.toldAt.get(key);
    if (toldAt === undefined ? this.toldAt.size >= MOST_TOLD : now - toldAt < TOLD_EVERY_MS) return;
    this.toldAt.set(key, now);
    this.warn(
      kind === 'hours'
        ? { event: 'hours_unreadable', schedule: name, todo: 'set them with "schedule set": until then it never holds' }
        : {
            event: 'time_zone_unknown',
            time_zone: name,
            todo: 'set the zone of its accounts with "account set --time-zone": until then their days and hours are those of UTC',
          },
    );
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_calls_unreadable_total',
        help: 'Calls that went on without the hours of a schedule, or the time zone of an account, because they cannot be read',
        type: 'counter',
        samples: Object.entries(this.counts).map(([what, value]) => ({ labels: { what }, value })),
      },
    ];
  }
}
