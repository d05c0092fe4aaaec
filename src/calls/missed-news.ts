import type { Logger } from 'pino';
import { UNBORN_MS } from './call-deadlines';
import type { CallState } from './call-state';
import { isEnding } from './call-steps';
import { CAUSE } from './causes';
import type { ChannelList, SwitchList } from './channel-list';
import { type SwitchRecords, soughtOf, type WrittenCall } from './evidence';
import { areApart } from './leftovers';
import { callerOf } from './leg-names';
import type { OpenCalls } from './open-call-store';
import type { SwitchPort } from './switch-port';
import type { Switchboard } from './switchboard';
import type { WatchedSwitch } from './watched-switch';

export interface MissedNewsOptions {
  switchboard: Switchboard;
  openCalls: Pick<OpenCalls, 'cut' | 'uncut'>;
  records: SwitchRecords;
  log: Logger;
}

/** Tells the carried calls what they missed: answers, and that legs lost each other. Finds the calls that ended unheard. */
export class MissedNews {
  constructor(private readonly options: MissedNewsOptions) {}

  /**
   * The switch's records of those calls among `carried` that we do not dial: their legs have no names of ours, so only the records know
   * them. null if nothing can have been missed, or nothing was written.
   */
  async writtenOfDialled(port: SwitchPort, carried: string[]): Promise<Map<string, WrittenCall | null>> {
    const { switchboard, records } = this.options;
    const states = carried.flatMap(uniqueid => {
      const state = switchboard.stateOf(uniqueid);
      return state && state.dialledBy !== 'us' && state.phase !== 'authorising' ? [state] : [];
    });
    const unsure = port.notes ? [] : states.filter(({ uniqueid }) => switchboard.isUnsure(uniqueid));
    const written = unsure.length > 0 ? await records.of(port.node, unsure.map(soughtOf)) : new Map();
    return new Map(states.map(({ uniqueid }) => [uniqueid, written.get(uniqueid) ?? null]));
  }

  /**
   * Brings one call up to date. Returns its state if its end was missed, or the end of the leg to which it talks. `dialled`: the result of
   * writtenOfDialled. `legless`: calls whose leg was also missing in the list before.
   */
  async tell(
    watched: WatchedSwitch,
    uniqueid: string,
    list: SwitchList,
    dialled: ReadonlyMap<string, WrittenCall | null>,
    legless: ReadonlySet<string>,
  ): Promise<CallState | null> {
    const state = this.options.switchboard.stateOf(uniqueid);
    const isOpen = state !== undefined && !isDecided(state);
    const record = dialled.get(uniqueid);
    const gone = !isOpen
      ? null
      : record === undefined
        ? await this.tellOurs(watched, state, list, legless)
        : await this.tellDialled(watched.port, state, list, record);
    if (gone || (await this.endApart(watched, uniqueid, list))) return gone;
    await this.takeBackCut(watched, uniqueid);
    // The list says nothing about a stream that broke after it.
    if (watched.breaks === list.breaks) this.options.switchboard.compared(uniqueid, list.channels);
    return null;
  }

  /** Tells a call that was just taken over, by this list, that it has talked by a leg that was given up, if the switch's records have it. */
  async tellTakenOver(watched: WatchedSwitch, uniqueid: string, { channels }: SwitchList): Promise<null> {
    const state = this.options.switchboard.stateOf(uniqueid);
    if (state?.dialledBy === 'us' && state.phase === 'dialling') await this.tellGivenUp(watched.port, state, channels);
    return null;
  }

  /** A call that we dial, whose legs have our names. */
  private async tellOurs(
    watched: WatchedSwitch,
    state: CallState,
    { channels, seenAt }: SwitchList,
    legless: ReadonlySet<string>,
  ): Promise<CallState | null> {
    const { uniqueid, bLeg, startAt } = state;
    if (state.phase === 'authorising') {
      if (channels.has(uniqueid)) return null;
      const at = Math.max(seenAt, startAt);
      const end = { type: 'ended', channel: uniqueid, at, byRequest: false, evidence: 'sighting' } as const;
      this.options.switchboard.missed(uniqueid, end);
      return null;
    }
    if (!channels.has(uniqueid)) return state;
    const leg = channels.get(bLeg);
    // One leg without the other talks to no party. But a leg that was answered since may be too young for the list.
    if (state.phase === 'talking') return leg || (state.answerAt ?? 0) >= channels.listedAt ? null : state;
    if (leg?.state !== 'up' && (await this.tellGivenUp(watched.port, state, channels))) return null;
    if (!leg) {
      // It may not exist yet. If it is missing twice in a row, it may have been answered and have ended unheard.
      if (legless.has(uniqueid)) return state;
      watched.legless.add(uniqueid);
    } else if (leg.state === 'up') {
      await this.tellAnswer(watched.port, channels, uniqueid);
      await this.tellAnswer(watched.port, channels, leg.channel);
    }
    return null;
  }

