import type { Logger } from 'pino';
import type { CallLedger } from '../credit/ledger';
import type { CallRecord } from '../credit/rules/call';
import { UNBORN_MS } from './call-deadlines';
import type { CallState } from './call-state';
import { CAUSE } from './causes';
import { ChannelList } from './channel-list';
import { RECORDS_WITHIN_MS, type SoughtCall, type SwitchRecords, type WrittenCall } from './evidence';
import { Expiry } from './expiry';
import { cutOf, endHeard, type Heard, isToldWhole, note, nothingHeard, talkHeard, withoutOurCut } from './heard';
import { areApart, isWaitingForHelp, Leftovers, type SwitchList } from './leftovers';
import { bridgeOf, callerOf } from './leg-names';
import type { OpenCalls } from './open-call-store';
import type { SwitchChannel, SwitchEvent, SwitchPort } from './switch-port';
import { isEnding, type Switchboard, soughtOf } from './switchboard';
import { UnseenEnds } from './unseen-ends';

export interface ReconcilerOptions {
  switchboard: Switchboard;
  ledger: CallLedger;
  openCalls: OpenCalls;
  /** The name of our books: what is marked with another belongs to calls that this database does not know. */
  books: string;
  records: SwitchRecords;
  emergencyNumbers: string[];
  log: Logger;
  /** How often what is carried is compared with what the switch has. Ms. */
  everyMs?: number;
  /** How long after a question an event that was on its way is given to arrive. Ms. */
  settleMs?: number;
  /** How often reservations that outlived their calls are looked for. Ms. */
  sweepEveryMs?: number;
  /** How long the switch's own records of an end that nobody saw are waited for. Ms. */
  recordsWithinMs?: number;
}

/** A sighting is as old as this at most when the switch dies: nobody pays for talk after it. Ms. */
const COMPARED_EVERY_MS = 5_000;

/** How soon a comparison that failed, or that waits for records, is made again. Ms. */
const SOON_MS = 2_000;

/** An end of which nobody told. */
interface Gone {
  /** The last moment at which the call was known to be up, by the switch's clock. */
  seenAt: number;
  /** By our own monotonic clock. */
  since: number;
}

/** What is remembered of one switch. */
class Watched {
  startedAt = 0;
  connectedAt = 0;
  /** The switch's clock at the last word from it. */
  heardAt = 0;
  /** How many times the stream broke, or came back: a list that was read before that says nothing of what was missed. */
  breaks = 0;
  /** Its clock at the last word before the stream broke; null while nothing can have been missed. */
  missedSince: number | null = null;
  timer: NodeJS.Timeout | null = null;
  working = false;
  /** It connected again while it was being compared. */
  again = false;
  /** Calls that are gone and whose end is not known yet. */
  gone = new Map<string, Gone>();
  /** Calls that rang and whose leg was not in the last list. */
  legless = new Set<string>();
  heard = new Map<string, Heard>();
  /** When we hung up what was left of calls that are gone, by the switch's clock. */
  cuts = new Map<string, number>();

  constructor(readonly leftovers: Leftovers) {}

  /** The first time counts, and is returned. */
  cut(uniqueid: string, at: number): number {
    const known = this.cuts.get(uniqueid) ?? at;
    this.cuts.set(uniqueid, known);
    return known;
  }
}

/**
 * Puts what Ringfence believes and what the switch has right: at every (re)connection and every 5 s. Starting is the same:
 * there is no other way by which a call of an earlier process, or of another, comes to this one.
 *
 * Only a list of channels that the switch did give counts: a question without an answer ends nothing and hangs up nobody.
 * A call that is up and that nobody carries is adopted. One that is gone is settled from the best evidence: what was told
 * meanwhile, what the switch wrote down, else the last sighting of its switch. A channel that belongs to no call is hung
 * up, an empty bridge of ours destroyed.
 */
export class Reconciler {
  private readonly watched = new Map<SwitchPort, Watched>();
  private readonly ends: UnseenEnds;
  private readonly expiry: Expiry;
  private closed = false;

