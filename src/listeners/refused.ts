import type { Logger } from 'pino';

/** A reason is logged no more often than so; what is refused in between is told by its number. Ms. */
const LOGGED_EVERY_MS = 1_000;

interface Tally {
  total: number;
  loggedAt: number;
  loggedTotal: number;
}

/** What a door refused, by reason: counted always, logged at most once a second for each reason, as a peer can refuse to stop. */
export class Refused {
  private readonly tallies = new Map<string, Tally>();

  constructor(
    private readonly door: string,
    private readonly log: Logger,
  ) {}

  /** `reason` is one of a few words of ours; `facts` hold nothing secret. */
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
