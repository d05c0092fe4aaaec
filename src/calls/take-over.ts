import type { CallRecord } from '../credit/rules/call';
import { CAUSE } from './causes';
import type { ChannelList, SwitchList } from './channel-list';
import type { SwitchRecords } from './evidence';
import { endHeard, type Heard, talkHeard } from './heard';
import { areApart, isWaitingForHelp } from './leftovers';
import { bridgeOf, legsBefore } from './leg-names';
import { answerOfDialled, mayBeUnborn } from './missed-news';
import type { OpenCalls } from './open-call-store';
import type { SwitchChannel, SwitchPort } from './switch-port';
import type { Switchboard } from './switchboard';
import type { WatchedSwitch } from './watched-switch';

export interface TakeOverOptions {
  switchboard: Switchboard;
  openCalls: Pick<OpenCalls, 'cut' | 'uncut'>;
  records: SwitchRecords;
  emergencyNumbers: string[];
}

/**
 * Calls that the ledger has open and that this process does not carry: calls of another process, or with an end that was not written. A
 * live one is adopted. If its caller would never be connected, what is left of it is hung up.
 */
export class TakeOver {
  constructor(private readonly options: TakeOverOptions) {}

  /** Returns the call if it has ended, or is ended here; null if it lives, or if another process acts for the switch by now. */
  async of(watched: WatchedSwitch, call: CallRecord, list: SwitchList): Promise<CallRecord | null> {
    const { port } = watched;
    if (call.isFixed || port.dialsByItself) return this.ofDialled(watched, call, list.channels);
    const { channels } = list;
    const { uniqueid } = call;
    const heard = watched.heardOf(uniqueid);
    const told = endHeard(call, heard);
    const caller = channels.get(uniqueid);
    const legs = channels.legsOf(uniqueid);
    // A leg of a route that was given up may linger. The leg that talks counts; if none does, the last one dialled.
    const leg =
      legs.find(({ state }) => state === 'up') ?? legs.toSorted((one, other) => other.createdAt - one.createdAt)[0];
    for (const { channel } of legs) heard.listed.add(channel);
    if (caller) heard.listed.add(uniqueid);
    // Legs that lost each other talk to no party, or to a channel that was not let through. The switch's records say since when.
    const isBroken = leg?.state === 'up' && areApart(list, uniqueid, leg.channel);
    // The ledger has an answer, and the leg that talked is gone: one that was given up may linger, but one call is one talk.
    const isOver =
      leg !== undefined && leg.state !== 'up' && (call.answerAt ?? Number.POSITIVE_INFINITY) < list.bridgesAt;
    if (caller && leg && !told && !isBroken && !isOver) {
      await this.adopt(watched, call, { heard, caller, leg, others: legs.filter(other => other !== leg), list });
      return null;
    }
    if (caller && !told && isWaitingForHelp(caller, channels, this.options.emergencyNumbers)) {
      this.askAgain(port, caller);
      return null;
    }
    return this.hangUpRest(watched, call, caller, legs);
  }

  private async adopt(
    watched: WatchedSwitch,
    call: CallRecord,
    found: { heard: Heard; caller: SwitchChannel; leg: SwitchChannel; others: SwitchChannel[]; list: SwitchList },
  ): Promise<void> {
    const { switchboard, openCalls } = this.options;
    const { port } = watched;
    const { uniqueid } = call;
    const { heard, caller, leg, others, list } = found;
    const talks = leg.state === 'up' || heard.answer?.leg === leg.channel;
    const answerAt = talks
      ? (call.answerAt ?? heard.answer?.at ?? (await port.answeredAt(leg.channel)) ?? port.now())
      : null;
    // A remembered answer means talk, so the caller was there.
    const callerAnsweredAt = (talks ? call.answerAt : null) ?? (await answerOfCaller(port, caller, heard));
    const routes = await switchboard.routesOf(call);
    if (watched.isLost) return;
    if (call.cutAt !== null) await openCalls.uncut(uniqueid);
    const bridge = list.bridges.get(bridgeOf(uniqueid));
    const joined = bridge?.channels.includes(uniqueid) === true;
    // The caller of a leg that rings was answered, perhaps by one that was given up for it: such a leg may have talked until its hang-up.
    const mayHaveTalked = answerAt === null && callerAnsweredAt !== null && !this.isEmergency(call);
    const foundLeg = {
      bLeg: leg.channel,
      others: others.map(({ channel }) => channel),
      lost: mayHaveTalked ? legsBefore(leg.channel).filter(channel => !list.channels.has(channel)) : [],
      rang: leg.state !== 'down',
      answerAt,
      callerAnsweredAt,
    };
    switchboard.adopt(port, call, foundLeg, 'us', routes, { bridged: bridge !== undefined, joined });
    const { answer } = heard;
    if (!talks && answer) switchboard.missed(uniqueid, { type: 'answered', channel: answer.leg, at: answer.at });
    for (const { channel } of others) await port.hangup(channel, CAUSE.normalClearing);
  }

