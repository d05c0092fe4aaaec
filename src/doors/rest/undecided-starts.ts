import type { StartOutcome } from '../../credit/ledger-operation';
import { TIME_REFUSALS } from '../../credit/refusal';
import type { StartRequest } from '../../credit/rules/start';

/** A call for which the ledger was asked, and that may still be written. */
export interface UndecidedStart {
  request: StartRequest;
  /** Resolves when the start is decided, or when its request has waited too long. */
  outcome: Promise<StartOutcome>;
}

/** The oldest are forgotten. A switch settles a call that it did not make within seconds. Some hundred bytes each. */
const MOST_KEPT = 20_000;

/**
 * Starts that may or may not be written, by uniqueid.
 *
 * No query can tell: what the database has not committed cannot be seen. But an operation that goes through the lane of the account after
 * such a start comes after it, and finds it written or knows that it never will be. Starts of another process, or of this one before a
 * restart, are not known here.
 */
export class UndecidedStarts {
  private readonly kept = new Map<string, UndecidedStart>();

  get(uniqueid: string): UndecidedStart | undefined {
    return this.kept.get(uniqueid);
  }

  /** The outcome of the start, which is kept until it is known for certain. */
  async of(start: UndecidedStart): Promise<StartOutcome> {
    const { uniqueid } = start.request;
    this.kept.delete(uniqueid);
    this.kept.set(uniqueid, start);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value as string);
    const outcome = await start.outcome;
    if (!('refusal' in outcome && TIME_REFUSALS.has(outcome.refusal))) this.decided(start);
    return outcome;
  }

  /** Forgets it, unless the same call was requested again since. */
  decided(start: UndecidedStart): void {
    const { uniqueid } = start.request;
    if (this.kept.get(uniqueid) === start) this.kept.delete(uniqueid);
  }
}
