import type { Logger } from 'pino';
import { ChannelList, type SwitchList } from './channel-list';
import { GoneCalls, type GoneCallsOptions } from './gone-calls';
import { MissedNews, type MissedNewsOptions } from './missed-news';
import type { OpenCalls } from './open-call-store';
import { writeSighting } from './sighting';
import { Slice } from './slice';
import type { Switchboard } from './switchboard';
import { TakeOver, type TakeOverOptions } from './take-over';
import type { UnseenEnds } from './unseen-ends';
import type { EndedCall, WatchedSwitch } from './watched-switch';

export interface SwitchComparisonOptions extends MissedNewsOptions, TakeOverOptions, GoneCallsOptions {
  switchboard: Switchboard;
  openCalls: OpenCalls;
  ends: UnseenEnds;
  /** How long after a request we wait for events that were on their way. Ms. */
  settleMs?: number;
  log: Logger;
}

/** What a comparison has found so far. */
interface Found {
  ended: EndedCall[];
  /** Calls with which something went wrong: nothing is known of them yet. */
  failed: string[];
}

/**
 * How many calls are taken over at once. The limits of thousands would wait for each other beyond the deadline of each: of 3,000 calls, none
 * was limited within two seconds, and each request was repeated up to nine times.
 */
const TAKEN_AT_ONCE = 50;

/** A switch that does not answer one call must not keep the others from being taken over. Ms. */
const LIMITED_WITHIN_MS = 2_000;

/** Corrects what this process believes of one switch, and what the switch has: once, by a list of its channels. */
export class SwitchComparison {
  private readonly news: MissedNews;
  private readonly takeOver: TakeOver;
  private readonly goneCalls: GoneCalls;

  constructor(private readonly options: SwitchComparisonOptions) {
    this.news = new MissedNews(options);
    this.takeOver = new TakeOver(options);
    this.goneCalls = new GoneCalls(options);
  }

  /** Stops if another process acts for the switch meanwhile. Rejects if the switch, or the ledger, could not be asked. */
  async compare(watched: WatchedSwitch): Promise<void> {
    const carried = this.options.switchboard.carriedOn(watched.port);
    const list = await this.list(watched);
    const found = await this.bringUpToDate(watched, carried, list);
    if (watched.isLost) return;
    const open = await this.takeOverOpen(watched, list, found);
    if (watched.isLost) return;
    await this.settleGone(watched, list, found);
    // By now the channels may be those of another process's switch, so they are no strangers, and not every call that is gone was settled.
    if (watched.isLost) return;
    await watched.leftovers.remove(list, open, watched.connectedAt);
    if (watched.isLost) return;
    // The list says nothing about a stream that broke after it.
    if (watched.breaks === list.breaks) watched.missedSince = null;
    watched.forgetSettled();
    watched.heardAt = Math.max(watched.heardAt, list.channels.listedAt);
    await writeSighting(watched, this.options);
  }

  /** What the switch has, when an event that was on its way has had time to arrive. */
  private async list(watched: WatchedSwitch): Promise<SwitchList> {
    const { openCalls, settleMs = 500 } = this.options;
    const { port, node, breaks } = watched;
    // A process that has just started has had no word from the switch; the process before it wrote the last one down.
    const heardAt = watched.missedSince ?? watched.heardAt;
    const seenAt = heardAt || ((await openCalls.lastSeen(node)) ?? 0);
    const bridgesAt = port.now();
    const bridges = new Map((await port.bridges()).map(each => [each.bridge, each]));
    const listed = await port.channels();
    const channels = new ChannelList(listed, port.now());
    await new Promise(resolve => setTimeout(resolve, settleMs));
    return { channels, bridges, bridgesAt, seenAt, breaks };
  }

  /** Tells the calls that were carried before the list was read what they missed. */
  private async bringUpToDate(watched: WatchedSwitch, carried: string[], list: SwitchList): Promise<Found> {
    const found: Found = { ended: [], failed: [] };
    if (watched.isLost) return found;
    const dialled = await this.news.writtenOfDialled(watched.port, carried);
    if (watched.isLost) return found;
    const { legless } = watched;
    watched.legless = new Set();
    const slice = new Slice();
    for (const uniqueid of carried) {
      await this.each(found, uniqueid, () => this.news.tell(watched, uniqueid, list, dialled, legless));
      await slice.pause();
    }
    return found;
  }

  /**
   * Takes over what the ledger has open and this process does not carry. Read after the list, because a call that was settled meanwhile is
   * no longer open. Returns the uniqueids of what is open.
   */
  private async takeOverOpen(watched: WatchedSwitch, list: SwitchList, found: Found): Promise<string[]> {
    const { switchboard, openCalls, ends } = this.options;
    const isOthers = (uniqueid: string) => !switchboard.stateOf(uniqueid) && !ends.has(uniqueid);
    const open = await openCalls.uniqueidsOf(watched.node);
    const calls = open.some(isOthers) ? await openCalls.of(watched.node) : [];
    const taken: string[] = [];
    for (const call of calls) {
      if (watched.isLost) break;
      if (!isOthers(call.uniqueid)) continue;
      await this.each(found, call.uniqueid, () => this.takeOver.of(watched, call, list));
      // It may have talked by a leg that was given up: the leg that rings now could be answered at any moment.
      if (switchboard.isUnsure(call.uniqueid)) {
        await this.each(found, call.uniqueid, () => this.news.tellTakenOver(watched, call.uniqueid, list));
      }
      taken.push(call.uniqueid);
      if (taken.length === TAKEN_AT_ONCE) await this.limited(taken.splice(0));
    }
    return open;
  }

  private async limited(uniqueids: string[]): Promise<void> {
    const late = new Promise<void>(done => setTimeout(done, LIMITED_WITHIN_MS).unref());
    const limited = uniqueids.map(uniqueid => this.options.switchboard.limited(uniqueid));
    await Promise.race([late, Promise.all(limited)]);
  }

  private async settleGone(watched: WatchedSwitch, list: SwitchList, { ended, failed }: Found): Promise<void> {
    const gone = await this.goneCalls.settle(watched, ended, list);
    if (watched.isLost) return;
    // These calls were last seen before.
    for (const uniqueid of failed) gone.set(uniqueid, watched.goneSince(uniqueid, list));
    watched.gone = gone;
  }

  /** Looks at one call: an error with it must not keep the others waiting. */
  private async each(found: Found, uniqueid: string, work: () => Promise<EndedCall | null>): Promise<void> {
    try {
      const ended = await work();
      if (ended) found.ended.push(ended);
    } catch (error) {
      this.options.log.warn({ event: 'reconcile_failed', uniqueid, error: (error as Error).message });
      found.failed.push(uniqueid);
    }
  }
}