  constructor(private readonly options: ReconcilerOptions) {
    const { ledger, log, switchboard, openCalls, records, sweepEveryMs = 60_000 } = options;
    this.ends = new UnseenEnds(ledger, log);
    this.expiry = new Expiry({ switchboard, openCalls, records, ends: this.ends, log, everyMs: sweepEveryMs });
  }

  /** To be told every event of a switch, after the switchboard. */
  handle(port: SwitchPort, event: SwitchEvent): void {
    const watched = this.watched.get(port);
    switch (event.type) {
      case 'connected': {
        const known = watched ?? new Watched(new Leftovers(port, this.options));
        // Taken now, before the events that follow: they say nothing of what was missed.
        known.missedSince ??= known.heardAt;
        known.breaks++;
        Object.assign(known, { startedAt: event.startedAt, connectedAt: port.now() });
        this.watched.set(port, known);
        void this.reconcile(port, known);
        return;
      }
      case 'disconnected':
        if (!watched) return;
        watched.missedSince ??= watched.heardAt;
        watched.breaks++;
        for (const { listed } of watched.heard.values()) listed.clear();
        return;
      case 'replaced':
        if (watched?.timer) clearTimeout(watched.timer);
        this.watched.delete(port);
        return;
      default:
        if (!watched) return;
        watched.heardAt = Math.max(watched.heardAt, event.at);
        if (event.type !== 'arrived' && !this.options.switchboard.carries(event.channel)) note(watched.heard, event);
    }
  }

  /** Ends that are on their way into the ledger. */
  get waiting(): number {
    return this.ends.size;
  }

  close(): void {
    this.closed = true;
    this.expiry.close();
    for (const { timer } of this.watched.values()) if (timer) clearTimeout(timer);
  }

  private isOver(port: SwitchPort, watched: Watched): boolean {
    return this.closed || this.watched.get(port) !== watched;
  }

  private async reconcile(port: SwitchPort, watched: Watched): Promise<void> {
    if (watched.working) watched.again = true;
    if (watched.working || this.isOver(port, watched)) return;
    if (watched.timer) clearTimeout(watched.timer);
    watched.working = true;
    const { log, everyMs = COMPARED_EVERY_MS } = this.options;
    let nextMs = everyMs;
    try {
      await this.compare(port, watched);
      // Who is found to be nobody's is asked for a second time before anything is done about him.
      if (watched.gone.size > 0 || watched.leftovers.areDoubtful) nextMs = Math.min(everyMs, SOON_MS);
    } catch (error) {
      log.warn({ event: 'reconcile_failed', node: port.node, error: (error as Error).message });
      nextMs = Math.min(everyMs, SOON_MS);
    }
    watched.working = false;
    if (watched.again) nextMs = 0;
    watched.again = false;
    if (!this.isOver(port, watched)) watched.timer = setTimeout(() => void this.reconcile(port, watched), nextMs);
  }

