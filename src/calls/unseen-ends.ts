import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
import type { CallRecord } from '../credit/rules/call';
import type { WrittenCall } from './evidence';
import { endOf, type Heard } from './heard';

/** The ends of calls that no process carried, on their way into the ledger. */
export class UnseenEnds {
  /** With the switch of each. */
  private readonly settling = new Map<string, string>();

  constructor(
    private readonly ledger: CallLedger,
    private readonly log: Logger,
  ) {}

  /** How many are not durable yet. */
  get size(): number {
    return this.settling.size;
  }

  has(uniqueid: string): boolean {
    return this.settling.has(uniqueid);
  }

  /** Whether one of them is of a call on this switch. */
  areOn(node: string): boolean {
    return [...this.settling.values()].includes(node);
  }

  /**
   * Settles a call by the best evidence: never before its answer, and by a mere sighting never beyond its grant. Nothing waits for it:
   * while the database is away it stays in the lane. `seenAt` null: its switch was never seen. `settled` is called when the end is durable.
   * `cutAt`: when we hung up what was left of it.
   */
  settle(
    call: CallRecord,
    heard: Heard | undefined,
    record: WrittenCall | null,
    seenAt: number | null,
    settled: () => void = () => undefined,
    cutAt?: number,
  ): void {
    const { uniqueid, accountcode, node, trunk } = call;
    const end = endOf(call, heard, record, seenAt, cutAt);
    this.settling.set(uniqueid, node);
    const done = () => this.settling.delete(uniqueid);
    void this.ledger.end({ uniqueid, accountcode, trunk, end }).then(settled).finally(done);
    const { evidence, answerAt } = end;
    this.log.warn({
      event: 'call_settled_unseen',
      uniqueid,
      accountcode,
      node,
      answered: answerAt !== null,
      evidence,
    });
  }
}
