import type { Logger } from 'pino';
import { type CallLedger, NOT_URGENT_MS } from '../credit/ledger';
import { type CallRecord, unwrittenCall } from '../credit/rules/call';
import type { CallEnd } from '../credit/rules/charge';
import { formatAmount } from '../money/micros';
import { masked } from '../rating/dialled-number';
import type { CallAction, CallState } from './call-state';
import type { CarriedCall } from './carried-call';
import { correctedEnd, RECORDS_WITHIN_MS, type SwitchRecords, soughtOf, type WrittenCall } from './evidence';
import { withoutOurCut } from './heard';
import { routeIndexOf } from './leg-names';
import type { SwitchPort } from './switch-port';
import type { Turns } from './turns';

export interface SettlementOptions {
  ledger: Pick<CallLedger, 'end'>;
  records: SwitchRecords;
  /** How long to wait for the switch's own records if something of a call may have been missed. Ms. */
  recordsWithinMs?: number;
  /** Whether this process still carries this life of the call. */
  isCarried: (call: CarriedCall) => boolean;
  /** When a switch was started, by its own word; 0 if it has not said. */
  startedAt: (port: SwitchPort) => number;
  /** The ends of calls that are cut at one instant take turns at the ledger. */
  turns: Turns;
  log: Logger;
}

/** How often the records are read for an end meanwhile. Ms. */
const ASK_RECORDS_MS = 1_000;

/** How long a stopping service waits for them. It has RINGFENCE_DRAIN_SECONDS for everything, and a reported end would be lost. */
const CLOSING_RECORDS_MS = 3_000;

/** The end of a call on its way into the ledger, completed by the switch's records if something may have been missed. */
export class Settlement {
  private closed = false;

  constructor(private readonly options: SettlementOptions) {}

  /** From now on no end waits long for records. */
  close(): void {
    this.closed = true;
  }

  /**
   * Settles a call. Resolves with true when the ledger has committed its end. False: this process no longer carries the call, and does not
   * know its end for certain. The service that carries it by then settles it by the records.
   */
  async settle(call: CarriedCall, action: Extract<CallAction, { do: 'settle' }>): Promise<boolean> {
    const { state, port } = call;
    const { uniqueid, accountcode } = state;
    const best = await this.bestEnd(call, action);
    if (best === null) return false;
    const { end, trunk } = best;
    const { ledger, turns, isCarried } = this.options;
    // A service that stops, or has lost its switch, tells the ledger at once.
    const mayWaitMs = () => (this.closed || !isCarried(call) ? 0 : NOT_URGENT_MS);
    const ended = () => ledger.end({ uniqueid, accountcode, trunk, end, ...unwritten(state), mayWaitMs: mayWaitMs() });
    const settled = await (isCarried(call) ? turns.take(call, ended) : ended());
    port.notes?.forget(uniqueid);
    this.options.log.info({
      event: 'call_settled',
      uniqueid,
      accountcode,
      dst: masked(state.dst ?? ''),
      trunk,
      disposition: end.disposition,
      hangup_cause: end.hangupCause,
      hangup_source: end.hangupSource,
      ...(settled
        ? { billsec: settled.billsec, cost: formatAmount(settled.cost), overrun_seconds: settled.overrunSeconds }
        : { unknown: true }),
    });
    return true;
  }

  /** How the call ended, by the best evidence; null if another service must find that out. */
  private async bestEnd(
    call: CarriedCall,
    { end: told, trunk }: Extract<CallAction, { do: 'settle' }>,
  ): Promise<{ end: CallEnd; trunk: string } | null> {
    const { state, doubts } = call;
    // The hang-ups that are sent at the same time may get no answer either, which makes the end doubtful too.
    await Promise.resolve();
    const isDoubtful = doubts.exist && told.evidence === 'event';
    const found = isDoubtful ? await this.written(call) : null;
    if (isDoubtful && !state.unwritten && !this.options.isCarried(call)) return null;
    const record = withoutLoneLeg(found, told, doubts.legLostAt);
    const end = record ? correctedEnd(told, record) : unlessLost(told, doubts.legSeenAt);
    if (end === told) return { end, trunk };
    return { end, trunk: state.routes[routeIndexOf(record?.answeredLeg ?? '')]?.trunk ?? trunk };
  }

  /**
   * The switch's records of a call that has ended; null if they did not come in time. The time counts from when no request about the call
   * is open. A switch that was started since then has written all that it ever will.
   */
  private async written(call: CarriedCall): Promise<WrittenCall | null> {
    const { records, recordsWithinMs = RECORDS_WITHIN_MS, isCarried, startedAt } = this.options;
    const { port, state } = call;
    if (port.notes) return null;
    const { uniqueid, startAt } = state;
    const patience = () => (this.closed ? Math.min(recordsWithinMs, CLOSING_RECORDS_MS) : recordsWithinMs);
    for (let since = performance.now(); performance.now() - since < patience(); ) {
      const found = await records.of(port.node, [soughtOf(state)]).catch(() => null);
      const record = found?.get(uniqueid) ?? null;
      if (record && record.endAt !== null) return record;
      const hasRestarted = startAt < startedAt(port);
      if (hasRestarted && found !== null) return record;
      if (!isCarried(call)) return null;
      await new Promise(resolve => setTimeout(resolve, ASK_RECORDS_MS));
      if (call.requests > 0 && !this.closed) since = performance.now();
    }
    return null;
  }
}

/** If the ledger does not know the call, it gets the whole call. */
function unwritten(state: CallState): { unwritten?: CallRecord } {
  if (!state.unwritten || !state.grant) return {};
  const fixed = state.dialledBy === 'dialplan' ? { fixed: {} } : {};
  return { unwritten: unwrittenCall({ ...state, ...fixed, routable: true, ringSeconds: 0 }, state.grant) };
}

/** The records of a call, without an end that came after its leg was found lost; null if they have no other. */
function withoutLoneLeg(found: WrittenCall | null, told: CallEnd, legLostAt: number | null): WrittenCall | null {
  if (legLostAt === null || found === null) return found;
  const record = withoutOurCut(found, told.answerAt, legLostAt);
  return record?.endAt === null ? null : record;
}

/** Without records, talk to a leg that was lost unheard is charged until that leg was last seen, never beyond. */
function unlessLost(told: CallEnd, legSeenAt: number | null): CallEnd {
  const isCertain = told.evidence !== 'event' || told.answerAt === null || told.hangupSource === 'callee';
  if (legSeenAt === null || isCertain || told.endAt <= legSeenAt) return told;
  return { ...told, endAt: Math.max(legSeenAt, told.answerAt ?? 0), hangupSource: 'callee', evidence: 'sighting' };
}
