import type { Logger } from 'pino';
import { SparseLog } from './sparse-log';

/**
 * What a door refused, by reason. Every refusal is counted. Each reason is logged at most once a second, because a peer can provoke
 * refusals without end.
 */
export class RefusalLog {
  private readonly refused = new SparseLog();

  constructor(
    private readonly door: string,
    private readonly log: Logger,
  ) {}

  /** `reason` is one of a few words of ours; `facts` hold no secret. */
  note(reason: string, facts: Record<string, unknown>): void {
    this.refused.note(reason, counts =>
      this.log.warn({ event: 'door_refused', door: this.door, reason, ...counts, ...facts }),
    );
  }

  /** How often each reason was given since the start. */
  totals(): Record<string, number> {
    return this.refused.totals();
  }
}