  private async compare(port: SwitchPort, watched: Watched): Promise<void> {
    const { switchboard, openCalls, settleMs = 500, log } = this.options;
    const carried = switchboard.carriedOn(port);
    const { breaks } = watched;
    // A process that has just started knows of no word from the switch; the one before it wrote the last one down.
    const heardAt = watched.missedSince ?? watched.heardAt;
    const seenAt = heardAt || ((await openCalls.lastSeen(port.node).catch(() => null)) ?? 0);
    const bridgesAt = port.now();
    const bridges = await port.bridges();
    const listed = await port.channels();
    const channels = new ChannelList(listed, port.now());
    await new Promise(resolve => setTimeout(resolve, settleMs));
    if (this.isOver(port, watched)) return;

    const ended: (CallRecord | CallState)[] = [];
    const failed: string[] = [];
    const dialled = await this.writtenOfDialled(port, carried);
    if (this.isOver(port, watched)) return;
    const legless = watched.legless;
    watched.legless = new Set();
    for (const uniqueid of carried) {
      const isDone = await this.each(uniqueid, async () => {
        const gone = dialled.has(uniqueid)
          ? await this.bringSwitchDialled(port, uniqueid, channels, dialled.get(uniqueid) ?? null)
          : await this.bringUpToDate(port, watched, uniqueid, channels, seenAt, legless);
        if (gone) ended.push(gone);
        else if (await this.endApart(port, watched, uniqueid, { channels, bridges }, bridgesAt, seenAt)) return;
        else {
          await this.takeBackCut(watched, uniqueid);
          if (watched.breaks === breaks) switchboard.compared(uniqueid, channels);
        }
      });
      if (!isDone) failed.push(uniqueid);
    }
    // Asked after the list: a call that was settled meanwhile is no longer open.
    const open = await openCalls.of(port.node);
    for (const call of open) {
      if (this.isOver(port, watched)) return;
      if (switchboard.stateOf(call.uniqueid) || this.ends.has(call.uniqueid)) continue;
      const isDone = await this.each(call.uniqueid, async () => {
        const gone = await this.takeOver(port, watched, call, { channels, bridges });
        if (gone) ended.push(gone);
      });
      if (!isDone) failed.push(call.uniqueid);
    }
    if (this.isOver(port, watched)) return;
    const before = watched.gone;
    await this.settleEnded(port, watched, ended, channels, seenAt);
    // Another process's by now: neither are its channels strangers, nor was every call settled that is gone.
    if (this.isOver(port, watched)) return;
    // Nothing is known of these yet: they were last seen before.
    for (const uniqueid of failed) {
      watched.gone.set(uniqueid, before.get(uniqueid) ?? { seenAt, since: performance.now() });
    }
    await watched.leftovers.remove({ channels, bridges }, open, watched.connectedAt);
    if (this.isOver(port, watched)) return;
    // The list says nothing of a stream that broke after it.
    if (watched.breaks === breaks) watched.missedSince = null;
    for (const uniqueid of watched.heard.keys()) if (!watched.gone.has(uniqueid)) watched.heard.delete(uniqueid);
    for (const uniqueid of watched.cuts.keys()) if (!watched.gone.has(uniqueid)) watched.cuts.delete(uniqueid);
    watched.heardAt = Math.max(watched.heardAt, channels.listedAt);
    // Written only when it is true of every call: one that waits for its records was last seen before, and one whose end is
    // not committed yet may have to be settled again, by a process that knows no better.
    const ending = switchboard.endingOn(port.node);
    const areUnseen = this.ends.areOn(port.node) || ending.some(({ evidence }) => evidence !== 'event');
    if (watched.gone.size > 0 || areUnseen) return;
    const seenUntil = Math.min(watched.heardAt, ...ending.map(({ endAt }) => endAt));
    try {
      await openCalls.seen(port.node, seenUntil, watched.startedAt);
      // After the database: a mark that is later than what its books know is that of a newer state of them.
      await port.leaveMark(seenUntil);
    } catch (error) {
      log.warn({ event: 'sighting_not_written', node: port.node, error: String(error) });
    }
  }

