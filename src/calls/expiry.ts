import type { Logger } from 'pino';
import type { SwitchRecords } from './evidence';
import { cutOf, withoutOurCut } from './heard';
import type { OpenCalls } from './open-call-store';
import type { Switchboard } from './switchboard';
import type { UnseenEnds } from './unseen-ends';

export interface ExpiryOptions {
  switchboard: Switchboard;
  openCalls: OpenCalls;
  records: SwitchRecords;
  ends: UnseenEnds;
  log: Logger;
  /** Ms. */
  everyMs: number;
}

/**
 * Frees what a switch that never came back still holds: calls whose reservation outlived the longest possible life of the call.
 *
 * Any process does so for any switch. The process that carried such a call may know better how it ended, and may have waited for the
 * database as long as this one. So a call is settled here only if the last sweep found it too.
 */
export class Expiry {
  private readonly timer: NodeJS.Timeout;
  private before = new Set<string>();

  constructor(private readonly options: ExpiryOptions) {
    this.timer = setInterval(() => void this.sweep(), options.everyMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    const { before } = this;
    this.before = new Set();
    try {
      const { switchboard, openCalls, records, ends } = this.options;
      const expired = (await openCalls.expired()).filter(
        ({ uniqueid }) => !switchboard.stateOf(uniqueid) && !ends.has(uniqueid),
      );
      this.before = new Set(expired.map(({ uniqueid }) => uniqueid));
      const due = expired.filter(({ uniqueid }) => before.has(uniqueid));
      for (const node of new Set(due.map(call => call.node))) {
        const calls = due.filter(call => call.node === node);
        const seenAt = await openCalls.lastSeen(node);
        const written = await records.of(node, calls);
        for (const call of calls) {
          const cutAt = cutOf(call);
          const record = withoutOurCut(written.get(call.uniqueid) ?? null, call.answerAt, cutAt);
          ends.settle(call, undefined, record, seenAt, undefined, cutAt);
        }
      }
    } catch (error) {
      this.options.log.warn({ event: 'sweep_failed', error: String(error) });
    }
  }
}