  /**
   * Tells a call that one of its legs that were given up talks with its caller, or did: it was answered unheard before it got our hang-up. Returns
   * whether it was so.
   */
  private async tellGivenUp(port: SwitchPort, state: CallState, channels: ChannelList): Promise<boolean> {
    const { switchboard, records } = this.options;
    const { uniqueid, bLeg } = state;
    const others = state.givenUp.map(({ channel }) => channel).filter(channel => channel !== bLeg);
    if (others.length === 0 || !channels.isAnswered(uniqueid)) return false;
    const isTold = (leg: string) => {
      const { phase, bLeg: talksTo } = switchboard.stateOf(uniqueid) ?? {};
      return phase === 'talking' && talksTo === leg;
    };
    for (const leg of others.filter(channel => channels.isAnswered(channel))) {
      await this.tellAnswer(port, channels, uniqueid);
      await this.tellAnswer(port, channels, leg);
      if (isTold(leg)) return true;
    }
    if (others.every(leg => channels.has(leg))) return false;
    const written = await records.of(port.node, [soughtOf(state)]).catch(() => null);
    const { answeredLeg, answerAt, endAt, hangupCause, hangupSource, source } = written?.get(uniqueid) ?? {};
    if (!answeredLeg || answerAt == null || endAt == null || !source || !others.includes(answeredLeg)) return false;
    tellTalk(switchboard, uniqueid, answeredLeg, answerAt);
    // The last leg may have been answered since the list.
    if (!isTold(answeredLeg)) return false;
    const end = { channel: answeredLeg, at: endAt };
    switchboard.missed(uniqueid, { type: 'ended', ...end, byRequest: hangupSource !== 'callee', evidence: source });
    switchboard.missed(uniqueid, { type: 'destroyed', ...end, cause: hangupCause ?? 0 });
    return true;
  }

  /** A call that the switch dials by itself. `record`: the switch's record of the call, if it was read. */
  private async tellDialled(
    port: SwitchPort,
    state: CallState,
    { channels }: SwitchList,
    record: WrittenCall | null,
  ): Promise<CallState | null> {
    const { switchboard } = this.options;
    const { uniqueid, phase } = state;
    const isUp = channels.isUp(uniqueid);
    if (phase === 'after') {
      const end = { type: 'destroyed', channel: uniqueid, at: channels.listedAt, cause: 0 } as const;
      if (!isUp) switchboard.missed(uniqueid, end);
      return null;
    }
    if (!isUp) return mayBeUnborn(port, state, channels) ? null : state;
    if (phase === 'dialling' && port.dialsByItself && channels.isAnswered(uniqueid)) {
      const at = await answerOfDialled(port, state);
      switchboard.missed(uniqueid, { type: 'answered', channel: uniqueid, at });
    }
    if (record?.answerAt && record.answeredLeg && phase === 'dialling') {
      tellTalk(switchboard, uniqueid, record.answeredLeg, record.answerAt);
    }
    // It has asked again, and the news of that was lost: it waits in our application, though it was given back before anything was missed.
    const waiting = channels.get(uniqueid);
    if (phase === 'dialling' && state.dialledBy === 'dialplan' && waiting && switchboard.isUnsure(uniqueid)) {
      switchboard.arrived(port, waiting, channels.listedAt);
    }
    if (phase === 'dialling' && !port.dialsByItself && state.callerAnsweredAt === null) {
      await this.tellAnswer(port, channels, uniqueid);
    }
    // The talk is over, though the caller goes on in the dialplan.
    if (record?.answerAt && record.endAt !== null) return switchboard.stateOf(uniqueid) ?? null;
    return null;
  }