  /** What goes wrong with one call must not keep the others waiting; false when something did. */
  private async each(uniqueid: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.options.log.warn({ event: 'reconcile_failed', uniqueid, error: (error as Error).message });
      return false;
    }
  }

  /** Tells a carried call the answer that it missed; returns it when its end was missed, or that of the leg that it talks to. */
  private async bringUpToDate(
    port: SwitchPort,
    watched: Watched,
    uniqueid: string,
    channels: ChannelList,
    seenAt: number,
    legless: Set<string>,
  ): Promise<CallState | null> {
    const { switchboard } = this.options;
    const state = switchboard.stateOf(uniqueid);
    if (!state || isDecided(state)) return null;
    if (state.phase === 'authorising') {
      if (!channels.has(uniqueid)) {
        const at = Math.max(seenAt, state.startAt);
        switchboard.missed(uniqueid, { type: 'ended', channel: uniqueid, at, byRequest: false, evidence: 'sighting' });
      }
      return null;
    }
    const { bLeg } = state;
    if (!channels.has(uniqueid)) return state;
    const leg = channels.get(bLeg);
    // One leg without the other talks to nobody; but one that was answered since can be too young for the list.
    if (state.phase === 'talking') return leg || (state.answerAt ?? 0) >= channels.listedAt ? null : state;
    if (!leg) {
      // It may be on its way into the world; gone twice in a row, it may have been answered and have ended unheard.
      if (legless.has(uniqueid)) return state;
      watched.legless.add(uniqueid);
    } else if (leg.state === 'up') {
      await this.tellAnswer(port, channels, uniqueid);
      await this.tellAnswer(port, channels, leg.channel);
    }
    return null;
  }

  /** Tells a carried call the answer of its caller or of a leg of ours that is up, in case it was missed. */
  private async tellAnswer(port: SwitchPort, channels: ChannelList, channel: string): Promise<void> {
    if (!channels.isAnswered(channel)) return;
    const at = (await port.answeredAt(channel)) ?? port.now();
    this.options.switchboard.missed(callerOf(channel), { type: 'answered', channel, at });
  }

  /** Tells a carried call that both had answered by then, as the switch wrote. */
  private tellTalk(uniqueid: string, leg: string, at: number): void {
    const { switchboard } = this.options;
    if (leg !== uniqueid) switchboard.missed(uniqueid, { type: 'answered', channel: uniqueid, at });
    switchboard.missed(uniqueid, { type: 'answered', channel: leg, at });
  }

  /**
   * Ends a carried call whose legs are up and not in one bridge any more; whether it was one. Nobody heard when they lost each other,
   * so that the switch's records are asked.
   */
  private async endApart(
    port: SwitchPort,
    watched: Watched,
    uniqueid: string,
    { channels, bridges }: SwitchList,
    bridgesAt: number,
    seenAt: number,
  ): Promise<boolean> {
    const { switchboard, log } = this.options;
    const state = switchboard.stateOf(uniqueid);
    if (state?.phase !== 'talking' || state.dialledBy !== 'us') return false;
    const { bLeg, answerAt } = state;
    if (bLeg === null || !channels.has(uniqueid) || !channels.has(bLeg) || (answerAt ?? 0) >= bridgesAt) return false;
    if (!areApart(bridges, uniqueid, bLeg)) return false;
    log.warn({ event: 'legs_apart', uniqueid, node: port.node });
    switchboard.legLost(uniqueid, Math.max(seenAt, answerAt ?? 0));
    this.noteCut(port, watched, state);
    await Promise.all([uniqueid, bLeg].map(leg => port.hangup(leg, CAUSE.normalClearing)));
    return true;
  }

  /**
   * The carried calls that the switch dials by itself, with what it wrote of those of which something may have been missed: their legs
   * are none of ours, and only the records tell. null where there is nothing to ask, or nothing was written.
   */
  private async writtenOfDialled(port: SwitchPort, carried: string[]): Promise<Map<string, WrittenCall | null>> {
    const { switchboard, records } = this.options;
    const states = carried.flatMap(uniqueid => {
      const state = switchboard.stateOf(uniqueid);
      return state && state.dialledBy !== 'us' && state.phase !== 'authorising' ? [state] : [];
    });
    const unsure = port.isProxy ? [] : states.filter(({ uniqueid }) => switchboard.isUnsure(uniqueid));
    const written = unsure.length > 0 ? await records.of(port.node, unsure.map(soughtOf)) : new Map();
    return new Map(states.map(({ uniqueid }) => [uniqueid, written.get(uniqueid) ?? null]));
  }

  /** Tells a carried call that the switch dials what it missed; returns it when it is gone. */
  private async bringSwitchDialled(
    port: SwitchPort,
    uniqueid: string,
    channels: ChannelList,
    record: WrittenCall | null,
  ): Promise<CallState | null> {
    const { switchboard } = this.options;
    const state = switchboard.stateOf(uniqueid);
    if (!state || isDecided(state)) return null;
    const isUp = channels.isUp(uniqueid);
    if (state.phase === 'after') {
      if (!isUp)
        switchboard.missed(uniqueid, { type: 'destroyed', channel: uniqueid, at: channels.listedAt, cause: 0 });
      return null;
    }
    if (!isUp) return mayBeUnborn(port, state, channels) ? null : state;
    if (port.isProxy && state.phase === 'dialling' && channels.isAnswered(uniqueid)) {
      const at = await proxyAnswer(port, state);
      switchboard.missed(uniqueid, { type: 'answered', channel: uniqueid, at });
    }
    if (record?.answerAt && record.answeredLeg && state.phase === 'dialling') {
      this.tellTalk(uniqueid, record.answeredLeg, record.answerAt);
    }
    if (!port.isProxy && state.phase === 'dialling' && state.callerAnsweredAt === null) {
      await this.tellAnswer(port, channels, uniqueid);
    }
    // The talk is over, though the caller goes on in the dialplan.
    if (record?.answerAt && record.endAt !== null) return switchboard.stateOf(uniqueid) ?? null;
    return null;
  }

  /** A call of another process, or one whose end was not written: adopted if it is up, and returned if it is not. */
  private async takeOver(
    port: SwitchPort,
    watched: Watched,
    call: CallRecord,
    { channels, bridges }: SwitchList,
  ): Promise<CallRecord | null> {
    const { emergencyNumbers } = this.options;
    const { uniqueid } = call;
    if (call.isFixed || port.isProxy) return this.takeOverDialled(port, watched, call, channels);
    const heard = watched.heard.get(uniqueid) ?? nothingHeard();
    watched.heard.set(uniqueid, heard);
    const told = endHeard(call, heard);
    const caller = channels.get(uniqueid);
    const callerUp = caller !== undefined;
    const legs = channels.legsOf(uniqueid);
    // A leg of a route that was given up may linger; the one that talks counts, else the last that was dialled.
    const leg =
      legs.find(({ state }) => state === 'up') ?? legs.toSorted((one, other) => other.createdAt - one.createdAt)[0];
    for (const { channel } of legs) heard.listed.add(channel);
    if (callerUp) heard.listed.add(uniqueid);
    // Legs that lost each other talk to nobody, or to somebody who was not let through; since when, the switch's records say.
    const isBroken = leg?.state === 'up' && areApart(bridges, uniqueid, leg.channel);
    if (callerUp && leg && !told && !isBroken) {
      const talks = leg.state === 'up' || heard.answer?.leg === leg.channel;
      const answerAt = talks
        ? (call.answerAt ?? heard.answer?.at ?? (await port.answeredAt(leg.channel)) ?? port.now())
        : null;
      // What was remembered is talk, so the caller was there.
      const callerAnsweredAt = (talks ? call.answerAt : null) ?? (await answerOfCaller(port, caller, heard));
      await this.options.switchboard.lookUpRoutes(call.dst);
      // Another process's by now.
      if (this.isOver(port, watched)) return null;
      if (call.cutAt !== null) await this.options.openCalls.uncut(uniqueid);
      const bridge = bridges.find(each => each.bridge === bridgeOf(uniqueid));
      this.options.switchboard.adopt(
        port,
        call,
        { bLeg: leg.channel, rang: leg.state !== 'down', answerAt, callerAnsweredAt },
        'us',
        { bridged: bridge !== undefined, joined: bridge?.channels.includes(uniqueid) === true },
      );
      for (const other of legs) if (other !== leg) await port.hangup(other.channel, CAUSE.normalClearing);
      return null;
    }
    if (caller && isWaitingForHelp(caller, channels, emergencyNumbers) && !told) {
      // The ledger gives it the same answer again.
      this.options.switchboard.handle(port, { type: 'arrived', at: port.now(), leg: caller });
      return null;
    }
    // Let through and not dialled yet, or left by its leg: nobody would ever speak to this caller. When his call ended, the
    // switch's records say; it was before now.
    if (callerUp || legs.length > 0) {
      // Before the hang-up, which the switch writes down as an end: whoever takes over next has to know it for ours.
      await this.options.openCalls.cut(uniqueid, watched.cut(uniqueid, call.cutAt ?? port.now()));
      if (this.isOver(port, watched)) return null;
    }
    if (callerUp) await port.hangup(uniqueid, CAUSE.networkOutOfOrder);
    for (const { channel } of legs) await port.hangup(channel, CAUSE.normalClearing);
    // Empty since its legs were cut while nobody served.
    await port.destroyBridge(bridgeOf(uniqueid));
    return call;
  }

  /** The same of a call that the switch dials by itself: it has its channel, but its legs are none of ours. */
  private async takeOverDialled(
    port: SwitchPort,
    watched: Watched,
    call: CallRecord,
    channels: ChannelList,
  ): Promise<CallRecord | null> {
    const { uniqueid } = call;
    const heard = watched.heard.get(uniqueid) ?? nothingHeard();
    watched.heard.set(uniqueid, heard);
    if (!channels.isUp(uniqueid) && mayBeUnborn(port, call, channels)) {
      const noted = await port.records?.([call]);
      if (noted?.get(uniqueid)?.endAt == null) return null;
    }
    const caller = channels.get(uniqueid);
    if (caller && endHeard(call, heard) === null) {
      // It was not given back: the ledger gives it the same answer again.
      this.options.switchboard.handle(port, { type: 'arrived', at: port.now(), leg: caller });
      return null;
    }
    const written = port.isProxy ? new Map<string, WrittenCall>() : await this.options.records.of(port.node, [call]);
    const record = written.get(uniqueid) ?? null;
    const isTalking = port.isProxy && call.answerAt === null && channels.isAnswered(uniqueid);
    const answeredAt = isTalking ? await proxyAnswer(port, call) : null;
    if (this.isOver(port, watched)) return null;
    const hasEnded = endHeard(call, heard) !== null || (record?.answerAt != null && record.endAt !== null);
    if (!channels.isUp(uniqueid) || hasEnded) return call;
    const answerAt = call.answerAt ?? talkHeard(heard) ?? record?.answerAt ?? answeredAt;
    const bLeg = heard.answer?.leg ?? record?.answeredLeg ?? uniqueid;
    // Of one that was answered before its callee, when is of no matter.
    const callerAnsweredAt = answerAt ?? (channels.isAnswered(uniqueid) ? call.startAt : null);
    const leg = { bLeg, rang: true, answerAt, callerAnsweredAt };
    this.options.switchboard.adopt(port, call, leg, port.isProxy ? 'switch' : 'dialplan');
    return null;
  }

  /** Settles calls that are gone, each by the best evidence; one whose records may still come is left to the next comparison. */
  private async settleEnded(
    port: SwitchPort,
    watched: Watched,
    ended: (CallRecord | CallState)[],
    channels: ChannelList,
    seenAt: number,
  ): Promise<void> {
    const before = watched.gone;
    watched.gone = new Map();
    if (ended.length === 0) return;
    const { log, recordsWithinMs = RECORDS_WITHIN_MS } = this.options;
    const asked = port.records?.(ended.map(sought)) ?? this.options.records.of(port.node, ended.map(sought));
    const written = await asked.catch(error => {
      log.warn({ event: 'records_not_read', node: port.node, error: String(error) });
      return null;
    });
    if (this.isOver(port, watched)) return;
    for (const call of ended) {
      const gone = before.get(call.uniqueid) ?? { seenAt, since: performance.now() };
      const cutAt = cutOf(call, watched.cuts.get(call.uniqueid));
      const record = withoutOurCut(written?.get(call.uniqueid) ?? null, call.answerAt, cutAt);
      const heard = watched.heard.get(call.uniqueid);
      const isToldOf = 'phase' in call ? false : isToldWhole(call, heard, cutAt);
      const isKnown = isToldOf || (record !== null && record.endAt !== null);
      // A switch that was started since has lost the call, and has written all that it ever will: if that could be read.
      const isComplete = written !== null && (port.isProxy === true || call.startAt < watched.startedAt);
      const mayCome = !isComplete && performance.now() - gone.since < recordsWithinMs;
      if (!isKnown && mayCome) {
        watched.gone.set(call.uniqueid, gone);
        if ('phase' in call && call.phase === 'talking') {
          if (channels.has(call.uniqueid) || channels.has(call.bLeg)) this.noteCut(port, watched, call);
          this.options.switchboard.legLost(call.uniqueid, gone.seenAt);
        }
        continue;
      }
      await this.each(call.uniqueid, async () => {
        const isOurs = 'phase' in call && call.dialledBy === 'us';
        const callerUp = isOurs ? channels.has(call.uniqueid) : channels.isUp(call.uniqueid);
        if ('phase' in call) this.endCarried(port, call, callerUp, record, gone.seenAt);
        else this.ends.settle(call, heard, record, gone.seenAt, () => port.settled?.(call.uniqueid), cutAt);
      });
    }
  }

  /** A leg that one list did not have, and the next one has, was not lost: its call's end will be one. */
  private async takeBackCut(watched: Watched, uniqueid: string): Promise<void> {
    const isUp = this.options.switchboard.stateOf(uniqueid)?.phase === 'talking';
    if (isUp && watched.cuts.has(uniqueid)) await this.options.openCalls.uncut(uniqueid);
  }

  /** Of a carried call nothing waits for the note: while this process lives it knows the instant itself. */
  private noteCut(port: SwitchPort, watched: Watched, { uniqueid }: CallState): void {
    const { openCalls, log } = this.options;
    const cutAt = watched.cut(uniqueid, port.now());
    void openCalls
      .cut(uniqueid, cutAt)
      .catch(error => log.warn({ event: 'cut_not_written', uniqueid, node: port.node, error: String(error) }));
  }

  /** The state machine ends what it carries: it is told what it missed. */
  private endCarried(
    port: SwitchPort,
    state: CallState,
    callerUp: boolean,
    record: WrittenCall | null,
    seenAt: number,
  ): void {
    const { switchboard } = this.options;
    const { uniqueid, bLeg, phase } = state;
    const written = record?.endAt ?? null;
    const answeredLeg = state.dialledBy === 'us' ? bLeg : (record?.answeredLeg ?? null);
    if (phase === 'dialling' && answeredLeg !== null && record?.answerAt) {
      if ((record.answeredLeg ?? answeredLeg) === answeredLeg) this.tellTalk(uniqueid, answeredLeg, record.answerAt);
    }
    const answerAt = switchboard.stateOf(uniqueid)?.answerAt ?? null;
    // Its leg alone is gone, and was never answered: the next route may take the call.
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

/** When the caller's own channel was answered; null while it is not. */
async function answerOfCaller(
  port: SwitchPort,
  { channel, state, createdAt }: SwitchChannel,
  { callerAnsweredAt }: Heard,
): Promise<number | null> {
  if (callerAnsweredAt !== null || state !== 'up') return callerAnsweredAt;
  return (await port.answeredAt(channel)) ?? createdAt;
}

/** When a proxy had a call answered, by its own list, which tells the second only. */
const proxyAnswer = async (port: SwitchPort, { uniqueid, startAt }: CallRecord | CallState): Promise<number> =>
  Math.max((await port.answeredAt(uniqueid)) ?? port.now(), startAt);

/** A proxy has a dialog only when it goes on with a call that it was given back. */
const mayBeUnborn = (port: SwitchPort, call: CallRecord | CallState, { listedAt }: ChannelList): boolean =>
  port.isProxy === true && call.answerAt === null && call.startAt > listedAt - UNBORN_MS;

/** Whether nothing of a call can be missed any more: its end is known, or it was refused. */
const isDecided = (state: CallState): boolean =>
  isEnding(state) || state.phase === 'refusing' || state.phase === 'over';

const sought = (call: CallRecord | CallState): SoughtCall => ('phase' in call ? soughtOf(call) : call);
