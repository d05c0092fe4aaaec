import type { Logger } from 'pino';

/** A reason is logged at most this often. The next line says how many refusals came in between. Ms. */
const LOGGED_EVERY_MS = 1_000;

interface Tally {
  total: number;
  loggedAt: number;
  loggedTotal: number;
}

/**
 * What a door refused, by reason. Every refusal is counted. Each reason is logged at most once a second, because a peer can provoke
 * refusals without end.
 */
export class RefusalLog {
  private readonly tallies = new Map<string, Tally>();

  constructor(
    private readonly door: string,
    private readonly log: Logger,
  ) {}

  /** `reason` is one of a few words of ours; `facts` hold no secret. */
  note(reason: string, facts: Record<string, unknown>): void {
    const tally = this.tallies.get(reason) ?? { total: 0, loggedAt: Number.NEGATIVE_INFINITY, loggedTotal: 0 };
    this.tallies.set(reason, tally);
    tally.total++;
    const now = performance.now();
    if (now - tally.loggedAt < LOGGED_EVERY_MS) return;
    const unlogged = tally.total - tally.loggedTotal - 1;
    this.log.warn({ event: 'door_refused', door: this.door, reason, total: tally.total, unlogged, ...facts });
    Object.assign(tally, { loggedAt: now, loggedTotal: tally.total });
  }

  /** How often each reason was given since the start. */
  totals(): Record<string, number> {
    return Object.fromEntries([...this.tallies].map(([reason, { total }]) => [reason, total]));
  }
}
