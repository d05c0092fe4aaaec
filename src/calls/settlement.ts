import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
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

export interface SettlementOptions {
  ledger: Pick<CallLedger, 'end'>;
  records: SwitchRecords;
  /** How long to wait for the switch's own records when something of a call may have been missed. Ms. */
  recordsWithinMs?: number;
  /** Whether this process carries this life of a call still. */
  isCarried: (call: CarriedCall) => boolean;
  /** When a switch was started, by its own word; 0 while it did not say. */
  startedAt: (port: SwitchPort) => number;
  log: Logger;
}

/** How often the records are asked for an end meanwhile. Ms. */
const ASK_RECORDS_MS = 1_000;

/** How long a service that stops waits for them: it has RINGFENCE_DRAIN_SECONDS for everything, and an end that was told would be lost. */
const CLOSING_RECORDS_MS = 3_000;

/** The end of a call on its way into the ledger: completed by what the switch wrote down, where something may have been missed. */
export class Settlement {
  private closed = false;

  constructor(private readonly options: SettlementOptions) {}

  /** Waits for no records for long any more. */
  close(): void {
    this.closed = true;
  }

  /**
   * Settles a call; resolves with true when the ledger has committed its end. False: this process carries the call no longer, and does not
   * know its end for certain. The service that carries it by then settles it by the records.
   */
  async settle(call: CarriedCall, action: Extract<CallAction, { do: 'settle' }>): Promise<boolean> {
    const { state, port } = call;
    const { uniqueid, accountcode } = state;
    const best = await this.bestEnd(call, action);
    if (best === null) return false;
    const { end, trunk } = best;
    const settled = await this.options.ledger.end({ uniqueid, accountcode, trunk, end, ...unwritten(state) });
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

  /** How the call ended, by the best evidence there is; null when another service has to find that out. */
  private async bestEnd(
    call: CarriedCall,
    { end: told, trunk }: Extract<CallAction, { do: 'settle' }>,
  ): Promise<{ end: CallEnd; trunk: string } | null> {
    const { state, doubts } = call;
    // The hang-ups that go out beside this may not be answered either, which makes the end doubtful too.
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
   * What the switch wrote down of a call that has ended; null when that did not come in time. The time counts from when no request about
   * the call is open. A switch that was started since has written all that it ever will.
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

/** A call that the ledger never heard of is told to it whole. */
function unwritten(state: CallState): { unwritten?: CallRecord } {
  if (!state.unwritten || !state.grant) return {};
  const fixed = state.dialledBy === 'dialplan' ? { fixed: {} } : {};
  return { unwritten: unwrittenCall({ ...state, ...fixed, routable: true, ringSeconds: 0 }, state.grant) };
}

/** What is written of a call, without an end that came after its leg was found lost; null where it has no other. */
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