  /** Tells a call the answer of a caller, or of a leg of ours, that is up: its event may have been missed. */
  private async tellAnswer(port: SwitchPort, channels: ChannelList, channel: string): Promise<void> {
    if (!channels.isAnswered(channel)) return;
    const at = (await port.answeredAt(channel)) ?? port.now();
    this.options.switchboard.missed(callerOf(channel), { type: 'answered', channel, at });
  }

  /**
   * Ends a call whose legs are up but no longer in one bridge; returns whether it was such a call. The moment when they lost each other
   * went unheard, so the switch's records are read.
   */
  private async endApart(watched: WatchedSwitch, uniqueid: string, list: SwitchList): Promise<boolean> {
    const { channels, bridgesAt, seenAt } = list;
    const { switchboard, openCalls, log } = this.options;
    const { port, node } = watched;
    const state = switchboard.stateOf(uniqueid);
    if (state?.phase !== 'talking' || state.dialledBy !== 'us') return false;
    const { bLeg, answerAt } = state;
    if (bLeg === null || !channels.has(uniqueid) || !channels.has(bLeg) || (answerAt ?? 0) >= bridgesAt) return false;
    if (!areApart(list, uniqueid, bLeg)) return false;
    log.warn({ event: 'legs_apart', uniqueid, node });
    loseLeg({ switchboard, openCalls, log }, watched, uniqueid, {
      seenAt: Math.max(seenAt, answerAt ?? 0),
      isCut: true,
    });
    await Promise.all([uniqueid, bLeg].map(leg => port.hangup(leg, CAUSE.normalClearing)));
    return true;
  }

  /** A leg that one list did not have, but the next one has, was not lost: an end of its call from now on is a real one. */
  private async takeBackCut(watched: WatchedSwitch, uniqueid: string): Promise<void> {
    const isUp = this.options.switchboard.stateOf(uniqueid)?.phase === 'talking';
    if (isUp && watched.cutOf(uniqueid) !== undefined) await this.options.openCalls.uncut(uniqueid);
  }
}

/** Whether nothing of a call can be missed any more: its end is known, or it was refused. */
const isDecided = (state: CallState): boolean =>
  isEnding(state) || state.phase === 'refusing' || state.phase === 'over';

/** Tells a carried call that both parties had answered by then, as the switch's records say. */
export function tellTalk(switchboard: Switchboard, uniqueid: string, leg: string, at: number): void {
  if (leg !== uniqueid) switchboard.missed(uniqueid, { type: 'answered', channel: uniqueid, at });
  switchboard.missed(uniqueid, { type: 'answered', channel: leg, at });
}

/**
 * Tells a carried call that one of its legs is gone since an unknown time. `isCut`: we hang up what is left of it, and write that down.
 * Nothing waits for the write, because this process itself knows the instant while it lives.
 */
export function loseLeg(
  { switchboard, openCalls, log }: Pick<MissedNewsOptions, 'switchboard' | 'openCalls' | 'log'>,
  watched: WatchedSwitch,
  uniqueid: string,
  { seenAt, isCut }: { seenAt: number; isCut: boolean },
): void {
  switchboard.legLost(uniqueid, seenAt);
  if (!isCut) return;
  const failed = (error: unknown) =>
    log.warn({ event: 'cut_not_written', uniqueid, node: watched.node, error: String(error) });
  void openCalls.cut(uniqueid, watched.cut(uniqueid, watched.port.now())).catch(failed);
}

/** When a switch that dials by itself had a call answered: by its own list, which has only the second. */
export const answerOfDialled = async (
  port: SwitchPort,
  { uniqueid, startAt }: Pick<CallState, 'uniqueid' | 'startAt'>,
): Promise<number> => Math.max((await port.answeredAt(uniqueid)) ?? port.now(), startAt);

/** A switch that dials by itself has a channel of a call only when it goes on with it, after the call was given back. */
export const mayBeUnborn = (
  port: SwitchPort,
  call: Pick<CallState, 'answerAt' | 'startAt'>,
  { listedAt }: ChannelList,
): boolean => port.dialsByItself && call.answerAt === null && call.startAt > listedAt - UNBORN_MS;
