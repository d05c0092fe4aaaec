import type { Logger } from 'pino';
import type { CallState } from './call-state';
import type { SwitchList } from './channel-list';
import { RECORDS_WITHIN_MS, type SwitchRecords, soughtOf, type WrittenCall } from './evidence';
import { cutOf, isToldWhole, withoutOurCut } from './heard';
import { loseLeg, tellTalk } from './missed-news';
import type { OpenCalls } from './open-call-store';
import type { Switchboard } from './switchboard';
import type { UnseenEnds } from './unseen-ends';
import type { EndedCall, Gone, WatchedSwitch } from './watched-switch';

export interface GoneCallsOptions {
  switchboard: Switchboard;
  openCalls: Pick<OpenCalls, 'cut' | 'uncut'>;
  ends: UnseenEnds;
  records: SwitchRecords;
  /** How long to wait for the switch's own records of an unseen end. Ms. */
  recordsWithinMs?: number;
  log: Logger;
}

/** Calls that ended unheard: each is settled by the best evidence. */
export class GoneCalls {
  constructor(private readonly options: GoneCallsOptions) {}

  /** Settles the ended calls. Returns the calls whose records may still come, which are left to the next comparison. */
  async settle(watched: WatchedSwitch, ended: EndedCall[], list: SwitchList): Promise<Map<string, Gone>> {
    const { port } = watched;
    const left = new Map<string, Gone>();
    const written = ended.length > 0 ? await this.written(watched, ended) : null;
    if (watched.isLost) return left;
    for (const call of ended) {
      const { uniqueid } = call;
      const gone = watched.goneSince(uniqueid, list);
      const cutAt = cutOf(call, watched.cutOf(uniqueid));
      const record = withoutOurCut(written?.get(uniqueid) ?? null, call.answerAt, cutAt);
      const isTold = !isCarried(call) && isToldWhole(call, watched.heardOf(uniqueid), cutAt);
      const isKnown = isTold || (record !== null && record.endAt !== null);
      // Such a switch has lost the call, or never notes more. It has written all that it ever will, if that could be read.
      const isComplete = written !== null && (port.notes !== undefined || call.startAt < watched.startedAt);
      if (!isKnown && !isComplete && this.recordsMayCome(gone)) {
        left.set(uniqueid, gone);
        this.leaveToNext(watched, call, gone, list);
        continue;
      }
      try {
        if (isCarried(call)) this.endCarried(watched, call, list, record, gone.seenAt);
        else {
          const settled = () => port.notes?.forget(uniqueid);
          this.options.ends.settle(call, watched.heardOf(uniqueid), record, gone.seenAt, settled, cutAt);
        }
      } catch (error) {
        // One call that cannot be settled must not keep the others from being settled.
        this.options.log.warn({ event: 'reconcile_failed', uniqueid, error: (error as Error).message });
        left.set(uniqueid, gone);
      }
    }
    return left;
  }

  /** The switch's records of these calls; null if they could not be read. */
  private written({ port, node }: WatchedSwitch, ended: EndedCall[]): Promise<Map<string, WrittenCall> | null> {
    const sought = ended.map(call => (isCarried(call) ? soughtOf(call) : call));
    const asked = port.notes ? port.notes.of(sought) : this.options.records.of(node, sought);
    return asked.catch(error => {
      this.options.log.warn({ event: 'records_not_read', node, error: String(error) });
      return null;
    });
  }

  private recordsMayCome({ since }: Gone): boolean {
    return performance.now() - since < (this.options.recordsWithinMs ?? RECORDS_WITHIN_MS);
  }

  private leaveToNext(watched: WatchedSwitch, call: EndedCall, gone: Gone, { channels }: SwitchList): void {
    if (!isCarried(call) || call.phase !== 'talking') return;
    const isCut = channels.has(call.uniqueid) || channels.has(call.bLeg);
    loseLeg(this.options, watched, call.uniqueid, { seenAt: gone.seenAt, isCut });
  }

  /** The state machine ends the calls that it carries: it is told what it missed. */
  private endCarried(
    { port }: WatchedSwitch,
    state: CallState,
    { channels }: SwitchList,
    record: WrittenCall | null,
    seenAt: number,
  ): void {
    const { switchboard } = this.options;
    const { uniqueid, bLeg, givenUp, phase, dialledBy } = state;
    const callerUp = dialledBy === 'us' ? channels.has(uniqueid) : channels.isUp(uniqueid);
    const written = record?.endAt ?? null;
    const answeredLeg = record?.answeredLeg ?? (dialledBy === 'us' ? bLeg : null);
    // A leg that was given up may have been answered before it got our hang-up.
    const isOurs = answeredLeg === bLeg || givenUp.some(({ channel }) => channel === answeredLeg);
    if (phase === 'dialling' && answeredLeg !== null && record?.answerAt && (dialledBy !== 'us' || isOurs)) {
      tellTalk(switchboard, uniqueid, answeredLeg, record.answerAt);
    }
    const answerAt = switchboard.stateOf(uniqueid)?.answerAt ?? null;
    // Only its leg is gone, and was never answered: the next route may take the call.
    if (answerAt === null && bLeg !== null && written === null && callerUp) {
      switchboard.missed(uniqueid, { type: 'destroyed', channel: bLeg, at: port.now(), cause: 0 });
      return;
    }
    const at = written ?? Math.max(seenAt, answerAt ?? state.startAt);
    const evidence = record && written !== null ? record.source : 'sighting';
    const talked = switchboard.stateOf(uniqueid)?.bLeg ?? null;
    const channel = talked !== null && (callerUp || record?.hangupSource === 'callee') ? talked : uniqueid;
    switchboard.missed(uniqueid, { type: 'ended', channel, at, byRequest: false, evidence });
    switchboard.missed(uniqueid, { type: 'destroyed', channel, at, cause: record?.hangupCause ?? 0 });
  }
}

/** Whether a call that ended is one that is carried here. */
const isCarried = (call: EndedCall): call is CallState => 'phase' in call;