  /** An emergency call is free, and the leg by which it is dialled must go on. */
  private isEmergency({ dst }: CallRecord): boolean {
    return this.options.emergencyNumbers.includes(dst);
  }

  /** No leg was made for this caller, or the caller was not given back: the ledger gives the same answer again. */
  private askAgain(port: SwitchPort, caller: SwitchChannel): void {
    this.options.switchboard.arrived(port, caller, port.now());
  }

  /**
   * The call was let through and not dialled yet, or its leg left, so its caller would never be connected. The switch's records say when
   * the call ended; it was before now.
   */
  private async hangUpRest(
    watched: WatchedSwitch,
    call: CallRecord,
    caller: SwitchChannel | undefined,
    legs: readonly SwitchChannel[],
  ): Promise<CallRecord | null> {
    const { port } = watched;
    const { uniqueid } = call;
    if (caller || legs.length > 0) {
      // Before the hang-up, which the switch writes down as an end: the next service that takes over must know that the end was ours.
      await this.options.openCalls.cut(uniqueid, watched.cut(uniqueid, call.cutAt ?? port.now()));
      if (watched.isLost) return null;
    }
    if (caller) await port.hangup(uniqueid, CAUSE.networkOutOfOrder);
    for (const { channel } of legs) await port.hangup(channel, CAUSE.normalClearing);
    // The bridge is empty because its legs were cut while no service ran.
    await port.destroyBridge(bridgeOf(uniqueid));
    return call;
  }

  /** A call that the switch dials: the switch has its channel, but its legs have no names of ours. */
  private async ofDialled(watched: WatchedSwitch, call: CallRecord, channels: ChannelList): Promise<CallRecord | null> {
    const { port } = watched;
    const { uniqueid } = call;
    const heard = watched.heardOf(uniqueid);
    if (!channels.isUp(uniqueid) && mayBeUnborn(port, call, channels)) {
      const noted = await port.notes?.of([call]);
      if (noted?.get(uniqueid)?.endAt == null) return null;
    }
    const caller = channels.get(uniqueid);
    if (caller && endHeard(call, heard) === null) {
      this.askAgain(port, caller);
      return null;
    }
    const written = port.notes ? null : await this.options.records.of(port.node, [call]);
    const record = written?.get(uniqueid) ?? null;
    const isTalking = port.dialsByItself && call.answerAt === null && channels.isAnswered(uniqueid);
    const answeredAt = isTalking ? await answerOfDialled(port, call) : null;
    if (watched.isLost) return null;
    const hasEnded = endHeard(call, heard) !== null || (record?.answerAt != null && record.endAt !== null);
    if (!channels.isUp(uniqueid) || hasEnded) return call;
    const answerAt = call.answerAt ?? talkHeard(heard) ?? record?.answerAt ?? answeredAt;
    const bLeg = heard.answer?.leg ?? record?.answeredLeg ?? uniqueid;
    // It does not matter when a caller was answered before the callee.
    const callerAnsweredAt = answerAt ?? (channels.isAnswered(uniqueid) ? call.startAt : null);
    const dialledBy = port.dialsByItself ? 'switch' : 'dialplan';
    this.options.switchboard.adopt(port, call, { bLeg, rang: true, answerAt, callerAnsweredAt }, dialledBy, []);
    return null;
  }
}

/** When the caller's own channel was answered; null while it is not. */
async function answerOfCaller(
  port: SwitchPort,
  { channel, state, createdAt }: SwitchChannel,
  { callerAnsweredAt }: Heard,
): Promise<number | null> {
  if (callerAnsweredAt !== null || state !== 'up') return callerAnsweredAt;
  return (await port.answeredAt(channel)) ?? createdAt;
}
